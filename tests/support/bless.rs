//! Writes expectations anew, from what came.

use std::fs;

use super::case::{Case, Part};
use super::report::{Complaint, line_matches};

/// Rewrites the case's file so that what came is what is expected.
///
/// Lines that hold `~~~` stay where they still match. Gives the complaints that no rewriting can settle.
pub(crate) fn bless(case: &Case, complaints: Vec<Complaint>) -> Vec<Complaint> {
    let mut case = case.clone();
    let mut left = Vec::new();
    for complaint in complaints {
        match complaint {
            Complaint::Differs { index: Some(index), actual, .. } => {
                let lines = keep_wildcards(&case.parts[index].lines, actual);
                case.parts[index].lines = lines;
            }
            Complaint::Differs { index: None, part, actual } => {
                case.parts.push(Part { lines: actual, ..part })
            }
            other => left.push(other),
        }
    }
    if let Err(error) = fs::write(&case.path, case.text()) {
        left.push(Complaint::Other(format!("{}: {error}", case.path.display())));
    }
    left
}

fn keep_wildcards(expected: &[String], actual: Vec<String>) -> Vec<String> {
    let wild = |line: &&String| line.contains("~~~") && *line != "~~~";
    let keep = |came: String| {
        expected.iter().filter(wild).find(|line| line_matches(line, &came)).cloned().unwrap_or(came)
    };
    actual.into_iter().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_where_they_match() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let kept = keep_wildcards(&lines("A: ~~~\n~~~\nC: 1~~~"), lines("A: 5\nB: 6\nC: 7"));
        assert_eq!(kept, lines("A: ~~~\nB: 6\nC: 7"));
    }
}
