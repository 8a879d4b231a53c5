//! Findings on cookies: what is wrong in one Set-Cookie line, and what becomes of it.

use std::collections::HashSet;

use super::rule::{Findings, Rule, rows};
use crate::http::cookie_matching::attribute_domain;
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::set_cookie::{CookieAttribute, MAX_ATTRIBUTE, MAX_PAIR, SetCookie, control_byte, max_age};
use crate::http::syntax::{is_token, token_len, trim_ows_start};
use crate::http::{cookie_date, date};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "cookie-nameless",
        "RFC 6265bis §5.6; RFC 6265 §5.2",
        "the cookie has no name; clients drop it or send it back in different ways",
        nameless,
    ),
    warn(
        "cookie-control-char",
        "RFC 6265bis §5.6 step 1",
        "a control character in Set-Cookie: clients drop the cookie",
        control_char,
    ),
    note(
        "cookie-octet-invalid",
        "RFC 6265 §4.1.1",
        "the cookie's name or value has characters that cookies must not have; servers read them back differently",
        octet_invalid,
    ),
    warn(
        "cookie-too-large",
        "RFC 6265bis §5.6",
        "too long: clients drop a cookie over 4096 bytes, and an attribute over 1024",
        too_large,
    ),
    warn(
        "cookie-lifetime-invalid",
        "RFC 6265bis §5.1.1, §5.6.1, §5.6.2",
        "Expires is not a date, or Max-Age not a number: it is ignored, and the cookie lives until the \
         browser closes",
        lifetime_invalid,
    ),
    note(
        "cookie-lifetime-capped",
        "RFC 6265bis §5.5",
        "a lifetime over 400 days: browsers cut it to that",
        lifetime_capped,
    ),
    warn(
        "cookie-duplicate",
        "RFC 6265bis §4.1.1",
        "two cookies of one name, Domain and Path in one response: the last one wins",
        duplicate,
    ),
    note(
        "cookie-attribute-ignored",
        "RFC 6265bis §5.6",
        "an attribute that clients ignore: they don't know it, or it comes again later",
        attribute_ignored,
    ),
    warn(
        "cookie-comma-joined",
        "RFC 9110 §5.3; RFC 6265 §3",
        "two cookies seem to be joined by a comma; clients take them for one, and the second is lost",
        comma_joined,
    ),
];

/// The longest lifetime, in seconds: 400 days.
const MAX_LIFETIME: i64 = 34_560_000;
/// The attributes that clients act on.
const KNOWN: [&str; 8] =
    ["Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite", "Partitioned"];
/// The attributes that have no value.
const FLAGS: [&str; 3] = ["Secure", "HttpOnly", "Partitioned"];

/// The Set-Cookie lines whose bytes let them be read at all.
fn readable(exchange: &Exchange) -> impl Iterator<Item = (FieldLine<'_>, SetCookie<'_>)> {
    let lines = exchange.response().into_iter().flat_map(|head| head.fields.all("set-cookie"));
    lines.filter(|line| control_byte(line.value).is_none()).map(|line| (line, SetCookie::parse(line.value)))
}

/// The cookies that are not dropped for their length.
pub(super) fn cookies(exchange: &Exchange) -> impl Iterator<Item = (FieldLine<'_>, SetCookie<'_>)> {
    readable(exchange).filter(|(_, cookie)| !is_too_large(cookie))
}

/// The Domain that a cookie requests, without a leading dot and lower-cased.
pub(super) fn domain(cookie: &SetCookie<'_>) -> Option<Vec<u8>> {
    let domain = attribute_domain(cookie.attribute("Domain")?.value);
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

fn is_too_large(cookie: &SetCookie<'_>) -> bool {
    cookie.name.len() + cookie.value.len() > MAX_PAIR
}

fn nameless(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, _) in readable(exchange).filter(|(_, cookie)| cookie.name.is_empty()) {
        found.at(line.offset);
    }
}

fn control_char(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    for line in head.fields.all("set-cookie") {
        if let Some(at) = control_byte(line.value) {
            found.at(line.value_offset(at));
        }
    }
}

fn octet_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in readable(exchange) {
        let has_odd_name = !cookie.name.is_empty() && !is_token(cookie.name);
        if has_odd_name {
            found.with(line.offset, &format!("name {}", quoted(cookie.name)));
        } else if !is_cookie_value(cookie.value) {
            found.with(line.offset, &format!("value of {}", quoted(cookie.name)));
        }
    }
}

/// Whether `value` is `*cookie-octet`, in double quotes or not (RFC 6265 §4.1.1).
pub(super) fn is_cookie_value(value: &[u8]) -> bool {
    let inner = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    inner.iter().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(byte))
}

fn too_large(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in readable(exchange) {
        let is_long = |attribute: &&CookieAttribute<'_>| attribute.value.len() > MAX_ATTRIBUTE;
        if is_too_large(&cookie) {
            found.with(line.offset, &format!("the cookie {}", quoted(cookie.name)));
        } else if let Some(attribute) = cookie.attributes.iter().find(is_long) {
            found.with(line.offset, &format!("the attribute {}", quoted(attribute.name)));
        }
    }
}

fn lifetime_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in cookies(exchange) {
        let is_bad = |attribute: &&CookieAttribute<'_>| {
            attribute.value.len() <= MAX_ATTRIBUTE
                && (attribute.is("Expires") && cookie_date::parse(attribute.value).is_none()
                    || attribute.is("Max-Age") && max_age(attribute.value).is_none())
        };
        if let Some(attribute) = cookie.attributes.iter().find(is_bad) {
            found.with(line.offset, &quoted(attribute.text));
        }
    }
}

fn lifetime_capped(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in cookies(exchange) {
        if lifetime(exchange, &cookie).is_some_and(|lifetime| lifetime > MAX_LIFETIME) {
            found.with(line.offset, &quoted(cookie.name));
        }
    }
}

/// For how many seconds a cookie is kept, counted from Date; none or fewer where it is deleted.
pub(super) fn lifetime(exchange: &Exchange, cookie: &SetCookie<'_>) -> Option<i64> {
    cookie.last("Max-Age", max_age).or_else(|| {
        let expires = cookie.last("Expires", cookie_date::parse)?;
        match exchange.response()?.fields.value("date").and_then(date::parse) {
            Some(date) => Some(expires - date.seconds),
            // An Expires at the epoch is the usual way to delete a cookie.
            None => (expires <= 86_400).then_some(0),
        }
    })
}

fn duplicate(exchange: &Exchange, found: &mut Findings<'_>) {
    let mut seen = HashSet::new();
    for (line, cookie) in cookies(exchange) {
        let path = cookie.attribute("Path").map(|path| path.value).filter(|path| path.starts_with(b"/"));
        let is_dropped = cookie.name.is_empty() && cookie.value.is_empty();
        if !is_dropped && !seen.insert((cookie.name, domain(&cookie), path)) {
            found.with(line.offset, &quoted(cookie.name));
        }
    }
}

fn attribute_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in cookies(exchange) {
        let mut seen = [false; KNOWN.len()];
        let ignored = cookie.attributes.iter().find(|attribute| {
            match KNOWN.into_iter().position(|known| attribute.is(known)) {
                Some(at) => std::mem::replace(&mut seen[at], true),
                None => !attribute.text.is_empty() && !is_flag_before_comma(attribute.text),
            }
        });
        if let Some(attribute) = ignored {
            // Its value may hold another cookie's: only the name is told.
            found.with(line.offset, &quoted(attribute.name));
        }
    }
}

fn comma_joined(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, cookie) in cookies(exchange) {
        let is_joined = |attribute: &&CookieAttribute<'_>| {
            is_flag_before_comma(attribute.text)
                || !attribute.is("Expires") && holds_another_pair(attribute.text)
        };
        if let Some(attribute) = cookie.attributes.iter().find(is_joined) {
            found.with(line.offset, &quoted(attribute.name));
        }
    }
}

/// `Secure, ...`
fn is_flag_before_comma(text: &[u8]) -> bool {
    let length = token_len(text);
    let is_flag = FLAGS.into_iter().any(|flag| text[..length].eq_ignore_ascii_case(flag.as_bytes()));
    is_flag && trim_ows_start(&text[length..]).first() == Some(&b',')
}

/// `..., name=...`
fn holds_another_pair(text: &[u8]) -> bool {
    text.split(|&byte| byte == b',').skip(1).any(|piece| {
        let piece = trim_ows_start(piece);
        let name = token_len(piece);
        name > 0 && piece.get(name) == Some(&b'=')
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Case, check, exchange, ids};
    use super::*;

    const CASES: &[Case] = &[
        ("cookie-nameless", "200|Set-Cookie: =v", "200|Set-Cookie: n="),
        ("cookie-nameless", "200|Set-Cookie: v; a=b", "200|Set-Cookie: v=; a"),
        ("cookie-control-char", "200|Set-Cookie: a=b\u{1}", "200|Set-Cookie: a=b\tc"),
        ("cookie-control-char", "200|Set-Cookie: a=b; Path=/\u{7F}", "200|Set-Cookie: a=b\u{80}"),
        ("cookie-octet-invalid", "200|Set-Cookie: a=b c", "200|Set-Cookie: a = b "),
        ("cookie-octet-invalid", "200|Set-Cookie: a b=c", "200|Set-Cookie: a=\"b\""),
        ("cookie-octet-invalid", "200|Set-Cookie: a=\"b", "200|Set-Cookie: a=b=c"),
        ("cookie-octet-invalid", "200|Set-Cookie: a=b,c", "200|Set-Cookie: a=b; Path=/,"),
        (
            "cookie-lifetime-invalid",
            "200|Set-Cookie: a=b; Expires=tomorrow",
            "200|Set-Cookie: a=b; x=tomorrow",
        ),
        (
            "cookie-lifetime-invalid",
            "200|Set-Cookie: a=b; Expires",
            "200|Set-Cookie: a=b; expires=Thu, 1-Jan-70 0:0:1",
        ),
        ("cookie-lifetime-invalid", "200|Set-Cookie: a=b; Max-Age=1h", "200|Set-Cookie: a=b; Max-Age=-1"),
        ("cookie-lifetime-invalid", "200|Set-Cookie: a=b; Max-Age=-", "200|Set-Cookie: a=b; Max-Age = 007"),
        (
            "cookie-lifetime-capped",
            "200|Set-Cookie: a=b; Max-Age=34560001",
            "200|Set-Cookie: a=b; Max-Age=34560000",
        ),
        (
            "cookie-lifetime-capped",
            "200|Set-Cookie: a=b; Max-Age=99999999999999999999999",
            "200|Set-Cookie: a=b; Max-Age=99999999999; Max-Age=1",
        ),
        (
            "cookie-lifetime-capped",
            "200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=Fri, 05 Feb 2027 00:00:01 GMT",
            "200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=Fri, 05 Feb 2027 00:00:00 GMT",
        ),
        (
            "cookie-lifetime-capped",
            "200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=1 jan 2099 00:00:00",
            "200|Set-Cookie: a=b; Expires=1 jan 2099 00:00:00",
        ),
        (
            "cookie-lifetime-capped",
            "200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=1 jan 2099 00:00:00",
            "200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Max-Age=1; Expires=1 jan 2099 00:00:00",
        ),
        (
            "cookie-duplicate",
            "200|Set-Cookie: a=1; Path=/|Set-Cookie: a=2; path=/",
            "200|Set-Cookie: a=1; Path=/|Set-Cookie: a=2; Path=/x",
        ),
        (
            "cookie-duplicate",
            "200|Set-Cookie: a=1; Domain=.Example.com|Set-Cookie: a=2; Domain=example.com",
            "200|Set-Cookie: a=1; Domain=example.com|Set-Cookie: a=2",
        ),
        ("cookie-duplicate", "200|Set-Cookie: a=1|Set-Cookie: a=2", "200|Set-Cookie: a=1|Set-Cookie: A=2"),
        ("cookie-attribute-ignored", "200|Set-Cookie: a=b; Http-Only", "200|Set-Cookie: a=b; HttpOnly;; "),
        ("cookie-attribute-ignored", "200|Set-Cookie: a=b; Version=1", "200|Set-Cookie: Version=1; secure"),
        (
            "cookie-attribute-ignored",
            "200|Set-Cookie: a=b; Path=/; path=/",
            "200|Set-Cookie: a=b; Secure, c=d",
        ),
        ("cookie-comma-joined", "200|Set-Cookie: a=1; Path=/, b=2", "200|Set-Cookie: a=1; Path=/, b"),
        ("cookie-comma-joined", "200|Set-Cookie: a=1; httponly , b", "200|Set-Cookie: a=1, b=2"),
        ("cookie-comma-joined", "200|Set-Cookie: a=1; Domain=x,b=2", "200|Set-Cookie: a=1; Expires=Thu, b=2"),
    ];

    #[test]
    fn cases() {
        let long = |length: usize| format!("200|Set-Cookie: a={}", "x".repeat(length)).leak();
        let attribute = |length: usize| format!("200|Set-Cookie: a=b; x={}", "x".repeat(length)).leak();
        let large = [
            ("cookie-too-large", &*long(4096), &*long(4095)),
            ("cookie-too-large", &*attribute(1025), &*attribute(1024)),
        ];
        check(RULES, &[CASES, &large].concat());
    }

    #[test]
    fn what_drops_a_cookie_ends_the_look_at_it() {
        let found = |text: &str| ids(RULES, &exchange(text));
        assert_eq!(found("200|Set-Cookie: =\u{1}; Max-Age=x"), ["cookie-control-char"]);
        let long = format!("200|Set-Cookie: a={}; Max-Age=x|Set-Cookie: a=b", "x".repeat(5000));
        assert_eq!(found(&long), ["cookie-too-large"]);
        assert_eq!(found("200|Set-Cookie: ; Path=/|Set-Cookie: ; Path=/"), ["cookie-nameless"]);
    }
}
