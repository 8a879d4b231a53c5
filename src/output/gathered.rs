//! What small responses have brought that follow each other on one connection: it is
//! written together, before anything is waited for.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::rc::Rc;

use super::{Sink, SinkKind, write_error};

/// So much is written at once.
const MOST: usize = 64 * 1024;

/// Writes what has been gathered.
pub(crate) type WriteGathered = Rc<dyn Fn() -> anyhow::Result<()>>;

impl Sink {
    /// From now on what is written waits until it is much, or until what this gives is called:
    /// a caller that waits for more must do so before. `None` where a person may be reading.
    pub(crate) fn gather(&mut self) -> Option<WriteGathered> {
        if self.kind == SinkKind::Terminal {
            return None;
        }
        let gathered = Rc::new(Gathered::new(self.file.try_clone().ok()?));
        self.gathered = Some(Rc::clone(&gathered));
        let name = self.name.clone();
        Some(Rc::new(move || gathered.write().map_err(|error| write_error(&name, error))))
    }

    /// From now on all is written at once; so is what has been gathered.
    pub(crate) fn end_gathering(&mut self) -> anyhow::Result<()> {
        let written = self.write_gathered();
        self.gathered = None;
        written
    }

    /// Writes what has been gathered.
    pub(crate) fn write_gathered(&self) -> anyhow::Result<()> {
        let written = self.gathered.as_ref().map_or(Ok(()), |gathered| gathered.write());
        written.map_err(|error| self.write_error(error))
    }
}

/// Bytes on their way to a file.
pub(super) struct Gathered {
    file: File,
    bytes: RefCell<Vec<u8>>,
}

impl Gathered {
    /// Nothing yet for `file`.
    pub(super) fn new(file: File) -> Self {
        Self { file, bytes: RefCell::default() }
    }

    /// Takes `bytes` along; writes what there is once that is much.
    pub(super) fn push(&self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.borrow().len() + bytes.len() > MOST {
            self.write()?;
        }
        if bytes.len() > MOST {
            return (&self.file).write_all(bytes);
        }
        self.bytes.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what there is. What a failure leaves is kept, and so is the failure: the next
    /// attempt meets it again.
    pub(super) fn write(&self) -> io::Result<()> {
        let mut bytes = self.bytes.borrow_mut();
        let mut written = 0;
        let result = loop {
            if written == bytes.len() {
                break Ok(());
            }
            match (&self.file).write(&bytes[written..]) {
                Ok(0) => break Err(ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        bytes.drain(..written);
        result
    }
}
