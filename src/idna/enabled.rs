/// How `--version` lists it.
pub(crate) const NAME: &str = "+idna";

/// `host` with its labels in A-label form, by UTS 46 without its transitional
/// rules; `Err` says why there is none.
pub(crate) fn to_a_labels(host: &str) -> Result<String, &'static str> {
    idna::domain_to_ascii(host).map_err(|_| "the host name is not a valid internationalized name")
}
