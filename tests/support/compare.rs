//! Compares what came with what a case says.

use std::fs;
use std::path::Path;

use super::case::{Case, Part};
use super::frames;
use super::pattern;
use super::report::Complaint;
use super::run::Outcome;
use super::server::Record;
use super::text::{self, LineEnd, Names};

/// Compares what each reply was an answer to, and whether connections came as scripted.
pub(super) fn requests(
    case: &Case,
    names: &Names,
    replies: &[usize],
    records: &[Record],
) -> Result<Vec<Complaint>, String> {
    let mut complaints = Vec::new();
    let mut requests = Vec::new();
    for (number, count) in replies.iter().enumerate() {
        let record = records.get(number).cloned().unwrap_or_default();
        if !record.finished {
            complaints.push(Complaint::Other(format!(
                "not every reply of connection {} was asked for",
                number + 1
            )));
        }
        requests.extend((0..*count).map(|at| record.requests.get(at).cloned().unwrap_or_default()));
    }
    for record in records.iter().skip(replies.len()) {
        let sent = text::escape(&record.requests.concat());
        complaints
            .push(Complaint::Other(format!("a connection came that no reply stands for; it sent: {sent}")));
    }
    for (part, request) in case.all("request").zip(&requests) {
        complaints.extend(compare(case, part, request, LineEnd::Crlf, names)?);
    }
    if let Some(part) = case.part("reads") {
        let reads = records.iter().flat_map(|record| &record.reads).map(|count| format!("{count}\n"));
        complaints.extend(compare(case, part, reads.collect::<String>().as_bytes(), LineEnd::Lf, names)?);
    }
    if let Some(part) = case.part("frames") {
        let frames = records.iter().map(|record| frames::lines(&record.requests.concat()));
        complaints.extend(compare(case, part, frames.collect::<String>().as_bytes(), LineEnd::Lf, names)?);
    }
    Ok(complaints)
}

/// Compares what was printed, and the exit code.
pub(super) fn outcome(case: &Case, names: &Names, outcome: &Outcome) -> Result<Vec<Complaint>, String> {
    let mut complaints = Vec::new();
    for (name, actual) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        let silent = Part { name: name.into(), rest: String::new(), lines: Vec::new() };
        let part = case.part(name).unwrap_or(&silent);
        if part.rest != "any" {
            complaints.extend(compare(case, part, actual, LineEnd::Lf, names)?);
        }
    }
    let zero = Part { name: "exit".into(), rest: String::new(), lines: vec!["0".into()] };
    let exit = format!("{}\n", outcome.exit);
    complaints.extend(compare(
        case,
        case.part("exit").unwrap_or(&zero),
        exit.as_bytes(),
        LineEnd::Lf,
        names,
    )?);
    Ok(complaints)
}

/// Compares the files that the commands wrote.
pub(super) fn files(case: &Case, folder: &Path, names: &Names) -> Result<Vec<Complaint>, String> {
    let mut complaints = Vec::new();
    for part in case.all("saved") {
        match fs::read(folder.join(&part.rest)) {
            Ok(bytes) => complaints.extend(compare(case, part, &bytes, LineEnd::Lf, names)?),
            Err(error) => complaints.push(Complaint::Other(format!("{}: {error}", part.rest))),
        }
    }
    for name in case.all("absent").flat_map(|part| &part.lines) {
        if folder.join(name).exists() {
            complaints.push(Complaint::Other(format!("{name} exists, and should not")));
        }
    }
    Ok(complaints)
}

fn compare(
    case: &Case,
    part: &Part,
    actual: &[u8],
    end: LineEnd,
    names: &Names,
) -> Result<Option<Complaint>, String> {
    let pieces = text::pieces(&part.lines, end, names).map_err(|error| format!("{}: {error}", part.name))?;
    if pattern::matches(&pieces, actual) {
        return Ok(None);
    }
    let index = case.parts.iter().position(|own| std::ptr::eq(own, part));
    Ok(Some(Complaint::Differs { index, part: part.clone(), actual: text::lines(actual, end, names) }))
}
