//! Messages of WebSocket compressed one by one (RFC 7692).

use flate2::{Compress, Compression, Decompress, FlushCompress};

use super::deflate;
use crate::http::websocket::handshake::PermessageDeflate;
use crate::http::websocket::messages::{Inflate, NotDeflated};
use crate::http::websocket::writer;

/// The smallest and the largest window that there is a compressor for, as powers of two.
const WINDOWS: std::ops::RangeInclusive<u8> = 9..=15;
/// What a message's compressed bytes end with, which is left off (RFC 7692 §7.2.1).
const END: [u8; 4] = [0, 0, 0xFF, 0xFF];
/// Empty stored blocks, which tell whether a message ended with a whole block. Behind a whole block
/// they produce nothing. A block that is cut off reads them as its own bytes: they produce output or
/// an error. There are more than 300 bytes of them, since the description of a block's codes is
/// shorter and produces nothing (RFC 1951 §3.2.7).
const EMPTY_BLOCKS: [[u8; 5]; 64] = [[0, 0, 0, 0xFF, 0xFF]; 64];
/// How much room a compressor is given at once.
const ROOM: usize = 16 * 1024;

/// The extension that is offered.
pub(crate) const OFFER: Option<&str> = Some("permessage-deflate; client_max_window_bits");

/// What decompresses the server's messages.
pub(crate) fn inflate(agreed: PermessageDeflate) -> Option<Box<dyn Inflate>> {
    Some(Box::new(Inflater { stream: Decompress::new(false), forgets: agreed.server_forgets }))
}

/// Decompresses messages, each with what the ones before have left in the window,
/// unless that is forgotten.
struct Inflater {
    stream: Decompress,
    forgets: bool,
}

impl Inflate for Inflater {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), NotDeflated> {
        let (mut consumed, mut produced) = (0, 0);
        loop {
            let step = deflate::inflate(&mut self.stream, &input[consumed..], &mut output[produced..]);
            let step = step.map_err(|_| NotDeflated)?;
            consumed += step.consumed;
            produced += step.produced;
            if !step.ended {
                return Ok((consumed, produced));
            }
            // A block with BFINAL may end the stream before the message ends (RFC 7692 §7.2.3.4).
            self.stream.reset(false);
            if consumed == input.len() || produced == output.len() {
                return Ok((consumed, produced));
            }
        }
    }

    fn end_message(&mut self) -> Result<(), NotDeflated> {
        let mut output = [0; 16];
        let is_whole = matches!(self.step(EMPTY_BLOCKS.as_flattened(), &mut output), Ok((_, 0)));
        if self.forgets || !is_whole {
            self.stream.reset(false);
        }
        if is_whole { Ok(()) } else { Err(NotDeflated) }
    }
}

/// What compresses the client's messages; `None` where they go uncompressed, since the window
/// that was agreed on is too small.
pub(crate) fn compress(agreed: PermessageDeflate) -> Option<Box<dyn writer::Compress>> {
    let window = agreed.client_window.unwrap_or(*WINDOWS.end());
    WINDOWS.contains(&window).then(|| {
        let stream = Compress::new_with_window_bits(Compression::default(), false, window);
        Box::new(Compressor { stream, forgets: agreed.client_forgets }) as Box<dyn writer::Compress>
    })
}

/// Compresses messages, each with what the ones before have left in the window,
/// unless that is to be forgotten.
struct Compressor {
    stream: Compress,
    forgets: bool,
}

impl writer::Compress for Compressor {
    fn step(&mut self, mut bytes: &[u8], is_last: bool, out: &mut Vec<u8>) {
        let flush = if is_last { FlushCompress::Sync } else { FlushCompress::None };
        loop {
            out.reserve(ROOM);
            let (before, room) = (self.stream.total_in(), out.capacity() - out.len());
            let (length, done) = (out.len(), self.stream.compress_vec(bytes, out, flush));
            bytes = &bytes[(self.stream.total_in() - before) as usize..];
            // Nothing is left to flush where there was room to spare.
            if done.is_err() || bytes.is_empty() && out.len() - length < room {
                break;
            }
        }
        if is_last {
            match out.strip_suffix(&END).map(<[u8]>::len) {
                Some(length) => out.truncate(length),
                // Nothing came of it: an empty block stands for nothing (RFC 7692 §7.2.3.6).
                None => out.push(0),
            }
            if self.forgets {
                self.stream.reset();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each of `messages` is once it has been compressed, as `agreed`, and decompressed.
    fn round(agreed: PermessageDeflate, messages: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut compressor = compress(agreed).expect("a window that there is");
        let mut inflater = inflate(agreed.turned()).expect("an inflater");
        let decompressed = messages.iter().map(|message| {
            let mut compressed = Vec::new();
            let (first, rest) = message.split_at(message.len() / 2);
            compressor.step(first, false, &mut compressed);
            compressor.step(rest, true, &mut compressed);
            compressed.extend(END);
            let (mut input, mut all, mut output) = (&compressed[..], Vec::new(), [0; 1000]);
            loop {
                let (taken, made) = inflater.step(input, &mut output).expect("a deflate stream");
                input = &input[taken..];
                all.extend_from_slice(&output[..made]);
                if input.is_empty() && made < output.len() {
                    break;
                }
            }
            assert_eq!(inflater.end_message(), Ok(()));
            all
        });
        decompressed.collect()
    }

    #[test]
    fn messages_are_what_they_were() {
        let long = b"one and two and three ".repeat(9000);
        let messages = [&b"hello"[..], b"hello", b"", b"", &long, b"x", &long[..66000], b""];
        for client_forgets in [true, false] {
            for client_window in [None, Some(9), Some(15)] {
                let agreed =
                    PermessageDeflate { client_forgets, client_window, ..PermessageDeflate::default() };
                assert_eq!(round(agreed, &messages), messages, "{agreed:?}");
            }
        }
        assert!(
            compress(PermessageDeflate { client_window: Some(8), ..PermessageDeflate::default() }).is_none()
        );
    }

    #[test]
    fn a_block_that_ends_the_stream_does_not_end_the_message() {
        // RFC 7692 §7.2.3.4: BFINAL is set, and an empty block follows.
        let mut inflater = inflate(PermessageDeflate::default()).expect("an inflater");
        let mut output = [0; 32];
        let input = b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00\x00\x00\xff\xff";
        assert_eq!(inflater.step(input, &mut output), Ok((input.len(), 5)));
        assert_eq!(&output[..5], b"Hello");
    }
    #[test]
    fn a_message_that_is_cut_is_not_whole() {
        let text: String = (0..60u32).map(|n| format!("{n} and {}, ", n * 7919 % 1000)).collect();
        for text in ["Hello", &"Hello ".repeat(20), &text] {
            let mut whole = Vec::new();
            let mut compressor = compress(PermessageDeflate::default()).expect("a window that there is");
            compressor.step(text.as_bytes(), true, &mut whole);
            for length in 0..whole.len() {
                let mut inflater = inflate(PermessageDeflate::default()).expect("an inflater");
                let cut = [&whole[..length], &END].concat();
                let mut output = vec![0; 100_000];
                let result = inflater.step(&cut, &mut output).and_then(|_| inflater.end_message());
                assert_eq!(result, Err(NotDeflated), "{length} of {} bytes", whole.len());
            }
        }
    }
}
