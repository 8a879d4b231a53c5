//! What a case has to complain about, for a person to read.

use std::fmt;

use super::case::Part;
use super::pattern;
use super::text::Piece;

/// The most lines that are shown of what was expected, and of what came.
const MOST_LINES: usize = 60;

/// One thing that was not as the case says.
#[derive(Clone, Debug)]
pub(crate) enum Complaint {
    /// A part differs from what came, which is given as the lines that would match.
    Differs {
        /// Which of the case's parts; none if the part is left out of the case.
        index: Option<usize>,
        part: Part,
        actual: Vec<String>,
    },
    /// Anything else.
    Other(String),
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(text) => f.write_str(text),
            Self::Differs { part, actual, .. } => {
                writeln!(
                    f,
                    "{} differs (- expected, + came):",
                    format!("{} {}", part.name, part.rest).trim_end()
                )?;
                difference(f, &part.lines, actual)
            }
        }
    }
}

/// Prints the lines that differ, with two lines around them.
fn difference(f: &mut fmt::Formatter<'_>, expected: &[String], actual: &[String]) -> fmt::Result {
    if expected.iter().any(|line| line == "~~~") {
        return difference_around_wildcards(f, expected, actual);
    }
    let same = |(expected, actual): &(&String, &String)| line_matches(expected, actual);
    let before = expected.iter().zip(actual).take_while(same).count();
    let rest = (&expected[before..], &actual[before..]);
    let after = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(same).count();
    for line in &actual[before.saturating_sub(2)..before] {
        writeln!(f, "      {}", clipped(line))?;
    }
    marked(f, '-', &expected[before..expected.len() - after])?;
    marked(f, '+', &actual[before..actual.len() - after])?;
    for line in actual[actual.len() - after..].iter().take(2) {
        writeln!(f, "      {}", clipped(line))?;
    }
    Ok(())
}

/// Where any number of lines may stand between two, lines can't be paired: says which one was not found.
fn difference_around_wildcards(
    f: &mut fmt::Formatter<'_>,
    expected: &[String],
    actual: &[String],
) -> fmt::Result {
    let text: String = actual.iter().map(|line| format!("{line}\n")).collect();
    let found = (0..=expected.len()).rev().find(|count| {
        let mut pieces: Vec<Piece> = expected[..*count].iter().flat_map(|line| line_pieces(line)).collect();
        pieces.push(Piece::Lines);
        pattern::matches(&pieces, text.as_bytes())
    });
    marked(f, '-', &expected[found.unwrap_or(0)..])?;
    marked(f, '+', actual)
}

/// A line of an expectation as pieces that match a line that came, both as a case file has them.
fn line_pieces(line: &str) -> Vec<Piece> {
    if line == "~~~" {
        return vec![Piece::Lines];
    }
    let mut pieces = Vec::new();
    for (number, text) in line.split("~~~").enumerate() {
        if number > 0 {
            pieces.push(Piece::InLine);
        }
        pieces.push(Piece::Bytes(text.into()));
    }
    pieces.push(Piece::Bytes(b"\n".to_vec()));
    pieces
}

/// Prints lines behind their mark, the first of them when there are very many.
fn marked(f: &mut fmt::Formatter<'_>, mark: char, lines: &[String]) -> fmt::Result {
    for line in lines.iter().take(MOST_LINES) {
        writeln!(f, "    {mark} {}", clipped(line))?;
    }
    match lines.len().saturating_sub(MOST_LINES) {
        0 => Ok(()),
        more => writeln!(f, "    {mark} … and {more} lines more"),
    }
}

fn clipped(line: &str) -> String {
    match line.char_indices().nth(500) {
        Some((at, _)) => format!("{}… ({} bytes)", &line[..at], line.len()),
        None => line.to_owned(),
    }
}

/// Whether a line of an expectation matches a line that came, both as a case file has them.
pub(crate) fn line_matches(expected: &str, actual: &str) -> bool {
    expected == actual || pattern::matches(&line_pieces(expected), format!("{actual}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let part =
            Part { name: "stdout".into(), rest: String::new(), lines: lines("a\nb\nc~~~\nd\ne\nf\ng") };
        let complaint = Complaint::Differs { index: None, part, actual: lines("a\nb\nc1\nx\ny\nf\ng") };
        let told = complaint.to_string();
        let wanted = "stdout differs (- expected, + came):\n      b\n      c1\n    - d\n    - e\n    + x\n    + y\n      f\n      g\n";
        assert_eq!(told, wanted);
    }

    #[test]
    fn among_wildcards_what_was_not_found_is_shown() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let part = Part { name: "stderr".into(), rest: String::new(), lines: lines("~~~\n> a~~~\n> b\n~~~") };
        let told = Complaint::Differs { index: None, part, actual: lines("x\n> a1\n> c") }.to_string();
        assert_eq!(
            told,
            "stderr differs (- expected, + came):\n    - > b\n    - ~~~\n    + x\n    + > a1\n    + > c\n"
        );
    }
}
