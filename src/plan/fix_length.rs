//! `--fix-length`: Content-Length set to what the content of given bytes really has.

use std::ops::Range;

use crate::http::field::{FieldLine, FieldSection, line_length};
use crate::http::request_ends::{
    announced_length, begins_with_request_line, chunked_length, next_request_line,
};
use crate::http::request_line::{fields, head_end, line_offset};

/// Bytes whose Content-Length is right, and what was done to them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) bytes: Vec<u8>,
    /// For the user, a line each.
    pub(super) notes: Vec<String>,
}

/// All requests in `bytes`, each with its Content-Length set right.
///
/// A length that ends where the next request line begins, or at the end, is right. Else
/// the content goes up to the next line that is a request line, or to the end.
pub(super) fn fix_all(bytes: Vec<u8>) -> Fixed {
    let (mut changes, mut heads) = (Vec::new(), Vec::new());
    let mut start = 0;
    while let Some(head_length) = head_end(&bytes[start..]) {
        let content = start + head_length;
        let length = content_length(&bytes[start..content], &bytes[content..]);
        let change = fix(&bytes[start..content], length as u64);
        if change.is_changed {
            heads.push((start..content, change.head));
        }
        changes.push((change.is_changed, change.note));
        start = content + length;
    }
    let notes = notes(changes, start < bytes.len() && !bytes[start..].trim_ascii().is_empty());
    Fixed { bytes: replaced(bytes, heads), notes }
}

/// `bytes` with the new heads in place of those ranges, without a second copy of all.
fn replaced(mut bytes: Vec<u8>, heads: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    if heads.is_empty() {
        return bytes;
    }
    // Moved behind all that is added, nothing is overwritten before it is read.
    let added = heads.iter().map(|(old, new)| new.len().saturating_sub(old.len())).sum();
    let length = bytes.len();
    bytes.resize(length + added, 0);
    bytes.copy_within(..length, added);
    let (mut read, mut written) = (added, 0);
    for (old, new) in heads {
        let between = read..old.start + added;
        written += between.len();
        bytes.copy_within(between.clone(), written - between.len());
        bytes[written..written + new.len()].copy_from_slice(&new);
        written += new.len();
        read = old.end + added;
    }
    let rest = bytes.len() - read;
    bytes.copy_within(read.., written);
    bytes.truncate(written + rest);
    bytes
}

/// What became of the requests, each with whether it was changed: of one alone in any case, of
/// several where something is said.
fn notes(mut all: Vec<(bool, String)>, is_cut: bool) -> Vec<String> {
    if is_cut || all.is_empty() {
        all.push((true, "nothing changed: no empty line ends the head".to_owned()));
    }
    if let [(_, only)] = &all[..] {
        return vec![only.clone()];
    }
    let told = all.iter().enumerate().filter(|(_, (is_told, _))| *is_told);
    let told: Vec<_> = told.map(|(at, (_, note))| format!("request {}: {note}", at + 1)).collect();
    if told.is_empty() { vec![format!("nothing changed in {} requests", all.len())] } else { told }
}

/// How much of `rest` is the content of the request whose head is `head`.
fn content_length(head: &[u8], rest: &[u8]) -> usize {
    let begins_request = |at: usize| {
        let rest = &rest[at..];
        rest.iter().all(u8::is_ascii_whitespace) || begins_with_request_line(&rest[line_offset(rest)..])
    };
    if is_chunked(&fields(head)) {
        return chunked_length(rest).unwrap_or(rest.len());
    }
    match announced_length(head) {
        announced if announced <= rest.len() && begins_request(announced) => announced,
        _ => next_request_line(rest).unwrap_or(rest.len()),
    }
}

/// A head whose Content-Length is right, and what was done to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FixedHead {
    pub(super) head: Vec<u8>,
    pub(super) is_changed: bool,
    /// For the user, in one line.
    pub(super) note: String,
}

/// `head`, its empty line included, for content of `length` bytes.
///
/// The digits alone are replaced: name, spacing and line end stay. Where no line
/// says a length and there is content, one is put before the empty line.
pub(super) fn fix(head: &[u8], length: u64) -> FixedHead {
    let unchanged = |note: &str| FixedHead { head: head.to_vec(), is_changed: false, note: note.to_owned() };
    let fields = fields(head);
    if is_chunked(&fields) {
        return unchanged("nothing changed: the content is chunked");
    }
    let mut fixed = Vec::with_capacity(head.len() + 32);
    let (mut before, mut copied) = (Vec::new(), 0);
    for line in fields.all("content-length") {
        let value = value_range(head, &line);
        before.push(String::from_utf8_lossy(&head[value.clone()]).into_owned());
        fixed.extend_from_slice(&head[copied..value.start]);
        fixed.extend_from_slice(length.to_string().as_bytes());
        copied = value.end;
    }
    fixed.extend_from_slice(&head[copied..]);
    if before.is_empty() {
        return if length == 0 {
            unchanged("nothing changed: there is no content")
        } else {
            added(head, length)
        };
    }
    if fixed == head {
        return unchanged(&format!("Content-Length was already {length}"));
    }
    let note = match &before[..] {
        [only] if only.is_empty() => format!("Content-Length had no value, and is now {length}"),
        _ => format!("Content-Length changed from {} to {length}", before.join(", ")),
    };
    FixedHead { head: fixed, is_changed: true, note }
}

fn added(head: &[u8], length: u64) -> FixedHead {
    let line_end = if head.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let (others, last) = head.split_at(head.len().saturating_sub(line_end.len()));
    let line = format!("Content-Length: {length}{line_end}");
    FixedHead {
        is_changed: true,
        head: [others, line.as_bytes(), last].concat(),
        note: format!("added Content-Length: {length}"),
    }
}

/// Where in `head` the value of `line` stands, with the lines that continue it (RFC 9112 §5.2) and without
/// the space around it.
fn value_range(head: &[u8], line: &FieldLine<'_>) -> Range<usize> {
    let start = usize::try_from(line.offset).unwrap_or_default();
    let mut end = start;
    while let Some(length) = line_length(&head[end..]) {
        end += length;
        if !matches!(head.get(end), Some(b' ' | b'\t')) {
            break;
        }
    }
    let colon = head[start..end].iter().position(|&byte| byte == b':').map_or(end, |at| start + at + 1);
    let value = &head[colon..end];
    let (from, to) = (end - value.trim_ascii_start().len(), colon + value.trim_ascii_end().len());
    // An empty value is put behind the colon.
    if from <= to { from..to } else { colon..colon }
}

fn is_chunked(fields: &FieldSection) -> bool {
    fields.has_member("transfer-encoding", "chunked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_alone_are_replaced() {
        for (head, length, fixed, note) in [
            (
                "P / H\r\ncontent-length :  7 \r\n\r\n",
                12,
                "P / H\r\ncontent-length :  12 \r\n\r\n",
                "Content-Length changed from 7 to 12",
            ),
            (
                "P / H\nContent-Length:\n\n",
                3,
                "P / H\nContent-Length:3\n\n",
                "Content-Length had no value, and is now 3",
            ),
            (
                "P / H\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                2,
                "P / H\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
                "Content-Length changed from 1, 2 to 2",
            ),
            (
                "P / H\nContent-Length:\n  1\nA: b\n\n",
                3,
                "P / H\nContent-Length:\n  3\nA: b\n\n",
                "Content-Length changed from 1 to 3",
            ),
            ("P / H\nA: b\n\n", 5, "P / H\nA: b\nContent-Length: 5\n\n", "added Content-Length: 5"),
        ] {
            let change = FixedHead { head: fixed.into(), is_changed: true, note: note.to_owned() };
            assert_eq!(fix(head.as_bytes(), length), change);
        }
    }

    #[test]
    fn what_is_right_or_chunked_stays() {
        for head in [
            "G / H\r\n\r\n",
            "P / H\r\nContent-Length: 0\r\n\r\n",
            "P / H\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 9\r\n\r\n",
            "P / H\r\nTransfer-Encoding: gzip,\r\n chunked\r\nContent-Length: 9\r\n\r\n",
        ] {
            assert_eq!(fix(head.as_bytes(), 0).head, head.as_bytes());
        }
    }

    #[test]
    fn each_request_has_its_own_length() {
        let several =
            "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\nContent-Length: 1\n\nhello\nGET /c HTTP/1.1\n\n\n";
        let fixed = fix_all(several.into());
        assert_eq!(String::from_utf8_lossy(&fixed.bytes), several.replace("Length: 1", "Length: 6"));
        assert_eq!(fixed.notes, ["request 2: Content-Length changed from 1 to 6"]);
    }

    #[test]
    fn heads_become_longer_and_shorter() {
        let request = |number: u8, length: &str, content: &str| {
            format!("POST /{number} HTTP/1.1\n{length}\n{content}\n")
        };
        let (long, wrong) = ("x".repeat(200), "Content-Length: 123456\n");
        let given =
            [request(1, wrong, "a"), request(2, "", &long), request(3, wrong, ""), request(4, "", "bc")];
        let fixed = fix_all(given.concat().into());
        let length = |length: usize| format!("Content-Length: {length}\n");
        let right = [
            request(1, &length(2), "a"),
            request(2, &length(201), &long),
            request(3, &length(1), ""),
            request(4, &length(3), "bc"),
        ];
        assert_eq!(String::from_utf8_lossy(&fixed.bytes), right.concat());
    }

    #[test]
    fn a_length_that_is_right_stays_whatever_the_content_looks_like() {
        let inner = "GET /x HTTP/1.1\r\n\r\n";
        for bytes in [
            format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()),
            format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{inner}\r\n0\r\n\r\n{inner}"),
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab\r\nPOST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na"
                .to_owned(),
        ] {
            assert_eq!(fix_all(bytes.clone().into()).bytes, bytes.as_bytes(), "{bytes}");
        }
    }

    #[test]
    fn a_head_without_an_end_stays() {
        let fixed = fix_all(b"POST / HTTP/1.1\nContent-Length: 1\n\nab\nGET / HTTP/1.1\nA: b\n".to_vec());
        assert!(fixed.bytes.ends_with(b"Content-Length: 3\n\nab\nGET / HTTP/1.1\nA: b\n"));
        assert_eq!(fixed.notes[1], "request 2: nothing changed: no empty line ends the head");
    }
}
