//! Which lines of two texts differ, with the lines around them, in bounded time
//! and memory.

use crate::diff;

/// Most lines of a text that is compared line by line.
const MAX_LINES: usize = 1 << 17;
/// Lines shown around what differs.
const AROUND: usize = 3;
/// Most bytes of lines that are kept; of the others it is kept how many there are.
const MAX_KEPT: usize = 1 << 20;

/// The lines that differ.
#[derive(Default)]
pub(in crate::report) struct Hunks {
    pub(in crate::report) kept: Vec<ShownHunk>,
    /// Lines taken away and added, in all.
    pub(in crate::report) taken: usize,
    pub(in crate::report) added: usize,
    /// Hunks whose lines are not kept.
    pub(in crate::report) left_out: usize,
}

/// Lines that stand in place of others. Numbers count from 0.
pub(in crate::report) struct ShownHunk {
    pub(in crate::report) before: std::ops::Range<usize>,
    pub(in crate::report) after: std::ops::Range<usize>,
    /// Lines that are the same in both, before and behind it.
    pub(in crate::report) lead: Vec<Vec<u8>>,
    pub(in crate::report) trail: Vec<Vec<u8>>,
    pub(in crate::report) removed: Vec<Vec<u8>>,
    pub(in crate::report) added: Vec<Vec<u8>>,
    /// It differs between two responses to the same request, too.
    pub(in crate::report) is_by_itself: bool,
}

/// What differs; `None` where a text has more than [`MAX_LINES`].
pub(in crate::report) fn compare(before: &[u8], after: &[u8]) -> Option<Hunks> {
    let [before, after] = [lines(before)?, lines(after)?];
    let found = diff::hunks(&before, &after);
    let mut hunks = Hunks::default();
    let mut size = 0;
    let mut free = 0;
    for (number, diff::Hunk { before: taken, after: added }) in found.iter().enumerate() {
        hunks.taken += taken.len();
        hunks.added += added.len();
        let next = found.get(number + 1).map_or(before.len(), |next| next.before.start);
        let lead = taken.start.saturating_sub(AROUND).max(free)..taken.start;
        free = next.min(taken.end + AROUND);
        let own = |lines: &[&[u8]]| lines.iter().map(|line| line.to_vec()).collect::<Vec<_>>();
        let lines = [&before[lead.start..free], &after[added.clone()]];
        size += lines.iter().flat_map(|lines| lines.iter()).map(|line| line.len() + 32).sum::<usize>();
        if size > MAX_KEPT {
            hunks.left_out += 1;
            continue;
        }
        hunks.kept.push(ShownHunk {
            lead: own(&before[lead]),
            trail: own(&before[taken.end..free]),
            removed: own(&before[taken.clone()]),
            added: own(&after[added.clone()]),
            before: taken.clone(),
            after: added.clone(),
            is_by_itself: false,
        });
    }
    Some(hunks)
}

/// The lines with their ends.
fn lines(text: &[u8]) -> Option<Vec<&[u8]>> {
    let lines: Vec<_> = text.split_inclusive(|&byte| byte == b'\n').take(MAX_LINES + 1).collect();
    (lines.len() <= MAX_LINES).then_some(lines)
}

impl Hunks {
    /// Marks what changes by itself: the lines that differ between two responses to
    /// the same request, and no more lines in their place than there.
    pub(in crate::report) fn mark(&mut self, control: &Self) {
        for hunk in &mut self.kept {
            hunk.is_by_itself = control.left_out > 0 || control.covers(hunk);
        }
    }

    fn covers(&self, hunk: &ShownHunk) -> bool {
        let (mut taken, mut added) = (0, 0);
        for own in &self.kept {
            let start = own.before.start.max(hunk.before.start);
            let end = own.before.end.min(hunk.before.end);
            let is_at =
                hunk.before.is_empty() && (own.before.start..=own.before.end).contains(&hunk.before.start);
            if start < end || is_at || own.before.is_empty() && hunk.before.contains(&own.before.start) {
                taken += end.saturating_sub(start);
                added += own.after.len();
            }
        }
        taken == hunk.before.len() && (taken > 0 || added > 0) && hunk.after.len() <= added.max(taken)
    }

    /// Whether something differs that does not change by itself.
    pub(in crate::report) fn count(&self) -> bool {
        self.left_out > 0 || self.kept.iter().any(|hunk| !hunk.is_by_itself)
    }
}

#[cfg(all(test, feature = "extras"))]
mod tests {
    use super::*;

    fn marked(base: &str, variant: &str, control: &str) -> Vec<bool> {
        let [base, variant, control] =
            [base, variant, control].map(|text| text.replace(' ', "\n").into_bytes());
        let mut hunks = compare(&base, &variant).expect("few lines");
        hunks.mark(&compare(&base, &control).expect("few lines"));
        hunks.kept.iter().map(|hunk| hunk.is_by_itself).collect()
    }

    #[test]
    fn what_the_same_request_changes_is_marked() {
        assert_eq!(marked("a n1 b c", "a n2 b c", "a n3 b c"), [true]);
        assert_eq!(marked("a n1 b c", "a n2 b x", "a n3 b c"), [true, false]);
        assert_eq!(marked("a n1 b c", "a n2 b2 c", "a n3 b c"), [false]);
        assert_eq!(marked("a n1 b c", "a n2 more b c", "a n3 b c"), [false]);
        assert_eq!(marked("a b c", "a x b c", "a y b c"), [true]);
        assert_eq!(marked("a b c", "a x b c", "a b c"), [false]);
    }
}
