//! Findings on digests of the content.

use super::content::inspectable;
use super::rule::{Findings, Rule, rows};
use super::value::joined;
use crate::http::base64;
use crate::http::framing::Framing;
use crate::http::structured::{self, Dictionary, Member, Type};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![warn(
    "content-digest-mismatch",
    "RFC 9530 §2, §3; RFC 1864 §3",
    "the content does not match the digest in its head: it was changed on the path, or the digest is of something else",
    mismatch,
)];

/// The fields that are dictionaries of digests; the second is of the whole
/// representation, which only a 200 carries.
const DICTIONARIES: [(&str, bool); 2] = [("content-digest", false), ("repr-digest", true)];

fn mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = inspectable(exchange) else { return };
    if exchange.framing() == Framing::NoBody {
        return;
    }
    let digests = &exchange.body.content.digests;
    let is_200 = head.status() == 200;
    for (name, needs_200) in DICTIONARIES {
        let Some(line) = head.fields.first(name).filter(|_| is_200 || !needs_200) else { continue };
        let joined = joined(&head.fields, name);
        // Of another type than byte sequences the field is ignored as a whole.
        let are_bytes = |members: &Dictionary<'_>| members.iter().all(|(_, member)| member.is(Type::Bytes));
        let declared = structured::dictionary(&joined).map(|parsed| parsed.value);
        let declared = declared.filter(are_bytes).unwrap_or_default();
        for (algorithm, computed) in digests.known() {
            // Of a key that is repeated the last counts (RFC 9651 §3.2).
            let last = declared.iter().rev().find(|(key, _)| *key == algorithm.as_bytes());
            let Some((_, Member::Item(item))) = last else { continue };
            if item.bare.bytes().is_some_and(|declared| declared != computed) {
                found.with(line.offset, &format!("{name}, {algorithm}"));
            }
        }
    }
    if let Some(line) = head.fields.first("content-md5").filter(|_| is_200)
        && let Some(computed) = digests.md5
        && base64::decode(line.value).is_none_or(|declared| declared != computed)
    {
        found.with(line.offset, "content-md5");
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange};
    use super::*;
    use crate::report::exchange::Digests;

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
}
