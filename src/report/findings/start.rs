//! The status line, and how the lines of a head end.

use super::exchange_sections::heads;
use super::rule::{Findings, Rule, rows};
use crate::http::Deviation::{
    BareCr, BareLf, LeadingBlank, Nul, ReasonChars, ReasonNoSpace, StatusLineWhitespace, StatusRange,
    VersionSyntax, VersionUnsupported,
};
use crate::http::excerpt::quoted;
use crate::http::foreign::Foreign;
use crate::http::response::{BadHead, HeadProblem};
use crate::http::status::is_registered;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    error(
        "start-empty",
        "RFC 9112 §8",
        "the connection ended before a status line: nothing came that could be a response",
        |exchange, found| {
            if let Some(bad) = ended(exchange, HeadProblem::Empty).filter(|_| exchange.interim.is_empty()) {
                found.at(end(bad));
            }
        },
    ),
    error(
        "start-leading-blank",
        "RFC 9112 §2.1, §2.2",
        "empty lines before the status line: some clients skip them, others treat them as a broken response",
        |exchange, found| found.noted(exchange, LeadingBlank),
    ),
    error(
        "start-not-http",
        "RFC 9112 §4; RFC 9110 §2.5",
        "the response is not HTTP/1: its first line does not begin with HTTP/",
        not_http,
    ),
    error(
        "start-version-syntax",
        "RFC 9112 §2.3",
        "the version is not written HTTP/digit.digit in capitals: strict clients reject the whole response",
        |exchange, found| found.noted(exchange, VersionSyntax),
    ),
    error(
        "start-version-unsupported",
        "RFC 9110 §2.5",
        "the major version in the status line is not 1: clients may reject what they read as another \
         protocol",
        |exchange, found| found.noted(exchange, VersionUnsupported),
    ),
    warn(
        "start-line-whitespace",
        "RFC 9112 §4, §3",
        "the parts of the status line are not set apart by exactly one space: strict parsers reject it",
        |exchange, found| found.noted(exchange, StatusLineWhitespace),
    ),
    error(
        "start-status-syntax",
        "RFC 9110 §15; RFC 9112 §4",
        "the status line has no three-digit status code: nobody can tell what the response means",
        |exchange, found| {
            if let Some(bad) = problem(exchange, HeadProblem::StatusSyntax) {
                found.at(bad.offset + blank_len(&bad.raw) as u64);
            }
        },
    ),
    warn(
        "start-status-range",
        "RFC 9110 §15",
        "the status code is outside 100 to 599: clients treat it as a server error or reject it",
        |exchange, found| found.noted(exchange, StatusRange),
    ),
    note(
        "start-status-unregistered",
        "RFC 9110 §15, §16.2",
        "the status code is not a registered one in use: clients treat it as the x00 code of its class",
        status_unregistered,
    ),
    warn(
        "start-reason-no-space",
        "RFC 9112 §4",
        "the space after the status code is missing (it must stand even before no reason): strict parsers \
         fail",
        |exchange, found| found.noted(exchange, ReasonNoSpace),
    ),
    note(
        "start-reason-chars",
        "RFC 9112 §4",
        "the reason phrase holds control characters or bytes that are not ASCII: they may be shown as \
         garbage",
        |exchange, found| found.noted(exchange, ReasonChars),
    ),
    error(
        "line-bare-lf",
        "RFC 9112 §2.2",
        "a line ends in LF without CR: recipients that want both may see other lines (request smuggling)",
        |exchange, found| found.noted(exchange, BareLf),
    ),
    error(
        "line-bare-cr",
        "RFC 9112 §2.2; RFC 9110 §5.5",
        "CR without LF inside a line: some recipients end the line there and see a field that others don't",
        |exchange, found| found.noted(exchange, BareCr),
    ),
    error(
        "line-nul",
        "RFC 9110 §5.5",
        "a NUL byte inside a line: some recipients cut the line there, others reject the message",
        |exchange, found| found.noted(exchange, Nul),
    ),
    error(
        "head-truncated",
        "RFC 9112 §8",
        "the connection ended inside the head: fields may be missing, so nothing in it can be relied on",
        |exchange, found| {
            if let Some(bad) = ended(exchange, HeadProblem::Truncated) {
                found.at(end(bad));
            }
        },
    ),
    note(
        "head-oversize",
        "RFC 9110 §5.4; RFC 9112 §3",
        "the head is larger than many clients and proxies take, which respond with an error",
        oversize,
    ),
];

/// Longest field line that servers and proxies commonly take.
const COMMON_LINE: usize = 8192;
/// Longest field section that they commonly take.
const COMMON_SECTION: usize = 32_768;
/// Most field lines that they commonly take.
const COMMON_LINES: usize = 100;

/// The bad head, if `wanted` is what is wrong with it.
fn problem(exchange: &Exchange, wanted: HeadProblem) -> Option<&BadHead> {
    exchange.head.as_ref().err().filter(|bad| bad.problem == wanted)
}

/// [`problem`], where the server has ended the connection.
fn ended(exchange: &Exchange, wanted: HeadProblem) -> Option<&BadHead> {
    problem(exchange, wanted).filter(|_| !exchange.is_stopped)
}

/// Offset of where the bytes of a bad head end.
fn end(bad: &BadHead) -> u64 {
    bad.offset + bad.raw.len() as u64
}

/// The length of the line ends that `bytes` begins with.
fn blank_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len())
}

fn not_http(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(bad) = problem(exchange, HeadProblem::NotHttp) else { return };
    let start = blank_len(&bad.raw);
    let bytes = &bad.raw[start..];
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let detail = match Foreign::of(bytes) {
        Some(Foreign { name, help: "" }) => format!("{} looks like {name}", quoted(line)),
        Some(Foreign { name, help }) => format!("{} looks like {name}: {help}", quoted(line)),
        None => format!("it is {}", quoted(line)),
    };
    found.with(bad.offset + start as u64, &detail);
}

fn status_unregistered(exchange: &Exchange, found: &mut Findings<'_>) {
    let interim = exchange.interim.iter().map(|head| (head.status(), head.status_line_offset()));
    let last = match &exchange.head {
        Ok(head) => Some((head.status(), head.status_line_offset())),
        Err(bad) => bad.status_line.map(|line| (line.status, bad.offset + blank_len(&bad.raw) as u64)),
    };
    for (status, offset) in interim.chain(last) {
        if (100..600).contains(&status) && !is_registered(status) {
            found.with(offset, &format!("{status}"));
        }
    }
}

fn oversize(exchange: &Exchange, found: &mut Findings<'_>) {
    for head in heads(exchange) {
        oversize_lines(head.raw(), head.offset(), head.fields.len(), found);
    }
    if let Err(bad) = &exchange.head {
        match bad.problem {
            HeadProblem::Truncated => oversize_lines(&bad.raw, bad.offset, bad.fields.len(), found),
            HeadProblem::TooLarge | HeadProblem::LineTooLong | HeadProblem::TooManyLines => {
                found.at(bad.offset)
            }
            _ => {}
        }
    }
}

/// Judges the size of the field lines of the head `raw`, which has `count` fields.
fn oversize_lines(raw: &[u8], offset: u64, count: usize, found: &mut Findings<'_>) {
    let status_line = blank_len(raw);
    let whole = raw.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let Some(head) = raw.get(status_line..whole) else { return };
    let mut at = offset + status_line as u64;
    let mut section = 0;
    let mut lines = head.split_inclusive(|&byte| byte == b'\n');
    at += lines.next().map_or(0, <[u8]>::len) as u64;
    let first = at;
    for line in lines {
        let length = line.strip_suffix(b"\n").unwrap_or(line);
        let length = length.strip_suffix(b"\r").unwrap_or(length).len();
        if length > COMMON_LINE {
            return found.with(at, &format!("a field line of {length} bytes (over {COMMON_LINE})"));
        }
        at += line.len() as u64;
        if length > 0 {
            section += line.len();
        }
    }
    if section > COMMON_SECTION {
        found.with(first, &format!("{section} bytes of fields (over {COMMON_SECTION})"));
    } else if count > COMMON_LINES {
        found.with(first, &format!("{count} fields (over {COMMON_LINES})"));
    }
}
