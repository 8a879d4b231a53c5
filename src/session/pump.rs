//! tcp:// and tls://: bytes out, bytes back, and no HTTP.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::screen::Screen;
use crate::connection::{Connection, Pace, Piece, Throttle};
use crate::event::{Event, Events};
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::framing::{Framed, Framing};
use crate::plan::{Content, Destination, PlannedExchange};
use crate::stream::Stream;

/// How much is sent at once.
const PIECE: usize = 64 * 1024;
/// Pieces that were sent and not yet told of, at most.
const UNTOLD: usize = 16;
/// How long what was sent may stay untold while nothing comes in.
const PATIENCE: Duration = Duration::from_millis(20);

/// Sends what there is to send, and prints what comes until the peer closes.
///
/// What is read from standard input or from a long file is sent by a thread of
/// its own, since a dialogue goes both ways at once.
pub(super) fn run(
    connection: &mut Connection<'_>,
    planned: PlannedExchange,
    half_close: bool,
    pace: Pace,
    screen: &mut Screen,
    events: &Events,
) -> anyhow::Result<()> {
    connection.send(&planned.request.head)?;
    events.emit(&Event::SentBody(&planned.request.head));
    let told = match planned.request.content {
        Content::Bytes(bytes) => {
            connection.send(&bytes)?;
            events.emit(&Event::SentBody(&bytes));
            if half_close {
                connection.shut_down_sending()?;
            }
            None
        }
        Content::Pieces { .. } => None,
        Content::Stream(input) => {
            let sender = connection
                .stream()
                .try_clone_sender()
                .map_err(|error| Failure::Send.because("cannot send and receive at once", error))?;
            let (tell, told) = events.are_heard().then(|| sync_channel(UNTOLD)).unzip();
            let throttle = pace.throttle();
            thread::spawn(move || copy(input, sender, half_close, throttle, tell.as_ref()));
            told
        }
    };
    receive(connection, &planned.destination, screen, events, told)
}

/// Prints what comes until the peer closes, and tells observers of what was
/// sent meanwhile.
fn receive(
    connection: &mut Connection<'_>,
    destination: &Destination,
    screen: &mut Screen,
    events: &Events,
    told: Option<Receiver<Vec<u8>>>,
) -> anyhow::Result<()> {
    let fields = FieldSection::default();
    let mut printer = screen.printer(&fields, destination)?;
    let sink = screen.sink(destination)?;
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

/// Copies to the peer until the input ends, and tells of it. An error shows on
/// the receiving side.
fn copy(
    mut input: Box<dyn Read + Send>,
    mut sender: Box<dyn Stream + Send>,
    half_close: bool,
    throttle: Option<Throttle>,
    tell: Option<&SyncSender<Vec<u8>>>,
) {
    let copied = match (&throttle, tell) {
        (None, None) => io::copy(&mut input, &mut sender).map(|_| ()),
        _ => copy_in_pieces(&mut *input, &mut *sender, throttle, tell),
    };
    if copied.is_ok() && half_close {
        let _ = sender.shutdown_write();
    }
}

fn copy_in_pieces(
    input: &mut dyn Read,
    sender: &mut dyn Stream,
    mut throttle: Option<Throttle>,
    tell: Option<&SyncSender<Vec<u8>>>,
) -> io::Result<()> {
    let mut piece = vec![0; throttle.as_ref().map_or(PIECE, |throttle| throttle.step().min(PIECE))];
    loop {
        let length = match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sender.write_all(&piece[..length])?;
        if let Some(tell) = tell {
            // Nobody listens any more once receiving has ended.
            let _ = tell.send(piece[..length].to_vec());
        }
        if let Some(throttle) = &mut throttle {
            throttle.count(length, Instant::now());
            thread::sleep(throttle.delay(Instant::now()));
        }
    }
}
