//! Findings on where a cookie may go: Domain, Path, SameSite, Secure, prefixes.

use super::cookie::{cookies, domain, lifetime};
use super::rule::{Findings, Rule, rows};
use crate::http::cookie_matching::{NamePrefix, domain_matches, is_address};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::set_cookie::SetCookie;
use crate::public_suffix;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "cookie-domain-mismatch",
        "RFC 6265bis §5.1.3, §5.7",
        "Domain is not the host nor a domain above it: clients drop the cookie",
        domain_mismatch,
    ),
    warn(
        "cookie-domain-public-suffix",
        "RFC 6265bis §5.7 step 9",
        "Domain is a public suffix, such as com or co.uk: clients drop the cookie",
        domain_public_suffix,
    ),
    note(
        "cookie-scope-ignored",
        "RFC 6265bis §5.6.3, §5.6.4",
        "Domain is empty, or Path does not begin with a slash: clients ignore it and use their default",
        scope_ignored,
    ),
    note(
        "cookie-samesite-invalid",
        "RFC 6265bis §5.6.7",
        "SameSite is neither Strict, Lax nor None: browsers use their default",
        samesite_invalid,
    ),
    warn(
        "cookie-samesite-none-insecure",
        "RFC 6265bis §5.7 (SameSite step)",
        "SameSite=None without Secure: browsers drop the cookie",
        samesite_none_insecure,
    ),
    warn(
        "cookie-partitioned-insecure",
        "CHIPS draft §2",
        "Partitioned without Secure: browsers drop the cookie",
        partitioned_insecure,
    ),
    warn(
        "cookie-secure-over-http",
        "RFC 6265bis §5.7 (secure-only step)",
        "a Secure cookie over http: browsers drop it, except on loopback",
        secure_over_http,
    ),
    note(
        "cookie-not-secure",
        "RFC 6265 §8.3",
        "the cookie came over https but has no Secure: it is sent over http as well, where anyone on the path can read it",
        not_secure,
    ),
    warn(
        "cookie-prefix-violation",
        "RFC 6265bis §4.1.3, §5.4",
        "the cookie's attributes don't meet the requirements of its name prefix: browsers drop it",
        prefix_violation,
    ),
];

/// The host, lower-cased, an IPv6 address without its brackets.
fn host(exchange: &Exchange) -> Vec<u8> {
    exchange.url.host.to_ascii_lowercase().into_bytes()
}

/// Reports the cookies for which `is_it` holds.
fn report(exchange: &Exchange, found: &mut Findings<'_>, is_it: impl Fn(&SetCookie<'_>) -> bool) {
    let matching = |(_, cookie): &(FieldLine<'_>, SetCookie<'_>)| is_it(cookie);
    for (line, cookie) in cookies(exchange).filter(matching) {
        found.with(line.offset, &quoted(cookie.name));
    }
}

/// Whether names below `domain`, lower-cased, are anybody's; a host of that very name is by itself.
pub(in crate::report) fn is_public_suffix(domain: &[u8], host: &[u8]) -> bool {
    let is_suffix = |domain: &str| !is_address(domain) && public_suffix::is_public_suffix(domain);
    domain != host && str::from_utf8(domain).is_ok_and(is_suffix)
}

fn domain_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let host = host(exchange);
    report(exchange, found, |cookie| {
        let is_other = |domain: &[u8]| {
            let texts = (str::from_utf8(&host), str::from_utf8(domain));
            !matches!(texts, (Ok(host), Ok(domain)) if domain_matches(host, domain))
        };
        domain(cookie).is_some_and(|domain| !is_public_suffix(&domain, &host) && is_other(&domain))
    });
}

fn domain_public_suffix(exchange: &Exchange, found: &mut Findings<'_>) {
    let host = host(exchange);
    report(exchange, found, |cookie| domain(cookie).is_some_and(|domain| is_public_suffix(&domain, &host)));
}

fn scope_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    report(exchange, found, |cookie| {
        cookie.has("Domain") && domain(cookie).is_none()
            || cookie.attribute("Path").is_some_and(|path| !path.value.starts_with(b"/"))
    });
}

fn has_samesite(cookie: &SetCookie<'_>, value: &str) -> bool {
    cookie.attribute("SameSite").is_some_and(|found| found.value.eq_ignore_ascii_case(value.as_bytes()))
}

fn samesite_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    report(exchange, found, |cookie| {
        let is_known = ["Strict", "Lax", "None"].into_iter().any(|value| has_samesite(cookie, value));
        cookie.has("SameSite") && !is_known
    });
}

fn samesite_none_insecure(exchange: &Exchange, found: &mut Findings<'_>) {
    report(exchange, found, |cookie| has_samesite(cookie, "None") && !cookie.has("Secure"));
}

fn partitioned_insecure(exchange: &Exchange, found: &mut Findings<'_>) {
    report(exchange, found, |cookie| cookie.has("Partitioned") && !cookie.has("Secure"));
}

fn secure_over_http(exchange: &Exchange, found: &mut Findings<'_>) {
    if !exchange.url.scheme.is_secure() {
        report(exchange, found, |cookie| cookie.has("Secure"));
    }
}

fn not_secure(exchange: &Exchange, found: &mut Findings<'_>) {
    if exchange.url.scheme.is_secure() {
        // What is deleted is sent no more.
        let is_kept = |cookie: &SetCookie<'_>| lifetime(exchange, cookie).is_none_or(|seconds| seconds > 0);
        report(exchange, found, |cookie| !cookie.has("Secure") && is_kept(cookie));
    }
}

fn prefix_violation(exchange: &Exchange, found: &mut Findings<'_>) {
    report(exchange, found, |cookie| {
        let is_root = cookie.attribute("Path").is_some_and(|path| path.value == b"/");
        let is_for_host = domain(cookie).is_none() && is_root;
        let (is_secure, is_http_only) = (cookie.has("Secure"), cookie.has("HttpOnly"));
        NamePrefix::of(cookie.name).is_some_and(|prefix| !prefix.holds(is_secure, is_http_only, is_for_host))
    });
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let (mismatch, suffix) = ("cookie-domain-mismatch", "cookie-domain-public-suffix");
        let (ignored, prefix) = ("cookie-scope-ignored", "cookie-prefix-violation");
        check(
            RULES,
            &[
                (
                    mismatch,
                    "200|Set-Cookie: a=b; Domain=example.org",
                    "200|Set-Cookie: a=b; Domain=.EXAMPLE.com",
                ),
                (
                    mismatch,
                    "200|Set-Cookie: a=b; Domain=ample.com",
                    "200|Set-Cookie: a=b; Domain=www.example.com",
                ),
                (
                    mismatch,
                    "200|Set-Cookie: a=b; Domain=x.www.example.com",
                    "200|Set-Cookie: a=b; Domain=com",
                ),
                (
                    mismatch,
                    "GET http://127.0.0.1/ > 200|Set-Cookie: a=b; Domain=0.0.1",
                    "GET http://127.0.0.1/ > 200|Set-Cookie: a=b; Domain=127.0.0.1",
                ),
                (
                    mismatch,
                    "GET http://[::1]/ > 200|Set-Cookie: a=b; Domain=[::2]",
                    "GET http://[::1]/ > 200|Set-Cookie: a=b; Domain=[::1]",
                ),
                (
                    suffix,
                    "200|Set-Cookie: a=b; Domain=.com",
                    "GET http://localhost/ > 200|Set-Cookie: a=b; Domain=localhost",
                ),
                (
                    suffix,
                    "200|Set-Cookie: a=b; Domain=localhost",
                    "GET http://[::1]/ > 200|Set-Cookie: a=b; Domain=::1",
                ),
                (ignored, "200|Set-Cookie: a=b; Domain=", "200|Set-Cookie: a=b; Domain=; Domain=example.com"),
                (ignored, "200|Set-Cookie: a=b; Path", "200|Set-Cookie: a=b; Path=/x"),
                (ignored, "200|Set-Cookie: a=b; Path=x", "200|Set-Cookie: Path=x"),
                (
                    "cookie-samesite-invalid",
                    "200|Set-Cookie: a=b; SameSite=Laxx",
                    "200|Set-Cookie: a=b; samesite=LAX",
                ),
                (
                    "cookie-samesite-invalid",
                    "200|Set-Cookie: a=b; SameSite",
                    "200|Set-Cookie: a=b; samesite=None",
                ),
                (
                    "cookie-samesite-none-insecure",
                    "200|Set-Cookie: a=b; SameSite=none",
                    "200|Set-Cookie: a=b; SameSite=None; Secure",
                ),
                (
                    "cookie-partitioned-insecure",
                    "200|Set-Cookie: a=b; Partitioned",
                    "200|Set-Cookie: a=b; Partitioned; Secure",
                ),
                (
                    "cookie-secure-over-http",
                    "GET http://localhost/ > 200|Set-Cookie: a=b; Secure=x",
                    "GET https://localhost/ > 200|Set-Cookie: a=b; Secure",
                ),
                (
                    "cookie-not-secure",
                    "GET https://a.example/ > 200|Set-Cookie: a=b",
                    "GET https://a.example/ > 200|Set-Cookie: a=b; secure",
                ),
                ("cookie-not-secure", "GET https://a.example/ > 200|Set-Cookie: a=b", "200|Set-Cookie: a=b"),
                (
                    "cookie-not-secure",
                    "GET https://a.example/ > 200|Set-Cookie: a=b; Max-Age=1",
                    "GET https://a.example/ > 200|Set-Cookie: a=b; Max-Age=0",
                ),
                (
                    "cookie-not-secure",
                    "GET https://a.example/ > 200|Set-Cookie: a=b; Expires=Fri, 02 Jan 2026 00:00:00 GMT",
                    "GET https://a.example/ > 200|Set-Cookie: a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                ),
                (
                    "cookie-not-secure",
                    "GET https://a.example/ > 200|Date: Thu, 01 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=Fri, 02 Jan 2026 00:00:00 GMT",
                    "GET https://a.example/ > 200|Date: Sat, 03 Jan 2026 00:00:00 GMT|Set-Cookie: a=b; Expires=Fri, 02 Jan 2026 00:00:00 GMT",
                ),
                (prefix, "200|Set-Cookie: __SECURE-a=b", "200|Set-Cookie: __Secure-a=b; Secure"),
                (prefix, "200|Set-Cookie: __Host-a=b; Path=/", "200|Set-Cookie: __Host-a=b; Path=/; Secure"),
                (prefix, "200|Set-Cookie: __Host-a=b; Secure", "200|Set-Cookie: __Hosta=b"),
                (
                    prefix,
                    "200|Set-Cookie: __Http-a=b; Secure",
                    "200|Set-Cookie: __Http-a=b; Secure; HttpOnly",
                ),
                (
                    prefix,
                    "200|Set-Cookie: __Host-Http-a=b; Secure; Path=/",
                    "200|Set-Cookie: __Host-Http-a=b; Secure; Path=/; HttpOnly",
                ),
                (
                    prefix,
                    "200|Set-Cookie: __Host-Http-a=b; Secure; HttpOnly",
                    "200|Set-Cookie: __Host-Http-a=b; Secure; Path=/; HttpOnly",
                ),
                (
                    prefix,
                    "200|Set-Cookie: __Host-a=b; Secure; Path=/; Domain=www.example.com",
                    "200|Set-Cookie: __Host-a=b; Secure; Path=/; Domain=",
                ),
            ],
        );
    }
}
