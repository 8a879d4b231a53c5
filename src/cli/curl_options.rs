//! What becomes of each option of curl: one table, for what is said of those that
//! are refused, and for the test that holds it against the definitions.

const TABLE: &str = include_str!("curl_options.txt");

const WORKS: &str = "works";
const MET: &str = "met";
/// The beginnings of the paragraphs whose options curl accepts over HTTP without effect.
const WITHOUT_EFFECT: [&str; 2] = ["it is for ", "versions before TLS 1.2 "];

/// The table's paragraphs: what holds for the options in it, and their names. The first one is the notice.
fn paragraphs() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    let split = |text: &'static str| text.split_once('\n').unwrap_or((text, ""));
    TABLE.split("\n\n").skip(1).map(split).map(|(standing, names)| (standing, names.split_ascii_whitespace()))
}

/// Why an option of curl is refused, by its name with its dashes; `None` where it is not.
pub(crate) fn refusal(name: &str) -> Option<&'static str> {
    let own = match name.strip_prefix("--") {
        Some(long) => long.strip_prefix("no-").unwrap_or(long),
        None => name.get(..2)?,
    };
    let mut refused = paragraphs().filter(|(standing, _)| !matches!(*standing, WORKS | MET));
    refused.find_map(|(why, mut names)| names.any(|name| name.trim_end_matches('=') == own).then_some(why))
}

/// Whether the option by this name (`ftp-port`, `-P`), which curl takes without effect over HTTP,
/// takes a value; `None` for any other option.
pub(crate) fn without_effect(name: &[u8]) -> Option<bool> {
    let (own, is_negated) = match name.strip_prefix(b"no-") {
        Some(own) => (own, true),
        None => (name, false),
    };
    if [&b"eprt"[..], b"epsv"].contains(&own) {
        return Some(false);
    }
    let is_one = |standing: &str| WITHOUT_EFFECT.iter().any(|start| standing.starts_with(start));
    let found = paragraphs()
        .filter(|(standing, _)| is_one(standing))
        .find_map(|(_, mut names)| names.find(|it| it.trim_end_matches('=').as_bytes() == own));
    found.map(|found| found.ends_with('=') && !is_negated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{compatibility, whole};

    use std::collections::BTreeSet;

    /// Name and standing of each option.
    fn options() -> Vec<(&'static str, &'static str)> {
        let bare = |name: &'static str| name.trim_end_matches('=');
        let named = paragraphs().flat_map(|(standing, names)| names.map(move |name| (bare(name), standing)));
        named.filter(|(name, _)| !name.starts_with('-')).collect()
    }

    fn defined() -> BTreeSet<String> {
        let command = whole::with_negations(whole::command());
        let names = command.get_arguments().filter_map(clap::Arg::get_long_and_visible_aliases);
        names.flatten().map(str::to_owned).collect()
    }

    #[test]
    fn the_table_has_each_option_of_curl_once() {
        let names: BTreeSet<_> = options().iter().map(|(name, _)| *name).collect();
        assert_eq!((options().len(), names.len()), (278, 278));
        for (standing, names) in paragraphs() {
            let bare = names.map(|name| name.trim_end_matches('='));
            assert!(bare.filter(|name| !name.starts_with('-')).is_sorted(), "{standing}");
        }
    }

    #[test]
    fn what_works_or_is_met_is_defined_and_what_is_refused_is_not() {
        let defined = defined();
        for (name, standing) in options() {
            assert_eq!(defined.contains(name), matches!(standing, WORKS | MET), "--{name}");
        }
    }

    /// What [`compatibility`] holds has no effect, and all that it holds is met.
    #[test]
    fn what_has_no_effect_is_met() {
        for name in
            compatibility::NAMES.filter_map(|name| name.unpacked().long_name()).filter(|name| name != "curl")
        {
            assert!(options().contains(&(name.as_str(), MET)), "--{name}");
        }
    }

    #[test]
    fn what_is_refused_is_told_with_its_reason() {
        for (name, standing) in
            options().into_iter().filter(|(_, standing)| !matches!(*standing, WORKS | MET))
        {
            assert_eq!(refusal(&format!("--{name}")), Some(standing));
            assert_eq!(refusal(&format!("--no-{name}")), Some(standing));
        }
        for (letter, name) in
            [("-2", "sslv2"), ("-a", "append"), ("-Pfile", "ftp-port"), ("-t", "telnet-option")]
        {
            assert_eq!(refusal(letter), refusal(&format!("--{name}")), "{letter}");
        }
        for name in ["-", "--", "-é", "-G", "--works", "--met", "--get", "--basic", "--unknown"] {
            assert_eq!(refusal(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_in_the_place_of_a_refused_option_is_defined() {
        let defined = defined();
        for (why, _) in paragraphs() {
            for word in why.split([' ', ',', ';']).filter_map(|word| word.strip_prefix("--")) {
                assert!(defined.contains(word), "{why}: --{word} is not there");
            }
        }
    }
}
