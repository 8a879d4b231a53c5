//! Names that may be meant by others that are misspelt.

/// Whether `meant` is `typed` with a slip or two: at most one change in three characters.
pub(crate) fn is_near(typed: &str, meant: &str) -> bool {
    let (typed, meant) = (typed.trim_start_matches('-'), meant.trim_start_matches('-'));
    meant.starts_with(typed) || distance(typed, meant) * 3 <= typed.len().max(3)
}

/// How many characters are to be inserted, removed, replaced or swapped with their neighbour.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let [from, to] = [from, to].map(|text| text.chars().take(MAX).collect::<Vec<_>>());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == &to[j - 1] && b == &from[i - 1] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

/// Longer names than this are none.
const MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        for (typed, meant) in [
            ("--explian", "--explain"),
            ("--limit-rat", "--limit-rate"),
            ("--jsn", "--json"),
            ("--time", "--time-cond"),
        ] {
            assert!(is_near(typed, meant), "{typed}");
        }
        for (typed, meant) in [("--spider", "--stderr"), ("--timout", "--write-out"), ("--xyz", "--diff")] {
            assert!(!is_near(typed, meant), "{typed}");
        }
    }
}
