//! What small responses have brought that follow each other on one connection: it is
//! written together, so that each costs no write of its own.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Sink, SinkKind, room, write_error};
use crate::interrupt;

/// Once so many bytes are gathered, they are written.
const MOST: usize = 64 * 1024;
/// So long may what has been gathered wait for more.
pub(crate) const GATHERING_TIME: Duration = Duration::from_millis(10);

impl Sink {
    /// From now on what is written waits until it is much, or until what this gives is told to
    /// write it: a caller that waits must do so before. `None` where a person may be reading.
    pub(crate) fn gather(&mut self) -> Option<Rc<Gathered>> {
        // What is written while an interrupt is watched for is to end with it.
        if self.kind == SinkKind::Terminal || self.kind != SinkKind::File && interrupt::is_watched() {
            return None;
        }
        if self.gathered.is_none() {
            let file = self.file.try_clone().ok()?;
            self.gathered = Some(Rc::new(Gathered::new(file, self.name.clone())));
        }
        self.gathers = true;
        self.gathered.clone()
    }

    /// From now on all is written at once; so is what has been gathered.
    pub(crate) fn end_gathering(&mut self) -> anyhow::Result<()> {
        self.gathers = false;
        self.write_gathered()
    }

    /// Writes what has been gathered.
    pub(crate) fn write_gathered(&self) -> anyhow::Result<()> {
        self.gathered.as_ref().map_or(Ok(()), |gathered| gathered.write())
    }
}

/// Bytes on their way to a file.
pub(crate) struct Gathered {
    file: File,
    name: String,
    bytes: RefCell<Vec<u8>>,
    /// When the first of them came.
    since: Cell<Option<Instant>>,
}

impl Gathered {
    /// Nothing yet for `file`, which errors call `name`.
    fn new(file: File, name: String) -> Self {
        Self { file, name, bytes: RefCell::default(), since: Cell::default() }
    }

    /// Takes `bytes` along; writes what there is once that is much.
    pub(super) fn push(&self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.borrow().len() + bytes.len() > MOST {
            self.write_all()?;
        }
        if bytes.len() > MOST {
            return room::write_all(&mut &self.file, bytes);
        }
        if self.since.get().is_none() {
            self.since.set(Some(Instant::now()));
        }
        self.bytes.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what there is.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        self.write_all().map_err(|error| write_error(&self.name, error))
    }

    /// Writes what there is, if some of it has waited for [`GATHERING_TIME`].
    pub(crate) fn write_late(&self) -> anyhow::Result<()> {
        match self.since.get() {
            Some(since) if since.elapsed() >= GATHERING_TIME => self.write(),
            _ => Ok(()),
        }
    }

    /// What a failure leaves is kept, and so is the failure: the next attempt meets it again.
    fn write_all(&self) -> io::Result<()> {
        let mut bytes = self.bytes.borrow_mut();
        let mut written = 0;
        let result = loop {
            if written == bytes.len() {
                self.since.set(None);
                break Ok(());
            }
            match (&self.file).write(&bytes[written..]) {
                Ok(0) => break Err(ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if let Err(error) = room::await_room(self.file.as_fd()) {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        bytes.drain(..written);
        result
    }
}
