//! Large chunks, moved by the kernel: all that comes goes into a pipe of our own, and from
//! there the data goes on unseen while what stands between two chunks is read.

use std::io::{self, ErrorKind};
use std::os::fd::BorrowedFd;

use super::{Body, Decoder};
use crate::pipe::{CAN_MOVE, Sieve};

/// Chunks that are smaller are read and written: two calls for each of them cost more.
const LARGE: u64 = 8 * 1024;

impl Body<'_, '_> {
    /// Whether the chunk under way is so large that the kernel had better move it, and may:
    /// nobody needs to see it, and nothing else goes on.
    pub(crate) fn can_relay_chunks(&self) -> bool {
        let Decoder::Chunked(decoder) = &self.decoder else { return false };
        let is_large = CAN_MOVE && !self.shows_end && decoder.chunk_size() >= LARGE;
        is_large && !self.connection.events.want_content() && self.goes_unseen() && !self.shares_time()
    }

    /// Moves the data of large chunks, where [`Self::can_relay_chunks`] said so, until one comes that
    /// is not; what has come behind it is in the buffer then. `pipe` is where the sieve leads to, if
    /// that is a pipe. An error of the sink is given back as it is.
    pub(crate) fn relay_chunks(
        &mut self,
        sieve: &mut Sieve<'_>,
        pipe: Option<BorrowedFd<'_>>,
    ) -> anyhow::Result<io::Result<()>> {
        self.connection.set_nonblocking()?;
        while self.can_relay_chunks() && self.connection.ended().is_none() {
            self.connection.check_limits()?;
            let done = if self.connection.has_leftover() {
                let taken = self.take_chunked(false);
                sieve.write(self.connection.incoming.between(taken))
            } else if sieve.held() == 0 {
                if !self.receive_moved(|socket| sieve.fill(socket))?
                    && !self.connection.await_incoming(pipe)?
                {
                    return Ok(Err(ErrorKind::BrokenPipe.into()));
                }
                Ok(())
            } else {
                self.pass(sieve)
            };
            match (done, pipe) {
                (Ok(()), _) => {}
                (Err(error), Some(pipe)) if error.kind() == ErrorKind::WouldBlock => {
                    self.connection.await_sink(pipe)?;
                }
                (Err(error), _) if error.kind() == ErrorKind::Interrupted => {}
                (Err(error), _) => return Ok(Err(error)),
            }
        }
        while sieve.held() > 0 {
            let read = self.connection.read_moved(sieve, usize::MAX);
            read.map_err(|error| self.connection.broken(&error))?;
        }
        Ok(Ok(()))
    }

    /// One step: data of the chunk under way goes on, or what stands behind it is read.
    fn pass(&mut self, sieve: &mut Sieve<'_>) -> io::Result<()> {
        let Decoder::Chunked(decoder) = &mut self.decoder else { return Ok(()) };
        let left = usize::try_from(decoder.data_left()).unwrap_or(usize::MAX);
        if left == 0 {
            return self.connection.read_moved(sieve, decoder.usual_gap());
        }
        let passed = sieve.pass(left)? as u64;
        decoder.take_unseen(passed);
        self.count(passed);
        Ok(())
    }
}
