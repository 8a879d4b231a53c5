//! What stands before a line of `-v` and of a trace: `--trace-time`, `--trace-ids`.

use super::clock::Moment;
use crate::event::Event;

/// What is requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefixes {
    /// `--trace-time`.
    pub(crate) time: bool,
    /// `--trace-ids`.
    pub(crate) ids: bool,
}

/// Counts transfers from 0 as they come by.
#[derive(Default)]
pub(super) struct Prefix {
    wanted: Prefixes,
    transfers: u64,
    /// The number of the connection of the exchange under way, once it is being made.
    connection: Option<u64>,
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
                self.connection = None;
            }
            Event::GoesOn | Event::Again => self.goes_on = true,
            Event::Connecting(number) => self.connection = Some(*number),
            Event::Reused { facts, .. } => self.connection = Some(facts.number),
            _ => {}
        }
    }

    /// The prefix of a line that is written now; empty where none is requested.
    pub(super) fn text(&self) -> String {
        let time = if self.wanted.time { format!("{} ", Moment::now().time_of_day()) } else { String::new() };
        if !self.wanted.ids {
            return time;
        }
        let transfer = self.transfers.saturating_sub(1);
        match self.connection {
            Some(connection) => format!("{time}[{transfer}-{connection}] "),
            None => format!("{time}[{transfer}-x] "),
        }
    }
}
