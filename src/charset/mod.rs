//! The charset of a body, and its conversion to UTF-8.
//!
//! Where the charset is taken from, the first that says one: `--charset`, a byte
//! order mark, Content-Type's parameter, the `<meta>` elements of HTML, the
//! declaration of XML or the `@charset` of CSS, a guess by detection for what is not valid UTF-8, UTF-8.
//!
//! Everything here is pure: bytes in, values out. Time is known only from a
//! caller who says that the wait has been long enough, and of HTTP nothing but
//! what [`Declared`] holds.

mod ascii;
mod convert;
mod detect;
mod file_name;
mod prescan;
mod sniff;
mod undecided;

use encoding_rs::Encoding;

pub(crate) use convert::ToUtf8;
pub(crate) use detect::NAME as DETECTION;
pub(crate) use file_name::file_name_to_text;
pub(crate) use prescan::{PRESCAN_LIMIT, meta};
pub(crate) use sniff::Sniffer;

/// What was said about a body's charset outside of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    /// `--charset`: the user knows better, whatever the response says.
    pub(crate) option: Option<&'static Encoding>,
    /// Content-Type's charset parameter; an unknown label is as if absent.
    pub(crate) parameter: Option<&'static Encoding>,
    /// What the body can declare by itself.
    pub(crate) markup: Markup,
    /// JSON is UTF-8 (RFC 8259 §8.1), and its media type has no charset
    /// parameter (§11): one that disagrees is believed only when the body is not
    /// valid UTF-8.
    pub(crate) json: bool,
    /// The media type has no other charset than UTF-8: that is believed as soon as one word is
    /// in it.
    pub(crate) is_utf8: bool,
}

/// The declarations that a body's media type lets one look for in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// `<meta>` elements, and without them an XML declaration.
    Html,
    /// An XML declaration.
    Xml,
    /// `@charset` at the start.
    Css,
    /// No media type is named: as of HTML, where the first character is a `<`.
    Unnamed,
    /// None.
    Other,
}

/// What decided a body's charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CharsetSource {
    /// A byte order mark.
    Bom,
    /// `--charset`.
    Option,
    /// Content-Type's charset parameter.
    Header,
    /// A `<meta>` element.
    Meta,
    /// An XML declaration.
    Xml,
    /// `@charset` in CSS.
    Css,
    /// The bytes themselves, by their statistics.
    Detected,
    /// Nothing.
    Default,
}

impl CharsetSource {
    /// How the charset was decided, in words that follow its name.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Bom => "by the byte order mark that the text begins with",
            Self::Option => "by --charset",
            Self::Header => "by the charset parameter of Content-Type",
            Self::Meta => "by a <meta> element of the page",
            Self::Xml => "by the XML declaration",
            Self::Css => "by the @charset that the style sheet begins with",
            Self::Detected => "guessed from the bytes: nothing declares it",
            Self::Default => "the default: nothing declares another",
        }
    }
}

/// The encoding that a byte order mark at the start of `first` stands for, and
/// the mark's length (Encoding Standard, "BOM sniff").
pub(crate) fn bom(first: &[u8]) -> Option<(&'static Encoding, usize)> {
    Encoding::for_bom(first)
}

/// The encoding that a label names (Encoding Standard, "get an encoding").
///
/// Labels of the encoding called replacement (iso-2022-kr, hz-gb-2312 and so on)
/// count as unknown. A browser shows one U+FFFD in place of the whole body, so
/// that no script in it can run; here that would only hide what came.
pub(crate) fn encoding(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label)
}
