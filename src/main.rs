//! The process: its arguments and its exit code. All else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rawget::run(std::env::args_os()))
}
