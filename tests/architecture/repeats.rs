//! Names that stand for one thing each: types, files and folders.
//!
//! A name that repeats on purpose stands in a list here.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{self, Source};

/// Types of one name in several places.
const TYPES: &[&str] = &[
    // Where the parser of the same file is: never seen outside of it.
    "State",
];

/// Files and folders of one name in several places: the same concept in the grammar (`http`), by the options
/// (`cli`, `plan`), in a run (`policy`, `net`, `session`), as it is told (`report`), and as the demo shows it.
const FILES: &[&str] = &[
    "auth",
    "body",
    "caching",
    "charset",
    "chunk",
    "check",
    "coding",
    "compare",
    "comparing",
    "connecting",
    "connection",
    "content",
    "cookie",
    "credentials",
    "csp",
    "curl_line",
    "date",
    "dialogue",
    "disposition",
    "doubt",
    "etag",
    "exchange",
    "field",
    "fields",
    "framing",
    // TLS and WebSocket both have one, by their RFCs.
    "handshake",
    "har",
    "head",
    "hsts",
    "json",
    "message",
    "messages",
    "multipart",
    "proxies",
    "proxy",
    "range",
    "redirect",
    "repeat",
    "request",
    "request_line",
    "response",
    "retry",
    "saving",
    "security",
    // Options that say what is sent, and what sends it.
    "sending",
    "starttls",
    "status",
    "stream",
    "structured",
    // What is printed as text, and the reports for people.
    "text",
    "tls",
    "upgrade",
    "utf8",
    "websocket",
];

/// Names that say where in a folder a file stands.
const PLACES: &[&str] = &["mod", "enabled", "disabled", "fuzzing"];

#[test]
fn a_type_has_a_name_of_its_own() {
    let places = sources::all().iter().flat_map(types);
    check(&repeats(places), TYPES);
}

#[test]
fn a_file_has_a_name_of_its_own() {
    let places = sources::all().iter().flat_map(|source| files(&source.path));
    check(&repeats(places), FILES);
}

/// Every repeat is in the list, and the list has no others.
fn check(repeats: &BTreeMap<String, BTreeSet<String>>, accepted: &[&str]) {
    let new: Vec<_> = repeats.iter().filter(|(name, _)| !accepted.contains(&name.as_str())).collect();
    assert!(new.is_empty(), "names of several things: {new:#?}");
    let gone: Vec<_> = accepted.iter().filter(|name| !repeats.contains_key(**name)).collect();
    assert!(gone.is_empty(), "repeated no more: {gone:?}");
}

/// The names that stand in several places, and those.
fn repeats(all: impl Iterator<Item = (String, String)>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, place) in all {
        found.entry(name).or_default().insert(place);
    }
    found.retain(|_, places| places.len() > 1);
    found
}

/// The types of a file, and where they stand. The build without a feature only repeats those of the build with it.
fn types(source: &Source) -> impl Iterator<Item = (String, String)> {
    let own = source.types.iter().filter(|_| !source.path.ends_with("/disabled.rs"));
    own.map(|name| (name.clone(), source.path.clone()))
}

/// The file at `path` and the folders that it is in, by their names, and where they stand.
fn files(path: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let ends = (1..=parts.len()).filter(|end| !PLACES.contains(&parts[end - 1]));
    ends.map(|end| (parts[end - 1].to_owned(), parts[..end].join("/"))).collect()
}

mod mutations {
    use super::{Source, files, repeats, types};

    #[test]
    fn a_type_is_seen_however_it_is_defined() {
        for text in [
            "struct Twice;",
            "pub(crate) enum Twice<'a> { A(&'a u8) }",
            "pub trait Twice {}",
            "type Twice = u8;",
            "fn f() { struct Twice; }",
            "mod inner { pub(super) struct Twice; }",
        ] {
            let both = [Source::read("net/resolve.rs", text), Source::read("net/unix.rs", "struct Twice;")];
            assert_eq!(repeats(both.iter().flat_map(types)).len(), 1, "not seen: {text}");
        }
        let tests = Source::read("net/resolve.rs", "#[cfg(test)] mod tests { struct Twice; }");
        assert!(tests.types.is_empty());
    }

    #[test]
    fn the_files_of_a_switch_are_one_place() {
        let both =
            ["net/tls/enabled/mod.rs", "net/tls/disabled.rs"].map(|path| Source::read(path, "struct Twice;"));
        assert!(repeats(both.iter().flat_map(types)).is_empty());
        let others =
            ["net/tls/enabled.rs", "net/socket/enabled.rs"].map(|path| Source::read(path, "struct Twice;"));
        assert_eq!(repeats(others.iter().flat_map(types)).len(), 1);
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_are_seen() {
        let both = ["net/twice.rs", "plan/twice/mod.rs"].iter().flat_map(|path| files(path));
        assert_eq!(repeats(both).len(), 1);
        let one = ["twice/mod.rs", "twice/enabled.rs"].iter().flat_map(|path| files(path));
        assert!(repeats(one).is_empty(), "a folder is one place");
        let folder = ["net.rs", "net/unix.rs"].iter().flat_map(|path| files(path));
        assert!(repeats(folder).is_empty(), "a module and its folder are one place");
    }
}
