//! The source files of `src`, read once each.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use syn::visit::Visit;

use crate::names::{Named, Names, has_word};

/// The most lines that a file may have before its tests.
pub(crate) const MOST_LINES: usize = 400;
/// The most lines that a function may have.
const LONGEST_FUNCTION: usize = 60;

/// One source file without what is for tests.
pub(crate) struct Source {
    /// Relative to `src`, with slashes.
    pub(crate) path: String,
    /// The file or folder directly under `src`, without `.rs`.
    pub(crate) part: String,
    /// The module that it holds, from the crate's root.
    pub(crate) module: Vec<String>,
    /// Lines before the first module for tests.
    pub(crate) lines: usize,
    /// What it names of this crate and of std.
    pub(crate) names: Vec<Named>,
    /// Whether a `cfg` in any form names a feature.
    pub(crate) asks_for_feature: bool,
    /// Whether it keeps the compiler from telling of code that nobody uses.
    pub(crate) hides_dead_code: bool,
    /// The types that it defines.
    pub(crate) types: Vec<String>,
    /// The functions that are longer than [`LONGEST_FUNCTION`], with their lines.
    pub(crate) long_functions: Vec<(String, usize)>,
    /// Whether it is the `mod.rs` that chooses between `enabled` and `disabled`.
    pub(crate) is_switch: bool,
}

impl Source {
    /// Reads the `text` of the file at `path`, which is relative to `src`.
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let modules = modules(path);
        let part = modules.first().cloned().unwrap_or_else(|| path.trim_end_matches(".rs").to_owned());
        let mut names = Names::new(modules.clone());
        names.visit_file(&parsed);
        Self {
            path: path.to_owned(),
            part,
            module: modules,
            lines: text.split("#[cfg(test)]\nmod ").next().unwrap_or(text).lines().count(),
            names: names.found,
            asks_for_feature: names.asks_for_feature,
            hides_dead_code: text.parse().is_ok_and(|tokens| has_word(tokens, &["dead_code", "unused"])),
            types: names.types,
            long_functions: long_functions(text),
            is_switch: path.ends_with("/mod.rs") && text.contains("#[path = \"enabled"),
        }
    }
}

/// By its looks, since rustfmt has laid it out: a function ends where its first line's indentation has
/// a closing brace.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String, usize)> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some((_, end, first)) = &open
            && line == end
        {
            let lines = number + 1 - first;
            found.extend(open.take().map(|(name, ..)| (name, lines)));
        } else if let (None, Some(name)) = (&open, function_name(line)) {
            let indentation = &line[..line.len() - line.trim_start().len()];
            open = Some((name.to_owned(), format!("{indentation}}}"), number));
        }
    }
    found.retain(|(_, lines)| *lines > LONGEST_FUNCTION);
    found
}

/// The name of the function whose body this line, or one that follows, opens.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || word.ends_with(')') || matches!(*word, "in" | "const" | "async" | "unsafe")
    });
    let (keyword, signature) = (words.next()?, words.next()?);
    let is_open = keyword == "fn" && !line.ends_with(['}', ';']);
    is_open.then(|| signature.split(['(', '<']).next().unwrap_or(signature))
}

/// The module that a file holds: the root for `lib.rs` and `main.rs`.
fn modules(path: &str) -> Vec<String> {
    let mut modules: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if modules.last().is_some_and(|last| last == "mod") || matches!(path, "lib.rs" | "main.rs") {
        modules.pop();
    }
    modules
}

/// Every file under `src` but those of tests, read once for all rules.
pub(crate) fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, "", &mut paths);
    paths.retain(|path| !is_for_tests(path));
    assert!(paths.len() > 100, "only {} sources found", paths.len());
    paths.sort();
    paths.iter().map(|path| Source::read(path, &fs::read_to_string(root.join(path)).unwrap())).collect()
}

fn is_for_tests(path: &str) -> bool {
    let name = |part: &str| part.trim_end_matches(".rs").to_owned();
    path.split('/')
        .map(name)
        .any(|part| part == "tests" || part.ends_with("_tests") || part.starts_with("test_"))
}

fn collect(folder: &Path, inside: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{inside}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), paths);
        } else if path.ends_with(".rs") {
            paths.push(path);
        }
    }
}
