//! tcp:// and tls://: bytes out, bytes back, and no HTTP.

use std::io::{self, Read};
use std::thread;

use super::screen::Screen;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::plan::{Content, PlannedExchange};
use crate::stream::Stream;

/// Sends what there is to send, and prints what comes until the peer closes.
///
/// What is read from standard input or from a long file is sent by a thread of
/// its own, since a dialogue goes both ways at once.
pub(super) fn run(
    connection: &mut Connection<'_>,
    planned: PlannedExchange,
    half_close: bool,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    connection.send(&planned.request.head)?;
    match planned.request.content {
        Content::Bytes(bytes) => {
            connection.send(&bytes)?;
            if half_close {
                connection.shut_down_sending()?;
            }
        }
        Content::Stream(input) => {
            let sender = connection
                .stream()
                .try_clone_sender()
                .map_err(|error| Failure::Send.because("cannot send and receive at once", error))?;
            thread::spawn(move || copy(input, sender, half_close));
        }
    }
    let fields = FieldSection::default();
    let mut printer = screen.printer(&fields, &planned.destination)?;
    let sink = screen.sink(&planned.destination)?;
    while let Some(bytes) = connection.read_after_end(false)? {
        printer.push(bytes, sink)?;
    }
    printer.finish(sink)?;
    if connection.is_cut() { Err(connection.cut_error()) } else { Ok(()) }
}

/// Copies to the peer until the input ends. An error shows on the receiving side.
fn copy(mut input: Box<dyn Read + Send>, mut sender: Box<dyn Stream + Send>, half_close: bool) {
    if io::copy(&mut input, &mut sender).is_ok() && half_close {
        let _ = sender.shutdown_write();
    }
}
