//! `--redact`: secrets starred, byte for byte, so that lengths and offsets stay
//! true. What counts as a secret is said by the names of fields, and by where
//! user and password stand in a URL.

use std::borrow::Cow;

use super::exchange::Exchange;
use super::findings::{Finding, Side};
use super::record::Record;
use super::request_reading::read_parts;
use crate::http::field::{FieldLine, is_secret};
use crate::http::response::{bad_head, parse_whole};

/// Whether the value of `line` was starred.
pub(crate) fn is_starred(line: FieldLine<'_>) -> bool {
    is_secret(line.name) && !line.value.is_empty() && line.value.iter().all(|byte| b"* ".contains(byte))
}

/// Stars secrets, or does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Redaction(pub(crate) bool);

impl Redaction {
    /// A head or a trailer section, its secrets starred where that is asked for.
    pub(crate) fn head<'a>(self, head: &'a [u8]) -> Cow<'a, [u8]> {
        if self.0 { Cow::Owned(starred(head)) } else { Cow::Borrowed(head) }
    }

    /// A record and what was found in it, to be told.
    pub(crate) fn record(self, record: &mut Record, found: &mut [Finding]) {
        if self.0 {
            for finding in found {
                star_finding(finding, &record.exchange);
            }
            star_exchange(&mut record.exchange);
        }
    }
}

/// Takes what `finding` quotes out of it, where it quotes a secret.
fn star_finding(finding: &mut Finding, exchange: &Exchange) {
    let interim = exchange.interim.iter().map(|head| (head.offset(), head.raw()));
    let last = match &exchange.head {
        Ok(head) => (head.offset(), head.raw()),
        Err(bad) => (bad.offset, &bad.raw[..]),
    };
    let request = [(0, &exchange.request.head[..])];
    let quotes_secret = match finding.side {
        Side::Request => is_starred_at(finding.offset, request),
        Side::Response => is_starred_at(finding.offset, interim.chain([last])),
    };
    // What stands in no head may be a trailer field.
    let may_quote = || exchange.body.trailers.iter().any(|line| is_secret(line.name));
    if quotes_secret.unwrap_or_else(may_quote)
        && let Some(at) = finding.message.rfind(" [")
    {
        finding.message.truncate(at);
    }
}

/// Whether the line at `offset` changes when it is starred; none where it is in no head.
fn is_starred_at<'a>(offset: u64, heads: impl IntoIterator<Item = (u64, &'a [u8])>) -> Option<bool> {
    heads.into_iter().find_map(|(base, raw)| {
        let at = usize::try_from(offset.checked_sub(base)?).ok().filter(|&at| at < raw.len())?;
        let start = raw[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let mut end = raw[at..].iter().position(|&byte| byte == b'\n').map_or(raw.len(), |end| at + end + 1);
        // Folded lines belong to the one before.
        while raw.get(end).is_some_and(|byte| b" \t".contains(byte)) {
            end += raw[end..].iter().position(|&byte| byte == b'\n').map_or(raw.len() - end, |last| last + 1);
        }
        Some(starred(raw)[start..end] != raw[start..end])
    })
}

fn star_exchange(exchange: &mut Exchange) {
    let request = &exchange.request;
    exchange.request = read_parts(&starred(&request.head), &request.body, request.body_bytes);
    for head in &mut exchange.interim {
        if let Ok(starred) = parse_whole(&starred(head.raw()), head.offset()) {
            *head = starred;
        }
    }
    exchange.body.trailers.star(is_secret);
    match &mut exchange.head {
        Ok(head) => {
            if let Ok(starred) = parse_whole(&starred(head.raw()), head.offset()) {
                *head = starred;
            }
        }
        Err(bad) => *bad = bad_head(&starred(&bad.raw), bad.offset, bad.problem),
    }
}

/// `head` with stars in place of secret values, those of folded lines too, and
/// of user and password in any URL.
fn starred(head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len());
    let mut in_secret = false;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let is_folded = content.first().is_some_and(|first| b" \t".contains(first));
        let colon = content.iter().position(|&byte| byte == b':');
        let value = match colon {
            _ if is_folded => 0,
            Some(colon) => {
                in_secret = is_secret(&content[..colon]);
                colon + 1
            }
            None => {
                in_secret = false;
                0
            }
        };
        let from = out.len();
        out.extend_from_slice(line);
        let value = &mut out[from + value..from + content.len()];
        if in_secret {
            let blanks = value.iter().take_while(|byte| b" \t".contains(byte)).count();
            value[blanks..].fill(b'*');
        } else {
            star_userinfo(value);
        }
    }
    out
}

/// Stars what stands between `//` and the last `@` of an authority.
fn star_userinfo(text: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = text[at..].windows(2).position(|pair| pair == b"//") {
        let start = at + found + 2;
        let length = text[start..].iter().position(|byte| b"/?# \t\"'<>,;".contains(byte));
        let end = length.map_or(text.len(), |length| start + length);
        if let Some(userinfo) = text[start..end].iter().rposition(|&byte| byte == b'@') {
            text[start..start + userinfo].fill(b'*');
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_starred_byte_for_byte() {
        for (head, expected) in [
            (
                "GET / HTTP/1.1\r\nAuthorization: Basic dTpw\r\n",
                "GET / HTTP/1.1\r\nAuthorization: **********\r\n",
            ),
            ("X-Api-Key:7\nset-COOKIE: a=b; c\r\n", "X-Api-Key:*\nset-COOKIE: ******\r\n"),
            ("Cookie: a\r\n b=c\r\nHost: d\r\n e", "Cookie: *\r\n ***\r\nHost: d\r\n e"),
            ("GET http://u:p@a.b/c@d HTTP/1.1\r\n", "GET http://***@a.b/c@d HTTP/1.1\r\n"),
            ("Location: //u@p@a?//b@c", "Location: //***@a?//*@c"),
            ("Host: a\r\n\r\n", "Host: a\r\n\r\n"),
            ("Authorization:", "Authorization:"),
            ("no colon\n\ncookie", "no colon\n\ncookie"),
        ] {
            let starred = starred(head.as_bytes());
            assert_eq!(starred.len(), head.len());
            assert_eq!(String::from_utf8_lossy(&starred), expected);
        }
    }
}
