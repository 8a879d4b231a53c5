use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, NoSliderHeuristic, Token};

use super::Hunk;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+diff";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// What differs between two texts, in order. Where the least difference would
/// take too long to find, a larger one is given.
pub(crate) fn hunks(before: &[&[u8]], after: &[&[u8]]) -> Vec<Hunk> {
    // Numbered by a hash that lines cannot be made for, which the crate's own is not.
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let mut number = |line| {
        let next = numbers.len() as u32;
        Token(*numbers.entry(line).or_insert(next))
    };
    let before: Vec<_> = before.iter().map(|line| number(line)).collect();
    let after: Vec<_> = after.iter().map(|line| number(line)).collect();
    let mut difference = Diff::default();
    difference.compute_with(Algorithm::Myers, &before, &after, numbers.len() as u32);
    difference.postprocess_with(&before, &after, NoSliderHeuristic);
    let indices = |lines: Range<u32>| lines.start as usize..lines.end as usize;
    difference.hunks().map(|hunk| Hunk { before: indices(hunk.before), after: indices(hunk.after) }).collect()
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
