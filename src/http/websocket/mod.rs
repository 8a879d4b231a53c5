//! WebSocket (RFC 6455): the opening handshake, frames and messages.
//!
//! As everywhere in `http`: bytes in, values out. Frames are read leniently.
//! Each [`Deviation`](super::Deviation) is noted with its offset, and reading
//! continues for as long as the end of the frame is known.
//!
//! | file | what it knows | source |
//! |---|---|---|
//! | [`handshake`] | Sec-WebSocket-Accept, subprotocol and extensions checked | RFC 6455 §4.1, RFC 7692 §7.1 |
//! | [`sha1`] | the hash that the handshake needs | RFC 3174 |
//! | [`frame`] | a frame's header, built and read; masking | RFC 6455 §5.2, §5.3 |
//! | [`reader`] | frames from a stream that comes in any pieces | RFC 6455 §5.2 |
//! | [`messages`] | messages from frames, control frames between them | RFC 6455 §5.4, §5.5 |
//! | [`writer`] | frames from messages | RFC 6455 §5.4, §5.6 |
//! | [`utf8`] | UTF-8 in pieces | RFC 6455 §8.1 |
//! | [`fault`] | what is wrong with a frame, in words | RFC 6455 §5 |
//! | [`close`] | status codes of Close | RFC 6455 §7.4 |

pub mod close;
pub mod fault;
pub mod frame;
pub mod handshake;
pub mod messages;
pub mod reader;
pub mod sha1;
pub mod utf8;
pub mod writer;
