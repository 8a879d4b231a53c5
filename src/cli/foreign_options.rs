//! Options of wget, HTTPie and xh, and the nearest there is here.

const TABLE: &str = include_str!("foreign_options.txt");

/// What to use instead of `name`.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    entries().find(|(own, _)| *own == name).map(|(_, ours)| ours)
}

fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter(|line| line.starts_with("--")).filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::whole;

    #[test]
    fn what_is_to_be_used_instead_is_there_and_the_other_is_not() {
        let command = whole::command();
        let names: Vec<_> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long_and_visible_aliases)
            .flatten()
            .map(|name| format!("--{name}"))
            .collect();
        for (theirs, ours) in entries() {
            assert!(!names.iter().any(|name| name == theirs), "{theirs}");
            for word in ours.split([' ', ',']).filter(|word| word.starts_with("--")) {
                assert!(names.iter().any(|name| name == word), "{word}");
            }
        }
        assert!(entries().map(|(name, _)| name).is_sorted());
    }
}
