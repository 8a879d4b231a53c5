//! Finds out the charset of the decoded content as it passes, the way printing
//! it would.

use encoding_rs::Encoding;

use crate::charset::{CharsetSource, ToUtf8};
use crate::http::field::FieldSection;
use crate::output::media::Media;

/// How much is looked at in one go.
const PIECE: usize = 16 * 1024;

/// Takes decoded content until its charset is known.
#[derive(Default)]
pub(super) struct Probe {
    state: State,
    option: Option<&'static Encoding>,
}

#[derive(Default)]
enum State {
    /// There is nothing to find out.
    #[default]
    Idle,
    Waiting(Media),
    Looking(Box<ToUtf8>),
    Known((&'static Encoding, CharsetSource)),
}

impl Probe {
    /// For the content of a response with these fields.
    pub(super) fn new(fields: &FieldSection) -> Self {
        Self { state: State::Waiting(Media::of(fields)), option: None }
    }

    /// The user names the charset.
    pub(super) fn assume(&mut self, option: Option<&'static Encoding>) {
        self.option = option;
    }

    /// Takes more of the decoded content.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let State::Waiting(media) = &self.state
            && !bytes.is_empty()
        {
            self.state = if media.may_be_text() {
                State::Looking(ToUtf8::new(&media.declared(self.option), true))
            } else {
                State::Idle
            };
        }
        for piece in bytes.chunks(PIECE) {
            self.look(piece, false);
        }
    }

    /// Whether more of the content changes nothing.
    pub(super) fn knows_all(&self) -> bool {
        matches!(self.state, State::Idle | State::Known(_))
    }

    /// The content has ended, or is cut off (unless it `is_whole`): what is known of it.
    pub(super) fn finish(&mut self, is_whole: bool) -> Option<(&'static Encoding, CharsetSource)> {
        if let State::Looking(text) = &mut self.state
            && !is_whole
        {
            text.cut_off();
        }
        self.look(&[], true);
        match self.state {
            State::Known(charset) => Some(charset),
            _ => None,
        }
    }

    fn look(&mut self, piece: &[u8], last: bool) {
        let State::Looking(text) = &mut self.state else { return };
        let mut ignored = Vec::new();
        text.push(piece, last, &mut ignored);
        if let Some(charset) = text.charset() {
            self.state = State::Known(charset);
        } else if text.is_binary() {
            self.state = State::Idle;
        }
    }
}
