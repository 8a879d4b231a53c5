//! Chains of content codings: any split of the input gives the same content. Run with `tests/fuzz/run codings`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| rawget::fuzzing::codings(data));
