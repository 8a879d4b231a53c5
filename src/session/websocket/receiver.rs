//! What comes over a WebSocket: messages are printed, Pings are answered, and
//! what is wrong is noted.

use std::cell::RefCell;
use std::rc::Rc;

use super::printing::MessagePrinter;
use super::sender::SendQueue;
use crate::event::{Event, Events};
use crate::http::Deviation;
use crate::http::websocket::close::Close;
use crate::http::websocket::messages::Heard;

/// Receives what the peer sends.
pub(super) struct Receiver<'a, 'e> {
    pub(super) printer: MessagePrinter<'a>,
    events: &'e Events,
    queue: Rc<RefCell<SendQueue>>,
    /// How many messages have come whole.
    messages: u64,
    fault: Option<(Deviation, u64)>,
    close: Option<Close>,
}

impl<'a, 'e> Receiver<'a, 'e> {
    pub(super) fn new(
        printer: MessagePrinter<'a>,
        events: &'e Events,
        queue: Rc<RefCell<SendQueue>>,
    ) -> Self {
        Self { printer, events, queue, messages: 0, fault: None, close: None }
    }

    /// Takes a part of it.
    pub(super) fn on(&mut self, heard: Heard<'_>) -> anyhow::Result<()> {
        self.events.emit(&Event::Heard(heard));
        match heard {
            Heard::Data(kind, bytes) => {
                let printed = self.printer.data(kind, bytes);
                self.events.emit(&Event::Content(bytes));
                printed?;
            }
            Heard::MessageEnd(kind) => {
                self.messages += 1;
                self.queue.borrow_mut().has_received();
                self.printer.end_message(kind)?;
            }
            Heard::Ping(payload) => self.queue.borrow_mut().pong(payload),
            Heard::Close(close) => {
                self.queue.borrow_mut().close(close.reply());
                self.close.get_or_insert_with(|| close.clone());
            }
            Heard::Wrong(deviation, offset) => {
                self.fault.get_or_insert((deviation, offset));
            }
            Heard::Frame(..) | Heard::Pong(_) => {}
        }
        Ok(())
    }

    /// How many messages have come whole.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// What was wrong first, and where.
    pub(super) fn fault(&self) -> Option<(Deviation, u64)> {
        self.fault
    }

    /// What the peer's Close said, once it has come.
    pub(super) fn close(&self) -> Option<&Close> {
        self.close.as_ref()
    }
}
