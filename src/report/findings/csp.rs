//! Findings on Content-Security-Policy and its report-only form (CSP Level 3).

use super::rule::{Findings, Rule, rows};
use crate::http::csp::{self, CspDirective};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "csp-invalid",
        "CSP3 (parse a serialized CSP; source lists)",
        "browsers ignore a part of the Content-Security-Policy: it does not protect as intended",
        invalid,
    ),
    note(
        "csp-weak",
        "CSP3 (security considerations; report-uri)",
        "the Content-Security-Policy allows what it could block, or reports through a deprecated directive",
        weak,
    ),
];

/// Directives whose value is a list of sources.
const SOURCE_LISTS: [&[u8]; 21] = [
    b"child-src",
    b"connect-src",
    b"default-src",
    b"fenced-frame-src",
    b"font-src",
    b"frame-src",
    b"img-src",
    b"manifest-src",
    b"media-src",
    b"object-src",
    b"prefetch-src",
    b"script-src",
    b"script-src-attr",
    b"script-src-elem",
    b"style-src",
    b"style-src-attr",
    b"style-src-elem",
    b"worker-src",
    b"base-uri",
    b"form-action",
    b"frame-ancestors",
];
/// The others, those that are deprecated included.
const OTHERS: [&[u8]; 11] = [
    b"block-all-mixed-content",
    b"navigate-to",
    b"plugin-types",
    b"report-to",
    b"report-uri",
    b"require-sri-for",
    b"require-trusted-types-for",
    b"sandbox",
    b"trusted-types",
    b"upgrade-insecure-requests",
    b"webrtc",
];
/// Directives through which scripts can be brought in.
const SCRIPT_LISTS: [&[u8]; 4] = [b"default-src", b"script-src", b"script-src-elem", b"object-src"];
/// Sources that are nothing without their quotes.
const KEYWORDS: &str = "\
    none self strict-dynamic report-sample inline-speculation-rules trusted-types-eval \
    unsafe-allow-redirects unsafe-eval unsafe-hashes unsafe-inline wasm-unsafe-eval";
/// How words in quotes begin that not all browsers know.
const NEWER: &str = "report-sha url-sha eval-sha unsafe-webtransport-hashes strict-dynamic-url";
/// How nonces and hashes begin.
const NONCE_OR_HASH: [&[u8]; 4] = [b"nonce-", b"sha256-", b"sha384-", b"sha512-"];

/// The directives of each policy, with their lines: a policy is a list member.
fn policies(exchange: &Exchange) -> impl Iterator<Item = (FieldLine<'_>, Vec<CspDirective<'_>>)> {
    let fields = exchange.response().into_iter().flat_map(|head| head.fields.iter());
    fields
        .filter(|line| line.is("content-security-policy") || line.is("content-security-policy-report-only"))
        .flat_map(|line| csp::policies(line.value).map(move |policy| (line, policy)))
}

fn invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, directives) in policies(exchange) {
        let mut seen = [false; SOURCE_LISTS.len() + OTHERS.len()];
        let odd = directives.iter().find(|directive| {
            let mut known = SOURCE_LISTS.iter().chain(&OTHERS);
            let Some(at) = known.position(|known| *known == directive.name) else { return true };
            let is_repeated = std::mem::replace(&mut seen[at], true);
            let has_sources = at < SOURCE_LISTS.len();
            is_repeated || has_sources && !are_sources(&directive.values)
        });
        if let Some(directive) = odd {
            // One is enough: a line can hold very many policies.
            return found.with(line.offset, &quoted(directive.text));
        }
    }
}

/// Whether in a source list quotes stand around what needs them and around nothing else, and
/// 'none' stands alone.
fn are_sources(values: &[&[u8]]) -> bool {
    let is_misquoted = |value: &[u8]| {
        let value = value.to_ascii_lowercase();
        let inside = value.strip_prefix(b"'").and_then(|value| value.strip_suffix(b"'"));
        let word = inside.unwrap_or(&value);
        let is_keyword = KEYWORDS.split(' ').any(|known| known.as_bytes() == word);
        let coded = NONCE_OR_HASH.iter().find_map(|start| word.strip_prefix(*start));
        let is_open = inside.is_none() && value.starts_with(b"'");
        if is_open || inside.is_some() && coded.is_some_and(|coded| !is_base64(coded)) {
            return true;
        }
        let needs_quotes = is_keyword || coded.is_some();
        let is_newer = || NEWER.split(' ').any(|start| word.starts_with(start.as_bytes()));
        needs_quotes != inside.is_some() && !(inside.is_some() && is_newer())
    };
    let has_none = values.iter().any(|value| value.eq_ignore_ascii_case(b"'none'"));
    !values.iter().any(|value| is_misquoted(value)) && (!has_none || values.len() == 1)
}

/// `1*( ALPHA / DIGIT / "+" / "/" / "-" / "_" )*2( "=" )`, what a nonce or hash is written in.
fn is_base64(coded: &[u8]) -> bool {
    let padded = coded.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let digits = &coded[..coded.len() - padded];
    !digits.is_empty() && digits.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
}

fn weak(exchange: &Exchange, found: &mut Findings<'_>) {
    for (line, directives) in policies(exchange) {
        let has = |name: &[u8]| directives.iter().any(|directive| directive.name == name);
        let is_wide = |directive: &&CspDirective<'_>| {
            SCRIPT_LISTS.contains(&directive.name.as_slice()) && is_wide(directive)
        };
        if let Some(directive) = directives.iter().find(is_wide) {
            return found.with(line.offset, &quoted(directive.text));
        }
        if has(b"report-uri") && !has(b"report-to") {
            return found.with(line.offset, "report-uri without report-to");
        }
    }
}

fn is_wide(CspDirective { name, values, .. }: &CspDirective<'_>) -> bool {
    let is = |value: &[u8], wanted: &[u8]| value.eq_ignore_ascii_case(wanted);
    let begins = |value: &[u8], start: &[u8]| {
        value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    // A nonce or a hash switches 'unsafe-inline' off.
    let has_nonce_or_hash = values.iter().any(|value| {
        value.strip_prefix(b"'").is_some_and(|value| NONCE_OR_HASH.iter().any(|start| begins(value, start)))
    });
    // For scripts 'strict-dynamic' switches hosts, schemes and 'unsafe-inline' off.
    let is_strict = name != b"object-src" && values.iter().any(|value| is(value, b"'strict-dynamic'"));
    values.iter().any(|value| {
        is(value, b"'unsafe-eval'")
            || !is_strict
                && (*value == b"*"
                    || is(value, b"'unsafe-inline'") && !has_nonce_or_hash
                    || begins(value, b"http:"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange, ids};
    use super::*;

    fn csp(value: &str) -> Exchange {
        exchange(&format!("200|Content-Security-Policy: {value}"))
    }

    #[test]
    fn cases() {
        check_with(
            RULES,
            &[
                ("csp-invalid", "default-scr 'self'", "Default-Src 'self';; "),
                ("csp-invalid", "default-src: 'self'", "default-src 'self', default-src a.example"),
                ("csp-invalid", "img-src x; IMG-SRC y", "img-src x; font-src x"),
                ("csp-invalid", "default-src SELF", "sandbox self"),
                ("csp-invalid", "script-src nonce-abc", "script-src 'nonce-abc'"),
                ("csp-invalid", "script-src sha256-abc=", "script-src 'sha256-abc='"),
                ("csp-invalid", "script-src 'nonce-'", "script-src 'nonce-a-_+/=='"),
                ("csp-invalid", "script-src 'nonce-{{ nonce }}'", "script-src 'nonce-0' 'sha512-A='"),
                ("csp-invalid", "script-src 'sha256-$x'", "script-src 'sha384-x'"),
                ("csp-invalid", "script-src 'slef'", "script-src 'unsafe-hashes' 'report-sha256'"),
                ("csp-invalid", "img-src 'a.example'", "sandbox 'x'"),
                ("csp-invalid", "object-src 'none' https:", "object-src 'NONE'"),
                ("csp-weak", "script-src 'self' 'Unsafe-Inline'", "style-src 'unsafe-inline'"),
                ("csp-weak", "default-src *", "default-src *.example"),
                ("csp-weak", "script-src 'unsafe-eval'", "script-src 'wasm-unsafe-eval'"),
                ("csp-weak", "object-src http://a.example", "object-src https://a.example"),
                ("csp-weak", "script-src-elem HTTP:", "img-src http:"),
                (
                    "csp-weak",
                    "object-src 'strict-dynamic' http:",
                    "script-src 'strict-dynamic' 'nonce-x' 'unsafe-inline' http: *",
                ),
                ("csp-weak", "script-src 'unsafe-inline'", "script-src 'unsafe-inline' 'nonce-x'"),
                ("csp-weak", "report-uri /x", "report-uri /x; report-to x"),
            ],
            csp,
        );
        let report_only = exchange("200|Content-Security-Policy-Report-Only: default-src self http:");
        assert_eq!(ids(RULES, &report_only), ["csp-invalid", "csp-weak"]);
    }
}
