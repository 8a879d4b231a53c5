//! What values mean, in plain words: `meanings.txt`, a paragraph for each kind of value.

const TEXT: &str = include_str!("meanings.txt");

/// A paragraph of the text, by its first line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meanings(&'static str);

pub(super) const COOP: Meanings = Meanings("Cross-Origin-Opener-Policy");
pub(super) const COEP: Meanings = Meanings("Cross-Origin-Embedder-Policy");
pub(super) const CORP: Meanings = Meanings("Cross-Origin-Resource-Policy");
pub(super) const REFERRER: Meanings = Meanings("Referrer-Policy");
pub(super) const SITE_DATA: Meanings = Meanings("Clear-Site-Data");
pub(super) const SUBJECTS: Meanings = Meanings("Content-Security-Policy, what directives are about");
pub(super) const SWITCHES: Meanings = Meanings("Content-Security-Policy, directives without sources");
pub(super) const SOURCES: Meanings = Meanings("Content-Security-Policy, sources");
pub(super) const RELATIONS: Meanings = Meanings("Link, relation types");
pub(super) const FORWARDED: Meanings = Meanings("Cache-Status, fwd");
pub(super) const ERRORS: Meanings = Meanings("Proxy-Status, error");
pub(super) const FETCH_SITES: Meanings = Meanings("Sec-Fetch-Site");
pub(super) const FETCH_MODES: Meanings = Meanings("Sec-Fetch-Mode");
pub(super) const COMPONENTS: Meanings = Meanings("Signature-Input, components");

impl Meanings {
    /// The meaning of `value`, in any case.
    pub(super) fn of(self, value: &[u8]) -> Option<&'static str> {
        self.entries().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(value)).map(|(_, told)| told)
    }

    /// The meaning of `value`, spelt as it is defined.
    pub(super) fn of_exactly(self, value: &[u8]) -> Option<&'static str> {
        self.entries().find(|(known, _)| known.as_bytes() == value).map(|(_, told)| told)
    }

    fn entries(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let own = TEXT.split("\n\n").find_map(|paragraph| paragraph.strip_prefix(self.0)?.strip_prefix('\n'));
        own.unwrap_or_default().lines().filter_map(|line| line.split_once(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    const ALL: [Meanings; 14] = [
        COOP,
        COEP,
        CORP,
        REFERRER,
        SITE_DATA,
        SUBJECTS,
        SWITCHES,
        SOURCES,
        RELATIONS,
        FORWARDED,
        ERRORS,
        FETCH_SITES,
        FETCH_MODES,
        COMPONENTS,
    ];

    #[test]
    fn each_paragraph_is_used_and_has_each_value_once() {
        assert_eq!(TEXT.split("\n\n").count() - 1, ALL.len());
        for meanings in ALL {
            let values: BTreeSet<_> =
                meanings.entries().map(|(value, _)| value.to_ascii_lowercase()).collect();
            assert!(!values.is_empty() && values.len() == meanings.entries().count(), "{meanings:?}");
        }
        let entries: usize = ALL.iter().map(|meanings| meanings.entries().count()).sum();
        let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(entries + ALL.len(), lines);
    }
}
