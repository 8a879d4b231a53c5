//! Whatever is taken at a time, and whenever something is there to read: what goes
//! out is the same, and observers are told of all of it. The time is made up.

use std::io::{self, Cursor, Read};
use std::time::{Duration, Instant};

use super::*;
use crate::chance::repeatable::Chance;
use crate::connection::Cutting;

/// What begins to send `messages`.
fn sending(
    messages: impl IntoIterator<Item = Message>,
    rules: SendingRules,
    throttle: Option<Throttle>,
    tells_heads: bool,
) -> Outgoing {
    let mut outgoing = Outgoing::default();
    outgoing.begin(messages, rules, throttle, tells_heads);
    outgoing
}

/// An input that gives as chance has it.
struct Typed(Cursor<Vec<u8>>, Chance);

impl Read for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.1.below(4) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            1 => Err(io::ErrorKind::Interrupted.into()),
            _ => {
                let most = 1 + self.1.below(buffer.len().min(4000));
                self.0.read(&mut buffer[..most])
            }
        }
    }
}

impl Input for Typed {}

/// What has been sent, when, and what observers know of it.
#[derive(Default)]
struct Seen {
    wire: Vec<u8>,
    /// Where each piece ended, and how long after the beginning it went.
    pieces: Vec<(usize, Duration)>,
    heads: Vec<Vec<u8>>,
    content: Vec<u8>,
    is_overdue: bool,
}

impl Seen {
    /// Does what `outgoing` says until it is over, or `most` bytes are out, with a stream
    /// that takes as chance has it.
    fn go_on(&mut self, outgoing: &mut Outgoing, chance: &mut Chance, most: usize) {
        let start = Instant::now();
        let mut now = start;
        while !outgoing.is_over() && self.wire.len() < most {
            match outgoing.step(now, false) {
                SendingStep::Write(bytes) => {
                    let count = 1 + chance.below(bytes.len().min(most - self.wire.len()));
                    self.wire.extend_from_slice(&bytes[..count]);
                    self.pieces.push((self.wire.len(), now - start));
                    let sent = outgoing.has_written(count, now);
                    self.heads.extend((!sent.head.is_empty()).then(|| sent.head.to_vec()));
                    self.content.extend_from_slice(sent.content);
                }
                SendingStep::Read { input, into, most } => {
                    let mut room = vec![0; most];
                    match input.read(&mut room) {
                        Ok(count) => {
                            into.extend_from_slice(&room[..count]);
                            outgoing.has_read(count);
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(_) => drop(outgoing.has_read_nothing()),
                    }
                }
                SendingStep::Move(..)
                | SendingStep::Look(_)
                | SendingStep::WriteOn(_)
                | SendingStep::Pass(..) => {
                    unreachable!("nothing may be moved")
                }
                SendingStep::TellOverdue => self.is_overdue = true,
                SendingStep::Finish { .. } => drop(outgoing.has_finished()),
                SendingStep::Wait(want) => now = want.until.expect("nothing else to wait for"),
            }
        }
    }
}

const HEAD: &[u8] = b"PUT / HTTP/1.1\r\n\r\n";

/// Three messages: content in memory, content to read, and content that comes bit by bit.
fn messages(content: &[u8], seed: u64) -> VecDeque<Message> {
    let with = |content: &[u8], input: Option<Box<dyn Input>>| Message {
        content: content.to_vec(),
        input,
        ..Message::bare(HEAD.to_vec())
    };
    let read = || Cursor::new(content.to_vec());
    let typed = Typed(read(), Chance(seed));
    [with(content, None), with(b"", Some(Box::new(read()))), with(b"", Some(Box::new(typed)))].into()
}

/// Sends `messages`, the stream being full at some places.
fn send(messages: VecDeque<Message>, rules: SendingRules, seed: u64) -> (Seen, Outgoing) {
    let mut outgoing = sending(messages, rules, None, true);
    let (mut seen, mut chance) = (Seen::default(), Chance(seed));
    for most in [1, 18, 100_000, usize::MAX] {
        seen.go_on(&mut outgoing, &mut chance, most);
    }
    (seen, outgoing)
}

#[test]
fn any_split_gives_the_same() {
    let content = b"abcdefg".repeat(20_000);
    let sent = [HEAD, &content].concat();
    let sized = Cutting { size: Some(70_001), ..Cutting::default() };
    for seed in 0..20 {
        for cutting in [None, Some(sized.clone())] {
            let rules = || SendingRules { cutting: cutting.clone(), ..SendingRules::default() };
            for message in messages(&content, seed) {
                let (seen, outgoing) = send([message].into(), rules(), seed);
                assert!(seen.wire == sent, "{seed}: {} bytes", seen.wire.len());
                assert!(seen.heads == [HEAD] && seen.content == content, "{seed}: told otherwise");
                assert_eq!((outgoing.begun_and_sent(), outgoing.written()), ((1, 1), sent.len() as u64));
            }
            // Several are told of by somebody else.
            let rules = SendingRules { is_silent: true, ..rules() };
            let (seen, outgoing) = send(messages(&content, seed), rules, seed);
            assert!(seen.wire == sent.repeat(3), "{seed}: {} bytes", seen.wire.len());
            assert!(seen.heads.is_empty() && seen.content.is_empty());
            assert_eq!(outgoing.begun_and_sent(), (3, 3), "{seed}");
        }
    }
}

#[test]
fn the_last_byte_is_held_until_it_is_released() {
    let content = b"abcdefg".repeat(20_000);
    let sent = [HEAD, &content].concat().repeat(3);
    for seed in 0..20 {
        let rules = SendingRules { holds_last: true, ..SendingRules::default() };
        let mut outgoing = sending(messages(&content, seed), rules, None, true);
        let (mut seen, mut chance) = (Seen::default(), Chance(seed));
        seen.go_on(&mut outgoing, &mut chance, sent.len() - 1);
        // The end of what is read is seen by reading.
        let now = Instant::now();
        while let SendingStep::Read { .. } = outgoing.step(now, true) {
            outgoing.has_read(0);
        }
        assert!(outgoing.is_held(now) && matches!(outgoing.step(now, true), SendingStep::Wait(_)), "{seed}");
        outgoing.release();
        seen.go_on(&mut outgoing, &mut chance, usize::MAX);
        assert!(seen.wire == sent, "{seed}");
    }
}

#[test]
fn content_waits_for_consent_or_its_time() {
    let patience = Duration::from_secs(3);
    let message = || Message {
        input: Some(Box::new(&b"content"[..])),
        consent: Some(patience),
        ..Message::bare(HEAD.to_vec())
    };
    for is_given in [true, false] {
        let mut outgoing = sending([message()], SendingRules::default(), None, true);
        let (mut seen, mut chance) = (Seen::default(), Chance(7));
        seen.go_on(&mut outgoing, &mut chance, HEAD.len());
        assert!(outgoing.awaits_consent() && seen.content.is_empty());
        if is_given {
            outgoing.consent();
        }
        seen.go_on(&mut outgoing, &mut chance, usize::MAX);
        assert_eq!((&seen.content[..], seen.is_overdue), (&b"content"[..], !is_given));
        let waited = seen.pieces.last().map(|&(_, after)| after > Duration::from_secs(2));
        assert_eq!(waited, Some(!is_given));
    }
}

#[test]
fn pieces_go_out_at_their_times() {
    let now = Instant::now();
    let pause = Duration::from_millis(50);
    let cutting = Cutting { offsets: vec![5, 20], pause, ..Cutting::default() };
    let rules = SendingRules { cutting: Some(cutting), ..SendingRules::default() };
    let content = vec![b'x'; 82];
    let message = Message { content, ..Message::bare(HEAD.to_vec()) };
    let throttle = Throttle::new(1000, now + Duration::from_secs(1));
    let mut outgoing = sending([message], rules, Some(throttle), true);
    let mut seen = Seen::default();
    seen.go_on(&mut outgoing, &mut Chance(3), usize::MAX);
    let after = |end: usize| seen.pieces.iter().find(|piece| piece.0 > end).map(|piece| piece.1).unwrap();
    assert!([5, 20, 100].iter().all(|end| seen.pieces.iter().any(|piece| piece.0 == *end)));
    // A head goes out at once; what is behind it waits for its turn.
    assert!(after(5) < Duration::from_millis(999) && after(20) >= Duration::from_millis(999));
    assert!(after(5) >= after(0) + pause && after(20) >= after(5) + pause);
    // A tenth of a second's worth at once, and no sooner than its turn.
    assert!(seen.pieces.last().unwrap().1 >= Duration::from_millis(1000));
}

#[test]
fn a_head_that_is_cut_off_is_told_as_far_as_it_went() {
    for count in [0, 5, HEAD.len()] {
        let mut outgoing = sending(messages(b"abc", 1), SendingRules::default(), None, true);
        let mut seen = Seen::default();
        seen.go_on(&mut outgoing, &mut Chance(1), count);
        let part = if count < HEAD.len() { &HEAD[..count] } else { &b""[..] };
        assert_eq!(outgoing.stop(), Some(part));
        assert_eq!(outgoing.stop(), None);
        assert!(outgoing.is_over());
    }
}

/// A pipe whose content goes out as chunks; what is read of it is a chunk already. And whether it has ended.
struct Piped(File, Cursor<Vec<u8>>, bool);

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut data = [0; 3];
        let count = self.1.read(&mut data)?;
        if count == 0 && mem::replace(&mut self.2, true) {
            return Ok(0);
        }
        let chunk = [format!("{count:x}\r\n").as_bytes(), &data[..count], b"\r\n"].concat();
        buffer[..chunk.len()].copy_from_slice(&chunk);
        Ok(chunk.len())
    }
}

impl Input for Piped {
    fn pipe(&self) -> Option<&File> {
        Some(&self.0)
    }

    fn chunk_line(&self, length: usize) -> Option<Vec<u8>> {
        Some(format!("{length:x}\r\n").into_bytes())
    }
}

#[test]
fn what_a_pipe_holds_becomes_a_chunk() {
    let file = File::open(std::env::current_exe().unwrap()).unwrap();
    let input = Box::new(Piped(file, Cursor::new(b"typed".to_vec()), false));
    let message = Message { input: Some(input), ..Message::bare(HEAD.to_vec()) };
    let mut outgoing = sending([message], SendingRules::default(), None, true);
    let (mut wire, now) = (Vec::new(), Instant::now());
    let mut found = [20_000, 16_384, 100, 0].into_iter();
    while !outgoing.is_over() {
        match outgoing.step(now, true) {
            SendingStep::Look(_) => outgoing.has_found(found.next().unwrap_or(0)),
            SendingStep::Write(bytes) | SendingStep::WriteOn(bytes) => {
                let count = bytes.len().min(2);
                wire.extend_from_slice(&bytes[..count]);
                outgoing.has_written(count, now);
            }
            // The kernel moves some of each, and then it must be read.
            SendingStep::Pass(_, left) if left >= 16_384 => {
                wire.extend_from_slice(&b"m".repeat(5000));
                outgoing.has_passed(5000);
            }
            SendingStep::Pass(_, left) => outgoing.has_read_of_chunk(&b"r".repeat(left.min(9000))),
            SendingStep::Read { input, into, most } => {
                let mut room = vec![0; most];
                let count = input.read(&mut room).unwrap();
                into.extend_from_slice(&room[..count]);
                outgoing.has_read(count);
            }
            SendingStep::Finish { .. } => drop(outgoing.has_finished()),
            SendingStep::Move(..) | SendingStep::TellOverdue | SendingStep::Wait(_) => unreachable!(),
        }
    }
    let moved = "m".repeat(5000);
    let chunks = [("4e20", 15_000), ("4000", 11_384)]
        .map(|(size, read)| format!("{size}\r\n{moved}{}\r\n", "r".repeat(read)));
    // What can be read at once goes out with the head.
    let head = String::from_utf8_lossy(HEAD);
    let wanted = format!("{head}3\r\ntyp\r\n{}2\r\ned\r\n0\r\n\r\n", chunks.concat());
    assert_eq!(String::from_utf8(wire).unwrap(), wanted);
}
