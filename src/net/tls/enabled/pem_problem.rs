//! Why a file cannot be read as PEM (RFC 7468), in words.
//!
//! None of them is the file's: the library's errors hold lines of it, which may be a key.

use rustls::pki_types::pem::Error;

/// What is wrong.
pub(super) fn in_words(error: &Error) -> String {
    match error {
        Error::MissingSectionEnd { .. } => "a section of it has no END line (RFC 7468)".to_owned(),
        Error::IllegalSectionStart { .. } => {
            "a BEGIN line of it does not end in five hyphens (RFC 7468)".to_owned()
        }
        Error::Base64Decode(_) => "a section of it is not Base64 (RFC 7468)".to_owned(),
        other => other.to_string(),
    }
}
