//! `--redact`: secrets starred, byte for byte, so that lengths and offsets stay
//! true. What counts as a secret is said by [`secret`].

use std::borrow::Cow;

use super::exchange::{Exchange, SentRequest};
use super::findings::finding::Side;
use super::record::Record;
use super::request_reading::read_parts;
use crate::http::field::{FieldLine, content_length};
use crate::http::response::{ResponseHead, bad_head, parse_whole};
use crate::http::secret::{self, is_secret};
use crate::http::syntax::token_len;

/// What may end the name of a field, in a line that is malformed too.
const NAME_ENDS: &[u8] = b":= \t;,";

/// Whether the value of `line` was starred.
pub(super) fn is_starred(line: FieldLine<'_>) -> bool {
    is_secret(line.name) && !line.value.is_empty() && line.value.iter().all(|byte| b"* ".contains(byte))
}

/// Stars secrets, or does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Redaction(pub(crate) bool);

impl Redaction {
    /// A head, a trailer section or what came in place of one, its secrets
    /// starred where that is requested.
    pub(crate) fn head<'a>(self, head: &'a [u8]) -> Cow<'a, [u8]> {
        if self.0 { Cow::Owned(starred(head)) } else { Cow::Borrowed(head) }
    }

    /// A text that may name URLs.
    pub(super) fn text<'a>(self, text: &'a str) -> Cow<'a, str> {
        if !self.0 {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        secret::star_urls(&mut bytes);
        Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A record, its secrets starred where that is requested, and not quoted in
    /// what was found.
    pub(super) fn record(self, record: &mut Record) {
        if self.0 {
            star_findings(record);
            star_exchange(&mut record.exchange);
            star_typed(record);
            if let Some(trouble) = &mut record.error {
                trouble.message = self.text(&trouble.message).into_owned();
            }
            for turn in record.dialogue.iter_mut().flat_map(|dialogue| &mut dialogue.turns) {
                turn.bytes = starred(&turn.bytes);
            }
            record.is_redacted = true;
        }
    }
}

/// Takes what findings quote out of them, where they quote a secret.
fn star_findings(record: &mut Record) {
    let exchange = &record.exchange;
    let last = match &exchange.head {
        Ok(head) => (head.offset(), head.raw()),
        Err(bad) => (bad.offset, &bad.raw[..]),
    };
    let request = [Lines::of(0, &exchange.request.head)];
    let interim = exchange.interim.iter().map(|head| (head.offset(), head.raw()));
    let response: Vec<_> = interim.chain([last]).map(|(base, raw)| Lines::of(base, raw)).collect();
    // What stands in no head may be a trailer field, or follow the message.
    let may_quote = exchange.body.trailers.clone().star(star_value)
        || starred(&exchange.after.prefix) != exchange.after.prefix;
    for finding in &mut record.findings {
        let heads = match finding.side {
            Side::Request => &request[..],
            Side::Response => &response[..],
        };
        let quotes_secret = heads.iter().find_map(|lines| lines.is_starred_at(finding.offset));
        if quotes_secret.unwrap_or(may_quote)
            && let Some(at) = finding.message.rfind(" [")
        {
            finding.message.truncate(at);
        }
    }
}

/// The lines of a head, and which of them are secret.
struct Lines {
    /// Offset of the first byte, and of the byte behind the last.
    base: u64,
    end: u64,
    /// Where each line ends that is no continuation of the one before, and
    /// whether starring changes it.
    lines: Vec<(u64, bool)>,
}

impl Lines {
    fn of(base: u64, raw: &[u8]) -> Self {
        let starred = starred(raw);
        let mut lines: Vec<(u64, bool)> = Vec::new();
        let mut at = 0;
        for line in raw.split_inclusive(|&byte| byte == b'\n') {
            let end = at + line.len();
            let (to, is_secret) = (base + end as u64, starred[at..end] != raw[at..end]);
            match lines.last_mut() {
                // Folded lines belong to the one before.
                Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                    *last = (to, last.1 | is_secret);
                }
                _ => lines.push((to, is_secret)),
            }
            at = end;
        }
        Self { base, end: base + raw.len() as u64, lines }
    }

    /// Whether the line at `offset` changes when it is starred; none where it is not in this head.
    fn is_starred_at(&self, offset: u64) -> Option<bool> {
        if offset < self.base || offset >= self.end {
            return None;
        }
        let nth = self.lines.partition_point(|&(end, _)| end <= offset);
        self.lines.get(nth).map(|&(_, is_secret)| is_secret)
    }
}

/// What was typed has its secrets where a URL has them; where it is one, that tells the same.
fn star_typed(record: &mut Record) {
    if !record.is_refused {
        record.typed.clear();
    } else if record.typed.windows(3).any(|at| at == b"://") {
        secret::star_urls(&mut record.typed);
    } else {
        let mut text = [b"//", &record.typed[..]].concat();
        secret::star_urls(&mut text);
        record.typed = text.split_off(2);
    }
}

/// A fragment may have the form of a query, as in the responses of OAuth.
fn starred_fragment(fragment: &[u8]) -> Vec<u8> {
    let mut text = [b"?", fragment].concat();
    secret::star_urls(&mut text);
    text.split_off(1)
}

fn star_exchange(exchange: &mut Exchange) {
    let request = &exchange.request;
    exchange.request = SentRequest {
        is_left_off: request.is_left_off,
        ..read_parts(&starred(&request.head), &request.body, request.body_bytes)
    };
    exchange.url.userinfo.iter_mut().for_each(|userinfo| userinfo.fill(b'*'));
    secret::star_urls(&mut exchange.url.path_and_query);
    exchange.url.fragment.iter_mut().for_each(|fragment| *fragment = starred_fragment(fragment));
    exchange.interim.iter_mut().for_each(star_head);
    exchange.body.trailers.star(star_value);
    exchange.after.prefix = starred(&exchange.after.prefix);
    match &mut exchange.head {
        Ok(head) => star_head(head),
        Err(bad) => *bad = bad_head(&starred(&bad.raw), bad.offset, bad.problem),
    }
}

fn star_head(head: &mut ResponseHead) {
    if let Ok(starred) = parse_whole(&starred(head.raw()), head.offset()) {
        *head = *starred;
    }
}

fn star_value(name: &[u8], value: &mut [u8]) {
    if is_secret(name) { value.fill(b'*') } else { secret::star_urls(value) }
}

/// `head` with stars in place of secret values, those of folded lines too, and
/// of what is secret in any URL. A CR that ends no line may end one for others.
fn starred(head: &[u8]) -> Vec<u8> {
    let mut out = head.to_vec();
    let mut in_secret = false;
    for (number, line) in out.split_inclusive_mut(|&byte| byte == b'\n').enumerate() {
        let length = content_length(line);
        let line = &mut line[..length];
        if number == 0 && is_start_line(line) {
            star_start_line(line);
            continue;
        }
        let mut goes_on = in_secret && line.first().is_some_and(|first| b" \t".contains(first));
        for part in line.split_mut(|&byte| byte == b'\r') {
            goes_on = star_line(part, goes_on);
        }
        in_secret = goes_on;
    }
    out
}

/// Whether a head begins with this line, and no field.
fn is_start_line(line: &[u8]) -> bool {
    let name = token_len(line);
    line.starts_with(b"HTTP/")
        || line.get(name) == Some(&b' ') && line.windows(5).any(|part| part == b"HTTP/")
}

/// Stars the URL of a request line. Where it is an authority (RFC 9112 §3.2.3),
/// no slashes show where that begins.
fn star_start_line(line: &mut [u8]) {
    secret::star_urls(line);
    let Some(start) = line.iter().position(|&byte| byte == b' ').map(|space| space + 1) else { return };
    let target = line[start..].split_mut(|&byte| byte == b' ').next().unwrap_or_default();
    let end = target.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(target.len());
    if let Some(at) = target[..end].iter().rposition(|&byte| byte == b'@') {
        target[..at].fill(b'*');
    }
}

/// Stars what is secret in a field line, or all of it where it `goes_on` with a
/// secret value. Gives whether its value is secret.
fn star_line(line: &mut [u8], goes_on: bool) -> bool {
    let value = if goes_on { Some(0) } else { secret_value(line) };
    let Some(start) = value else {
        secret::star_urls(line);
        return false;
    };
    let blanks = line[start..].iter().take_while(|byte| b" \t".contains(byte)).count();
    line[start + blanks..].fill(b'*');
    true
}

/// Where the value begins in a line whose name, as far as there is one, speaks of a
/// secret. In a line without a colon, what stands before a blank may be a name.
fn secret_value(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|&byte| byte == b':');
    let last = colon.unwrap_or(line.len());
    let mut ends = (0..line.len().min(last + 1)).filter(|&at| NAME_ENDS.contains(&line[at]));
    let end = ends.find(|&end| is_secret(&line[..end]))?;
    let colon = colon.filter(|&colon| line[end..colon].iter().all(|byte| b" \t".contains(byte)));
    Some(colon.unwrap_or(end) + 1)
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
            ("CONNECT u:p@h:1 HTTP/1.1\r\n", "CONNECT ***@h:1 HTTP/1.1\r\n"),
            ("GET /auth?a=b:c&sid=d HTTP/1.1\r\n", "GET /auth?a=b:c&sid=* HTTP/1.1\r\n"),
            ("Location: //u@p@a?//b@c", "Location: //***@a?//*@c"),
            ("Host: a\r\n\r\n", "Host: a\r\n\r\n"),
            ("Authorization:", "Authorization:"),
            ("no colon\n\ncookie", "no colon\n\ncookie"),
            ("Set-Cookie a=b\r\n", "Set-Cookie ***\r\n"),
            ("Set-Cookie\t: a=b\r\n", "Set-Cookie\t: ***\r\n"),
            ("Set Cookie: a=b\nA: b", "Set Cookie: ***\nA: b"),
            ("Set-Cookie=a=b\nA: b", "Set-Cookie=***\nA: b"),
            ("A: b\rSet-Cookie: c\rd\nA: b", "A: b\rSet-Cookie: *\r*\nA: b"),
            ("Set-\0Cookie: a\n", "Set-\0Cookie: *\n"),
            ("Accept: a, token: b", "Accept: a, token: b"),
        ] {
            let starred = starred(head.as_bytes());
            assert_eq!(starred.len(), head.len());
            assert_eq!(String::from_utf8_lossy(&starred), expected);
        }
    }
}
