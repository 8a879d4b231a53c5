//! A table of responses and what caches may do with them.

use super::*;
use crate::http::Deviations;
use crate::http::field::{self, SectionKind};

/// Seconds since 1970 at `Mon, 23 Nov 2026 12:00:00 GMT`.
const NOON: i64 = 1_795_435_200;
const DATE: &str = "Date: Mon, 23 Nov 2026 12:00:00 GMT";

fn section(lines: &str) -> FieldSection {
    let lines: String =
        lines.split('|').filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect();
    field::parse(format!("{lines}\r\n").as_bytes(), 0, 0, SectionKind::Header, &mut Deviations::default())
}

/// The verdict on `METHOD|field > STATUS|field`, or on `STATUS|field` to a GET, received at noon.
fn of(text: &str) -> CachingVerdict {
    received(text, b"http://h.example/a", true)
}

/// The same for another target; `is_whole`: it was not cut short.
fn received(text: &str, target: &[u8], is_whole: bool) -> CachingVerdict {
    let (request, response) = text.split_once(" > ").unwrap_or(("GET", text));
    let (method, asked) = request.split_once('|').unwrap_or((request, ""));
    let (status, given) = response.split_once('|').unwrap_or((response, ""));
    verdict(&Exchanged {
        method: method.as_bytes(),
        target,
        request: &section(asked),
        status: status.parse().expect("a status code"),
        response: &section(given),
        is_whole,
        is_discarded: false,
        received: Some(NOON),
    })
}

fn stores(text: &str) -> (Result<(), Obstacle>, Result<(), Obstacle>) {
    let verdict = of(text);
    (verdict.private.storing, verdict.shared.storing)
}

#[test]
fn who_may_store() {
    use Obstacle::*;
    let both = |obstacle| (Err(obstacle), Err(obstacle));
    let one = |obstacle| (Ok(()), Err(obstacle));
    let all = (Ok(()), Ok(()));
    for (text, expected) in [
        // The method (RFC 9110 §9.2.3).
        ("HEAD > 200", all),
        ("PUT > 200|Cache-Control: max-age=9", both(Method)),
        ("OPTIONS > 200|Cache-Control: public, max-age=9", both(Method)),
        ("get > 200", both(Method)),
        ("PROPFIND > 207|Cache-Control: max-age=9", both(Method)),
        ("QUERY > 200|Cache-Control: max-age=9", all),
        ("POST > 200", both(NotForGet)),
        ("POST > 200|Cache-Control: max-age=9", both(NotForGet)),
        ("POST > 200|Cache-Control: max-age=9|Content-Location: /b", both(NotForGet)),
        ("POST > 200|Cache-Control: max-age=9|Content-Location: /a", all),
        ("POST > 200|Expires: 0|Content-Location: http://h.example/a", all),
        ("POST > 200|Cache-Control: public|Content-Location: /a", both(NotForGet)),
        // The status code.
        ("401", both(NothingAllows)),
        ("403|Last-Modified: x", both(NothingAllows)),
        ("302", both(NothingAllows)),
        ("500", both(NothingAllows)),
        ("302|Cache-Control: max-age=0", all),
        ("302|Expires: Mon, 23 Nov 2026 13:00:00 GMT", all),
        ("302|Cache-Control: public", all),
        ("302|Cache-Control: private", one(Private)),
        ("302|Cache-Control: s-maxage=9", (Err(NothingAllows), Ok(()))),
        ("302|Cache-Control: no-cache", both(NothingAllows)),
        ("302|Cache-Control: must-revalidate", both(NothingAllows)),
        ("599|Cache-Control: max-age=9", all),
        ("101|Cache-Control: max-age=9", both(Interim)),
        ("304", all),
        // RFC 6585 §3 to §6.
        ("428|Cache-Control: max-age=9", both(Status)),
        ("429|Cache-Control: private, max-age=9", both(Status)),
        ("431|Expires: 0", both(Status)),
        ("511|Cache-Control: public", both(Status)),
        ("206", all),
        // no-store and must-understand.
        ("200|Cache-Control: no-store", both(NoStore)),
        ("200|Cache-Control: No-Store, public, max-age=9", both(NoStore)),
        ("304|Cache-Control: no-store", both(NoStore)),
        ("200|Cache-Control: no-store, must-understand, max-age=9", all),
        ("599|Cache-Control: no-store, must-understand, max-age=9", both(NotUnderstood)),
        ("GET|Cache-Control: no-store > 200", both(AskedNoStore)),
        ("GET|Cache-Control: no-cache > 200", all),
        // Which caches.
        ("200|Cache-Control: private", one(Private)),
        ("200|Cache-Control: private=\"Set-Cookie\"", all),
        ("200|Cache-Control: private, private=\"x\"", one(Private)),
        ("GET|Authorization: Basic x > 200", one(Authorization)),
        ("GET|Authorization: Basic x > 200|Cache-Control: max-age=9", one(Authorization)),
        ("GET|Authorization: Basic x > 200|Cache-Control: public", all),
        ("GET|Authorization: Basic x > 200|Cache-Control: must-revalidate", all),
        ("GET|Authorization: Basic x > 200|Cache-Control: s-maxage=0", all),
        ("GET|Authorization: Basic x > 200|Cache-Control: proxy-revalidate", one(Authorization)),
    ] {
        assert_eq!(stores(text), expected, "{text}");
    }
}

#[test]
fn what_was_cut_short_is_stored_to_be_completed() {
    let cut = |text: &str| received(text, b"http://h.example/a", false);
    let page = cut("200|Cache-Control: max-age=9");
    assert_eq!((page.role, page.shared.storing), (StoredAs::Incomplete, Ok(())));
    for text in ["404", "206", "203|Cache-Control: max-age=9", "HEAD > 200"] {
        assert_eq!(cut(text).private.storing, Err(Obstacle::Incomplete), "{text}");
    }
    assert_eq!(cut("200|Cache-Control: no-store").private.storing, Err(Obstacle::NoStore));
}

#[test]
fn statuses_that_let_caches_guess() {
    for status in 200..600 {
        let guesses = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 451, 501].contains(&status);
        let verdict = of(&format!("{status}|{DATE}|Last-Modified: Mon, 23 Nov 2026 11:00:00 GMT"));
        let expected = match status {
            // The stored response has its own.
            304 => Lifetime { seconds: None, source: LifetimeSource::Stored },
            _ if guesses => Lifetime { seconds: Some(360), source: LifetimeSource::Heuristic },
            _ => Lifetime { seconds: None, source: LifetimeSource::Nothing },
        };
        assert_eq!(verdict.shared.lifetime, expected, "{status}");
        assert_eq!(verdict.shared.storing.is_ok(), guesses || status == 304, "{status}");
    }
}

#[test]
fn for_how_long() {
    use LifetimeSource::*;
    let same = |seconds, source| [Lifetime { seconds, source }; 2];
    for (fields, expected) in [
        ("Cache-Control: max-age=60", same(Some(60), MaxAge)),
        ("Cache-Control: max-age=\"60\"", same(Some(60), MaxAge)),
        ("Cache-Control: max-age=60, max-age=70", same(Some(60), MaxAge)),
        ("Cache-Control: max-age=1m", same(Some(0), Malformed)),
        ("Cache-Control: max-age", same(Some(0), Malformed)),
        ("Cache-Control: max-age=99999999999999999999", same(Some(1 << 31), MaxAge)),
        ("Cache-Control: max-age = 60", same(Some(0), Malformed)),
        (
            "Cache-Control: max-age=60, s-maxage=9",
            [
                Lifetime { seconds: Some(60), source: MaxAge },
                Lifetime { seconds: Some(9), source: SharedMaxAge },
            ],
        ),
        (
            "Expires: Mon, 23 Nov 2026 12:01:00 GMT|Date: Mon, 23 Nov 2026 11:59:00 GMT",
            same(Some(120), Expires),
        ),
        // Without Date the time of receipt counts.
        ("Expires: Mon, 23 Nov 2026 12:01:00 GMT", same(Some(60), Expires)),
        (
            "Expires: Mon, 23 Nov 2026 11:01:00 GMT|Date: Mon, 23 Nov 2026 12:00:00 GMT",
            same(Some(0), Expires),
        ),
        ("Expires: 0", same(Some(0), Malformed)),
        ("Expires: 0|Cache-Control: max-age=5", same(Some(5), MaxAge)),
        ("Expires: Mon, 23 Nov 2026 12:01:00 GMT|Cache-Control: max-age=5", same(Some(5), MaxAge)),
        ("Last-Modified: Mon, 23 Nov 2026 12:00:01 GMT", same(None, Heuristic)),
        ("", same(None, Heuristic)),
    ] {
        let verdict = of(&format!("200|{fields}"));
        assert_eq!([verdict.private.lifetime, verdict.shared.lifetime], expected, "{fields}");
    }
    let public = of("302|Cache-Control: public|Last-Modified: Mon, 23 Nov 2026 11:00:00 GMT");
    assert_eq!(public.private.lifetime, Lifetime { seconds: Some(360), source: Heuristic });
}

#[test]
fn what_is_used_up() {
    for (fields, said, apparent, counts) in [
        ("", None, None, 0),
        ("Age: 10", Some(10), None, 10),
        ("Age: ten", None, None, 0),
        ("Age: 10, 20", Some(10), None, 10),
        ("Age: ten, 20", None, None, 0),
        ("Age: 99999999999999999999", Some(1 << 31), None, 1 << 31),
        ("Age: 10|Date: Mon, 23 Nov 2026 11:59:00 GMT", Some(10), Some(60), 60),
        ("Age: 100|Date: Mon, 23 Nov 2026 11:59:00 GMT", Some(100), Some(60), 100),
        // The server's clock is ahead.
        ("Date: Mon, 23 Nov 2026 12:59:00 GMT", None, None, 0),
    ] {
        let age = of(&format!("200|{fields}")).age;
        assert_eq!((age.said, age.apparent, age.seconds()), (said, apparent, counts), "{fields}");
    }
}

#[test]
fn what_must_be_validated() {
    use Validation::*;
    for (fields, private, shared) in [
        ("Cache-Control: max-age=9", Usually, Usually),
        ("Cache-Control: no-cache, max-age=9", Always(Why::NoCache), Always(Why::NoCache)),
        ("Cache-Control: no-cache=\"\"", Always(Why::NoCache), Always(Why::NoCache)),
        ("Cache-Control: no-cache=\"Set-Cookie\", max-age=9", Usually, Usually),
        ("Vary: Accept|Vary: *", Always(Why::VaryStar), Always(Why::VaryStar)),
        ("Cache-Control: must-revalidate", OnceStale(Why::MustRevalidate), OnceStale(Why::MustRevalidate)),
        ("Cache-Control: proxy-revalidate", Usually, OnceStale(Why::ProxyRevalidate)),
        ("Cache-Control: max-age=9, s-maxage=9", Usually, OnceStale(Why::SharedMaxAge)),
    ] {
        let verdict = of(&format!("200|{fields}"));
        assert_eq!((verdict.private.validation, verdict.shared.validation), (private, shared), "{fields}");
    }
    assert_eq!(of("302|Cache-Control: private").private.validation, Always(Why::NeverFresh));
    let freshening = of("304|ETag: \"a\"").private;
    assert_eq!((freshening.lifetime.source, freshening.validation), (LifetimeSource::Stored, Usually));
    assert_eq!(of("200|ETag: \"a\"|Last-Modified: x").validator, Validator::EntityTag);
    assert_eq!(of("200|ETag: a|Last-Modified: x").validator, Validator::Nothing);
    assert_eq!(of(&format!("200|ETag: a|Last-Modified{}", &DATE[4..])).validator, Validator::LastModified);
    assert_eq!(of("200|Vary: a, ,B|Vary: A").vary, Vary::Fields(vec![b"a".to_vec(), b"B".to_vec()]));
}

#[test]
fn stale_responses_are_given_out_where_nothing_forbids_it() {
    let said = |fields: &str| {
        let verdict =
            of(&format!("200|Cache-Control: max-age=9, stale-while-revalidate=5, stale-if-error=7{fields}"));
        let shared = verdict.shared;
        (shared.while_revalidating, shared.if_error)
    };
    assert_eq!(said(""), (Some(5), Some(7)));
    for forbids in [", must-revalidate", ", proxy-revalidate", ", s-maxage=9", ", no-cache"] {
        assert_eq!(said(forbids), (None, None), "{forbids}");
    }
    assert_eq!(of("200|Cache-Control: stale-if-error=x").private.if_error, None);
}

#[test]
fn fields_are_left_out_or_withheld() {
    let verdict = of("200|Cache-Control: private=\"A, b\", no-cache=\"Set-Cookie\", immutable, no-cache=X");
    assert_eq!(verdict.shared.left_out, [b"a".to_vec(), b"b".to_vec()]);
    assert!(verdict.private.left_out.is_empty());
    assert_eq!(verdict.private.withheld, [b"set-cookie".to_vec(), b"x".to_vec()]);
    // Content over http is not authenticated (RFC 8246 §3).
    assert!(!verdict.private.is_immutable);
    let by_tls = received("200|Cache-Control: immutable", b"https://h.example/a", true);
    assert!(by_tls.private.is_immutable);
}

#[test]
fn a_network_that_has_a_field_of_its_own_goes_by_it() {
    let targeted = |fields: &str| of(&format!("200|{fields}")).targeted;
    let lifetime = |fields: &str| targeted(fields).map(|leave| (leave.storing, leave.lifetime.seconds));
    assert_eq!(lifetime("Cache-Control: no-store|CDN-Cache-Control: max-age=60"), Some((Ok(()), Some(60))));
    assert_eq!(lifetime("CDN-Cache-Control: no-store"), Some((Err(Obstacle::NoStore), None)));
    assert_eq!(lifetime("Expires: 0|CDN-Cache-Control: none"), Some((Ok(()), None)));
    assert_eq!(lifetime("CDN-Cache-Control: max-age=60, max-age=5"), Some((Ok(()), Some(5))));
    for malformed in ["max-age=60.5", "max-age=\"60\"", "max-age"] {
        assert_eq!(
            lifetime(&format!("CDN-Cache-Control: {malformed}")),
            Some((Ok(()), Some(0))),
            "{malformed}"
        );
    }
    for none in ["CDN-Cache-Control:", "CDN-Cache-Control: max-age=", "Surrogate-Control: max-age=9"] {
        assert_eq!(lifetime(none), None, "{none}");
    }
    let off = targeted("CDN-Cache-Control: private=?0, no-cache=\"x\", max-age=9").expect("a field");
    assert_eq!((off.storing, off.withheld), (Ok(()), vec![b"x".to_vec()]));
}

#[test]
fn what_becomes_of_it() {
    for (text, role) in [
        ("200", StoredAs::Stored),
        ("206", StoredAs::Part),
        ("304", StoredAs::Freshens),
        ("QUERY > 200", StoredAs::StoredForContent),
        ("POST > 200|Cache-Control: max-age=9|Content-Location: /a", StoredAs::StoredForGet),
    ] {
        assert_eq!(of(text).role, role, "{text}");
    }
}
