/// How `--version` lists it.
pub(crate) const NAME: &str = "+idna";

/// Longest label, in bytes (RFC 5890 §2.3.2.1).
const MAX_LABEL: usize = 63;

/// `host` with its labels in A-label form, by UTS 46 without its transitional
/// rules; `Err` says why there is none.
pub(crate) fn to_a_labels(host: &str) -> Result<String, &'static str> {
    let name = idna::domain_to_ascii(host);
    let name = name.map_err(|_| "the host name is not a valid internationalized name")?;
    match name.split('.').all(|label| label.len() <= MAX_LABEL) {
        true => Ok(name),
        false => Err("a label of the host name is longer than 63 bytes as an A-label"),
    }
}
