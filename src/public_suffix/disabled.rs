/// How `--version` lists it.
pub(crate) const NAME: &str = "-psl";

/// Whether `domain` is a name without a dot: without the list, the others can't be known.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    !domain.strip_suffix('.').unwrap_or(domain).contains('.')
}
