//! Whether others may read a head differently, so that it should not be relied on.

use super::content_length::ContentLength;
use super::deviation::{Deviation, Deviations};
use super::field::FieldLine;
use super::response::ResponseHead;
use super::syntax::{is_ows, is_tchar};

/// The fields that decide where a message ends.
const FRAMING: [&str; 2] = ["Content-Length", "Transfer-Encoding"];

/// What in a head or a trailer section recipients are known to disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is doubtful, as the rest of a sentence that begins with "it".
    pub what: &'static str,
    /// Its offset on the connection.
    pub offset: u64,
    /// The head is not HTTP/1.x at all, by the version that it says.
    pub is_other_version: bool,
    /// A line is broken, Content-Length is, or a redirect leads to two places: such a head should not be accepted.
    pub is_broken: bool,
}

impl Doubt {
    fn new(what: &'static str, offset: u64) -> Self {
        Self { what, offset, is_other_version: false, is_broken: false }
    }

    fn broken(self) -> Self {
        Self { is_broken: true, ..self }
    }

    /// It is about a NUL.
    pub fn is_nul(&self) -> bool {
        self.what == NUL
    }
}

/// What recipients are known to disagree about in `head`; `None` where they
/// should agree.
pub fn doubt(head: &ResponseHead) -> Option<Doubt> {
    // Most heads deviate in nothing: only what their fields say can be doubtful.
    if head.deviations.is_empty() {
        return length(head).or_else(|| conflicting_location(head));
    }
    other_version(head)
        .or_else(|| syntax(&head.deviations))
        .or_else(|| status_line(head))
        .or_else(|| length(head))
        .or_else(|| framing_lines(head))
        .or_else(|| conflicting_location(head))
}

/// What is doubtful in the head of a tunnel that is open. All recipients ignore its framing
/// (RFC 9110 §9.3.6), two lengths included.
pub fn tunnel_doubt(head: &ResponseHead) -> Option<Doubt> {
    doubt(head).filter(|doubt| doubt.what != BOTH)
}

/// What is doubtful in a trailer section, given what deviates in it.
pub fn trailer_doubt(deviations: &Deviations) -> Option<Doubt> {
    syntax(deviations)
}

/// The version is not of major version 1, however it is written.
fn other_version(head: &ResponseHead) -> Option<Doubt> {
    let noted = [
        (Deviation::VersionUnsupported, "its major version is not 1"),
        (Deviation::VersionMissing, "it says no version"),
    ];
    let found = first(&head.deviations, &noted)?;
    Some(Doubt { is_other_version: true, ..found })
}

/// What is wrong with lines, whatever they say.
fn syntax(deviations: &Deviations) -> Option<Doubt> {
    let noted = [
        (Deviation::Nul, NUL),
        (Deviation::BareCr, "it has a CR that ends no line"),
        (Deviation::NoColon, "a line in it has no colon"),
    ];
    first(deviations, &noted).map(Doubt::broken)
}

fn status_line(head: &ResponseHead) -> Option<Doubt> {
    let version = first(&head.deviations, &[(Deviation::VersionSyntax, "its version is misspelt")]);
    let status = || {
        (head.status() < 100).then(|| Doubt::new("its status code is below 100", head.status_line_offset()))
    };
    version.or_else(status)
}

fn first(deviations: &Deviations, noted: &[(Deviation, &'static str)]) -> Option<Doubt> {
    noted.iter().find_map(|&(kind, what)| Some(Doubt::new(what, deviations.get(kind)?.offset)))
}

const NUL: &str = "it has a NUL";

const BOTH: &str = "it has both Content-Length and Transfer-Encoding";

/// Where the content ends is said in more than one way, or not well.
fn length(head: &ResponseHead) -> Option<Doubt> {
    match head.content_length {
        ContentLength::Invalid(offset) => {
            return Some(Doubt::new("its Content-Length is not a number", offset).broken());
        }
        ContentLength::Conflict(offset) => {
            return Some(Doubt::new("its Content-Length has different values", offset).broken());
        }
        ContentLength::Absent | ContentLength::Valid { .. } => {}
    }
    let codings = &head.transfer_codings;
    let transfer = codings.offset?;
    if let Some(line) = head.fields.first("content-length") {
        return Some(Doubt::new(BOTH, line.offset));
    }
    codings.has_parameter_on_chunked.then(|| Doubt::new("chunked has a parameter in it", transfer))
}

/// A line that is one of [`FRAMING`] to some recipients and not, or with another
/// value, to others.
fn framing_lines(head: &ResponseHead) -> Option<Doubt> {
    let fields = &head.fields;
    let mut known = FRAMING.iter().flat_map(|name| fields.all(name));
    let odd = known.find_map(|line: FieldLine<'_>| {
        let what = if line.has_space_before_colon {
            "whitespace stands before the colon of a line that decides its length"
        } else if line.is_folded() {
            "a line that decides its length is folded"
        } else {
            return None;
        };
        Some(Doubt::new(what, line.offset))
    });
    odd.or_else(|| disguised_name(head)).or_else(|| disguised_line(head))
}

/// A name that is one of [`FRAMING`] for a recipient that drops characters not allowed in a name.
fn disguised_name(head: &ResponseHead) -> Option<Doubt> {
    head.deviations.get(Deviation::NameInvalid)?;
    let is_framing = |name: &[u8]| FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    let disguised = head.fields.iter().find(|line| {
        let start = line.name.iter().position(|&byte| is_tchar(byte)).unwrap_or(line.name.len());
        let end = line.name.iter().rposition(|&byte| is_tchar(byte)).map_or(start, |last| last + 1);
        end - start < line.name.len() && is_framing(&line.name[start..end])
    })?;
    Some(Doubt::new("the name of a line that decides its length has an extra byte", disguised.offset))
}

/// A line that begins with whitespace, and would be one of [`FRAMING`] without.
fn disguised_line(head: &ResponseHead) -> Option<Doubt> {
    let folds = [Deviation::ObsFold, Deviation::LeadingWhitespace];
    if !folds.iter().any(|&kind| head.deviations.has(kind)) {
        return None;
    }
    let mut offset = head.offset();
    head.raw().split_inclusive(|&byte| byte == b'\n').find_map(|line| {
        let at = offset;
        offset += line.len() as u64;
        let content = line.trim_ascii_start();
        let colon = content.iter().position(|&byte| byte == b':')?;
        let name = content[..colon].trim_ascii_end();
        let is_framing = FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        (is_ows(line[0]) && is_framing)
            .then(|| Doubt::new("whitespace begins a line that would decide its length", at))
    })
}

/// A Location line that differs from the first (RFC 9110 §10.2.2).
fn conflicting_location(head: &ResponseHead) -> Option<Doubt> {
    let mut lines = head.fields.all("location");
    let first = lines.next()?;
    let other = lines.find(|line| line.value != first.value)?;
    let doubt = Doubt::new("it has Locations with different values", other.offset);
    Some(if (300..400).contains(&head.status()) { doubt.broken() } else { doubt })
}

#[cfg(test)]
mod tests {
    use super::super::response::parse_head;
    use super::*;

    fn found(head: &str) -> Option<Doubt> {
        let bytes = format!("{head}\r\n\r\n");
        let (_, head) = parse_head(bytes.as_bytes()).expect("a head").expect("whole");
        doubt(&head)
    }

    fn in_lines(lines: &str) -> Option<&'static str> {
        found(&format!("HTTP/1.1 200 OK\r\n{lines}")).map(|doubt| doubt.what)
    }

    #[test]
    fn heads_that_recipients_disagree_about() {
        for (lines, what) in [
            ("A: b\0", "it has a NUL"),
            ("A: b\rC: d", "it has a CR that ends no line"),
            ("A: b\r\r\nC: d", "it has a CR that ends no line"),
            ("word", "a line in it has no colon"),
            ("Content-Length: 1, 2", "its Content-Length has different values"),
            ("Content-Length: x", "its Content-Length is not a number"),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", BOTH),
            ("Transfer-Encoding: identity\r\nContent-Length: 5", BOTH),
            ("Content-Length : 5", "whitespace stands before the colon of a line that decides its length"),
            (
                "Transfer-Encoding\t: chunked",
                "whitespace stands before the colon of a line that decides its length",
            ),
            ("Content-Length:\r\n 5", "a line that decides its length is folded"),
            ("Transfer-Encoding: gzip,\r\n\tchunked", "a line that decides its length is folded"),
            (" Content-Length: 5", "whitespace begins a line that would decide its length"),
            (
                "A: b\r\n\ttransfer-encoding : chunked",
                "whitespace begins a line that would decide its length",
            ),
            ("\u{b}Content-Length: 5", "the name of a line that decides its length has an extra byte"),
            ("Transfer-Encoding: chunked;q=1", "chunked has a parameter in it"),
            ("Location: /a\r\nLocation: /b", "it has Locations with different values"),
        ] {
            assert_eq!(in_lines(lines), Some(what), "{lines}");
        }
    }

    #[test]
    fn heads_that_they_agree_about() {
        for lines in [
            "Location: /a\r\nLocation: /a\r\nContent-Length: 5, 5",
            "A : b\r\nTransfer-Encoding: chunked",
            "A: b\r\n c\r\nContent-Length: 5",
            "X-Content-Length : 5",
            "Content-Length: 5\r\nA: b\r\n see Content-Length: 6",
        ] {
            assert_eq!(in_lines(lines), None, "{lines}");
        }
    }

    #[test]
    fn versions() {
        for line in ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.2 200 OK", "HTTP/1.1 100 Continue"] {
            assert_eq!(found(line), None, "{line}");
        }
        for line in [
            "HTTP/1 200 OK",
            "http/1.1 200",
            "HTTP/01.1 200",
            "HTTP/1.10 200",
            "HTTP/1.x 200",
            "HTTP/1.1 000",
        ] {
            assert!(found(line).is_some_and(|doubt| !doubt.is_other_version), "{line}");
        }
        for line in [
            "HTTP/2 200",
            "HTTP/3 200",
            "HTTP/9.9 200",
            "HTTP/11 200",
            "HTTP/0.9 200",
            "HTTP/ 200",
            "HTTP/x 200",
        ] {
            assert!(found(line).is_some_and(|doubt| doubt.is_other_version), "{line}");
        }
    }
}
