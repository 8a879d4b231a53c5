/// How `--version` lists it.
pub(crate) const NAME: &str = "+psl";

/// Whether `domain`, in lower case, is a public suffix by the list at
/// <https://publicsuffix.org/>; a name without a dot always is.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    let name = domain.strip_suffix('.').unwrap_or(domain);
    !name.contains('.') || psl::suffix_str(name).is_some_and(|suffix| suffix == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_known() {
        for suffix in ["com", "co.uk", "co.uk.", "github.io", "localhost", "test"] {
            assert!(is_public_suffix(suffix), "{suffix}");
        }
        for name in ["example.com", "a.co.uk", "yard.test", "127.0.0.1"] {
            assert!(!is_public_suffix(name), "{name}");
        }
    }
}
