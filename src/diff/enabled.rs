use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Hunk;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+diff";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// What differs between two texts, in order. Where the least difference would
/// take too long to find, a larger one is given.
pub(crate) fn hunks(before: &[&[u8]], after: &[&[u8]]) -> Vec<Hunk> {
    // Numbers are compared quicker than lines.
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    let before: Vec<_> = before.iter().map(|line| number(line)).collect();
    let after: Vec<_> = after.iter().map(|line| number(line)).collect();
    let mut hunks: Vec<Hunk> = Vec::new();
    for change in capture_diff_slices(Algorithm::Myers, &before, &after) {
        if matches!(change, DiffOp::Equal { .. }) {
            continue;
        }
        let (before, after) = (change.old_range(), change.new_range());
        match hunks.last_mut() {
            Some(last) if last.before.end == before.start && last.after.end == after.start => {
                (last.before.end, last.after.end) = (before.end, after.end);
            }
            _ => hunks.push(Hunk { before, after }),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<&[u8]> {
        text.split(' ').map(str::as_bytes).collect()
    }

    #[test]
    fn lines_are_added_taken_away_and_replaced() {
        let found = hunks(&lines("a b c d"), &lines("a x c d e"));
        let expected = [Hunk { before: 1..2, after: 1..2 }, Hunk { before: 4..4, after: 4..5 }];
        assert_eq!(found, expected);
        assert_eq!(hunks(&lines("a b"), &lines("a b")), []);
    }
}
