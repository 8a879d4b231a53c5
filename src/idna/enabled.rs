use idna::{AsciiDenyList, domain_to_ascii_cow};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+idna";

/// Longest label, in bytes (RFC 5890 §2.3.2.1).
const MAX_LABEL: usize = 63;

/// `host` with its labels in A-label form, by UTS 46 without its transitional
/// rules; `Err` says why there is none. Fails if mapping yields a URL delimiter, which would change the host.
pub(crate) fn to_a_labels(host: &str) -> Result<String, &'static str> {
    const INVALID: &str = "the host name is not a valid internationalized name";
    let name = domain_to_ascii_cow(host.as_bytes(), AsciiDenyList::URL).map_err(|_| INVALID)?;
    if name.is_empty() {
        return Err(INVALID);
    }
    match name.split('.').all(|label| label.len() <= MAX_LABEL) {
        true => Ok(name.into_owned()),
        false => Err("a label of the host name is longer than 63 bytes as an A-label"),
    }
}
