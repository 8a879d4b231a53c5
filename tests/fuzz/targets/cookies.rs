//! Cookie files and Set-Cookie fields. Run with `tests/fuzz/run cookies`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    rawget::fuzzing::cookie_file(data);
    rawget::fuzzing::set_cookie(data);
});
