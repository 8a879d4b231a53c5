//! The caching verdict: whatever the fields are, it holds to what they forbid. The input is a byte for the
//! method, the status, whether it came to its end and whether it is discarded, then the response's field
//! lines. Run with `tests/fuzz/run caching`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::cache_directives::{DirectiveScope, Directives};
use rawget::http::caching::{Exchanged, LifetimeSource, Validation, verdict};
use rawget::http::field::FieldSection;
use rawget::http::response::parse_head;

const METHODS: [&[u8]; 4] = [b"GET", b"HEAD", b"POST", b"PUT"];
const STATUSES: [u16; 8] = [200, 206, 302, 304, 401, 404, 503, 599];

fuzz_target!(|data: &[u8]| {
    let [choice, lines @ ..] = data else { return };
    let request = FieldSection::default();
    let head = [b"HTTP/1.1 200 OK\r\n", lines, b"\r\n\r\n"].concat();
    let Ok(Some((_, head))) = parse_head(&head) else { return };
    let response = &head.fields;
    let method = METHODS[usize::from(choice % 4)];
    let status = STATUSES[usize::from(choice / 4 % 8)];
    let target = b"http://a.example/";
    let received = Some(1_795_435_200);
    let is_whole = choice / 32 % 2 == 0;
    let is_discarded = choice / 64 % 2 == 1;
    let request = &request;
    let verdict =
        verdict(&Exchanged { method, target, request, status, response, is_whole, is_discarded, received });
    let given = Directives::of(response);
    if is_discarded || given.no_store && !given.must_understand || method == b"PUT" {
        assert!(verdict.private.storing.is_err() && verdict.shared.storing.is_err());
    }
    if !is_whole && (method, status) != (b"GET", 200) {
        assert!(verdict.private.storing.is_err());
    }
    if given.private == DirectiveScope::All {
        assert!(verdict.shared.storing.is_err());
    }
    if given.no_cache == DirectiveScope::All {
        assert!(matches!(verdict.private.validation, Validation::Always(_)));
    }
    for leave in [&verdict.private, &verdict.shared].into_iter().chain(&verdict.targeted) {
        assert!(leave.lifetime.source != LifetimeSource::Nothing || leave.lifetime.seconds.is_none());
        let may_be_stale = leave.while_revalidating.is_some() || leave.if_error.is_some();
        assert!(!may_be_stale || leave.validation == Validation::Usually);
    }
});
