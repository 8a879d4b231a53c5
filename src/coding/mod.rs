//! Content codings undone (RFC 9110 §8.4): coded bytes in, decoded bytes out,
//! in constant memory however much comes out.
//!
//! [`CODINGS`] is the table of what this build can undo; [`CodingChain`] undoes what
//! a Content-Encoding field names. Nothing here knows of sockets, files or
//! terminals, nor who takes the bytes.

#[cfg(fuzzing)]
pub(crate) mod fuzzing;
#[cfg(not(feature = "decompress"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "decompress")]
#[path = "enabled.rs"]
mod imp;

mod chain;

use std::borrow::Cow;

pub(crate) use chain::{CodingChain, CodingStage};
pub(crate) use imp::{CODINGS, NAME, permessage_deflate};

/// Most content codings in one response, counted over all field lines: as many
/// as curl takes, and more than anybody needs.
pub(crate) const MAX_CODINGS: usize = 5;

/// A content coding that this build can undo.
pub(crate) struct Coding {
    /// Its registered name (RFC 9110 §18.6).
    pub(crate) name: &'static str,
    /// Other names to be taken for it (RFC 9110 §8.4.1.3).
    pub(crate) aliases: &'static [&'static str],
    /// How many bytes it puts out at most at once.
    pub(crate) piece: usize,
    /// A decoder for one coded stream.
    pub(crate) open: fn() -> Box<dyn Decode>,
}

/// Undoes one coded stream, given in any pieces.
pub(crate) trait Decode {
    /// Decodes some of `input` into `output`. Unless the stream has ended, it
    /// takes all of `input` or fills `output`, or will do so when called again;
    /// where `output` was filled, more may come out of an empty `input`.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt>;

    /// Whether the stream is whole if its input ends here.
    fn is_whole(&self) -> bool;

    /// Whether something shows that the input is in this coding.
    fn is_applied(&self) -> bool {
        true
    }

    /// Whether it is a deflate stream without the zlib header that RFC 9110 §8.4.1.2 asks for.
    fn is_raw(&self) -> bool {
        false
    }
}

/// What one call to [`Decode::step`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Bytes of the input taken.
    pub(crate) consumed: usize,
    /// Bytes of the output filled.
    pub(crate) produced: usize,
    /// The coded stream has ended: what is left of the input does not belong to it.
    pub(crate) ended: bool,
}

/// Why a stream cannot be decoded further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Corrupt {
    /// Bytes of the output filled before.
    pub(crate) produced: usize,
    /// What came out before is the same however the input comes.
    pub(crate) is_counted: bool,
    /// What the stream amounts to.
    pub(crate) ending: Ending,
    /// What is wrong.
    pub(crate) what: Cow<'static, str>,
}

impl Corrupt {
    /// Decoding failed.
    fn new(what: impl Into<Cow<'static, str>>, produced: usize) -> Self {
        Self { produced, is_counted: true, ending: Ending::Corrupt, what: what.into() }
    }

    /// The stream is not in this coding.
    fn not_applied(what: impl Into<Cow<'static, str>>) -> Self {
        Self { produced: 0, is_counted: true, ending: Ending::NotApplied, what: what.into() }
    }
}

/// What a coded stream amounts to, once all input was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The stream is whole.
    Decoded,
    /// The stream is whole, but is deflate without the zlib header that RFC 9110 §8.4.1.2 asks for.
    DecodedRaw,
    /// The stream is whole, and other bytes follow.
    TrailingData,
    /// It does not come to its end.
    Truncated,
    /// The input is not in this coding.
    NotApplied,
    /// The input is in this coding, and broken.
    Corrupt,
    /// It was not decoded to its end: too much came out, or it took too much memory.
    Stopped,
}

/// The coding called `name`, in any case.
pub(crate) fn find(name: &[u8]) -> Option<&'static Coding> {
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    CODINGS.iter().find(|coding| is(coding.name) || coding.aliases.iter().copied().any(is))
}

/// Whether `name` says that nothing was done to the content: `identity`, which
/// RFC 9110 §12.5.3 keeps out of Content-Encoding and which is found there, `none`,
/// and names of charsets, put into the wrong field.
pub(crate) fn is_identity(name: &[u8]) -> bool {
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    is(b"identity") || is(b"none") || encoding_rs::Encoding::for_label(name).is_some()
}

/// The value of Accept-Encoding that asks for all codings of this build; `None`
/// where there are none.
pub(crate) fn accept_encoding() -> Option<String> {
    let names: Vec<_> = CODINGS.iter().map(|coding| coding.name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
