//! A body that the kernel moves to two places, one of them the file that keeps what is received.

use std::io::{self, ErrorKind};
use std::os::fd::BorrowedFd;

use super::Body;
use crate::pipe::Fork;

impl Body<'_, '_> {
    /// Moves the rest of the body into a file and on to its destination, where [`Self::can_relay`]
    /// said so, until the body ends or the file takes no more. What has come and is in neither is in
    /// the buffer then. `pipe` is the destination, if that is a pipe. An error of the destination is
    /// given back as it is.
    pub(crate) fn relay_copied(
        &mut self,
        fork: &mut Fork<'_>,
        pipe: Option<BorrowedFd<'_>>,
    ) -> anyhow::Result<io::Result<()>> {
        self.connection.set_nonblocking()?;
        while self.can_relay() && self.connection.ended().is_none() {
            self.connection.check_limits()?;
            if !self.take_copied(fork)? && !self.connection.await_incoming(pipe)? {
                return Ok(Err(ErrorKind::BrokenPipe.into()));
            }
            while fork.copied() > 0 {
                match (fork.pass(), pipe) {
                    (Ok(()), _) => {}
                    (Err(error), _) if error.kind() == ErrorKind::Interrupted => {}
                    (Err(error), Some(pipe)) if error.kind() == ErrorKind::WouldBlock => {
                        self.connection.await_sink(pipe)?;
                    }
                    (Err(error), _) => return Ok(Err(error)),
                }
            }
            while fork.rest() > 0 {
                let read = self.connection.read_moved(fork, usize::MAX);
                read.map_err(|error| self.connection.broken(&error))?;
            }
        }
        Ok(Ok(()))
    }

    /// Lets the fork take in what has come; `false` where nothing has.
    fn take_copied(&mut self, fork: &mut Fork<'_>) -> anyhow::Result<bool> {
        let most = usize::try_from(self.movable().min(self.slice())).unwrap_or(usize::MAX);
        let mut copied = 0;
        let received = self.receive_moved(|socket| {
            let came = fork.take(socket, most)?;
            copied = came - fork.rest();
            Ok(came)
        })?;
        if copied > 0 {
            self.count(copied as u64);
        }
        Ok(received)
    }
}
