//! The br coding: Brotli (RFC 7932), which has no checksum and no mark of its
//! own to tell it by.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::super::{Corrupt, Decode, Ending, Step};

/// A Brotli decoder. Its window is 16 MiB at most: the large windows, which
/// RFC 7932 does not have, are refused.
pub(super) struct Br {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    has_ended: bool,
}

impl Br {
    pub(super) fn new() -> Self {
        let state = BrotliState::new_strict(
            StandardAlloc::default(),
            StandardAlloc::default(),
            StandardAlloc::default(),
        );
        Self { state: Box::new(state), has_ended: false }
    }
}

impl Decode for Br {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        let (mut left, mut consumed) = (input.len(), 0);
        let (mut room, mut produced) = (output.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut consumed,
            input,
            &mut room,
            &mut produced,
            output,
            &mut 0,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => Err(Corrupt::new(reason(&self.state.error_code), produced)),
            BrotliResult::ResultSuccess => {
                self.has_ended = true;
                Ok(Step { consumed, produced, ended: true })
            }
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                Ok(Step { consumed, produced, ended: false })
            }
        }
    }

    fn ending(&self) -> Ending {
        if self.has_ended { Ending::Decoded } else { Ending::Truncated }
    }
}

/// The decoder's error as words: it has names for its errors and no texts.
fn reason(code: &impl std::fmt::Debug) -> String {
    let name = format!("{code:?}");
    let words = name.trim_start_matches("BROTLI_DECODER_ERROR_").trim_start_matches("FORMAT_");
    words.to_ascii_lowercase().replace('_', " ")
}
