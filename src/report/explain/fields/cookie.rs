//! Cookies: which hosts they are for, for how long, and what becomes of them.

use super::super::span::span;
use super::item::{joined, shown};
use crate::http::cookie_date;
use crate::http::cookie_matching::{NamePrefix, attribute_domain, domain_matches};
use crate::http::date;
use crate::http::set_cookie::{MAX_PAIR, SetCookie, control_byte, max_age};
use crate::http::uri::{Scheme, Uri};
use crate::report::findings;

/// Longest life of a cookie, in seconds: 400 days (RFC 6265bis §5.5).
const MAX_LIFE: i64 = 400 * 86_400;

/// What a Set-Cookie line from `url` makes a browser do; `now` in seconds since 1970.
pub(super) fn set_cookie(value: &[u8], url: &Uri, now: Option<i64>) -> String {
    let cookie = SetCookie::parse(value);
    let name = if cookie.name.is_empty() { "a cookie without a name".to_owned() } else { shown(cookie.name) };
    if let Some(why) = refusal(value, &cookie, url) {
        return format!("{name} is refused: {why}");
    }
    let life = life(&cookie, now);
    if matches!(life, Life::Over) {
        return format!("{name} is deleted");
    }
    let mut told = format!("{name}, kept {}, sent to {}", life.words(), whom(&cookie));
    if let Some(path) =
        cookie.attribute("Path").filter(|path| path.value.starts_with(b"/") && path.value != b"/")
    {
        told += &format!(" under {}", shown(path.value));
    }
    for (attribute, words) in [("Secure", ", over TLS only"), ("HttpOnly", ", hidden from scripts")] {
        told += if cookie.has(attribute) { words } else { "" };
    }
    told += match cookie.attribute("SameSite").map(|same| same.value.to_ascii_lowercase()).as_deref() {
        Some(b"strict") => ", never from other sites (Strict)",
        Some(b"lax") => ", from other sites only where a link is followed (Lax)",
        Some(b"none") => ", from other sites too (None)",
        _ => "",
    };
    if cookie.has("Partitioned") {
        told += ", apart for each site that embeds this one";
    }
    told
}

/// Why browsers drop a cookie, as far as one response tells (RFC 6265bis §5.6, §5.7).
fn refusal(value: &[u8], cookie: &SetCookie<'_>, url: &Uri) -> Option<&'static str> {
    let is_plain = url.scheme == Scheme::Http && !url.is_loopback();
    let is_secure = cookie.has("Secure");
    let domain = cookie.attribute("Domain").map(|domain| domain.value).unwrap_or_default();
    let is_for_host = domain.is_empty() && cookie.attribute("Path").is_some_and(|path| path.value == b"/");
    let broken = NamePrefix::of(cookie.name)
        .filter(|prefix| !prefix.holds(is_secure, cookie.has("HttpOnly"), is_for_host))
        .map(|prefix| prefix.asks());
    let is_same = |wanted: &[u8]| {
        cookie.attribute("SameSite").is_some_and(|same| same.value.eq_ignore_ascii_case(wanted))
    };
    let reasons = [
        (control_byte(value).is_some(), "it contains a control byte"),
        (cookie.name.is_empty() && cookie.value.is_empty(), "it is empty"),
        (cookie.name.len() + cookie.value.len() > MAX_PAIR, "it is longer than 4096 bytes"),
        (!domain.is_empty() && !covers(domain, &url.host), "its Domain is not this host nor above it"),
        (is_public_suffix(domain, &url.host), "its Domain is a public suffix"),
        (is_secure && is_plain, "it is Secure and came over http"),
        (broken.is_some(), broken.unwrap_or_default()),
        (is_same(b"none") && !is_secure, "SameSite=None asks for Secure"),
        (cookie.has("Partitioned") && !is_secure, "Partitioned asks for Secure"),
    ];
    reasons.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
}

fn covers(domain: &[u8], host: &str) -> bool {
    let domain = domain.strip_prefix(b".").unwrap_or(domain).to_ascii_lowercase();
    str::from_utf8(&domain).is_ok_and(|domain| domain_matches(&host.to_ascii_lowercase(), domain))
}

/// [`findings::is_public_suffix`], of an attribute as it came.
fn is_public_suffix(domain: &[u8], host: &str) -> bool {
    let domain = attribute_domain(domain).to_ascii_lowercase();
    !domain.is_empty() && findings::is_public_suffix(&domain, host.to_ascii_lowercase().as_bytes())
}

fn whom(cookie: &SetCookie<'_>) -> String {
    let domain = cookie.attribute("Domain").map(|domain| domain.value).unwrap_or_default();
    match domain.strip_prefix(b".").unwrap_or(domain) {
        [] => "this host".to_owned(),
        domain => format!("{} and hosts below it", shown(domain)),
    }
}

enum Life {
    Session,
    Over,
    Seconds(i64),
    Until(i64),
}

impl Life {
    fn words(&self) -> String {
        match self {
            Self::Session | Self::Over => "until the browser closes".to_owned(),
            Self::Seconds(seconds) if *seconds > MAX_LIFE => {
                format!("for {}, the longest there is", span(MAX_LIFE.unsigned_abs()))
            }
            Self::Seconds(seconds) => format!("for {}", span(seconds.unsigned_abs())),
            Self::Until(seconds) => format!("until {}", date::format(*seconds)),
        }
    }
}

/// Max-Age outranks Expires.
fn life(cookie: &SetCookie<'_>, now: Option<i64>) -> Life {
    if let Some(seconds) = cookie.last("Max-Age", max_age) {
        return if seconds > 0 { Life::Seconds(seconds) } else { Life::Over };
    }
    let Some(expires) = cookie.last("Expires", cookie_date::parse) else { return Life::Session };
    match now {
        Some(now) if expires <= now => Life::Over,
        Some(now) => Life::Seconds(expires - now),
        // What has ended within a day of 1970 was never meant to last.
        None if expires <= 86_400 => Life::Over,
        None => Life::Until(expires),
    }
}

/// Cookie: which ones are sent.
pub(super) fn cookies(value: &[u8]) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    let names = value.split(|&byte| byte == b';').map(|pair| SetCookie::parse(pair).name).map(shown);
    let names =
        joined(names.map(|name| if name.is_empty() { "one without a name".to_owned() } else { name }), ", ");
    Some(format!("what the server left here earlier: {names}"))
}
