//! Each section that a finding cites is one that the document has.

use std::path::Path;

/// The documents by number, each with how many sections stand below each section that has
/// some; `""`: how many chapters.
const DOCUMENTS: [(&str, &str); 3] = [
    (
        "9110",
        ":19 2:5 3:9 4:3 4.2:5 4.3:5 5:6 5.6:7 5.6.1:2 6:6 6.4:2 6.5:2 6.6:2 7:8 7.3:3 7.6:3 8:8 8.3:3 8.4:1 \
         8.4.1:3 8.5:1 8.8:3 8.8.2:2 8.8.3:3 9:3 9.2:3 9.3:8 10:2 10.1:5 10.2:4 11:7 11.6:3 11.7:3 12:5 12.4:3 \
         12.5:5 13:2 13.1:5 13.2:2 14:6 14.1:2 15:6 15.2:2 15.3:7 15.3.7:3 15.4:9 15.5:22 15.6:6 16:7 16.1:2 \
         16.2:2 16.3:2 16.3.2:2 16.4:2 16.5:2 16.6:2 17:16 17.16:4",
    ),
    ("9111", ":9 1:2 1.2:2 3:5 4:4 4.2:4 4.3:5 5:5 5.2:4 5.2.1:7 5.2.2:10 7:3 8:3"),
    ("9112", ":13 1:2 2:3 3:3 3.2:4 5:2 6:3 7:4 7.1:3 9:8 9.3:2 10:2 11:4 12:4"),
];

/// Whether the document whose sections are `counts` has `section`.
fn has(counts: &str, section: &str) -> bool {
    let (parent, last) = section.rsplit_once('.').unwrap_or(("", section));
    let last: usize = last.parse().unwrap_or(0);
    let count = counts.split(' ').filter_map(|entry| entry.split_once(':')).find(|(of, _)| *of == parent);
    count.and_then(|(_, count)| count.parse().ok()).is_some_and(|count: usize| (1..=count).contains(&last))
}

/// The sections of `document` that `spec` cites.
fn cited<'a>(spec: &'a str, document: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = spec.split("RFC ").filter_map(move |part| part.strip_prefix(document));
    let sections = parts.flat_map(|part| part.split('§').skip(1));
    sections.map(|text| {
        text.split(|char: char| !(char.is_ascii_digit() || char == '.')).next().unwrap_or_default()
    })
}

#[test]
fn cited_sections_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/findings");
    let mut count = 0;
    for file in folder.read_dir().expect("a folder") {
        let path = file.expect("an entry").path();
        // A folder has tests.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for line in text.lines() {
            for (document, counts) in DOCUMENTS {
                for section in cited(line, document) {
                    assert!(has(counts, section), "{path:?}: RFC {document} has no section {section}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 300, "{count} citations are read");
}

#[test]
fn sections_are_looked_up() {
    let (_, semantics) = DOCUMENTS[0];
    assert!(["5.6.7", "8.8.3.3", "15.5.22", "1"].into_iter().all(|section| has(semantics, section)));
    assert!(!["5.6.8", "20", "15.5.22.1", "9.0", ""].into_iter().any(|section| has(semantics, section)));
    assert!(cited("RFC 9110 §5.3, §10.2.2; RFC 9112 §3.2", "9110").eq(["5.3", "10.2.2"]));
}
