//! What is sent over a WebSocket: the user's messages, Pongs and Close, as the
//! bytes of frames that the connection sends when it can.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::chance::Masks;
use crate::http::websocket::close::Close;
use crate::http::websocket::frame::{FrameHeader, Opcode};
use crate::http::websocket::writer::{Compress, MessageWriter, push_frame};
use crate::plan::{MessageSource, OutgoingMessages};
use crate::wait::{Input, Live};

/// The payload of a frame of a message that is longer: between two fragments a Pong
/// can go out.
const FRAGMENT: usize = 64 * 1024;
/// Most Pongs that wait to be sent: of more Pings only the newest is answered
/// (RFC 6455 §5.5.3).
const MAX_PONGS: usize = 64;

/// What waits to be sent, shared by who receives and who sends.
pub(super) struct SendQueue {
    pongs: VecDeque<Vec<u8>>,
    /// The last frame.
    close: Option<Close>,
    /// Close follows the input's end (`--half-close`).
    half_close: bool,
    /// Close follows so long after the last message (`--linger`).
    linger: Option<Duration>,
    /// When the last message came, or the input ended, if it has.
    quiet_since: Instant,
    is_input_over: bool,
}

impl SendQueue {
    pub(super) fn new(half_close: bool, linger: Option<Duration>) -> Self {
        Self {
            pongs: VecDeque::new(),
            close: None,
            half_close,
            linger,
            quiet_since: Instant::now(),
            is_input_over: false,
        }
    }

    /// Answers a Ping.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        if self.pongs.len() == MAX_PONGS {
            self.pongs.pop_back();
        }
        self.pongs.push_back(payload.to_vec());
    }

    /// A message has come.
    pub(super) fn has_received(&mut self) {
        if self.linger.is_some() {
            self.quiet_since = Instant::now();
        }
    }

    /// Sends Close, after which nothing is sent, unless that has been done before.
    pub(super) fn close(&mut self, close: Close) {
        self.close.get_or_insert(close);
    }

    /// Whether Close is sent, or will be as soon as it can.
    pub(super) fn is_closing(&self) -> bool {
        self.close.is_some()
    }

    /// When it has been quiet for as long as `--linger` says.
    pub(super) fn lingers_until(&self) -> Option<Instant> {
        let linger = self.linger.filter(|_| self.is_input_over && !self.is_closing())?;
        self.quiet_since.checked_add(linger)
    }

    fn end_input(&mut self) {
        if !self.is_input_over {
            self.is_input_over = true;
            self.quiet_since = Instant::now();
        }
        if self.half_close {
            self.close(Close::normal());
        }
    }
}

/// Gives the frames of a [`SendQueue`] and of the user's messages.
pub(super) struct FrameSource {
    queue: Rc<RefCell<SendQueue>>,
    sources: VecDeque<MessageSource>,
    writer: MessageWriter,
    masks: Masks,
    /// What has been read of a message and is in no frame yet.
    held: Vec<u8>,
    /// Frames, and how much of them has been given out.
    frames: Vec<u8>,
    given: usize,
    /// Close is among the frames.
    has_ended: bool,
}

impl FrameSource {
    /// What waits in `queue`, and `messages`, which are compressed where `compress` is given.
    pub(super) fn new(
        queue: Rc<RefCell<SendQueue>>,
        messages: OutgoingMessages,
        compress: Option<Box<dyn Compress>>,
    ) -> Self {
        let OutgoingMessages { sources, kind } = messages;
        if sources.is_empty() {
            queue.borrow_mut().end_input();
        }
        Self {
            queue,
            sources,
            writer: MessageWriter::new(kind, compress),
            masks: Masks::new(),
            held: Vec::new(),
            frames: Vec::new(),
            given: 0,
            has_ended: false,
        }
    }

    /// Whether there are frames without reading a message.
    fn has_frames(&self) -> bool {
        let queue = self.queue.borrow();
        self.given < self.frames.len() || self.has_ended || !queue.pongs.is_empty() || queue.close.is_some()
    }

    /// Makes frames of what there is: of what waits in the queue, or of what one read gives.
    fn fill(&mut self) -> io::Result<()> {
        self.frames.clear();
        self.given = 0;
        self.empty_queue();
        if self.frames.is_empty() && !self.has_ended {
            self.read_message()?;
            // What the end of a source leads to is sent at once.
            self.empty_queue();
        }
        Ok(())
    }

    /// Makes frames of what waits in the queue.
    fn empty_queue(&mut self) {
        if self.has_ended {
            return;
        }
        let mut queue = self.queue.borrow_mut();
        for payload in queue.pongs.drain(..) {
            control(Opcode::PONG, &payload, self.masks.next(), &mut self.frames);
        }
        if let Some(close) = &queue.close {
            control(Opcode::CLOSE, &close.payload(), self.masks.next(), &mut self.frames);
            self.has_ended = true;
            self.sources.clear();
        }
    }

    /// Reads once of the messages.
    fn read_message(&mut self) -> io::Result<()> {
        let Some(source) = self.sources.front_mut() else { return Ok(()) };
        let before = self.held.len();
        let mut room = vec![0; FRAGMENT];
        let read = source.input.read(&mut room);
        self.held.extend_from_slice(&room[..read.as_ref().copied().unwrap_or(0)]);
        let MessageSource { is_lines, drops_cr, .. } = *source;
        match read? {
            0 => self.end_source(is_lines),
            _ if is_lines => self.say_lines(before, drops_cr),
            _ => {}
        }
        // More than one frame holds, and more than that is to come.
        if self.held.len() > FRAGMENT {
            let rest = self.held.split_off(FRAGMENT);
            let payload = std::mem::replace(&mut self.held, rest);
            self.fragment(&payload, false);
        }
        Ok(())
    }

    /// Makes a message of each whole line; the first `before` bytes of what is held have been looked at.
    fn say_lines(&mut self, before: usize, drops_cr: bool) {
        let held = std::mem::take(&mut self.held);
        let mut start = 0;
        while let Some(length) = held[start.max(before)..].iter().position(|&byte| byte == b'\n') {
            let end = start.max(before) + length;
            let line = &held[start..end];
            self.fragment(line.strip_suffix(b"\r").filter(|_| drops_cr).unwrap_or(line), true);
            start = end + 1;
        }
        self.held = held;
        self.held.drain(..start);
    }

    fn end_source(&mut self, is_lines: bool) {
        self.sources.pop_front();
        let held = std::mem::take(&mut self.held);
        if !is_lines || !held.is_empty() || self.writer.has_begun() {
            self.fragment(&held, true);
        }
        if self.sources.is_empty() {
            self.queue.borrow_mut().end_input();
        }
    }

    fn fragment(&mut self, payload: &[u8], is_last: bool) {
        let key = self.masks.next();
        self.writer.push(payload, is_last, key, &mut self.frames);
    }
}

/// Appends a control frame to `frames`.
fn control(opcode: Opcode, payload: &[u8], key: [u8; 4], frames: &mut Vec<u8>) {
    push_frame(FrameHeader::new(opcode, true, payload.len() as u64, key), payload, frames);
}

impl Read for FrameSource {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.frames.len() {
            self.fill()?;
        }
        if self.frames.is_empty() && !self.has_ended {
            let is_silent = self.sources.is_empty();
            return Err(if is_silent { ErrorKind::WouldBlock } else { ErrorKind::Interrupted }.into());
        }
        let count = (&self.frames[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

impl Input for FrameSource {
    fn live(&self) -> Option<&Live> {
        if self.has_frames() { None } else { self.sources.front().and_then(|source| source.input.live()) }
    }

    fn until(&self) -> Option<Instant> {
        self.queue.borrow().lingers_until()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::websocket::messages::MessageKind;
    use crate::http::websocket::reader::{FramePart, FrameReader};

    /// Gives one piece at each read.
    struct Pieces(VecDeque<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(piece) = self.0.pop_front() else { return Ok(0) };
            (&piece[..]).read(buffer)
        }
    }

    impl Input for Pieces {}

    fn source(text: &[u8], size: usize, is_lines: bool) -> MessageSource {
        let input = Box::new(Pieces(text.chunks(size).map(<[u8]>::to_vec).collect()));
        MessageSource { input, is_lines, drops_cr: true }
    }

    fn source_of(
        queue: &Rc<RefCell<SendQueue>>,
        sources: impl IntoIterator<Item = MessageSource>,
    ) -> FrameSource {
        let messages = OutgoingMessages { sources: sources.into_iter().collect(), kind: MessageKind::Text };
        FrameSource::new(Rc::clone(queue), messages, None)
    }

    /// The frames that `frames_of` gives before it has no more; and whether it has ended.
    fn frames(frames_of: &mut FrameSource) -> (Vec<String>, bool) {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 1000]);
        let has_ended = loop {
            match frames_of.read(&mut buffer) {
                Ok(0) => break true,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    break false;
                }
            }
        };
        let (mut reader, mut input, mut frames) = (FrameReader::new(0), &mut bytes[..], Vec::new());
        let mut payload = Vec::new();
        let mut name = String::new();
        while let Some(part) = reader.next(&mut input) {
            match part {
                FramePart::Begin(header, _) => {
                    assert!(header.mask.is_some());
                    name = format!("{}{}", header.opcode.name(), if header.is_final { "" } else { ", more" });
                }
                FramePart::Payload(bytes) => payload.extend_from_slice(bytes),
                FramePart::End => {
                    let told = match payload.len() {
                        0..=20 => payload.escape_ascii().to_string(),
                        length => length.to_string(),
                    };
                    frames.push(format!("{name}: {told}"));
                    payload.clear();
                }
            }
        }
        (frames, has_ended)
    }

    #[test]
    fn lines_are_messages_however_they_come() {
        let text = b"one\n\ntwo\r\nrest";
        for size in 1..text.len() {
            let queue = Rc::new(RefCell::new(SendQueue::new(false, None)));
            let mut frames_of = source_of(&queue, [source(text, size, true)]);
            let expected = ["text: one", "text: ", "text: two", "text: rest"].map(str::to_owned);
            assert_eq!(frames(&mut frames_of), (expected.to_vec(), false), "{size}");
        }
    }

    #[test]
    fn a_long_line_or_file_is_one_message_in_fragments() {
        let long = vec![b'x'; 2 * FRAGMENT + 1];
        let fragments = ["text, more: 65536", "continuation, more: 65536", "continuation: x"];
        // The last fragment of a line has what the last read gave.
        let last = ["text, more: 65536", "continuation: 65537"];
        let line = [&long[..], b"\n"].concat();
        for (text, size, is_lines, expected) in [
            (&long, 999, false, &fragments[..]),
            (&long, FRAGMENT, false, &fragments),
            (&line, 999, true, &last),
        ] {
            let queue = Rc::new(RefCell::new(SendQueue::new(false, None)));
            let mut frames_of = source_of(&queue, [source(text, size, is_lines)]);
            assert_eq!(frames(&mut frames_of).0, expected, "{size}");
        }
        let queue = Rc::new(RefCell::new(SendQueue::new(false, None)));
        let mut frames_of = source_of(&queue, [source(&long[..FRAGMENT], 999, false), source(b"", 1, false)]);
        assert_eq!(frames(&mut frames_of).0, ["text: 65536", "text: "]);
    }

    #[test]
    fn pongs_come_between_and_nothing_after_close() {
        let queue = Rc::new(RefCell::new(SendQueue::new(false, None)));
        let mut frames_of = source_of(&queue, [source(b"a\n", 9, true)]);
        (0..100).for_each(|number: u8| queue.borrow_mut().pong(&[number]));
        let (told, has_ended) = frames(&mut frames_of);
        assert_eq!((told.len(), has_ended), (MAX_PONGS + 1, false));
        assert_eq!(told[MAX_PONGS - 1..], ["pong: c", "text: a"]);
        queue.borrow_mut().close(Close::normal());
        queue.borrow_mut().close(Close::of(1002));
        assert_eq!(frames(&mut frames_of), (vec!["close: \\x03\\xe8".to_owned()], true));
        queue.borrow_mut().pong(b"late");
        assert_eq!(frames(&mut frames_of), (Vec::new(), true));
    }

    #[test]
    fn close_follows_the_input_where_that_is_asked_for() {
        let queue = Rc::new(RefCell::new(SendQueue::new(true, None)));
        let mut frames_of = source_of(&queue, [source(b"a\nb", 9, true)]);
        let expected = ["text: a", "text: b", "close: \\x03\\xe8"].map(str::to_owned);
        assert_eq!(frames(&mut frames_of), (expected.to_vec(), true));
    }

    #[test]
    fn it_lingers_from_the_last_message_or_the_input_s_end() {
        let linger = Duration::from_secs(5);
        let queue = Rc::new(RefCell::new(SendQueue::new(false, Some(linger))));
        let mut frames_of = source_of(&queue, [source(b"a\n", 9, true)]);
        assert_eq!(frames_of.until(), None);
        frames(&mut frames_of);
        let until = frames_of.until().expect("a time");
        queue.borrow_mut().has_received();
        assert!(frames_of.until() >= Some(until) && until > Instant::now());
        queue.borrow_mut().close(Close::normal());
        assert_eq!(frames_of.until(), None);
    }
}
