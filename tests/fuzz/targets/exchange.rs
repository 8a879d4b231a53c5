//! Any request and response: findings, the explanation, JSON and HAR. Run with `tests/fuzz/run exchange`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| rawget::fuzzing::exchange(data));
