//! netrc files. Run with `tests/fuzz/run netrc`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| rawget::fuzzing::netrc(data));
