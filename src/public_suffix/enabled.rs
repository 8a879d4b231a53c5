/// How `--version` lists it.
pub(crate) const NAME: &str = "+psl";

/// Whether `domain`, in lower case, is a public suffix by the list at
/// <https://publicsuffix.org/>; a name without a dot always is, and so is one whose
/// names below are public suffixes by a rule with a wildcard.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    let name = domain.strip_suffix('.').unwrap_or(domain);
    let is_listed = |name: &str| psl::suffix_str(name).is_some_and(|suffix| suffix == name);
    !name.contains('.') || is_listed(name) || is_listed(&format!("any-name-below.{name}"))
}

/// The public suffix that `host`, in lower case, is below or is.
pub(crate) fn public_suffix_of(host: &str) -> &str {
    psl::suffix_str(host).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_known() {
        for suffix in ["com", "co.uk", "co.uk.", "github.io", "kawasaki.jp", "localhost", "test"] {
            assert!(is_public_suffix(suffix), "{suffix}");
        }
        for name in ["example.com", "a.co.uk", "yard.test", "city.kawasaki.jp", "127.0.0.1"] {
            assert!(!is_public_suffix(name), "{name}");
        }
    }
}
