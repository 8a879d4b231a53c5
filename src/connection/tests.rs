//! Any split in time and any interleaving of the two directions gives the same:
//! downloads, uploads and both at once. What goes out by itself is tested with
//! `outgoing`.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::chance::repeatable::Chance;
use crate::http::framing::response_framing;
use crate::wait::{Ends, Input};

/// What a peer has answered once it has taken so much: the longer, the more.
type Answer = Rc<dyn Fn(&[u8]) -> Vec<u8>>;

/// A peer that takes and gives as chance has it, and nothing every now and then.
struct Scripted {
    answer: Answer,
    given: usize,
    /// How much it takes before it closes.
    takes: usize,
    taken: Rc<RefCell<Vec<u8>>>,
    chance: Chance,
}

impl Scripted {
    fn some(&mut self, most: usize) -> io::Result<usize> {
        match self.chance.below(3) {
            0 => Err(ErrorKind::WouldBlock.into()),
            _ => Ok(1 + self.chance.below(most.clamp(1, 4000))),
        }
    }
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.some(buffer.len())?.min(buffer.len());
        let taken = self.taken.borrow();
        let count = (&(self.answer)(&taken)[self.given..]).read(&mut buffer[..most])?;
        self.given += count;
        if count == 0 && taken.len() < self.takes { Err(ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.some(bytes.len())?.min(bytes.len());
        self.taken.borrow_mut().extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.some(1).map(|_| ())
    }
}

impl Stream for Scripted {
    fn set_nonblocking(&self, _is_nonblocking: bool) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn ends(&self) -> Option<Ends<'_>> {
        None
    }
}

/// What a whole exchange gives.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    heads: Vec<Vec<u8>>,
    content: Vec<u8>,
    after: Vec<u8>,
    taken: Vec<u8>,
}

const HEAD: &[u8] = b"PUT / HTTP/1.1\r\n\r\n";

/// Sends `upload` to a peer that takes `takes` bytes. A refusal stops the upload.
fn exchange(answer: &Answer, upload: &[u8], consent: Option<Duration>, takes: usize, seed: u64) -> Outcome {
    let taken = Rc::new(RefCell::new(Vec::new()));
    let chance = Chance(seed);
    let stream = Scripted { answer: Rc::clone(answer), given: 0, takes, taken: Rc::clone(&taken), chance };
    let events = Events::default();
    let mut connection = Connection::new(Box::new(stream), Limits::default(), &events);
    let input: Option<Box<dyn Input>> = Some(Box::new(io::Cursor::new(upload.to_vec())));
    connection.send([Message { input, consent, ..Message::bare(HEAD.to_vec()) }], SendingRules::default());
    let (mut heads, mut content) = (Vec::new(), Vec::new());
    let mut budget = HeadBudget::default();
    let head = loop {
        let head = connection.receive_head(&mut budget).map_err(|failed| failed.error).unwrap();
        heads.push(head.raw().to_vec());
        match head.status_line.is_interim() {
            true if head.status() == 100 => connection.outgoing_mut().consent(),
            true => {}
            false => break head,
        }
    };
    if head.status() >= 400 {
        connection.stop_sending();
    }
    let mut body = connection.body(response_framing(b"PUT", &head), false);
    while let BodyPiece::Data(bytes) = body.next(None).unwrap() {
        content.extend_from_slice(bytes);
    }
    connection.finish_sending().unwrap();
    let mut after = Vec::new();
    while head.status() < 400
        && let Some(bytes) = connection.read_after_end(&Linger::FOR_EVER).unwrap()
    {
        after.extend_from_slice(bytes);
    }
    let taken = taken.borrow().clone();
    Outcome { heads, content, after, taken }
}

const SEEDS: std::ops::Range<u64> = 0..40;

fn chunked(data: &[u8]) -> Vec<u8> {
    let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    [data.chunks(777).flat_map(chunk).collect(), b"0\r\nT: u\r\n\r\n".to_vec()].concat()
}

#[test]
fn any_interleaving_gives_the_same() {
    let data = b"0123456789".repeat(3000);
    let upload = b"abcdefg".repeat(10_000);
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let head = |fields: &str| [interim, format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()].concat();
    let responses = [
        [head(&format!("Content-Length: {}\r\n", data.len())), data.clone(), b"stray".to_vec()].concat(),
        [head("Transfer-Encoding: chunked\r\n"), chunked(&data), b"stray".to_vec()].concat(),
        [head(""), data.clone()].concat(),
    ];
    let sent = [HEAD, &upload].concat();
    for (number, response) in responses.into_iter().enumerate() {
        let answer: Answer = Rc::new(move |_| response.clone());
        for seed in SEEDS {
            let outcome = exchange(&answer, &upload, None, sent.len(), seed);
            let Outcome { heads, content, after, taken } = outcome;
            assert_eq!((heads.len(), &heads[0][..]), (2, &interim[..]), "{number} {seed}");
            assert!(content == data, "{number} {seed}: {} bytes of content", content.len());
            assert_eq!(after, if number == 2 { &b""[..] } else { b"stray" }, "{number} {seed}");
            assert!(taken == sent, "{number} {seed}: {} bytes were taken", taken.len());
        }
    }
}

#[test]
fn any_interleaving_of_an_echo_gives_the_same() {
    let upload = b"abcdefg".repeat(10_000);
    let sent = [HEAD, &upload].concat();
    let length = upload.len();
    let with = |head: String| move |taken: &[u8]| [head.as_bytes(), &taken[HEAD.len()..]].concat();
    let echo: [Answer; 2] = [
        Rc::new(with(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"))),
        Rc::new(with("HTTP/1.1 200 OK\r\n\r\n".to_owned())),
    ];
    for (number, echo) in echo.into_iter().enumerate() {
        // Nothing comes before the head is there.
        let answer: Answer = Rc::new(move |taken| match taken.len() < HEAD.len() {
            true => Vec::new(),
            false => echo(taken),
        });
        for seed in SEEDS {
            let outcome = exchange(&answer, &upload, None, sent.len(), seed);
            assert_eq!(outcome.heads.len(), 1);
            assert!(outcome.content == upload, "{number} {seed}");
            assert!(outcome.taken == sent && outcome.after.is_empty(), "{number} {seed}");
        }
    }
}

#[test]
fn content_that_awaits_consent_goes_out_whenever_that_comes() {
    let upload = b"abcdefg".repeat(10_000);
    let sent = [HEAD, &upload].concat();
    let (proceed, done) = (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n");
    for (says_proceed, patience) in [(true, 3600), (false, 0)] {
        let all = sent.len();
        let answer: Answer = Rc::new(move |taken| {
            let proceed = if says_proceed && taken.len() >= HEAD.len() { &proceed[..] } else { b"" };
            [proceed, if taken.len() == all { &done[..] } else { b"" }].concat()
        });
        for seed in SEEDS {
            let patience = Some(Duration::from_secs(patience));
            let outcome = exchange(&answer, &upload, patience, sent.len(), seed);
            assert_eq!(outcome.heads.len(), 1 + usize::from(says_proceed), "{seed}");
            assert!(outcome.taken == sent, "{seed}: {} bytes were taken", outcome.taken.len());
        }
    }
}

#[test]
fn a_refusal_is_whole_however_much_was_sent_before() {
    let upload = b"abcdefg".repeat(10_000);
    let sent = [HEAD, &upload].concat();
    let response = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n\r\ntoo big";
    let answer: Answer =
        Rc::new(|taken| if taken.len() < HEAD.len() { Vec::new() } else { response.to_vec() });
    for seed in SEEDS {
        let hour = Some(Duration::from_secs(3600));
        let refused = exchange(&answer, &upload, None, usize::MAX, seed);
        assert_eq!((refused.heads.len(), &refused.content[..]), (1, &b"too big"[..]), "{seed}");
        assert!(sent.starts_with(&refused.taken) && refused.taken.len() < sent.len(), "{seed}");
        let unsent = exchange(&answer, &upload, hour, usize::MAX, seed);
        assert_eq!((&unsent.content[..], &unsent.taken[..]), (&b"too big"[..], HEAD), "{seed}");
    }
}
