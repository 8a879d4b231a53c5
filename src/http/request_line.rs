//! Request lines and targets as they were sent (RFC 9112 §3), malformed on purpose
//! or not: what can be told apart is told apart.

use super::Deviations;
use super::digits::is_digits;
use super::field::{self, FieldSection, SectionKind, content_length, line_length};
use super::reference::{Authority, Reference};
use super::response::Version;
use super::syntax::is_ows;

/// The length of the head that `bytes` begins with, its empty line included; of
/// all of them where there is no empty line.
pub fn head_length(bytes: &[u8]) -> usize {
    head_end(bytes).unwrap_or(bytes.len())
}

/// Where the head ends that `bytes` begins with, its empty line included; `None` where there is none.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut at = line_offset(bytes);
    while let Some(length) = line_length(&bytes[at..]) {
        let is_empty = content_length(&bytes[at..at + length]) == 0;
        at += length;
        if is_empty {
            return Some(at);
        }
    }
    None
}

/// The field lines of a request's head, which may be anything.
pub fn fields(head: &[u8]) -> FieldSection {
    let line = line_offset(head);
    let start = line_length(&head[line..]).map_or(head.len(), |length| line + length);
    field::parse(head, start, 0, SectionKind::Header, &mut Deviations::default())
}

/// Where the request line begins: behind empty lines, which servers skip (RFC 9112 §2.2).
pub fn line_offset(head: &[u8]) -> usize {
    let mut at = 0;
    while let rest @ ([b'\n', ..] | [b'\r', b'\n', ..]) = &head[at..] {
        at += if rest[0] == b'\n' { 1 } else { 2 };
    }
    at
}

/// A request line, split at runs of whitespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineParts<'a> {
    /// The first token.
    pub method: &'a [u8],
    /// What stands between method and version: one token in a line that is in order.
    pub targets: Vec<&'a [u8]>,
    /// The last token, if it is a version or the third or a later one.
    pub version: Option<&'a [u8]>,
}

impl<'a> LineParts<'a> {
    /// Splits a request line, in which CR and NUL count as whitespace.
    pub fn of(line: &'a [u8]) -> Self {
        let is_space = |byte: &u8| is_ows(*byte) || matches!(byte, b'\r' | 0);
        let mut tokens: Vec<_> = line.split(is_space).filter(|token| !token.is_empty()).collect();
        let method = if tokens.is_empty() { &[][..] } else { tokens.remove(0) };
        let is_version = |token: &&[u8]| {
            tokens.len() > 1 || token.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"))
        };
        let version = tokens.last().copied().filter(is_version);
        tokens.truncate(tokens.len() - usize::from(version.is_some()));
        Self { method, targets: tokens, version }
    }

    /// The request target; of several tokens the first, as most servers have it.
    pub fn target(&self) -> &'a [u8] {
        self.targets.first().copied().unwrap_or_default()
    }

    /// The version: 0.9 where there is none, and 1.1 where it can't be read.
    pub fn version(&self) -> Version {
        match self.version {
            None => Version(0, 9),
            Some(&[b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9']) => {
                Version((major - b'0').into(), (minor - b'0').into())
            }
            Some(_) => Version::HTTP_11,
        }
    }
}

/// The forms of a request target (RFC 9112 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetForm {
    /// Path and query.
    Origin,
    /// A URI.
    Absolute,
    /// Host and port, for CONNECT.
    Authority,
    /// `*`: the server as a whole, for OPTIONS.
    Asterisk,
    /// None of these.
    None,
}

impl TargetForm {
    /// The form that `target` has.
    pub fn of(target: &[u8]) -> Self {
        let reference = Reference::parse(target);
        let authority = Authority::parse(target);
        let is_authority = authority.userinfo.is_none()
            && !authority.host.is_empty()
            && !authority.host.contains(&b'/')
            && authority.port.is_some_and(is_digits);
        match target {
            b"*" => Self::Asterisk,
            [b'/', ..] => Self::Origin,
            // host:80 could be a scheme and a path, too; that is never meant.
            _ if is_authority => Self::Authority,
            _ if reference.scheme.is_some() => Self::Absolute,
            _ => Self::None,
        }
    }

    /// Whether a request with this method may have it (RFC 9112 §3.2.1 to §3.2.4).
    pub fn fits(self, method: &[u8]) -> bool {
        match self {
            Self::Authority => method == b"CONNECT",
            _ if method == b"CONNECT" => false,
            Self::Asterisk => method == b"OPTIONS",
            Self::Origin | Self::Absolute => true,
            Self::None => false,
        }
    }
}

/// The registered methods (IANA, HTTP Method Registry).
const METHODS: &str = "\
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY \
    MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT \
    QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF \
    VERSION-CONTROL";

/// The registered method that `word` is, in whatever case.
pub fn registered_method(word: &[u8]) -> Option<&'static str> {
    METHODS.split(' ').find(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// The registered method that `word` is, where a host is expected. Hosts may be called `search`, so only common
/// methods count in lower case.
pub fn method_for_host(word: &[u8]) -> Option<&'static str> {
    let common = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"];
    registered_method(word).filter(|method| common.contains(method) || method.as_bytes() == word)
}

/// Whether the registry calls `method` safe: it changes nothing at the server (RFC 9110 §9.2.1).
pub fn is_safe(method: &[u8]) -> bool {
    let safe = ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "REPORT", "SEARCH"];
    safe.iter().any(|name| name.as_bytes() == method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_have_a_form_that_fits_their_method() {
        for (target, form, method) in [
            ("/a?b", TargetForm::Origin, "GET"),
            ("http://a/b", TargetForm::Absolute, "GET"),
            ("a.example:80", TargetForm::Authority, "CONNECT"),
            ("[::1]:443", TargetForm::Authority, "CONNECT"),
            ("*", TargetForm::Asterisk, "OPTIONS"),
        ] {
            assert_eq!(TargetForm::of(target.as_bytes()), form, "{target}");
            assert!(
                form.fits(method.as_bytes()) && form.fits(b"CONNECT") == (method == "CONNECT"),
                "{target}"
            );
        }
        assert_eq!(TargetForm::of(b"a.example/x"), TargetForm::None);
        assert!(
            !TargetForm::None.fits(b"GET")
                && !TargetForm::Authority.fits(b"GET")
                && !TargetForm::Asterisk.fits(b"GET")
        );
    }

    #[test]
    fn cr_and_nul_part_a_line_as_whitespace_does() {
        let parts = LineParts::of(b"GET\r/a\0/b\tHTTP/1.1");
        assert_eq!(parts.targets, [b"/a", b"/b"]);
        assert_eq!((parts.method, parts.version), (&b"GET"[..], Some(&b"HTTP/1.1"[..])));
    }

    #[test]
    fn heads_end_at_their_empty_line() {
        assert_eq!(head_length(b"GET / HTTP/1.1\r\nA: b\r\n\r\nbody"), 24);
        assert_eq!((head_length(b"\r\n\nGET /\n\nx"), line_offset(b"\r\n\nGET /")), (10, 3));
        assert_eq!(head_length(b"GET / HTTP/1.1\r\nA"), 17);
    }
}
