//! A request as it was received, and what its bytes say when asked.
//!
//! Reading is lenient: whatever has an end is a request, and a question that
//! its bytes do not answer gets an empty response. Only a body whose length is
//! in doubt is refused, because the next request would begin nowhere.

use std::time::SystemTime;

/// The bytes of one request, head and body, transfer coding and all.
pub(super) struct ReceivedRequest {
    bytes: Vec<u8>,
    head_length: usize,
    received: SystemTime,
}

/// How the length of a request's content is told (RFC 9112 §6.3).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyFraming {
    None,
    Length(usize),
    Chunked,
}

/// Why a request gets no page: the status to answer with, and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestError {
    pub(super) status: u16,
    pub(super) reason: &'static str,
}

impl RequestError {
    pub(super) const fn bad_request(reason: &'static str) -> Self {
        let status = 400;
        Self { status, reason }
    }
}

impl ReceivedRequest {
    /// A request of which `bytes` are the head, its empty line included.
    pub(super) fn new(bytes: Vec<u8>, received: SystemTime) -> Self {
        Self { head_length: bytes.len(), bytes, received }
    }

    /// Everything received, to append the body to.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Everything received: head and body.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// When the head was complete.
    pub(super) fn received(&self) -> SystemTime {
        self.received
    }

    pub(super) fn method(&self) -> &[u8] {
        self.request_line_part(0)
    }

    /// The path of the request target, in absolute form too (RFC 9112 §3.2),
    /// without the query.
    pub(super) fn path(&self) -> &[u8] {
        let target = self.request_line_part(1);
        let path = match strip_scheme(target) {
            Some(rest) => match rest.iter().position(|&byte| byte == b'/') {
                Some(slash) => &rest[slash..],
                None => b"/",
            },
            None => target,
        };
        path.split(|&byte| byte == b'?').next().unwrap_or_default()
    }

    pub(super) fn is_http11(&self) -> bool {
        self.request_line_part(2) == b"HTTP/1.1"
    }

    /// Whether another request may follow on the connection (RFC 9112 §9.3).
    /// HTTP/1.0 is always closed; so is a request whose length could be read
    /// in two ways (RFC 9112 §6.1).
    pub(super) fn persists(&self) -> bool {
        let close = self.list(b"Connection").any(|option| option.eq_ignore_ascii_case(b"close"));
        let doubtful = self.field(b"Transfer-Encoding").is_some() && self.field(b"Content-Length").is_some();
        self.is_http11() && !close && !doubtful
    }

    pub(super) fn expects_continue(&self) -> bool {
        self.is_http11()
            && self.field(b"Expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }

    /// The value of the first field line of this name.
    pub(super) fn field(&self, name: &[u8]) -> Option<&[u8]> {
        self.fields(name).next()
    }

    /// The members of the comma-separated list that all field lines of this name make up.
    pub(super) fn list(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.fields(name).flat_map(|value| value.split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
    }

    /// Where the body ends (RFC 9112 §6.3), or why that is unknown.
    pub(super) fn body_framing(&self) -> Result<BodyFraming, RequestError> {
        if self.field(b"Transfer-Encoding").is_some() {
            let mut codings = self.list(b"Transfer-Encoding");
            return match (codings.next(), codings.next()) {
                (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(BodyFraming::Chunked),
                _ => Err(RequestError {
                    status: 501,
                    reason: "The only transfer coding that this site knows is chunked.",
                }),
            };
        }
        let mut lengths = self.list(b"Content-Length");
        let Some(length) = lengths.next() else {
            return Ok(BodyFraming::None);
        };
        if lengths.any(|other| other != length) {
            return Err(RequestError::bad_request("The request has two Content-Lengths that differ."));
        }
        content_length(length)
            .map(BodyFraming::Length)
            .ok_or(RequestError::bad_request("The Content-Length is not a number."))
    }

    fn fields(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.lines().skip(1).filter_map(move |line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (field_name, value) = (&line[..colon], &line[colon + 1..]);
            field_name.trim_ascii().eq_ignore_ascii_case(name).then(|| value.trim_ascii())
        })
    }

    fn request_line_part(&self, index: usize) -> &[u8] {
        let line = self.lines().next().unwrap_or_default();
        line.split(|byte| byte.is_ascii_whitespace())
            .filter(|part| !part.is_empty())
            .nth(index)
            .unwrap_or_default()
    }

    /// The head's lines without their ends. Empty lines before the request
    /// line do not count (RFC 9112 §2.2).
    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let head = self.bytes.get(..self.head_length).unwrap_or_default();
        head.split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .skip_while(|line| line.is_empty())
    }
}

fn strip_scheme(target: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = target.split_at_checked(b"http://".len())?;
    scheme.eq_ignore_ascii_case(b"http://").then_some(rest)
}

fn content_length(value: &[u8]) -> Option<usize> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = str::from_utf8(value).ok().filter(|_| digits)?;
    // More than fits is more than this site takes, which says so itself.
    Some(text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn request(head: &str) -> ReceivedRequest {
        ReceivedRequest::new(head.as_bytes().to_vec(), UNIX_EPOCH)
    }

    #[test]
    fn the_path_of_every_form_of_target() {
        let path = |target: &str| request(&format!("GET {target} HTTP/1.1\r\n\r\n")).path().to_vec();
        assert_eq!(path("/a/b"), b"/a/b");
        assert_eq!(path("/a?b=/c"), b"/a");
        assert_eq!(path("http://host:80/a?b"), b"/a");
        assert_eq!(path("HTTP://host"), b"/");
        assert_eq!(path("*"), b"*");
        assert_eq!(request("").path(), b"");
        assert_eq!(request("GET\r\n\r\n").path(), b"");
        assert_eq!(request("\r\nGET /a HTTP/1.1\r\n\r\n").path(), b"/a");
    }

    #[test]
    fn http11_persists_unless_told_otherwise() {
        assert!(request("GET / HTTP/1.1\r\n\r\n").persists());
        assert!(!request("GET / HTTP/1.1\r\nConnection: TE, Close\r\n\r\n").persists());
        assert!(!request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").persists());
        assert!(!request("GET /\r\n\r\n").persists());
        assert!(!request("").persists());
    }

    #[test]
    fn fields_are_found_in_any_case_and_spacing() {
        let request = request("GET / HTTP/1.1\nA: 1\r\nno colon\r\na : 2 \r\n\r\n");
        assert_eq!(request.fields(b"A").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(request.field(b"B"), None);
    }

    #[test]
    fn the_length_of_the_body() {
        let framing = |fields: &str| request(&format!("POST / HTTP/1.1\r\n{fields}\r\n")).body_framing();
        assert_eq!(framing(""), Ok(BodyFraming::None));
        assert_eq!(framing("Content-Length: 12\r\n"), Ok(BodyFraming::Length(12)));
        assert_eq!(framing("Content-Length: 3, 3\r\n"), Ok(BodyFraming::Length(3)));
        assert_eq!(framing("Content-Length: 9\r\nTransfer-Encoding: Chunked\r\n"), Ok(BodyFraming::Chunked));
        let huge = "9".repeat(40);
        assert_eq!(framing(&format!("Content-Length: {huge}\r\n")), Ok(BodyFraming::Length(usize::MAX)));
        for (fields, status) in [
            ("Content-Length: 3\r\nContent-Length: 4\r\n", 400),
            ("Content-Length: +3\r\n", 400),
            ("Content-Length: \r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: \r\n", 501),
        ] {
            assert_eq!(framing(fields).unwrap_err().status, status, "{fields}");
        }
    }
}
