//! Who may import whom, and where features may be asked for.
//!
//! The pure core stays pure only if something says so: each row is a part of the
//! crate and all that it may use of the others.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// A part of `src`, and the parts that it may import; its own is always allowed.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("http", &[]),
    ("chance", &[]),
    ("failure", &[]),
    ("charset", &[]),
    ("hash", &[]),
    ("idna", &[]),
    ("demo", &[]),
    ("coding", &["failure"]),
    ("wait", &[]),
    ("pipe", &[]),
    ("stream", &["wait"]),
    ("net", &["failure", "http", "event", "stream", "output", "wait"]),
    ("event", &["connection", "failure", "http", "net"]),
    ("connection", &["event", "failure", "http", "net", "pipe", "stream", "wait"]),
    ("output", &["charset", "coding", "failure", "http", "pipe", "wait"]),
    ("policy", &["http", "failure", "hash", "idna", "public_suffix"]),
    ("public_suffix", &[]),
    ("report", &["charset", "coding", "connection", "event", "failure", "hash", "http", "net", "output"]),
    (
        "session",
        &[
            "chance",
            "connection",
            "event",
            "failure",
            "http",
            "net",
            "output",
            "plan",
            "policy",
            "stream",
            "wait",
        ],
    ),
    ("cli", &["failure", "net", "output", "http", "policy"]),
];

/// What the pure parts may not use of std.
const PURE: &[&str] = &["http", "charset", "coding", "hash", "idna", "policy", "public_suffix"];
const IMPURE: &[&str] =
    &["std::io", "std::net", "std::time", "std::env", "std::fs", "std::thread", "std::process"];

#[test]
fn parts_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for (file, part, text) in sources() {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == part) else { continue };
        for imported in uses_of(&text) {
            if imported != part && !allowed.contains(&imported.as_str()) {
                wrong.push(format!("{}: {part} may not import {imported}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_parts_touch_nothing_outside() {
    let mut wrong = Vec::new();
    for (file, part, text) in sources().into_iter().filter(|(_, part, _)| PURE.contains(&part.as_str())) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if let Some(found) = IMPURE.iter().find(|impure| line.contains(**impure)) {
                wrong.push(format!("{}: {part} uses {found}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn features_are_asked_for_in_their_switches_only() {
    for (file, _, text) in sources() {
        let is_switch = file.ends_with("mod.rs") && text.contains("#[path = \"enabled");
        assert!(is_switch || !text.contains("cfg(feature"), "{} asks for a feature", file.display());
    }
}

/// Every source file but tests: its path, its part, its text without its test modules.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.retain(|file| !file.to_string_lossy().contains("test"));
    assert!(files.len() > 30, "only {} sources found", files.len());
    let read = |file: PathBuf| {
        let inside = file.strip_prefix(&root).unwrap().to_owned();
        let part = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
        (inside, part.trim_end_matches(".rs").to_owned(), text)
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The parts of the crate that `text` names after `crate::`.
fn uses_of(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let after = code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>());
    let name =
        |rest: String| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    after.map(name).filter(|name| name.chars().next().is_some_and(char::is_lowercase)).collect()
}
