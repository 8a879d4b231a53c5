//! What goes from a file to the socket by the kernel's own copying.

use std::io::{self, ErrorKind};

use super::{Consent, Outgoing, Want};
use crate::connection::limits::Limits;
use crate::event::{Event, Events};
use crate::pipe::{CAN_MOVE, send_some};
use crate::stream::Stream;

/// How much is moved at once.
const MOVED: u64 = 2 * 1024 * 1024;

impl Outgoing {
    /// Moves some of the file that comes next, and says what more depends on; `None`
    /// where it must be read. A file that has become shorter must: reading tells of it.
    pub(super) fn move_file(
        &mut self,
        stream: &dyn Stream,
        limits: &Limits,
        events: &Events,
    ) -> Option<io::Result<Option<Want>>> {
        if !self.may_move(events) {
            return None;
        }
        let input = self.input.as_mut()?;
        let (file, left) = input.file().filter(|&(_, left)| left > 0)?;
        let most = usize::try_from(left.min(MOVED)).unwrap_or(usize::MAX);
        match send_some(file, stream.tcp()?, most) {
            Ok(0) => None,
            Ok(count) => {
                input.has_moved(count as u64);
                self.written += count as u64;
                limits.sent(count);
                events.emit(&Event::SentUnseen(count as u64));
                Some(Ok(None))
            }
            Err(error) => match error.kind() {
                ErrorKind::Unsupported => None,
                ErrorKind::Interrupted => Some(Ok(None)),
                ErrorKind::WouldBlock => Some(Ok(Some(Want::ROOM))),
                _ => Some(Err(error)),
            },
        }
    }

    /// Whether all before it is out, no pace is kept and no observer looks at what is sent.
    fn may_move(&self, events: &Events) -> bool {
        CAN_MOVE
            && self.start == self.ready.len()
            && self.input.is_some()
            && self.consent == Consent::Given
            && self.cutter.is_none()
            && self.throttle.is_none()
            && !self.manner.is_silent
            && !events.want_content()
    }
}
