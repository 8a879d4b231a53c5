//! What a Set-Cookie field comes to (RFC 6265bis §5.6, §5.7): which attributes
//! count, and when the cookie ends.

use super::Refused;
use crate::http::cookie_date;
use crate::http::cookie_matching::attribute_domain;
use crate::http::set_cookie::{self, CookieAttribute, MAX_ATTRIBUTE, MAX_PAIR, SetCookie, control_byte};

/// Longest Set-Cookie value that is read: curl's limit.
pub(crate) const MAX_COOKIE: usize = 5000;
/// From this length on curl does not read a date of Expires.
const MAX_DATE: usize = 80;
/// Longest lifetime: 400 days (RFC 6265bis §5.5).
const MAX_AGE: i64 = 400 * 24 * 60 * 60;

/// What a Set-Cookie field says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReceivedCookie<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    /// When it ends, in seconds since 1970; `None`: with the session.
    pub(super) expiry: Option<i64>,
    pub(super) domain: &'a [u8],
    pub(super) path: Option<&'a [u8]>,
    pub(super) is_secure: bool,
    pub(super) is_http_only: bool,
    pub(super) same_site: Option<&'a [u8]>,
}

/// Reads the value of a Set-Cookie field; `now` is what Max-Age counts from. `as_curl`: quotes and
/// a slash at the end are no part of Path, a long Expires is none, and any other long attribute refuses the cookie.
pub(super) fn parse(field: &[u8], now: i64, as_curl: bool) -> Result<ReceivedCookie<'_>, Refused> {
    if control_byte(field).is_some() {
        return Err(Refused::ControlByte);
    }
    if field.len() > MAX_COOKIE {
        return Err(Refused::TooLong);
    }
    let SetCookie { name, value, attributes } = SetCookie::parse(field);
    // The RFC would keep a value without a name, and lets one refuse any cookie (§5.7 step 1): sent
    // back it may look like another cookie with a name.
    if name.is_empty() {
        return Err(Refused::Nameless);
    }
    if name.len() + value.len() > MAX_PAIR {
        return Err(Refused::TooLong);
    }
    // The RFC lets TAB be; but a jar's lines are made of TABs.
    if name.contains(&b'\t') || value.contains(&b'\t') {
        return Err(Refused::Tab);
    }
    let mut wish = ReceivedCookie { name, value, ..ReceivedCookie::default() };
    if as_curl && attributes.iter().any(is_too_long) {
        return Err(Refused::TooLong);
    }
    let mut expires = None;
    let mut max_age = None;
    for attribute in attributes.iter().filter(|attribute| attribute.value.len() <= MAX_ATTRIBUTE) {
        if attribute.is("expires") && as_curl && attribute.value.len() >= MAX_DATE {
            continue;
        } else if attribute.is("expires") {
            expires = cookie_date::parse(attribute.value).or(expires);
        } else if attribute.is("max-age") {
            max_age = set_cookie::max_age(attribute.value).or(max_age);
        } else {
            wish.take(attribute, as_curl);
        }
    }
    // Max-Age goes before Expires, and neither beyond the longest lifetime, in whole minutes as curl counts it.
    let end = max_age.map(|age| if age <= 0 { i64::MIN } else { now.saturating_add(age) });
    let latest = now.saturating_add(MAX_AGE);
    wish.expiry = end.or(expires).map(|end| if end < latest { end } else { latest - latest % 60 + 60 });
    Ok(wish)
}

impl<'a> ReceivedCookie<'a> {
    /// An attribute that says nothing about time; of several with one name the last counts.
    fn take(&mut self, attribute: &CookieAttribute<'a>, as_curl: bool) {
        let value = attribute.value;
        if attribute.is("domain") {
            self.domain = attribute_domain(value);
        } else if attribute.is("path") {
            let value = if as_curl { bare_path(value) } else { value };
            self.path = value.starts_with(b"/").then_some(value);
        } else if attribute.is("secure") {
            self.is_secure = true;
        } else if attribute.is("httponly") {
            self.is_http_only = true;
        } else if attribute.is("samesite") {
            self.same_site = Some(value);
        }
    }
}

/// Whether an attribute is longer than curl takes any: its name or its value alone, or both.
fn is_too_long(attribute: &CookieAttribute<'_>) -> bool {
    let (name, value) = (attribute.name.len(), attribute.value.len());
    name.max(value) >= MAX_PAIR - 1 || name + value > MAX_PAIR
}

/// A path without the quotes around it and the slash at its end, as curl keeps it.
pub(super) fn bare_path(value: &[u8]) -> &[u8] {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    match value.strip_suffix(b"/") {
        Some(bare) if !bare.is_empty() => bare,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000;
    const LATEST: i64 = NOW + MAX_AGE + 20;

    fn read(field: &str) -> ReceivedCookie<'_> {
        parse(field.as_bytes(), NOW, false).expect(field)
    }

    #[test]
    fn names_and_values_are_what_stands_around_the_first_equals_sign() {
        for (field, name, value) in [
            ("a=b", "a", "b"),
            (" a =\t b c ; x", "a", "b c"),
            ("a=b=c", "a", "b=c"),
            ("a=\"b; c\"", "a", "\"b"),
            ("a=", "a", ""),
        ] {
            let cookie = read(field);
            assert_eq!((cookie.name, cookie.value), (name.as_bytes(), value.as_bytes()), "{field}");
        }
    }

    #[test]
    fn of_several_attributes_the_last_counts() {
        let cookie = read("a=b; PATH=/x; Domain=.A.b; path=y; domain=C;Secure;HttpOnly ;SameSite=Lax");
        assert_eq!((cookie.path, cookie.domain), (None, &b"C"[..]));
        assert!(cookie.is_secure && cookie.is_http_only);
        assert_eq!(cookie.same_site, Some(&b"Lax"[..]));
        assert_eq!(read(&format!("a=b; path=/x; path=/{}", "y".repeat(1024))).path, Some(&b"/x"[..]));
    }

    #[test]
    fn curl_reads_paths_without_quotes_and_dates_that_are_short() {
        let path = |field: &str| parse(field.as_bytes(), NOW, true).expect(field).path.map(<[u8]>::to_vec);
        assert_eq!(path("a=b; path=\"/x/\"").as_deref(), Some(&b"/x"[..]));
        assert_eq!(path("a=b; path=/").as_deref(), Some(&b"/"[..]));
        let long = format!("a=b; Expires={}Thu, 01 Jan 2032 00:00:10 GMT", ".".repeat(60));
        assert_eq!(parse(long.as_bytes(), NOW, true).expect("a cookie").expiry, None);
    }

    #[test]
    fn max_age_goes_before_expires_and_neither_beyond_400_days() {
        let expires = "Expires=Thu, 01 Jan 1970 00:00:10 GMT";
        for (attributes, expiry) in [
            ("", None),
            (expires, Some(10)),
            ("Expires=nonsense", None),
            ("Expires=Mon, 01 Jan 2400 00:00:00 GMT", Some(LATEST)),
            (&format!("Max-Age=5; {expires}"), Some(NOW + 5)),
            ("Max-Age=0", Some(i64::MIN)),
            ("Max-Age=-99999999999999999999", Some(i64::MIN)),
            ("Max-Age=99999999999999999999", Some(LATEST)),
            ("Max-Age=+5", None),
            ("Max-Age=\"5\"", None),
            ("Max-Age=-", None),
        ] {
            assert_eq!(read(&format!("a=b; {attributes}")).expiry, expiry, "{attributes}");
        }
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        let refused = |field: &str| parse(field.as_bytes(), NOW, false).expect_err(field);
        for field in ["a\x01=b", "a=b\x7f", "a=b; path=/\x1b", "a=b\0"] {
            assert_eq!(refused(field), Refused::ControlByte);
        }
        assert_eq!(refused("a=b\tc"), Refused::Tab);
        for field in ["", "=", " ; path=/", "word", "=__Host-a=b"] {
            assert_eq!(refused(field), Refused::Nameless);
        }
        assert_eq!(refused(&"a=".repeat(2049)), Refused::TooLong);
        assert_eq!(refused(&format!("a=b;{}", "x".repeat(5000))), Refused::TooLong);
        assert!(parse(format!("a={}", "b".repeat(4095)).as_bytes(), NOW, false).is_ok());
    }
}
