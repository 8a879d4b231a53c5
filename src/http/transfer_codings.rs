//! The transfer codings of a message (RFC 9112 §6.1).

use super::field::{FieldLine, FieldSection};
use super::syntax::{is_token, list_members, split_unquoted};

/// The transfer codings of all Transfer-Encoding lines, in order (RFC 9112 §6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferCodings {
    /// The codings, lower-cased, parameters and empty members removed.
    pub codings: Vec<Vec<u8>>,
    /// There is a Transfer-Encoding line; the first one's offset.
    pub offset: Option<u64>,
    /// A member is empty, no token, or has a parameter.
    pub has_bad_syntax: bool,
    /// chunked has a parameter, which is an error (RFC 9112 §7.1).
    pub has_parameter_on_chunked: bool,
}

impl TransferCodings {
    /// Reads the field.
    pub fn of(fields: &FieldSection) -> Self {
        let mut read = Self::default();
        for FieldLine { value, offset, .. } in fields.all("transfer-encoding") {
            read.offset.get_or_insert(offset);
            for member in list_members(value) {
                let mut pieces = split_unquoted(member, b';');
                let coding = pieces.next().unwrap_or_default();
                let has_parameter = pieces.next().is_some();
                read.has_bad_syntax |= !is_token(coding) || has_parameter;
                read.has_parameter_on_chunked |= has_parameter && coding.eq_ignore_ascii_case(b"chunked");
                // Parameters without a name are an unknown coding.
                let coding = if coding.is_empty() { member } else { coding };
                if !coding.is_empty() {
                    read.codings.push(coding.to_ascii_lowercase());
                }
            }
        }
        read
    }

    /// Whether they override Content-Length: there is a line, and it does not say
    /// identity alone, however often.
    pub fn apply(&self) -> bool {
        let says_identity =
            !self.codings.is_empty() && self.codings.iter().all(|coding| coding == b"identity");
        self.offset.is_some() && !says_identity
    }

    /// Whether chunked is the last.
    pub fn is_chunked(&self) -> bool {
        self.codings.last().is_some_and(|last| last == b"chunked")
    }

    /// Whether chunked stands before another coding, where it ends nothing (RFC 9112
    /// §7.1). Said twice at the end, it is meant once.
    pub fn is_chunked_before(&self) -> bool {
        let mut others = self.codings.iter().rev().skip_while(|coding| *coding == b"chunked");
        others.any(|coding| coding == b"chunked")
    }

    /// The codings other than chunked and identity, first applied first.
    pub fn others(&self) -> impl Iterator<Item = &[u8]> {
        self.codings.iter().map(Vec::as_slice).filter(|coding| !matches!(*coding, b"chunked" | b"identity"))
    }
}

/// Whether `coding`, in lower case, is one of the compression codings, by either of its names (RFC 9112 §7.2).
pub fn is_compression(coding: &[u8]) -> bool {
    matches!(coding, b"gzip" | b"x-gzip" | b"deflate" | b"compress" | b"x-compress")
}
