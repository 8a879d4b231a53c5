//! tcp:// and tls://: bytes out, bytes back, and no HTTP.

use std::io::{self, Cursor, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::asking::open;
use super::console::Console;
use super::delivery::Delivery;
use crate::connection::{Connection, Cutter, Pace, Piece, Throttle};
use crate::event::{Event, Events};
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::framing::{Framed, Framing};
use crate::plan::{Content, PlannedRequest};
use crate::stream::Stream;

/// How much is sent at once.
const PIECE: usize = 64 * 1024;
/// Pieces that were sent and not yet told of, at most.
const UNTOLD: usize = 16;
/// How long what was sent may stay untold while nothing comes in.
const PATIENCE: Duration = Duration::from_millis(20);

/// Sends what there is to send, and prints what comes until the peer closes.
///
/// What is read from standard input or from a long file, or is cut into pieces,
/// is sent by a thread of its own, since a dialogue goes both ways at once.
pub(super) fn run(
    connection: &mut Connection<'_>,
    request: PlannedRequest,
    half_close: bool,
    pace: Pace,
    console: &mut Console,
    delivery: &mut Delivery,
    events: &Events,
) -> anyhow::Result<()> {
    let PlannedRequest { head, mut content, is_dialogue, .. } = request;
    let cutter = connection.cutter().cloned();
    let mut input = open(&mut content);
    if cutter.is_some() {
        input = Box::new(Cursor::new(head).chain(input));
    } else {
        connection.send(&head)?;
        events.emit(&Event::SentBody(&head));
        if !matches!(content, Content::Stream(_)) {
            if half_close {
                connection.shut_down_sending()?;
            }
            return receive(connection, console, delivery, events, None);
        }
    }
    let sender = connection
        .stream()
        .try_clone_sender()
        .map_err(|error| Failure::Send.because("cannot send and receive at once", error))?;
    let (tell, told) = events.are_heard().then(|| sync_channel(UNTOLD)).unzip();
    let mut copying = Copying { input, sender, cutter, throttle: pace.throttle(), fills: !is_dialogue, tell };
    thread::spawn(move || {
        let copied = copying.run();
        // An error shows on the receiving side.
        if copied.is_ok() && half_close {
            let _ = copying.sender.shutdown_write();
        }
    });
    receive(connection, console, delivery, events, told)
}

/// Prints what comes until the peer closes, and tells observers of what was
/// sent meanwhile.
fn receive(
    connection: &mut Connection<'_>,
    console: &mut Console,
    delivery: &mut Delivery,
    events: &Events,
    told: Option<Receiver<Vec<u8>>>,
) -> anyhow::Result<()> {
    let fields = FieldSection::default();
    let mut printer = console.printer(&fields, delivery)?;
    let sink = console.sink(delivery)?;
    let framed = Framed { framing: Framing::UntilClose, rule: "no HTTP", is_unreliable: false };
    let mut body = connection.body(framed, false);
    let patience = told.as_ref().map(|_| PATIENCE);
    loop {
        let piece = body.next(patience)?;
        told.iter().flat_map(Receiver::try_iter).for_each(|sent| events.emit(&Event::SentBody(&sent)));
        match piece {
            Piece::Data(bytes) => printer.push(bytes, sink)?,
            Piece::Idle => {}
            Piece::End => break,
        }
    }
    events.emit(&Event::End(&body.finish()));
    printer.finish(sink)?;
    if connection.is_cut() { Err(connection.cut_error()) } else { Ok(()) }
}

/// Copies to the peer until the input ends, and tells of it.
struct Copying {
    input: Box<dyn Read + Send>,
    sender: Box<dyn Stream + Send>,
    cutter: Option<Cutter>,
    throttle: Option<Throttle>,
    /// Pieces are as large as they may be; else a piece is what one read gives.
    fills: bool,
    tell: Option<SyncSender<Vec<u8>>>,
}

impl Copying {
    fn run(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        loop {
            let length = self.read_piece(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            if let Some(cutter) = &mut self.cutter {
                thread::sleep(cutter.wait(Instant::now()));
            }
            self.sender.write_all(&buffer[..length])?;
            if let Some(cutter) = &mut self.cutter {
                cutter.advance(length, Instant::now());
            }
            if let Some(throttle) = &mut self.throttle {
                throttle.count(length, Instant::now());
                thread::sleep(throttle.delay(Instant::now()));
            }
            if let Some(tell) = &self.tell {
                // Nobody listens any more once receiving has ended.
                let _ = tell.send(buffer[..length].to_vec());
            }
        }
    }

    /// How much was read of the next piece; 0 at the end.
    fn read_piece(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = self.throttle.as_ref().map_or(PIECE, Throttle::step);
        let most = self.cutter.as_ref().map_or(PIECE, Cutter::left).min(PIECE).min(step);
        let fills = self.cutter.is_some() && self.fills;
        let mut filled = 0;
        loop {
            match self.input.read(&mut buffer[filled..most]) {
                Ok(count) => {
                    filled += count;
                    if count == 0 || !fills || filled == most {
                        return Ok(filled);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
