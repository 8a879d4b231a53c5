//! What stands before a line of `-v` and of a trace: `--trace-time`, `--trace-ids`.

use super::clock::Moment;
use crate::event::Event;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefixes {
    /// `--trace-time`.
    pub(crate) time: bool,
    /// `--trace-ids`.
    pub(crate) ids: bool,
}

/// Counts transfers and connections, both from 0, as they come by.
#[derive(Default)]
pub(super) struct Prefix {
    wanted: Prefixes,
    transfers: u64,
    connections: u64,
    /// A connection is there, or is being made, for the exchange under way.
    has_connection: bool,
    /// The next exchange belongs to the same transfer.
    goes_on: bool,
}

impl Prefix {
    pub(super) fn new(wanted: Prefixes) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes in what happens, before lines are written about it.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::Begin(_) => {
                self.transfers += u64::from(!std::mem::take(&mut self.goes_on));
                self.has_connection = false;
            }
            Event::GoesOn | Event::Again => self.goes_on = true,
            Event::Reused { .. } => self.has_connection = true,
            Event::Dial(_) | Event::Proxy(_) | Event::Connected { .. } if !self.has_connection => {
                self.connections += 1;
                self.has_connection = true;
            }
            _ => {}
        }
    }

    /// The prefix of a line that is written now; empty where none is asked for.
    pub(super) fn text(&self) -> String {
        let time = if self.wanted.time { format!("{} ", Moment::now().time_of_day()) } else { String::new() };
        if !self.wanted.ids {
            return time;
        }
        let transfer = self.transfers.saturating_sub(1);
        match self.has_connection {
            true => format!("{time}[{transfer}-{}] ", self.connections.saturating_sub(1)),
            false => format!("{time}[{transfer}-x] "),
        }
    }
}
