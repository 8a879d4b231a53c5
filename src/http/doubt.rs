//! Whether others may read a head differently, so that nobody should rely on it.

use super::deviation::Deviation;
use super::field::FieldSection;
use super::framing::{ContentLength, content_length};
use super::response::ResponseHead;

/// What in `head` recipients are known to disagree about, and its offset on the
/// connection; `None` where they should agree.
pub fn doubt(head: &ResponseHead) -> Option<(&'static str, u64)> {
    let noted = [
        (Deviation::Nul, "it has a NUL"),
        (Deviation::BareCr, "it has a CR that ends no line"),
        (Deviation::NoColon, "a line in it has no colon"),
    ];
    let seen = noted.iter().find_map(|&(kind, what)| Some((what, head.deviations.get(kind)?.offset)));
    seen.or_else(|| match content_length(&head.fields) {
        ContentLength::Invalid(offset) => Some(("its Content-Length is not a number", offset)),
        ContentLength::Conflict(offset) => Some(("its Content-Length has different values", offset)),
        ContentLength::Absent | ContentLength::Valid { .. } => None,
    })
    .or_else(|| Some(("it has Locations with different values", conflicting_location(&head.fields)?)))
}

/// Offset of a Location line that differs from the first (RFC 9110 §10.2.2).
fn conflicting_location(fields: &FieldSection) -> Option<u64> {
    let mut lines = fields.all("location");
    let first = lines.next()?;
    lines.find(|line| line.value != first.value).map(|line| line.offset)
}

#[cfg(test)]
mod tests {
    use super::super::response::parse_head;
    use super::*;

    fn found(lines: &str) -> Option<&'static str> {
        let bytes = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
        let (_, head) = parse_head(bytes.as_bytes()).expect("a head").expect("whole");
        doubt(&head).map(|(what, _)| what)
    }

    #[test]
    fn heads_that_recipients_disagree_about() {
        assert_eq!(found("A: b\0"), Some("it has a NUL"));
        assert_eq!(found("A: b\rC: d"), Some("it has a CR that ends no line"));
        assert_eq!(found("word"), Some("a line in it has no colon"));
        assert_eq!(found("Content-Length: 1, 2"), Some("its Content-Length has different values"));
        assert_eq!(found("Content-Length: x"), Some("its Content-Length is not a number"));
        assert_eq!(found("Location: /a\r\nLocation: /b"), Some("it has Locations with different values"));
        assert_eq!(found("Location: /a\r\nLocation: /a\r\nContent-Length: 5, 5"), None);
    }
}
