//! Who may import whom, and that no files import each other, be it in a circle; what the pure parts may not touch,
//! and where features may be asked for.
//!
//! A part is a file or folder directly under `src`. Every path that the source names is resolved from the file
//! that names it: `use` trees with their braces, `super::super`, paths in expressions and in the arguments of
//! macros. Modules for tests alone may do what they like.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "architecture/names.rs"]
mod names;
#[path = "architecture/repeats.rs"]
mod repeats;
#[path = "architecture/sources.rs"]
mod sources;

use std::collections::{BTreeSet, HashMap, HashSet};

use names::Named;
use sources::Source;

/// A part, and the parts that it may import; its own is always allowed.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("chance", &[]),
    ("charset", &["http"]),
    ("diff", &[]),
    ("failure", &[]),
    ("hash", &[]),
    ("http", &[]),
    ("idna", &[]),
    ("pipe", &[]),
    ("prompt", &["interrupt"]),
    ("sorting", &[]),
    ("public_suffix", &[]),
    ("standard_streams", &[]),
    ("whole_file", &[]),
    ("interrupt", &["failure"]),
    ("wait", &["interrupt"]),
    ("demo", &["http", "sorting"]),
    ("coding", &["failure", "http"]),
    ("fuzzing", &["coding", "plan", "policy", "report"]),
    ("stream", &["interrupt", "wait"]),
    ("policy", &["failure", "hash", "http", "idna", "public_suffix", "sorting"]),
    ("output", &["charset", "coding", "failure", "http", "interrupt", "pipe", "wait"]),
    ("event", &["coding", "failure", "http", "net"]),
    ("net", &["event", "failure", "http", "interrupt", "output", "sorting", "stream", "wait", "whole_file"]),
    ("connection", &["event", "failure", "http", "interrupt", "net", "pipe", "stream", "wait"]),
    (
        "report",
        &[
            "charset",
            "coding",
            "diff",
            "event",
            "failure",
            "hash",
            "http",
            "interrupt",
            "net",
            "output",
            "public_suffix",
            "sorting",
        ],
    ),
    ("cli", &["failure", "http", "net", "output", "policy", "report", "sorting"]),
    ("manual", &["cli", "coding", "failure", "http", "policy", "whole_file"]),
    (
        "session",
        &[
            "chance",
            "coding",
            "connection",
            "event",
            "failure",
            "http",
            "interrupt",
            "net",
            "output",
            "plan",
            "policy",
            "stream",
            "wait",
        ],
    ),
    (
        "plan",
        &[
            "chance",
            "charset",
            "cli",
            "coding",
            "connection",
            "demo",
            "diff",
            "event",
            "failure",
            "hash",
            "http",
            "idna",
            "net",
            "output",
            "policy",
            "prompt",
            "report",
            "sorting",
            "standard_streams",
            "wait",
            "whole_file",
        ],
    ),
];

/// The parts that put the others together: they may import all of them.
const MAY_IMPORT_ALL: &[&str] = &["build", "groups", "lib", "main"];

/// The parts that are given bytes and give values: no sockets, files, clocks, environment, threads or processes.
const PURE: &[&str] =
    &["charset", "coding", "diff", "hash", "http", "idna", "policy", "public_suffix", "sorting"];
/// Modules of std for that; `*`: all of std under another name.
const IMPURE: &[&str] = &["*", "env", "fs", "io", "net", "os", "process", "thread", "time"];
/// Crates for that.
const IMPURE_CRATES: &[&str] =
    &["console", "getrandom", "rustix", "rustls_native_certs", "signal_hook", "socket2"];

#[test]
fn parts_import_only_what_they_may() {
    let wrong: Vec<String> =
        sources::all().iter().flat_map(|source| foreign_parts(source, MAY_IMPORT)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_parts_touch_nothing_outside() {
    let wrong: Vec<String> = sources::all().iter().flat_map(impurities).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn features_are_asked_for_in_their_switches_only() {
    let wrong: Vec<String> = sources::all().iter().filter_map(stray_switch).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other() {
    let files = in_circles(sources::all());
    assert!(files.is_empty(), "import each other: {files:?}");
}

#[test]
fn every_part_has_a_row() {
    let found: Vec<&str> = sources::all().iter().map(|source| source.part.as_str()).collect();
    for part in &found {
        let has_row = MAY_IMPORT_ALL.contains(part) || MAY_IMPORT.iter().any(|(name, _)| name == part);
        assert!(has_row, "src/{part} has no row in MAY_IMPORT");
    }
    for (name, allowed) in MAY_IMPORT {
        for name in std::iter::once(name).chain(*allowed) {
            assert!(found.contains(name), "MAY_IMPORT names {name}, which is not in src");
        }
    }
}

#[test]
fn no_file_grows_without_end() {
    let long = sources::all().iter().filter(|source| source.lines > sources::MOST_LINES);
    let wrong: Vec<String> = long.map(|source| format!("{}: {} lines", source.path, source.lines)).collect();
    assert!(wrong.is_empty(), "over {} lines before tests:\n{}", sources::MOST_LINES, wrong.join("\n"));
}

#[test]
fn no_function_grows_without_end() {
    let is_table = |name: &str| name.starts_with("cases");
    let long = sources::all().iter().flat_map(|source| {
        let functions = source.long_functions.iter().filter(|(name, _)| !is_table(name));
        functions.map(|(name, lines)| format!("{}: {name} has {lines} lines", source.path))
    });
    let wrong: Vec<String> = long.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What one build does not use belongs into the file of the feature that uses it.
#[test]
fn nothing_hides_code_that_nobody_uses() {
    let wrong = sources::all().iter().filter(|source| source.hides_dead_code);
    let wrong: Vec<&str> = wrong.map(|source| source.path.as_str()).collect();
    assert!(wrong.is_empty(), "dead code is allowed in:\n{}", wrong.join("\n"));
}

/// The parts that `source` names and its row does not allow.
fn foreign_parts(source: &Source, rows: &[(&str, &[&str])]) -> Vec<String> {
    let Some((_, allowed)) = rows.iter().find(|(part, _)| *part == source.part) else { return Vec::new() };
    let is_part = |part: &str| part == "crate" || MAY_IMPORT.iter().any(|(name, _)| *name == part);
    let is_foreign = |part: &&str| is_part(part) && *part != source.part && !allowed.contains(part);
    let parts: BTreeSet<&str> = source.names.iter().filter_map(Named::part).filter(is_foreign).collect();
    parts.into_iter().map(|part| format!("{}: {} may not import {part}", source.path, source.part)).collect()
}

/// The files that name each other, at once or in a circle, but for a module and what is inside it.
fn in_circles(sources: &[Source]) -> Vec<&str> {
    let by_module: HashMap<&[String], &Source> =
        sources.iter().map(|source| (&source.module[..], source)).collect();
    let imported = |source: &Source| -> HashSet<&str> {
        let paths = source.names.iter().filter_map(Named::ours);
        let files = paths.filter_map(|path| {
            (1..=path.len()).rev().find_map(|length| by_module.get(&path[..length])).copied()
        });
        let is_inside = |one: &Source, other: &Source| one.module.starts_with(&other.module);
        files
            .filter(|file| !is_inside(file, source) && !is_inside(source, file))
            .map(|file| file.path.as_str())
            .collect()
    };
    let imports: HashMap<&str, HashSet<&str>> =
        sources.iter().map(|source| (source.path.as_str(), imported(source))).collect();
    let reaches_itself = |file: &str| {
        let mut seen = HashSet::new();
        let mut next: Vec<&str> = imports[file].iter().copied().collect();
        while let Some(other) = next.pop() {
            if seen.insert(other) {
                next.extend(&imports[other]);
            }
        }
        seen.contains(file)
    };
    let mut files: Vec<&str> = imports.keys().copied().filter(|file| reaches_itself(file)).collect();
    files.sort_unstable();
    files
}

/// What a pure part names of the world outside.
fn impurities(source: &Source) -> Vec<String> {
    if !PURE.contains(&source.part.as_str()) {
        return Vec::new();
    }
    let of_std = source.names.iter().filter_map(Named::module_of_std);
    let modules = of_std.filter(|module| IMPURE.contains(module)).map(|module| format!("std::{module}"));
    let others = source.names.iter().filter_map(Named::other).map(str::to_owned);
    let crates = others.filter(|name| IMPURE_CRATES.contains(&name.as_str()));
    modules.chain(crates).map(|named| format!("{}: {} uses {named}", source.path, source.part)).collect()
}

/// A file that asks for a feature and is not a folder's switch between two files.
fn stray_switch(source: &Source) -> Option<String> {
    (source.asks_for_feature && !source.is_switch).then(|| format!("{} asks for a feature", source.path))
}

/// Each way of writing that has got past these rules, or could.
mod mutations {
    use super::{Source, foreign_parts, impurities, in_circles, stray_switch};

    const ROWS: &[(&str, &[&str])] = &[("http", &[]), ("net", &["http"]), ("policy", &["http"])];

    fn imports(path: &str, text: &str) -> usize {
        foreign_parts(&Source::read(path, text), ROWS).len()
    }

    #[test]
    fn an_import_is_seen_however_it_is_written() {
        for text in [
            "use crate::session::Session;",
            "use crate::{http::Uri, session};",
            "use crate::{self as all, session::{Job, Chain as Other}};",
            "use super::super::session;",
            "use super::super::{session::Job};",
            "use self::super::super::session;",
            "pub(crate) use crate::session;",
            "fn f() { crate::session::run(); }",
            "fn f() { use crate::session; }",
            "fn f(job: &crate::session::Job) {}",
            "fn f() { println!(\"{}\", crate::session::NAME); }",
            "macro_rules! m { () => { $crate::session::run() }; }",
            "mod inner { use super::super::super::session; }",
            "#[cfg(not(test))] use crate::session;",
            "impl crate::session::Trait for X {}",
            "use crate::r#session;",
        ] {
            assert!(imports("net/resolve.rs", text) > 0, "not seen: {text}");
        }
    }

    #[test]
    fn an_import_of_the_crate_itself_hides_nothing() {
        assert!(imports("net/resolve.rs", "use crate as all;") > 0);
        assert!(imports("net/resolve.rs", "extern crate self as all;") > 0);
        assert!(imports("net/resolve.rs", "use crate::*;") > 0);
        assert!(imports("net/mod.rs", "use super::*;") > 0);
    }

    #[test]
    fn depth_is_that_of_the_file() {
        assert!(imports("net/mod.rs", "use super::session;") > 0);
        assert_eq!(imports("net/resolve.rs", "use super::session;"), 0);
        assert!(imports("net/tls/enabled/mod.rs", "use super::super::super::session;") > 0);
        assert_eq!(imports("net/tls/enabled/mod.rs", "use super::super::session;"), 0);
        assert!(imports("net.rs", "use super::session;") > 0);
    }

    #[test]
    fn what_is_allowed_and_what_is_for_tests_is_not_seen() {
        for text in [
            "use crate::http::Uri;",
            "use crate::net::race;",
            "use super::address;",
            "#[cfg(test)] mod tests { use crate::session; }",
            "#[cfg(all(test, unix))] mod tests { use crate::session; }",
            "#[cfg(test)] use crate::session;",
            "#[test] fn f() { crate::session::run(); }",
            "// crate::session\nfn f() {}",
            "const TEXT: &str = \"crate::session\";",
        ] {
            assert_eq!(imports("net/resolve.rs", text), 0, "seen: {text}");
        }
    }

    #[test]
    fn files_that_import_each_other_are_seen() {
        let read = |one: &str, other: &str| {
            let sources = [
                Source::read("net/mod.rs", ""),
                Source::read("net/a.rs", one),
                Source::read("net/b.rs", other),
            ];
            in_circles(&sources).len()
        };
        assert_eq!(read("use super::b::B;", "fn f() { crate::net::a::g() }"), 2);
        assert_eq!(read("use super::b::B;", "use super::C;"), 0);
        assert_eq!(read("use super::b::B;", "#[cfg(test)] mod tests { use crate::net::a::A; }"), 0);
        let parent = [Source::read("net/mod.rs", "use a::A;"), Source::read("net/a.rs", "use super::B;")];
        assert!(in_circles(&parent).is_empty());
        let circle = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
            .map(|(own, other)| Source::read(&format!("net/{own}.rs"), &format!("use super::{other}::X;")));
        assert_eq!(in_circles(&circle), ["net/a.rs", "net/b.rs", "net/c.rs"]);
    }

    #[test]
    fn an_impure_module_is_seen_however_it_is_written() {
        for text in [
            "use std::net::TcpStream;",
            "use core::net;",
            "use std::{fmt, io::Read};",
            "use ::std::fs;",
            "use std::time as hours;",
            "use std as all;",
            "use std::{self as all};",
            "use std::*;",
            "extern crate std as all;",
            "use std::r#fs;",
            "use socket2::Socket;",
            "fn f() { rustix::time::clock_gettime(x); }",
            "fn f() { std::env::var(\"X\"); }",
            "fn f() -> core::time::Instant { now() }",
            "fn f() { format!(\"{}\", std::process::id()); }",
        ] {
            assert!(!impurities(&Source::read("http/uri.rs", text)).is_empty(), "not seen: {text}");
        }
        assert!(impurities(&Source::read("http/uri.rs", "use std::{fmt, time::Duration};")).is_empty());
        assert!(impurities(&Source::read("net/resolve.rs", "use std::net;")).is_empty());
    }

    #[test]
    fn an_allowance_of_dead_code_is_seen_however_it_is_written() {
        for text in [
            "#[allow(dead_code)] fn f() {}",
            "#[expect(dead_code, reason = \"x\")] fn f() {}",
            "#![allow(unused)]",
            "#![cfg_attr(not(feature = \"tls\"), allow(clippy::all, dead_code))]",
            "struct X { #[allow(dead_code)] y: u8 }",
            "macro_rules! m { () => { #[allow(dead_code)] struct X; }; }",
        ] {
            assert!(Source::read("net/resolve.rs", text).hides_dead_code, "not seen: {text}");
        }
        assert!(!Source::read("net/resolve.rs", "// dead_code\nfn f() { g(\"unused\") }").hides_dead_code);
    }

    #[test]
    fn a_long_function_is_seen_with_its_lines() {
        let body = "    g();\n".repeat(65);
        for head in ["fn f() {", "pub(in crate::net) const fn f<'a>(x: &'a u8)\nwhere\n    u8: Copy,\n{"] {
            let long = Source::read("net/resolve.rs", &format!("{head}\n{body}}}\n")).long_functions;
            assert!(matches!(&long[..], [(name, 61..)] if name == "f"), "{long:?}");
        }
        assert!(Source::read("net/resolve.rs", "fn f() {\n    g();\n}\n").long_functions.is_empty());
    }

    #[test]
    fn a_feature_is_seen_in_every_form_of_cfg() {
        for text in [
            "#[cfg(feature = \"tls\")] fn f() {}",
            "#[cfg(not(feature = \"tls\"))] fn f() {}",
            "#[cfg(all(unix, any(feature = \"tls\")))] fn f() {}",
            "#[cfg_attr(feature = \"tls\", allow(unused))] fn f() {}",
            "#![cfg(feature = \"tls\")]",
            "fn f() -> bool { cfg!(feature = \"tls\") }",
            "fn f() { #[cfg(not(feature = \"tls\"))] g(); }",
            "struct X { #[cfg(feature = \"tls\")] y: u8 }",
            "macro_rules! m { () => { #[cfg(feature = \"tls\")] fn f() {} }; }",
            "cfg_select! { feature = \"tls\" => { fn f() {} } }",
        ] {
            assert!(stray_switch(&Source::read("net/resolve.rs", text)).is_some(), "not seen: {text}");
        }
        let switch = "#[cfg(feature = \"tls\")]\n#[path = \"enabled.rs\"]\nmod imp;";
        assert!(stray_switch(&Source::read("net/tls/mod.rs", switch)).is_none());
        assert!(stray_switch(&Source::read("net/resolve.rs", switch)).is_some());
        assert!(stray_switch(&Source::read("net/resolve.rs", "#[cfg(unix)] fn f() {}")).is_none());
    }
}
