//! The zstd coding: Zstandard frames (RFC 8878) with the window that RFC 9659
//! allows for HTTP.

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name, is_error_kind};

use super::super::{Corrupt, Decode, Step};
use super::windows::{Window, no_memory, too_large};

/// Base-2 logarithm of the largest window, 8 MiB (RFC 9659 §3).
const WINDOW_LOG_MAX: u32 = 23;
/// Bytes of a block's header (RFC 8878 §3.1.1.2).
const BLOCK_HEADER: usize = 3;

/// A Zstandard decoder.
pub(super) struct Zstd {
    /// None where the library can't make one with this window.
    context: Option<DCtx<'static>>,
    /// The largest window's part of the memory that there is.
    window: Option<Window>,
    /// How many bytes the library would like next.
    wanted: usize,
    /// The last call filled the output: there may be more.
    is_pending: bool,
    /// A frame has come to its end.
    has_frame: bool,
    /// No byte of a frame was taken after that.
    is_between_frames: bool,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let context = DCtx::try_create().and_then(|mut context| {
            context.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).is_ok().then_some(context)
        });
        let window = Window::take(1 << WINDOW_LOG_MAX);
        Self { context, window, wanted: 0, is_pending: false, has_frame: false, is_between_frames: false }
    }

    /// One call of the library. It forgets what it wrote when it fails, so no
    /// call is given more than makes either output or an error: never a block
    /// and what stands behind it, nor anything while output is pending.
    fn call(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        if self.window.is_none() {
            return Err(no_memory(1 << WINDOW_LOG_MAX));
        }
        let Some(context) = &mut self.context else {
            return Err(Corrupt::new("the decoder cannot be set up", 0));
        };
        let room = output.len();
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around(output);
        match context.decompress_stream(&mut output, &mut input) {
            Ok(wanted) => {
                let (consumed, produced) = (input.pos(), output.pos());
                self.wanted = wanted;
                self.is_pending = produced == room;
                self.has_frame |= wanted == 0;
                self.is_between_frames = wanted == 0 || (self.is_between_frames && consumed == 0);
                Ok(Step { consumed, produced, ended: false })
            }
            Err(code) => self.failed(code),
        }
    }

    fn failed(&mut self, code: usize) -> Result<Step, Corrupt> {
        if is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_prefix_unknown) {
            // Not another frame: the stream has ended with the one before.
            return if self.has_frame {
                self.is_between_frames = true;
                Ok(Step { ended: true, ..Step::default() })
            } else {
                Err(Corrupt::not_applied("it does not begin with 28 B5 2F FD"))
            };
        }
        if is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge) {
            let what = "its window is over the 8 MiB that RFC 9659 allows";
            return Err(too_large(what));
        }
        Err(Corrupt::new(get_error_name(code), 0))
    }
}

impl Decode for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        if self.is_pending {
            let step = self.call(&[], output)?;
            if step.produced > 0 {
                return Ok(step);
            }
        }
        if input.is_empty() {
            return Ok(Step::default());
        }
        let portion =
            if self.wanted > BLOCK_HEADER { self.wanted - BLOCK_HEADER } else { self.wanted.max(1) };
        self.call(&input[..input.len().min(portion)], output)
    }

    fn is_whole(&self) -> bool {
        self.is_between_frames
    }
}
