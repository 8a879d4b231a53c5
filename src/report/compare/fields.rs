//! Which field lines differ: added, gone, changed, moved.

use std::collections::{BTreeMap, HashMap};

use crate::http::field::{FieldLine, FieldSection};

/// What differs between two field sections.
#[derive(Default)]
pub(super) struct FieldDifference {
    /// Lines that are added, gone or changed: those of the first section in its order,
    /// what is added after the line that it follows.
    pub(super) lines: Vec<LineDifference>,
    /// Names of lines that stand elsewhere among the others.
    pub(super) moved: Vec<String>,
    /// Lines left out, by name.
    pub(super) left_out: BTreeMap<String, usize>,
}

/// A line that is added, gone or changed.
pub(super) struct LineDifference {
    /// Its name in lower case.
    pub(super) name: String,
    /// Which of the lines of that name it is.
    pub(super) occurrence: usize,
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Option<Vec<u8>>,
}

/// A name in lower case, and which of its lines it is.
type Key = (String, usize);

impl LineDifference {
    fn new((name, occurrence): &Key, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> Self {
        let (name, occurrence) = (name.clone(), *occurrence);
        Self { name, occurrence, before: before.cloned(), after: after.cloned() }
    }
}

/// What differs; fields that `is_left_out` says are left out, and counted.
pub(super) fn compare(
    before: &FieldSection,
    after: &FieldSection,
    is_left_out: impl Fn(&str) -> bool,
) -> FieldDifference {
    let mut difference = FieldDifference::default();
    let [before, after] =
        [before, after].map(|section| keyed(section, &is_left_out, &mut difference.left_out));
    let places: HashMap<&Key, usize> = after.iter().enumerate().map(|(at, (key, _))| (key, at)).collect();
    let mut common = Vec::new();
    let mut added = 0;
    let mut add = |until: usize, lines: &mut Vec<LineDifference>, known: &HashMap<&Key, ()>| {
        while added < until {
            let (key, line) = &after[added];
            if !known.contains_key(key) {
                lines.push(LineDifference::new(key, None, Some(line)));
            }
            added += 1;
        }
    };
    let known: HashMap<&Key, ()> = before.iter().map(|(key, _)| (key, ())).collect();
    for (key, line) in &before {
        let Some(&place) = places.get(key) else {
            difference.lines.push(LineDifference::new(key, Some(line), None));
            continue;
        };
        add(place, &mut difference.lines, &known);
        common.push((place, name_of(line)));
        let other = &after[place].1;
        if line != other {
            difference.lines.push(LineDifference::new(key, Some(line), Some(other)));
        }
    }
    add(after.len(), &mut difference.lines, &known);
    difference.moved = moved(&common);
    difference
}

/// The lines with their keys, but for those left out.
fn keyed(
    section: &FieldSection,
    is_left_out: impl Fn(&str) -> bool,
    left_out: &mut BTreeMap<String, usize>,
) -> Vec<(Key, Vec<u8>)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut lines = Vec::new();
    for line in section.iter() {
        let name = String::from_utf8_lossy(line.name).to_ascii_lowercase();
        if is_left_out(&name) {
            *left_out.entry(String::from_utf8_lossy(line.name).into_owned()).or_default() += 1;
            continue;
        }
        let count = counts.entry(name.clone()).or_default();
        lines.push(((name, *count), spelt(&line)));
        *count += 1;
    }
    lines
}

fn spelt(line: &FieldLine<'_>) -> Vec<u8> {
    [line.name, b": ", line.value].concat()
}

fn name_of(line: &[u8]) -> &[u8] {
    line.split(|&byte| byte == b':').next().unwrap_or_default()
}

/// The names of those that do not stand in the order in which most of them do:
/// all but a longest increasing subsequence of places.
fn moved(common: &[(usize, &[u8])]) -> Vec<String> {
    // For each length, the index in `common` of the smallest place that ends such a run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; common.len()];
    for (at, &(place, _)) in common.iter().enumerate() {
        let length = ends.partition_point(|&end| common[end].0 < place);
        before[at] = length.checked_sub(1).map_or(usize::MAX, |last| ends[last]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut stays = vec![false; common.len()];
    let mut at = ends.last().copied().unwrap_or(usize::MAX);
    while at != usize::MAX {
        stays[at] = true;
        at = before[at];
    }
    let moved = common.iter().zip(stays).filter(|(_, stays)| !stays);
    moved.map(|((_, name), _)| String::from_utf8_lossy(name).into_owned()).collect()
}
