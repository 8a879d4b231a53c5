//! What the server is told to do: its connections, and the replies on each.

use super::case::{Case, Part};
use super::text::{self, LineEnd, Names};

/// When a reply is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The request is whole: its head, and the body that its head declares.
    Request,
    /// The head is whole.
    Head,
    /// The client has shut down its sending side.
    Eof,
    /// So many bytes have come since the last reply.
    Bytes(usize),
}

/// What happens to the connection after its last reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The server shuts down its sending side, and reads on until the client closes.
    Close,
    /// The server sends nothing more, and waits for the client to close.
    Hold,
    /// The connection is reset.
    Reset,
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) after: After,
    /// The bytes, in the pieces in which they are written.
    pub(crate) writes: Vec<Vec<u8>>,
    pub(crate) then: Then,
}

/// What a request gets that no reply is written for.
const DEFAULT: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The connections that a case scripts, each with its replies.
pub(crate) fn connections(case: &Case, names: &Names) -> Result<Vec<Vec<Reply>>, String> {
    let mut connections: Vec<Vec<Reply>> = Vec::new();
    for part in case.all("reply") {
        let (reply, same) = reply(part, names)?;
        match connections.last_mut() {
            Some(connection) if same => connection.push(reply),
            _ => connections.push(vec![reply]),
        }
    }
    let replies: usize = connections.iter().map(Vec::len).sum();
    for _ in replies..case.all("request").count() {
        connections.push(vec![Reply {
            after: After::Request,
            writes: vec![DEFAULT.to_vec()],
            then: Then::Close,
        }]);
    }
    Ok(connections)
}

/// Reads one reply, and whether it goes out on the connection of the reply before.
fn reply(part: &Part, names: &Names) -> Result<(Reply, bool), String> {
    let bytes = text::bytes(&part.lines, LineEnd::Crlf, names)?;
    let mut reply = Reply { after: After::Request, writes: vec![bytes.clone()], then: Then::Close };
    let mut same = false;
    for option in part.rest.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        match option.split_once(": ").unwrap_or((option, "")) {
            ("same connection", "") => same = true,
            ("after", "head") => reply.after = After::Head,
            ("after", "eof") => reply.after = After::Eof,
            ("after", "nothing") => reply.after = After::Bytes(0),
            ("after", count) => {
                let count = count.strip_suffix(" bytes").and_then(|count| count.parse().ok());
                reply.after = After::Bytes(count.ok_or_else(|| unknown(option))?);
            }
            ("then", "close") => reply.then = Then::Close,
            ("then", "hold") => reply.then = Then::Hold,
            ("then", "reset") => reply.then = Then::Reset,
            ("split", how) => reply.writes = split(&bytes, how).ok_or_else(|| unknown(option))?,
            _ => return Err(unknown(option)),
        }
    }
    Ok((reply, same))
}

fn unknown(option: &str) -> String {
    format!("a reply knows no option {option:?}")
}

/// Cuts the bytes for writing: into single bytes, lines, or at the offsets named.
fn split(bytes: &[u8], how: &str) -> Option<Vec<Vec<u8>>> {
    match how {
        "bytes" => Some(bytes.iter().map(|byte| vec![*byte]).collect()),
        "lines" => Some(bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()),
        offsets => {
            let mut pieces = Vec::new();
            let mut from = 0;
            for offset in offsets.split(' ') {
                let to = offset.parse().ok().filter(|to| *to <= bytes.len())?;
                pieces.push(bytes.get(from..to)?.to_vec());
                from = to;
            }
            pieces.push(bytes[from..].to_vec());
            Some(pieces)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn script(text: &str) -> Result<Vec<Vec<Reply>>, String> {
        let case = Case::parse("a/b", Path::new("b.case"), &format!("=== command\nrawget\n{text}")).unwrap();
        connections(&case, &Names::default())
    }

    #[test]
    fn replies_go_to_connections() {
        let script =
            script("=== reply\nA\n=== reply same connection, then: reset\nB\n=== reply after: eof\nC\n");
        let script = script.unwrap();
        assert_eq!(script.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((script[0][1].then, script[1][0].after), (Then::Reset, After::Eof));
        assert_eq!(script[1][0].writes, [b"C\r\n"]);
    }

    #[test]
    fn a_request_without_a_reply_gets_one() {
        assert_eq!(script("=== request\n=== request\n").unwrap().len(), 2);
        assert_eq!(script("").unwrap().len(), 0);
    }

    #[test]
    fn replies_are_cut_as_told() {
        assert_eq!(split(b"abcd", "1 3").unwrap(), [&b"a"[..], b"bc", b"d"]);
        assert_eq!(split(b"a\nb", "lines").unwrap(), [&b"a\n"[..], b"b"]);
        assert_eq!(split(b"ab", "bytes").unwrap().len(), 2);
        assert!(split(b"ab", "2 1").is_none());
        assert!(script("=== reply split: 99\nA\n").is_err());
        assert!(script("=== reply after: lunch\nA\n").is_err());
    }
}
