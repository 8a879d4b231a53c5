//! Does what came match what was expected?

use super::text::Piece;

/// Whether the pieces match all of `actual`.
///
/// Keeps the set of places where the pieces so far may end: linear in the input for each piece, with no
/// backtracking, so that an expectation full of `~~~` over a large body stays cheap.
pub(crate) fn matches(pieces: &[Piece], actual: &[u8]) -> bool {
    let mut ends = vec![false; actual.len() + 1];
    ends[0] = true;
    for piece in pieces {
        ends = match piece {
            Piece::Bytes(bytes) => after_bytes(&ends, actual, bytes),
            Piece::InLine => within_line(&ends, actual),
            Piece::Lines => after_lines(&ends, actual),
        };
    }
    ends[actual.len()]
}

fn after_bytes(ends: &[bool], actual: &[u8], bytes: &[u8]) -> Vec<bool> {
    let mut next = vec![false; ends.len()];
    for (at, _) in ends.iter().enumerate().filter(|(_, is_end)| **is_end) {
        if actual[at..].starts_with(bytes) {
            next[at + bytes.len()] = true;
        }
    }
    next
}

fn within_line(ends: &[bool], actual: &[u8]) -> Vec<bool> {
    let mut open = false;
    let mut next = Vec::with_capacity(ends.len());
    for (at, is_end) in ends.iter().enumerate() {
        open |= is_end;
        next.push(open);
        if actual.get(at) == Some(&b'\n') {
            open = false;
        }
    }
    next
}

fn after_lines(ends: &[bool], actual: &[u8]) -> Vec<bool> {
    let mut open = false;
    let mut next = Vec::with_capacity(ends.len());
    for (at, is_end) in ends.iter().enumerate() {
        let line_starts = at == actual.len() || at == 0 || actual[at - 1] == b'\n';
        next.push(*is_end || open && line_starts);
        open |= is_end;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::super::text::{LineEnd, Names, pieces};
    use super::*;

    fn check(lines: &[&str], actual: &str) -> bool {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        matches(&pieces(&lines, LineEnd::Lf, &Names::default()).unwrap(), actual.as_bytes())
    }

    #[test]
    fn without_tildes_bytes_are_compared() {
        assert!(check(&["a", "b"], "a\nb\n"));
        assert!(!check(&["a", "b"], "a\nb"));
        assert!(check(&["a", "b\\"], "a\nb"));
        assert!(check(&[], ""));
        assert!(!check(&[], "a"));
    }

    #[test]
    fn tildes_in_a_line_stay_in_the_line() {
        assert!(check(&["a~~~c"], "abc\n"));
        assert!(check(&["a~~~c"], "ac\n"));
        assert!(check(&["a~~~c~~~"], "abcbc!\n"));
        assert!(!check(&["a~~~c"], "a\nc\n"));
        assert!(!check(&["a~~~c"], "abd\n"));
    }

    #[test]
    fn a_line_of_tildes_is_any_lines() {
        assert!(check(&["~~~"], ""));
        assert!(check(&["~~~"], "a\nb"));
        assert!(check(&["a", "~~~", "z"], "a\nz\n"));
        assert!(check(&["a", "~~~", "z"], "a\nb\nc\nz\n"));
        assert!(!check(&["a", "~~~", "z"], "a\nbz\n"));
    }
}
