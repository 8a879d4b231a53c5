//! What becomes of each option of curl: one table, for what is said of those that
//! are refused, and for the test that holds it against the definitions.

const TABLE: &str = include_str!("curl_options.txt");

const WORKS: &str = "works";
const MET: &str = "met";

/// A paragraph of the table.
struct Paragraph {
    /// What holds for its options.
    standing: &'static str,
    /// Curl accepts them over HTTP without effect.
    is_without_effect: bool,
    /// With their marks.
    names: &'static str,
}

impl Paragraph {
    /// The options' names, without marks.
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split_ascii_whitespace().map(|name| name.trim_end_matches('='))
    }

    fn is_refused(&self) -> bool {
        !matches!(self.standing, WORKS | MET)
    }
}

/// All paragraphs. The table's first one is the notice.
fn paragraphs() -> impl Iterator<Item = Paragraph> {
    TABLE.split("\n\n").skip(1).map(|text| {
        let (first, names) = text.split_once('\n').unwrap_or((text, ""));
        let without_effect = first.strip_prefix("* ");
        Paragraph {
            standing: without_effect.unwrap_or(first),
            is_without_effect: without_effect.is_some(),
            names,
        }
    })
}

/// Why an option of curl is refused, by its name with its dashes; `None` where it is not.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    let own = match name.strip_prefix("--") {
        Some(long) => long.strip_prefix("no-").unwrap_or(long),
        None => name.get(..2)?,
    };
    let mut refused = paragraphs().filter(Paragraph::is_refused);
    let found = refused.find(|paragraph| paragraph.names().any(|name| name == own));
    found.map(|paragraph| paragraph.standing)
}

/// Whether `--NAME` negates an unsupported option, and so changes nothing: `no-ntlm`.
pub(crate) fn is_met_negation(name: &[u8]) -> bool {
    let Some(own) = name.strip_prefix(b"no-") else { return false };
    let mut refused = paragraphs().filter(Paragraph::is_refused);
    refused.any(|paragraph| paragraph.names.split_ascii_whitespace().any(|marked| marked.as_bytes() == own))
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
    let mut marked = paragraphs()
        .filter(|paragraph| paragraph.is_without_effect)
        .flat_map(|paragraph| paragraph.names.split_ascii_whitespace());
    let found = marked.find(|marked| marked.trim_end_matches('=').as_bytes() == own);
    found.map(|marked| marked.ends_with('=') && !is_negated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{compatibility, whole};

    use std::collections::BTreeSet;

    /// Name and standing of each option.
    fn options() -> Vec<(&'static str, &'static str)> {
        let named = paragraphs().flat_map(|it| it.names().map(move |name| (name, it.standing)));
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
        for paragraph in paragraphs() {
            let names = paragraph.names().filter(|name| !name.starts_with('-'));
            assert!(names.is_sorted(), "{}", paragraph.standing);
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
    fn that_a_refused_option_have_no_effect_is_met() {
        for name in ["no-ntlm", "no-cert-status", "no-append", "no-socks5-gssapi"] {
            assert!(is_met_negation(name.as_bytes()), "--{name}");
        }
        for name in ["no-alt-svc", "no-ech", "no-quote", "no-get", "no-", "no-no-ntlm", "ntlm", "no-alpn"] {
            assert!(!is_met_negation(name.as_bytes()), "--{name}");
        }
    }

    #[test]
    fn what_is_in_the_place_of_a_refused_option_is_defined() {
        let defined = defined();
        for why in paragraphs().map(|paragraph| paragraph.standing) {
            for word in why.split([' ', ',', ';']).filter_map(|word| word.strip_prefix("--")) {
                assert!(defined.contains(word), "{why}: --{word} is not there");
            }
        }
    }
}
