//! A case file: its description and its parts, kept as text so that a part can be written anew.

use std::fs;
use std::path::{Path, PathBuf};

/// The parts there are, and whether one may stand several times in a case.
const PARTS: [(&str, bool); 18] = [
    ("needs", false),
    ("env", false),
    ("file", true),
    ("stdin", false),
    ("interrupt", false),
    ("listen", false),
    ("ulimit", false),
    ("terminal", false),
    ("command", false),
    ("reply", true),
    ("request", true),
    ("reads", false),
    ("frames", false),
    ("stdout", false),
    ("stderr", false),
    ("exit", false),
    ("saved", true),
    ("absent", false),
];

/// The parts whose line may hold more than the name.
const TAKE_WORDS: [&str; 4] = ["file", "reply", "stdout", "saved"];

/// One `=== name …` line and the lines below it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// What stands behind the name: a file's name, or options.
    pub(crate) rest: String,
    pub(crate) lines: Vec<String>,
}

/// A case as its file has it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// `topic/name`, the path without its ending.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) description: Vec<String>,
    pub(crate) parts: Vec<Part>,
}

impl Case {
    /// Reads a case from its text.
    pub(crate) fn parse(name: &str, path: &Path, text: &str) -> Result<Self, String> {
        let mut case =
            Self { name: name.to_owned(), path: path.to_owned(), description: Vec::new(), parts: Vec::new() };
        for (number, line) in text.lines().enumerate() {
            let Some(header) = line.strip_prefix("===") else {
                match case.parts.last_mut() {
                    Some(part) => part.lines.push(line.to_owned()),
                    None => case.description.push(line.to_owned()),
                }
                continue;
            };
            let (name, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
            let known = PARTS.iter().find(|(known, _)| *known == name);
            let at = number + 1;
            let (_, repeats) = known.ok_or_else(|| format!("line {at}: there is no part named {name:?}"))?;
            if !repeats && case.part(name).is_some() {
                return Err(format!("line {at}: {name} stands here a second time"));
            }
            if !rest.trim().is_empty() && !TAKE_WORDS.contains(&name) {
                return Err(format!("line {at}: write {rest:?} on the line below {name}"));
            }
            case.parts.push(Part { name: name.into(), rest: rest.trim().into(), lines: Vec::new() });
        }
        if case.part("command").is_none_or(|part| part.lines.is_empty()) {
            return Err("no command".into());
        }
        Ok(case)
    }

    /// The part of that name, the first if there are several.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// All parts of that name, in the file's order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Part> {
        self.parts.iter().filter(move |part| part.name == name)
    }

    /// The file's text again.
    pub(crate) fn text(&self) -> String {
        let mut lines = self.description.clone();
        for part in &self.parts {
            lines.push(format!("=== {} {}", part.name, part.rest).trim_end().to_owned());
            lines.extend(part.lines.iter().cloned());
        }
        lines.join("\n") + "\n"
    }
}

/// Reads every `<topic>/*.case` below `folder`, in order of name.
///
/// A topic without a case, or no topic at all, is an error: a run that tests nothing must not pass.
pub(crate) fn load(folder: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for topic in listing(folder)?.into_iter().filter(|path| path.is_dir()) {
        let before = cases.len();
        for path in listing(&topic)? {
            let file = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            let name = file.to_string_lossy().replace('\\', "/");
            if path.extension().is_none_or(|extension| extension != "case") {
                return Err(format!("{}: not a case", path.display()));
            }
            let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
            cases.push(Case::parse(&name, &path, &text).map_err(|error| format!("{name}: {error}"))?);
        }
        if cases.len() == before {
            return Err(format!("{}: a topic without a case", topic.display()));
        }
    }
    if cases.is_empty() { Err(format!("{}: no cases", folder.display())) } else { Ok(cases) }
}

fn listing(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_parts() {
        let text = "What it shows.\n\n=== command\nrawget {HOST}\n=== reply then: hold\nA\n\n=== saved out\n";
        let case = Case::parse("a/b", Path::new("b.case"), text).unwrap();
        assert_eq!(case.description, ["What it shows.", ""]);
        assert_eq!(case.part("reply").unwrap().rest, "then: hold");
        assert_eq!(case.part("reply").unwrap().lines, ["A", ""]);
        assert_eq!(case.part("saved").unwrap().rest, "out");
        assert!(case.part("stdout").is_none());
        assert_eq!(case.text(), text);
    }

    #[test]
    fn mistakes_are_named() {
        let parse = |text| Case::parse("a/b", Path::new("b.case"), text).unwrap_err();
        assert_eq!(parse("=== comand\nx"), "line 1: there is no part named \"comand\"");
        assert_eq!(parse("=== exit\n1\n=== exit\n2"), "line 3: exit stands here a second time");
        assert_eq!(parse("=== exit\n1"), "no command");
        assert!(load(Path::new("no/such/folder")).is_err());
    }
}
