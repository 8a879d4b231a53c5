//! Findings on authentication challenges.

use std::collections::BTreeSet;

use super::rule::{Findings, Rule, rows};
use crate::http::challenge::{self, AuthParam, Challenge, ChallengeData};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "auth-challenge-missing",
        "RFC 9110 §15.5.2, §15.5.8, §11.6.1, §11.7.1",
        "the response asks for credentials but does not say which: clients can't respond to it",
        missing,
    ),
    warn(
        "auth-challenge-invalid",
        "RFC 9110 §11.3, §11.6.1",
        "the challenge is not a list of scheme and parameters: clients read it differently or not at all",
        invalid,
    ),
    warn(
        "auth-challenge-incomplete",
        "RFC 7617 §2, §2.1; RFC 7616 §3.3",
        "the challenge lacks what its scheme needs, or has a charset other than UTF-8: clients can't respond to it",
        incomplete,
    ),
    warn(
        "auth-parameter-unquoted",
        "RFC 9110 §11.5; RFC 7616 §3.3",
        "a parameter lacks the quotes it must have, or has some it must not have: some clients don't read it",
        unquoted,
    ),
    warn(
        "auth-parameter-repeated",
        "RFC 9110 §11.2",
        "a parameter stands in one challenge twice: clients may take either",
        repeated,
    ),
    warn(
        "auth-bearer-over-http",
        "RFC 6750 §5.3",
        "Bearer over http: anyone on the path can use the token",
        |exchange, found| {
            let mut all = challenges(exchange).filter(|(_, challenge)| challenge.is("Bearer"));
            if !exchange.url.scheme.is_secure()
                && !exchange.url.is_loopback()
                && let Some((offset, _)) = all.next()
            {
                found.at(offset);
            }
        },
    ),
    note(
        "auth-basic-over-http",
        "RFC 7617 §4",
        "Basic over http: anyone on the path can read the password",
        basic_over_http,
    ),
    note(
        "auth-digest-weak",
        "RFC 7616 §3.3",
        "Digest with MD5, which an eavesdropper can break",
        digest_weak,
    ),
];

const FIELDS: [&str; 2] = ["www-authenticate", "proxy-authenticate"];

fn lines(exchange: &Exchange) -> impl Iterator<Item = FieldLine<'_>> {
    let head = exchange.response().into_iter();
    head.flat_map(|head| FIELDS.into_iter().flat_map(|name| head.fields.all(name)))
}

/// The challenges of the lines that can be read.
fn challenges(exchange: &Exchange) -> impl Iterator<Item = (u64, Challenge)> {
    lines(exchange).flat_map(|line| {
        let challenges = challenge::parse(line.value).unwrap_or_default();
        challenges.into_iter().map(move |challenge| (line.offset, challenge))
    })
}

fn missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let needed = match head.status() {
        401 => "WWW-Authenticate",
        407 => "Proxy-Authenticate",
        _ => return,
    };
    if !head.fields.has(needed) {
        found.with(head.status_line_offset(), &format!("{needed} is missing"));
    }
}

fn invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    for line in lines(exchange) {
        if let Err(bad) = challenge::parse(line.value) {
            found.with(line.value_offset(bad.0), &quoted(line.value));
        }
    }
}

fn incomplete(exchange: &Exchange, found: &mut Findings<'_>) {
    for (offset, challenge) in challenges(exchange) {
        let lacks = |name: &str| challenge.parameter(name).is_none();
        let is_other = |charset: &[u8]| !charset.eq_ignore_ascii_case(b"utf-8");
        let is_other = challenge.parameter("charset").is_some_and(is_other);
        if challenge.is("Basic") && (lacks("realm") || is_other) {
            // One is enough: a line can hold very many challenges.
            return found.with(offset, "Basic");
        }
        if challenge.is("Digest") && (lacks("realm") || lacks("nonce") || is_other) {
            return found.with(offset, "Digest");
        }
    }
}

/// Parameters whose value must be a quoted string; of Digest those of a challenge.
const QUOTED: [&str; 4] = ["domain", "nonce", "opaque", "qop"];
/// Parameters of Digest whose value must not be one.
const UNQUOTED: [&str; 2] = ["stale", "algorithm"];

fn parameters(challenge: &Challenge) -> &[AuthParam] {
    match &challenge.data {
        ChallengeData::Parameters(parameters) => parameters,
        ChallengeData::Token68(_) => &[],
    }
}

fn unquoted(exchange: &Exchange, found: &mut Findings<'_>) {
    for (offset, challenge) in challenges(exchange) {
        let is = |parameter: &AuthParam, name: &str| parameter.name.eq_ignore_ascii_case(name.as_bytes());
        let is_wrong = |parameter: &&AuthParam| {
            let in_digest =
                |names: &[&str]| challenge.is("Digest") && names.iter().any(|name| is(parameter, name));
            match parameter.is_quoted {
                false => is(parameter, "realm") || in_digest(&QUOTED),
                true => in_digest(&UNQUOTED),
            }
        };
        if let Some(wrong) = parameters(&challenge).iter().find(is_wrong) {
            // One is enough: a line can hold very many challenges.
            return found.with(offset, &quoted(&wrong.name));
        }
    }
}

fn repeated(exchange: &Exchange, found: &mut Findings<'_>) {
    for (offset, challenge) in challenges(exchange) {
        let mut seen = BTreeSet::new();
        let mut all = parameters(&challenge).iter();
        if let Some(twice) = all.find(|parameter| !seen.insert(parameter.name.to_ascii_lowercase())) {
            return found.with(offset, &quoted(&twice.name));
        }
    }
}

fn basic_over_http(exchange: &Exchange, found: &mut Findings<'_>) {
    if !exchange.url.scheme.is_secure()
        && let Some((offset, _)) = challenges(exchange).find(|(_, challenge)| challenge.is("Basic"))
    {
        found.at(offset);
    }
}

fn digest_weak(exchange: &Exchange, found: &mut Findings<'_>) {
    let is_weak = |challenge: &Challenge| {
        let is_md5 = |algorithm: &[u8]| {
            algorithm.eq_ignore_ascii_case(b"MD5") || algorithm.eq_ignore_ascii_case(b"MD5-sess")
        };
        challenge.is("Digest") && challenge.parameter("algorithm").is_none_or(is_md5)
    };
    if let Some((offset, _)) = challenges(exchange).find(|(_, challenge)| is_weak(challenge)) {
        found.at(offset);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check, exchange, ids};
    use super::*;

    #[test]
    fn cases() {
        let (missing, invalid) = ("auth-challenge-missing", "auth-challenge-invalid");
        let (incomplete, basic, digest) =
            ("auth-challenge-incomplete", "auth-basic-over-http", "auth-digest-weak");
        check(
            RULES,
            &[
                (
                    "auth-parameter-unquoted",
                    "401|WWW-Authenticate: Basic realm=x",
                    "401|WWW-Authenticate: Basic realm=\"x\"",
                ),
                (
                    "auth-parameter-unquoted",
                    "401|WWW-Authenticate: Digest realm=\"x\", nonce=y",
                    "401|WWW-Authenticate: Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256",
                ),
                (
                    "auth-parameter-unquoted",
                    "401|WWW-Authenticate: Digest stale=\"true\"",
                    "401|WWW-Authenticate: X stale=\"true\", nonce=y",
                ),
                (
                    "auth-parameter-repeated",
                    "401|WWW-Authenticate: Bearer scope=a, Scope=b",
                    "401|WWW-Authenticate: Bearer scope=a, Basic scope=b",
                ),
                (
                    "auth-bearer-over-http",
                    "401|WWW-Authenticate: Bearer",
                    "GET http://127.0.0.1/ > 401|WWW-Authenticate: Bearer",
                ),
                (
                    "auth-bearer-over-http",
                    "401|WWW-Authenticate: Bearer",
                    "GET https://x/ > 401|WWW-Authenticate: Bearer",
                ),
                (missing, "401|Proxy-Authenticate: X", "401|WWW-Authenticate: X"),
                (missing, "407|WWW-Authenticate: X", "403|A: b"),
                (
                    invalid,
                    "401|WWW-Authenticate: Bearer realm=api key",
                    "401|WWW-Authenticate: Bearer realm=\"api key\", error=x",
                ),
                (invalid, "401|WWW-Authenticate: X|WWW-Authenticate:", "401|WWW-Authenticate: X, Y"),
                (invalid, "200|Proxy-Authenticate: realm=\"x\"", "401|WWW-Authenticate: X,realm=\"x\""),
                (incomplete, "401|WWW-Authenticate: Basic", "401|WWW-Authenticate: Basic realm=x"),
                (
                    incomplete,
                    "401|WWW-Authenticate: Basic realm=x, charset=latin1",
                    "401|WWW-Authenticate: Basic realm=x, charset=\"utf-8\"",
                ),
                (
                    incomplete,
                    "401|WWW-Authenticate: X, digest realm=x",
                    "401|WWW-Authenticate: Digest realm=x, nonce=y",
                ),
                (
                    incomplete,
                    "401|WWW-Authenticate: Digest realm=x, nonce=y, charset=ISO-8859-1",
                    "401|WWW-Authenticate: Digest realm=x, nonce=y, charset=utf-8",
                ),
                (incomplete, "401|WWW-Authenticate: Digest nonce=x", "401|WWW-Authenticate: Bearer nonce=x"),
                (
                    basic,
                    "401|WWW-Authenticate: X, BASIC realm=x",
                    "GET https://x/ > 401|WWW-Authenticate: Basic realm=x",
                ),
                (basic, "407|Proxy-Authenticate: Basic realm=x", "401|WWW-Authenticate: Bearer basic=x"),
                (
                    digest,
                    "401|WWW-Authenticate: Digest realm=x, nonce=y, algorithm=md5-SESS",
                    "401|WWW-Authenticate: Digest realm=x, nonce=y, algorithm=SHA-256",
                ),
                (
                    digest,
                    "401|WWW-Authenticate: Digest realm=x, nonce=y",
                    "401|WWW-Authenticate: X algorithm=MD5",
                ),
            ],
        );
        let unreadable = exchange("401|WWW-Authenticate: Basic realm=my site");
        assert_eq!(ids(RULES, &unreadable), [invalid]);
    }
}
