//! Targets: what was understood, written out as a URL, is understood the same;
//! and nothing that could begin another line gets into a request. Run with
//! `tests/fuzz/run uri`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::uri::{Scheme, Uri, percent_decode, without_glob_escapes};

fuzz_target!(|data: &[u8]| {
    assert!(percent_decode(data).len() <= data.len());
    assert!(without_glob_escapes(data).len() <= data.len());
    let Ok(uri) = Uri::parse(data, Scheme::Http) else { return };

    let line = [uri.authority().as_bytes(), uri.origin_form()].concat();
    assert!(line.iter().all(|&byte| byte > b' ' && byte != 0x7F), "{line:?}");
    assert!(uri.origin_form().starts_with(b"/"));
    uri.credentials();

    // Host says nothing of an IPv6 address's zone.
    let url = [uri.scheme.name().as_bytes(), b"://", &line].concat();
    let again = Uri::parse(&url, Scheme::Tcp).expect("what was read once");
    let host = uri.host.split('%').next().unwrap_or_default();
    assert_eq!((again.scheme, again.host.as_str(), again.port), (uri.scheme, host, uri.port));
    assert_eq!(again.origin_form(), uri.origin_form());
    assert_eq!(uri.with_path(uri.origin_form()).expect("a path").origin_form(), uri.origin_form());
});
