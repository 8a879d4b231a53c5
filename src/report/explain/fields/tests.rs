//! Field values at the edges of what they mean; the usual ones are in the cases.

use super::cookie::set_cookie;
use super::*;
use crate::http::uri::{Scheme, Uri};

fn told(name: &str, value: &str) -> String {
    by_value(name, value.as_bytes()).unwrap_or_default()
}

#[test]
fn every_field_is_listed_once_in_order() {
    assert!(BY_VALUE.is_sorted_by_key(|(name, _)| *name));
}

#[test]
fn what_cannot_be_read_gets_no_words() {
    for (name, value) in [
        ("age", "soon"),
        ("alt-svc", "h3"),
        ("cache-status", "a b"),
        ("content-range", "bytes 9-0/5"),
        ("deprecation", "true"),
        ("link", "none"),
        ("nel", "{"),
        ("permissions-policy", "camera"),
        ("retry-after", "soon"),
        ("server-timing", ""),
        ("signature", "a"),
        ("sunset", "2033"),
        ("via", "x"),
        ("www-authenticate", "realm=x"),
        ("x-unknown", "x"),
    ] {
        assert_eq!(told(name, value), "", "{name}: {value}");
    }
}

#[test]
fn values_are_held_against_what_is_known() {
    for (name, value, words) in [
        ("accept-ranges", "none", "ranges cannot be requested"),
        ("allow", "", "no method is allowed here"),
        ("alt-svc", "clear", "all earlier alternatives are to be forgotten"),
        ("accept-ch", "", "client hints are no longer requested"),
        ("access-control-allow-origin", "a.example", "unreadable: scripts of no other origin may read it"),
        ("access-control-max-age", "-1", "the preflight is never reused"),
        ("age", "0", "has just come from the server, or was validated there"),
        ("clear-site-data", "cache", "clears nothing: no known value"),
        ("clear-site-data", "\"*\"", "the browser deletes everything of this site"),
        ("content-range", "bytes */7", "the range is not there: the whole has 7 bytes"),
        ("cross-origin-opener-policy", "\"same-origin\"", "unknown: as unsafe-none"),
        ("cross-origin-resource-policy", "Same-Site", "unknown: ignored"),
        ("nel", "{\"max_age\":0}", "network errors are reported no longer"),
        ("nel", "{}", "ignored: it has no max_age"),
        ("referrer-policy", "none", "unknown: ignored"),
        ("retry-after", "0", "at once"),
        ("use-as-dictionary", "id=\"a\"", "ignored: it has no match"),
        ("use-as-dictionary", "match=a", "ignored: its match is not a string"),
        ("accept-ch", "\"a\"", ""),
        ("reporting-endpoints", "a=https://a/, b=\"/b\"", "b reports go to /b"),
        ("critical-ch", "DPR", "a browser that supports DPR but did not send it retries with it"),
        (
            "integrity-policy",
            "blocked-destinations=(script style), endpoints=(a)",
            "scripts and style sheets without an integrity hash are blocked, reported to a",
        ),
        ("integrity-policy", "blocked-destinations=(script), sources=(x)", "blocks nothing"),
        (
            "no-vary-search",
            "params, except=(\"id\")",
            "also for URLs that differ only in query parameters other than id",
        ),
        (
            "no-vary-search",
            "key-order, params=(\"a\" \"b\")",
            "also for URLs that differ only in the order of query parameters and in the query parameters a, b",
        ),
        ("no-vary-search", "params=(\"a\"), except=(\"b\")", "ignored: except needs params without a value"),
        ("no-vary-search", "params=?0", ""),
        ("accept-query", "\"a/b\", c/d", "QUERY takes a/b, c/d"),
        ("cache-groups", "\"a\", \"b\"", "in cache groups: a, b"),
        ("cache-groups", "a", ""),
        ("refresh", "5; url=/x", "browsers load /x after 5 s"),
        ("refresh", "0.5;URL = '/a'b", "browsers load /a at once"),
        ("refresh", "5x", ""),
        ("accept-query", "1", ""),
        ("no-vary-search", "params=(a)", ""),
        ("no-vary-search", "params, key-order=1", ""),
        ("refresh", "0;URL=\"/y\"", "browsers load /y at once"),
        ("refresh", "60", "browsers load the same again after 60 s"),
        ("refresh", "soon", ""),
        ("timing-allow-origin", "*", "scripts of any origin may read how loading went"),
        ("vary", "Accept, *", "depends on more than the request's fields: never reused unvalidated"),
        ("cross-origin-opener-policy", "SAME-ORIGIN", "unknown: as unsafe-none"),
        ("nel", "{\"max_age\":-1}", "ignored: its max_age is not a whole number of seconds"),
        ("nel", "{\"max_age\":1}", "ignored: it names no group to report to"),
        (
            "nel",
            "{\"max_age\":1,\"report_to\":\"a\",\"success_fraction\":2}",
            "ignored: a fraction is not a number from 0 to 1",
        ),
        ("permissions-policy", "a=(), a=*, b=(self *)", "allowed: a for any origin, b for any origin"),
        ("permissions-policy", "a=(none)", "no origin may use a"),
        ("link", "<>; rel=self", "this URL is this itself"),
        ("link", "</a>; rel=next; anchor=\"/b\"", "/a is the next page, relative to /b"),
        ("deprecation", "@253402300800", ""),
        ("server-timing", "a;desc=\"\", ;dur=5, b", "a, b"),
        ("signature-input", "a=(\"x\");created=999999999999", "a covers x, made 999999999999"),
        ("use-as-dictionary", "match=\"/a\", id=\"\"", "may serve as a dictionary for responses to /a"),
        ("use-as-dictionary", "match=\"/a\", type=a", "ignored: its type is not raw, the only one there is"),
        ("x", "", ""),
    ] {
        assert_eq!(told(name, value), words, "{name}: {value}");
    }
}

#[test]
fn policies_count_for_names_over_tls() {
    for (url, told) in [
        ("https://h.example/", "only https to this host for 9 s"),
        ("http://h.example/", "ignored: it counts over https only"),
        ("https://192.0.2.1/", "ignored: it counts for names only, not for addresses"),
        ("https://[2001:db8::1]/", "ignored: it counts for names only, not for addresses"),
    ] {
        let url = Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL");
        assert_eq!(security::hsts(b"max-age=9", &url), told);
    }
}

#[test]
fn cookies_tell_what_becomes_of_them() {
    let now = Some(784_111_777);
    for (url, value, words) in [
        ("http://h.example/", "a=b", "a, kept until the browser closes, sent to this host"),
        ("http://h.example/", "a=b; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "a is deleted"),
        ("http://h.example/", "a=b; Max-Age=-5", "a is deleted"),
        ("http://h.example/", "a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "a is deleted"),
        (
            "http://h.example/",
            "a=b; Expires=Sun, 06 Nov 1994 08:49:38 GMT",
            "a, kept for 1 s, sent to this host",
        ),
        ("http://h.example/", "a=b; Secure", "a is refused: it is Secure and came over http"),
        (
            "http://localhost/",
            "a=b; Secure",
            "a, kept until the browser closes, sent to this host, over TLS only",
        ),
        ("https://h.example/", "a=b; SameSite=None", "a is refused: SameSite=None asks for Secure"),
        ("https://h.example/", "a=b; Partitioned", "a is refused: Partitioned asks for Secure"),
        (
            "https://h.example/",
            "__Host-Http-a=b; Secure; Path=/",
            "__Host-Http-a is refused: its name asks for Secure, HttpOnly, Path=/ and no Domain",
        ),
        ("https://h.example/", "__secure-a=b", "__secure-a is refused: its name asks for Secure"),
        ("https://h.example/", "=", "a cookie without a name is refused: it is empty"),
        (
            "https://g.h.example/",
            "a=b; Domain=.H.Example",
            "a, kept until the browser closes, sent to H.Example and hosts below it",
        ),
        ("https://h.example/", "a=b; Domain=.Example", "a is refused: its Domain is a public suffix"),
        (
            "https://localhost/",
            "a=b; Domain=localhost",
            "a, kept until the browser closes, sent to localhost and hosts below it",
        ),
        ("http://h.example/", "a=b; Max-Age=1; Max-Age=x", "a, kept for 1 s, sent to this host"),
        (
            "https://h.example/",
            "a=b; Domain=g.h.example",
            "a is refused: its Domain is not this host nor above it",
        ),
    ] {
        let url = Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL");
        assert_eq!(set_cookie(value.as_bytes(), &url, now), words, "{value}");
    }
    let url = Uri::parse(b"https://h.example/", Scheme::Http).expect("a URL");
    let told = |value: &str| set_cookie(value.as_bytes(), &url, None);
    assert_eq!(told("a=; expires=Thu, 01-Jan-1970 00:00:01 GMT"), "a is deleted");
    assert!(told("a=; expires=Fri, 01 Jan 2100 00:00:00 GMT").contains("until Fri, 01 Jan 2100"));
}
