/// How `--version` lists it.
pub(crate) const NAME: &str = "-psl";

/// Whether `domain` is a name without a dot: without the list, the others can't be known.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    !domain.strip_suffix('.').unwrap_or(domain).contains('.')
}

/// The last label of `host`.
pub(crate) fn public_suffix_of(host: &str) -> &str {
    host.rsplit('.').next().unwrap_or(host)
}
