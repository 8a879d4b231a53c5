//! Content-Disposition, and the other fields that are taken apart: Link, challenges, Via,
//! policies. Run with `tests/fuzz/run disposition`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::{challenge, csp, disposition, hsts, json_object, link, product, set_cookie, via};

fuzz_target!(|data: &[u8]| {
    if let Some(name) = disposition::file_name(data) {
        assert!(name.len() <= 3 * data.len());
    }
    let length = |members: &[&[u8]]| members.iter().map(|member| member.len()).sum::<usize>();
    assert!(length(&link::members(data)) <= data.len());
    assert!(length(&via::members(data)) <= data.len());
    for member in link::members(data) {
        let _ = link::check(member);
    }
    if let Err(bad) = challenge::parse(data) {
        assert!(bad.0 <= data.len());
    }
    assert_eq!(hsts::Policy::parse(data), hsts::Policy::parse(data));
    csp::policies(data).flatten().for_each(|directive| assert!(!directive.name.is_empty()));
    set_cookie::SetCookie::parse(data);
    product::is_products(data);
    json_object::members(data);
});
