//! `--fix-length`: Content-Length set to what the content of given bytes really has.

use crate::http::syntax::list_members;

/// A head whose Content-Length is right, and what was done to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) head: Vec<u8>,
    /// For the user, in one line.
    pub(super) note: String,
}

/// Where the content of a request begins: behind the first empty line.
pub(super) fn content_start(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        let end = start + bytes[start..].iter().position(|&byte| byte == b'\n')?;
        let line = &bytes[start..end];
        // What stands empty before the request line is no end (RFC 9112 §2.2).
        if matches!(line, b"" | b"\r") && !bytes[..start].trim_ascii().is_empty() {
            return Some(end + 1);
        }
        start = end + 1;
    }
}

/// `head`, its empty line included, for content of `length` bytes.
///
/// The digits alone are replaced: name, spacing and line end stay. Where no line
/// says a length and there is content, one is put before the empty line.
pub(super) fn fix(head: &[u8], length: u64) -> Fixed {
    let lines: Vec<&[u8]> = head.split_inclusive(|&byte| byte == b'\n').collect();
    let unchanged = |note: &str| Fixed { head: head.to_vec(), note: note.to_owned() };
    if lines.iter().any(|line| is_chunked(line)) {
        return unchanged("nothing changed: the content is chunked");
    }
    let mut fixed = Vec::with_capacity(head.len() + 32);
    let (mut before, mut count) = (Vec::new(), 0);
    for line in &lines {
        match field_value(line, b"content-length") {
            Some((start, end)) => {
                count += 1;
                before.push(String::from_utf8_lossy(&line[start..end]).into_owned());
                fixed.extend_from_slice(&line[..start]);
                fixed.extend_from_slice(length.to_string().as_bytes());
                fixed.extend_from_slice(&line[end..]);
            }
            None => fixed.extend_from_slice(line),
        }
    }
    if count == 0 {
        return if length == 0 {
            unchanged("nothing changed: there is no content")
        } else {
            added(&lines, length)
        };
    }
    if fixed == head {
        return unchanged(&format!("Content-Length was already {length}"));
    }
    Fixed { head: fixed, note: format!("Content-Length changed from {} to {length}", before.join(", ")) }
}

fn added(lines: &[&[u8]], length: u64) -> Fixed {
    let Some((&last, others)) = lines.split_last() else {
        return Fixed { head: Vec::new(), note: String::new() };
    };
    let line_end: &[u8] = if last.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let line = [format!("Content-Length: {length}").as_bytes(), line_end].concat();
    Fixed {
        head: [&others.concat()[..], &line, last].concat(),
        note: format!("added Content-Length: {length}"),
    }
}

/// Where in `line` the value of the field `name` stands, without the space around it.
fn field_value(line: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    if !line[..colon].trim_ascii().eq_ignore_ascii_case(name) {
        return None;
    }
    let value = &line[colon + 1..];
    let start = colon + 1 + (value.len() - value.trim_ascii_start().len());
    let end = line.trim_ascii_end().len();
    // An empty value is put behind the colon.
    Some(if start <= end { (start, end) } else { (colon + 1, colon + 1) })
}

fn is_chunked(line: &[u8]) -> bool {
    let Some((start, end)) = field_value(line, b"transfer-encoding") else { return false };
    list_members(&line[start..end]).any(|member| member.eq_ignore_ascii_case(b"chunked"))
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
                "Content-Length changed from  to 3",
            ),
            (
                "P / H\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                2,
                "P / H\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
                "Content-Length changed from 1, 2 to 2",
            ),
            ("P / H\nA: b\n\n", 5, "P / H\nA: b\nContent-Length: 5\n\n", "added Content-Length: 5"),
        ] {
            assert_eq!(fix(head.as_bytes(), length), Fixed { head: fixed.into(), note: note.to_owned() });
        }
    }

    #[test]
    fn what_is_right_or_chunked_stays() {
        for head in [
            "G / H\r\n\r\n",
            "P / H\r\nContent-Length: 0\r\n\r\n",
            "P / H\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 9\r\n\r\n",
        ] {
            assert_eq!(fix(head.as_bytes(), 0).head, head.as_bytes());
        }
    }

    #[test]
    fn content_begins_behind_the_first_empty_line() {
        assert_eq!(content_start(b"G / H\r\nA: b\r\n\r\nxy"), Some(15));
        assert_eq!(content_start(b"\r\nG / H\n\nxy"), Some(9));
        assert_eq!(content_start(b"G / H\r\nA: b\r\n"), None);
    }
}
