//! The files of -K. Run with `tests/fuzz/run config`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| rawget::fuzzing::config(data));
