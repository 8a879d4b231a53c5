use std::cmp::Ordering;
use std::sync::LazyLock;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+psl";

/// The list at <https://publicsuffix.org/list/>, in the order that `tests/public_suffix.py` puts it: below an empty line
/// each line has a name, and the labels by which rules go on below it.
static LIST: &str = include_str!("list.txt");

/// [`LIST`] without the notice above it.
static RULES: LazyLock<&str> = LazyLock::new(|| LIST.split_once("\n\n").map_or(LIST, |(_, rules)| rules));

/// Whether `domain`, in lower case, is a public suffix by the list; a name without a dot always is, and so is one whose
/// names below are public suffixes by a rule with a wildcard.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    let name = domain.strip_suffix('.').unwrap_or(domain);
    !name.contains('.') || public_suffix_of(name) == name || rules_below(name).any(|label| label == "*")
}

/// The public suffix that `host`, in lower case, is below or is: what the longest rule matches, else the last label.
pub(crate) fn public_suffix_of(host: &str) -> &str {
    let name = host.strip_suffix('.').unwrap_or(host);
    let mut parent = name.len();
    let mut longest = name.rfind('.').map_or(0, |dot| dot + 1);
    while parent > 0 {
        let end = if parent == name.len() { parent } else { parent - 1 };
        let start = name[..end].rfind('.').map_or(0, |dot| dot + 1);
        match rule(&name[parent..], &name[start..end]) {
            Some(SuffixRule::Exception) => return &host[parent..],
            Some(SuffixRule::Suffix) => longest = start,
            None => {}
        }
        parent = start;
    }
    &host[longest..]
}

enum SuffixRule {
    Suffix,
    /// The name is not a suffix, though a wildcard says so.
    Exception,
}

/// What the rules say of `label` below `parent`.
fn rule(parent: &str, label: &str) -> Option<SuffixRule> {
    let mut found = None;
    for rule in rules_below(parent) {
        if rule.strip_prefix('!') == Some(label) {
            return Some(SuffixRule::Exception);
        }
        if rule == label || rule == "*" {
            found = Some(SuffixRule::Suffix);
        }
    }
    found
}

/// The labels by which rules go on below `parent`; that of the top-level domains is empty.
fn rules_below(parent: &str) -> impl Iterator<Item = &'static str> {
    line_of(*RULES, parent).unwrap_or_default().split_ascii_whitespace()
}

/// What follows `name` in its line, which halving finds.
fn line_of<'a>(mut rules: &'a str, name: &str) -> Option<&'a str> {
    while !rules.is_empty() {
        let start = rules[..rules.len() / 2].rfind('\n').map_or(0, |end| end + 1);
        let line = rules[start..].split('\n').next()?;
        let (found, labels) = line.split_once(' ')?;
        match name.cmp(found) {
            Ordering::Equal => return Some(labels),
            Ordering::Less => rules = &rules[..start],
            Ordering::Greater => rules = rules.get(start + line.len() + 1..)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_known() {
        for suffix in
            ["com", "co.uk", "co.uk.", "github.io", "kawasaki.jp", "localhost", "test", "a.ck", "xn--fiqs8s"]
        {
            assert!(is_public_suffix(suffix), "{suffix}");
        }
        for name in [
            "example.com",
            "a.co.uk",
            "yard.test",
            "city.kawasaki.jp",
            "127.0.0.1",
            "www.ck",
            "amazonaws.com",
        ] {
            assert!(!is_public_suffix(name), "{name}");
        }
    }

    #[test]
    fn the_longest_rule_says_what_a_host_is_below() {
        for (host, suffix) in [
            ("www.example.com", "com"),
            ("www.example.co.uk.", "co.uk."),
            ("a.b.kawasaki.jp", "b.kawasaki.jp"),
            ("a.city.kawasaki.jp", "kawasaki.jp"),
            ("b.s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"),
            ("b.eu-north-1.amazonaws.com", "com"),
            ("a.b.unknown", "unknown"),
            ("localhost", "localhost"),
            ("a..com", "com"),
            (".com", "com"),
            (".", "."),
            ("", ""),
        ] {
            assert_eq!(public_suffix_of(host), suffix, "{host}");
        }
    }

    #[test]
    fn each_line_of_the_list_is_found() {
        for line in RULES.lines() {
            let (name, labels) = line.split_once(' ').unwrap();
            assert_eq!(line_of(*RULES, name), Some(labels));
            assert_eq!(line_of(*RULES, &format!("{name}0")), None, "{name}0");
        }
    }
}
