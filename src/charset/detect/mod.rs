//! A guess at an undeclared charset, and what speaks against one: the switch of the feature `extras`.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::NAME;
pub(super) use imp::guess;

/// Whether `bytes` are UTF-8 that may be cut short. At the body's end that is
/// believed only after another character beyond ASCII: a lone byte there is more
/// likely a letter of a one-byte encoding.
pub(super) fn may_be_utf8(bytes: &[u8], last: bool) -> bool {
    match str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => {
            let is_cut = error.error_len().is_none();
            is_cut && (!last || !bytes[..error.valid_up_to()].is_ascii())
        }
    }
}

/// Whether an escape sequence of ISO-2022-JP for two-byte characters occurs. The
/// others also occur in text for terminals.
pub(super) fn designates_kanji(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|window| window == b"\x1B$")
}
