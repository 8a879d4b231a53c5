//! Any split in time and any interleaving of the two directions gives the same.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use super::*;
use crate::http::framing::response_framing;
use crate::wait::Ends;

/// A source of chance that is the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// A peer that takes and gives as chance has it, and nothing every now and then.
struct Scripted {
    gives: io::Cursor<Vec<u8>>,
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
        self.gives.read(&mut buffer[..most])
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

/// What a whole exchange gives: the heads, the content, what follows, and what the peer has taken.
fn exchange(response: &[u8], upload: &[u8], seed: u64) -> (Vec<Vec<u8>>, Vec<u8>, Vec<u8>, Vec<u8>) {
    let taken = Rc::new(RefCell::new(Vec::new()));
    let gives = io::Cursor::new(response.to_vec());
    let stream = Scripted { gives, taken: Rc::clone(&taken), chance: Chance(seed) };
    let events = Events::default();
    let mut connection = Connection::new(Box::new(stream), Limits::default(), &events);
    let (head, input) = (b"PUT / HTTP/1.1\r\n\r\n".to_vec(), Box::new(io::Cursor::new(upload.to_vec())));
    let message = Message { input: Some(input), ..Message::bare(head) };
    connection.send([message], SendingRules::default());
    let (mut heads, mut content) = (Vec::new(), Vec::new());
    let mut budget = HeadBudget::default();
    let head = loop {
        let head = connection.receive_head(&mut budget).map_err(|failed| failed.error).unwrap();
        heads.push(head.raw().to_vec());
        if !head.status_line.is_interim() {
            break head;
        }
    };
    let mut body = connection.body(response_framing(b"PUT", &head), false);
    while let BodyPiece::Data(bytes) = body.next(None).unwrap() {
        content.extend_from_slice(bytes);
    }
    connection.finish_sending().unwrap();
    let mut after = Vec::new();
    while let Some(bytes) = connection.read_after_end(&Linger::FOR_EVER).unwrap() {
        after.extend_from_slice(bytes);
    }
    let taken = taken.borrow().clone();
    (heads, content, after, taken)
}

#[test]
fn any_interleaving_gives_the_same() {
    let data = b"0123456789".repeat(3000);
    let upload = b"abcdefg".repeat(30_000);
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let chunked = |data: &[u8]| {
        let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        [data.chunks(777).flat_map(chunk).collect(), b"0\r\nT: u\r\n\r\n".to_vec()].concat()
    };
    let head = |fields: &str| [interim, format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()].concat();
    let responses = [
        [head(&format!("Content-Length: {}\r\n", data.len())), data.clone(), b"stray".to_vec()].concat(),
        [head("Transfer-Encoding: chunked\r\n"), chunked(&data), b"stray".to_vec()].concat(),
        [head(""), data.clone()].concat(),
    ];
    let sent = [&b"PUT / HTTP/1.1\r\n\r\n"[..], &upload].concat();
    for (number, response) in responses.iter().enumerate() {
        for seed in 0..40 {
            let (heads, content, after, taken) = exchange(response, &upload, seed);
            assert_eq!((heads.len(), &heads[0][..]), (2, &interim[..]), "{number} {seed}");
            assert!(content == data, "{number} {seed}: {} bytes of content", content.len());
            assert_eq!(after, if number == 2 { &b""[..] } else { b"stray" }, "{number} {seed}");
            assert!(taken == sent, "{number} {seed}: {} bytes were taken", taken.len());
        }
    }
}
