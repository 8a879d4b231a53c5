//! The process: arguments, terminals and the exit code.
fn main() {}
