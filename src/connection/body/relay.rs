//! A body that the kernel moves from the socket to where it goes.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::os::fd::BorrowedFd;
use std::time::Instant;

use super::{Body, Decoder};
use crate::connection::pace::{SLICE, Swiftness};
use crate::event::How;
use crate::interrupt;
use crate::pipe::{CAN_MOVE, Mover, Unmoved};

/// How much is relayed at once.
const RELAY_SLICE: u64 = 16 * 1024 * 1024;

impl Body<'_, '_> {
    /// Whether the rest can go from the socket to a pipe by the kernel's own
    /// copying: nothing to decode, no observer that wants to see it, no pace to keep, and
    /// if an observer looks at how much has come, it comes quickly.
    pub(crate) fn can_relay(&self) -> bool {
        CAN_MOVE && self.movable() > 0 && self.goes_unseen() && !self.connection.has_leftover()
    }

    /// How many bytes the kernel may move at most. 0 where the last byte has to be seen and the
    /// framing does not say which one it is.
    pub(crate) fn movable(&self) -> u64 {
        match self.decoder {
            Decoder::Length(left) => left.saturating_sub(u64::from(self.shows_end)),
            Decoder::UntilClose if !self.shows_end => u64::MAX,
            _ => 0,
        }
    }

    /// Whether nobody needs to see the bytes, or to hold them up.
    pub(super) fn goes_unseen(&self) -> bool {
        !self.connection.events.must_see_content()
            && !self.connection.limits.has_pace()
            && self.swiftness.as_ref().is_none_or(Swiftness::is_swift)
            && !self.is_unreliable
            && self.connection.stream.tcp().is_some()
    }

    /// Moves the rest of the body without its passing through this process, where
    /// [`Self::can_relay`] said so. `false`: only a part was moved, and the rest has to be read.
    /// `reader` is the pipe that is printed to. An error of the sink is given back as it is.
    ///
    /// Each move takes what is there and never waits: a pipe's lock is held by
    /// nobody while the socket or the reader is waited for.
    pub(crate) fn relay(
        &mut self,
        mover: &mut Mover<'_>,
        reader: Option<BorrowedFd<'_>>,
    ) -> anyhow::Result<io::Result<bool>> {
        self.connection.set_nonblocking()?;
        let slice = self.slice();
        if let Decoder::Length(left) = self.decoder
            && mover.reserve(left)
        {
            // Reserved blocks are freed after an interrupt, too.
            interrupt::watch();
        }
        while self.can_relay() {
            let Some(socket) = self.connection.stream.tcp() else { return Ok(Ok(false)) };
            let most = usize::try_from(self.movable().min(slice)).unwrap_or(usize::MAX);
            match mover.move_some(socket, most) {
                Ok(0) => {
                    self.connection.end_of_stream(How::Fin)?;
                    return self.end_of_connection().map(|_| Ok(true));
                }
                Ok(moved) => self.count(moved as u64),
                Err(Unmoved { error, is_sockets: false }) => return Ok(Err(error)),
                Err(Unmoved { error, .. }) => match error.kind() {
                    ErrorKind::WouldBlock if !self.await_relay(mover, reader)? => {
                        return Ok(Err(ErrorKind::BrokenPipe.into()));
                    }
                    ErrorKind::WouldBlock | ErrorKind::Interrupted => {}
                    ErrorKind::Unsupported => return Ok(Ok(false)),
                    _ => return Err(self.connection.broken(&error)),
                },
            }
            self.connection.check_limits()?;
        }
        Ok(Ok(matches!(self.decoder, Decoder::Length(0))))
    }

    /// How much is moved at once.
    pub(super) fn slice(&self) -> u64 {
        if self.swiftness.is_some() { SLICE } else { RELAY_SLICE }
    }

    /// Has the kernel move what the socket has received, by `step`, which gives how much, and 0 at the
    /// socket's end. What the kernel cannot move is read into the buffer. `false`: nothing has come,
    /// and the socket has to be waited for.
    pub(super) fn receive_moved(
        &mut self,
        step: impl FnOnce(&TcpStream) -> Result<usize, Unmoved>,
    ) -> anyhow::Result<bool> {
        let Some(socket) = self.connection.stream.tcp() else { return Ok(true) };
        match step(socket) {
            Ok(0) => {
                self.connection.end_of_stream(How::Fin)?;
                Ok(true)
            }
            Ok(_) => Ok(true),
            Err(Unmoved { error, .. }) => match error.kind() {
                ErrorKind::WouldBlock => Ok(false),
                ErrorKind::Interrupted => Ok(true),
                ErrorKind::Unsupported => Ok(self.connection.read(usize::MAX)?.is_some()),
                _ => Err(self.connection.broken(&error)),
            },
        }
    }

    /// Waits until the socket has something and the pipe room; whether there still is a reader.
    fn await_relay(&mut self, mover: &Mover<'_>, reader: Option<BorrowedFd<'_>>) -> anyhow::Result<bool> {
        let is_read = self.connection.await_incoming(reader)?;
        mover.pipe().map_or(Ok(()), |pipe| self.connection.await_sink(pipe))?;
        Ok(is_read)
    }

    /// Counts bytes of content that the kernel has moved.
    pub(super) fn count(&mut self, moved: u64) {
        self.connection.count_unseen(moved);
        if let Some(swiftness) = &mut self.swiftness {
            swiftness.count(moved, Instant::now());
        }
        self.bytes += moved;
        self.wire_bytes += moved;
        if let Decoder::Length(left) = &mut self.decoder {
            *left = left.saturating_sub(moved);
        }
    }
}
