//! The br coding: Brotli (RFC 7932), which has no checksum and no mark of its
//! own to tell it by.

use brotli_decompressor::{
    BrotliDecoderErrorCode, BrotliDecoderTakeOutput, BrotliDecompressStream, BrotliResult, BrotliState,
    StandardAlloc,
};

use super::super::{Corrupt, Decode, Step};
use super::windows::{Window, no_memory};

/// A Brotli decoder. Its window is 16 MiB at most: the large windows, which
/// RFC 7932 does not have, are refused.
pub(super) struct Br {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    has_ended: bool,
    /// The window's part of the memory that there is; none before the first byte.
    window: Option<Window>,
    /// Why decoding failed, while output from before is still to be given.
    failed: Option<Corrupt>,
}

impl Br {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        let state = Box::new(BrotliState::new_strict(alloc(), alloc(), alloc()));
        Self { state, has_ended: false, window: None, failed: None }
    }

    /// The library's error. It gives nothing at all while a length is negative: a block was longer than
    /// it says. How much of that was decoded depends on how the input came.
    fn failure(&mut self) -> Corrupt {
        if self.state.meta_block_remaining_len >= 0 {
            return Corrupt::new(reason(&self.state.error_code), 0);
        }
        self.state.meta_block_remaining_len = 0;
        Corrupt { is_counted: false, ..Corrupt::new("a block is longer than it says", 0) }
    }

    /// Gives what was decoded before the failure `corrupt`: the library
    /// keeps it in its window, and gives it only while there is no error.
    fn drain(&mut self, corrupt: Corrupt, output: &mut [u8], filled: usize) -> Result<Step, Corrupt> {
        self.state.error_code = BrotliDecoderErrorCode::BROTLI_DECODER_SUCCESS;
        let mut produced = filled;
        while produced < output.len() {
            let mut size = output.len() - produced;
            let taken = BrotliDecoderTakeOutput(&mut self.state, &mut size);
            if taken.is_empty() {
                return Err(Corrupt { produced, ..corrupt });
            }
            output[produced..produced + taken.len()].copy_from_slice(taken);
            produced += taken.len();
        }
        Ok(Step { produced, ..Step::default() })
    }
}

impl Decode for Br {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        if let Some(corrupt) = self.failed.clone() {
            return self.drain(corrupt, output, 0);
        }
        if let (None, Some(&first)) = (&self.window, input.first()) {
            let size = 1 << window_bits(first);
            self.window = Some(Window::take(size).ok_or_else(|| no_memory(size))?);
        }
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
            BrotliResult::ResultFailure => {
                let corrupt = self.failure();
                self.failed = Some(corrupt.clone());
                self.drain(corrupt, output, produced)
            }
            BrotliResult::ResultSuccess => {
                self.has_ended = true;
                Ok(Step { consumed, produced, ended: true })
            }
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                Ok(Step { consumed, produced, ended: false })
            }
        }
    }

    fn is_whole(&self) -> bool {
        self.has_ended
    }
}

/// Base-2 logarithm of the window that a stream's first byte announces (RFC 7932 §9.1).
fn window_bits(first: u8) -> u32 {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        // 1 stands for the large windows, which are refused.
        (_, 0, more) => 8 + u32::from(more),
        (_, bits, _) => 17 + u32::from(bits),
    }
}

/// The decoder's error as words: it has names for its errors and no texts.
fn reason(code: &BrotliDecoderErrorCode) -> String {
    let name = format!("{code:?}");
    let words = name.trim_start_matches("BROTLI_DECODER_ERROR_").trim_start_matches("FORMAT_");
    words.to_ascii_lowercase().replace('_', " ")
}
