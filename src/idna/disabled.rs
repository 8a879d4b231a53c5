/// How `--version` lists it.
pub(crate) const NAME: &str = "-idna";

/// Refuses: this build knows no internationalised names.
pub(crate) fn to_a_labels(_host: &str) -> Result<String, &'static str> {
    Err("the host name is not ASCII, and this build has no IDNA (feature `extras`)")
}
