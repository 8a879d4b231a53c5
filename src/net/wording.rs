//! What systems and strangers say, as one plain line of a message.

use std::io;

/// A system's error in plain words, without the number that the standard library adds.
pub(crate) fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::NetworkUnreachable => "network unreachable",
        io::ErrorKind::HostUnreachable => "host unreachable",
        io::ErrorKind::AddrNotAvailable => "address not available",
        io::ErrorKind::PermissionDenied => "permission denied",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    // EMFILE: what std has no kind for.
    if error.raw_os_error() == Some(24) {
        return "too many open files (ulimit -n raises the limit)".to_owned();
    }
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut text = printable(text);
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// The most characters of a foreign text in one message: enough for the longest
/// name of the DNS, 253 (RFC 1035 §2.3.4).
const MAX_SHOWN: usize = 256;

/// A text from a user or server as one line of printable ASCII: whatever else
/// is in it is escaped, and what is too long is cut.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        if shown.len() >= MAX_SHOWN {
            shown.push_str("...");
            break;
        }
        match character {
            ' '..='~' => shown.push(character),
            _ => shown.extend(character.escape_default()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_plain_words() {
        let of = |kind: io::ErrorKind| reason(&kind.into());
        assert_eq!(of(io::ErrorKind::ConnectionRefused), "connection refused");
        assert_eq!(of(io::ErrorKind::TimedOut), "timed out");
        assert_eq!(of(io::ErrorKind::NetworkUnreachable), "network unreachable");
        let text = "failed to lookup address information: Name or service not known";
        assert_eq!(reason(&io::Error::other(text)), "name or service not known");
        assert_eq!(reason(&io::Error::other("Odd\tthing (os error 5)")), "odd\\tthing");
    }
}
