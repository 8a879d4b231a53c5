//! Findings on digests of the content.

use super::content::inspectable;
use super::{Found, Rule, warn};
use crate::http::field::FieldSection;
use crate::http::framing::Framing;
use crate::http::syntax::{list_members, split_unquoted};
use crate::report::exchange::{Digests, Exchange};

pub(super) const RULES: &[Rule] = &[warn(
    "content-digest-mismatch",
    "RFC 9530 §2, §3",
    "the content does not have the digest that its head declares: it was damaged or changed on its way, or the digest is of something else",
    mismatch,
)];

/// The fields that are dictionaries of digests; the second is of the whole
/// representation, which only a 200 carries.
const DICTIONARIES: [(&str, bool); 2] = [("content-digest", false), ("repr-digest", true)];

fn mismatch(exchange: &Exchange, found: &mut Found<'_>) {
    let Some(head) = inspectable(exchange) else { return };
    if exchange.framing() == Framing::NoBody {
        return;
    }
    let digests = &exchange.body.content.digests;
    let is_200 = head.status() == 200;
    for (name, needs_200) in DICTIONARIES {
        let Some(line) = head.fields.first(name).filter(|_| is_200 || !needs_200) else { continue };
        for (algorithm, declared) in dictionary(&head.fields, name).unwrap_or_default() {
            if computed(digests, &algorithm).is_some_and(|computed| computed != declared) {
                found.with(line.offset, &format!("{name}, {}", algorithm.escape_ascii()));
            }
        }
    }
    if let Some(line) = head.fields.first("content-md5").filter(|_| is_200)
        && let Some(computed) = digests.md5
        && base64(line.value).is_none_or(|declared| declared != computed)
    {
        found.with(line.offset, "content-md5");
    }
}

fn computed<'a>(digests: &'a Digests, algorithm: &[u8]) -> Option<&'a [u8]> {
    match algorithm {
        b"md5" => digests.md5.as_ref().map(|digest| &digest[..]),
        b"sha-256" => digests.sha256.as_ref().map(|digest| &digest[..]),
        b"sha-512" => digests.sha512.as_ref().map(|digest| &digest[..]),
        _ => None,
    }
}

/// A dictionary of byte sequences, `key=:base64:` with or without parameters;
/// `None` where a member is anything else. Of a key that is repeated the last
/// counts (RFC 9651 §3.2).
fn dictionary(fields: &FieldSection, name: &str) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut members: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for line in fields.all(name) {
        for member in list_members(line.value) {
            let text = split_unquoted(member, b';').next()?;
            let equals = text.iter().position(|&byte| byte == b'=')?;
            let value = text[equals + 1..].strip_prefix(b":")?.strip_suffix(b":")?;
            let (key, value) = (text[..equals].to_vec(), base64(value)?);
            // Only the few algorithms that could be computed are of interest.
            if matches!(key.as_slice(), b"md5" | b"sha-256" | b"sha-512") {
                members.retain(|(known, _)| *known != key);
                members.push((key, value));
            }
        }
    }
    Some(members)
}

/// Decodes base64 with or without its padding (RFC 4648 §4).
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let data = &text[..text.len() - padding];
    if padding > 2 || padding > 0 && !text.len().is_multiple_of(4) || data.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3 + 2);
    for group in data.chunks(4) {
        let mut bits = 0u32;
        for &digit in group {
            bits = bits << 6 | sextet(digit)?;
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange};
    use super::*;

    /// All digests come out as so many zero bytes.
    fn zeros(text: &str) -> Exchange {
        let mut made = exchange(text);
        made.body.content.digests =
            Digests { md5: Some([0; 16]), sha256: Some([0; 32]), sha512: Some([0; 64]) };
        made
    }

    #[test]
    fn cases() {
        let id = "content-digest-mismatch";
        let md5 = "AAAAAAAAAAAAAAAAAAAAAA==";
        let other = "AAAAAAAAAAAAAAAAAAAAAQ==";
        let case = |status: u16, field: &str, value: &str| format!("{status}|{field}: {value}||x").leak();
        let sha = format!("sha-256=:{}=:", "A".repeat(43));
        let ours =
            |field, value: &str| &*case(200, field, &format!("md5=:{value}:, sha-256=:AA==:;x, md5=:{md5}:"));
        check_with(
            RULES,
            &[
                (id, case(200, "Content-MD5", other), case(200, "Content-MD5", md5)),
                (id, case(200, "Content-MD5", "?"), case(206, "Content-MD5", other)),
                (id, case(404, "Content-Digest", "sha-512=:AAAA:"), case(404, "Content-Digest", &sha)),
                (id, case(200, "Repr-Digest", "sha-512=:AAAA:"), case(404, "Repr-Digest", "sha-512=:AAAA:")),
                (id, ours("Repr-Digest", md5), case(200, "Repr-Digest", "sha-512=AAAA")),
                (
                    id,
                    case(200, "Content-Digest", &format!("md5=:{md5}:, md5=:{other}:")),
                    case(200, "Content-Digest", &format!("md5=:{other}:, md5=:{md5}:")),
                ),
                (
                    id,
                    case(200, "Content-Digest", &format!("md5=:{other}:")),
                    "200|Content-Digest: md5=:AAAA:||",
                ),
                (
                    id,
                    case(200, "Content-Digest", &format!("md5=:{other}:")),
                    case(200, "Content-Digest", "md5=:AAAA:, x=y"),
                ),
            ],
            zeros,
        );
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, expected) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zg", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("+/+/", Some(b"\xFB\xFF\xBF")),
            ("Z", None),
            ("Zg=", None),
            ("Zm9v====", None),
            ("Zm 9", None),
        ] {
            assert_eq!(base64(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
