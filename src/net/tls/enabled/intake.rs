//! Records as they come, until they are decrypted: one buffer, in which rustls decrypts.

/// First size of the buffer: room for most handshakes, and for a whole record.
const FIRST: usize = 17 * 1024;
/// Size of the buffer once what came has filled it.
const LATER: usize = 256 * 1024;

/// What has come and is not yet done with.
pub(super) struct Intake {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Intake {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; FIRST], start: 0, end: 0 }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    /// The first `count` bytes are done with.
    pub(super) fn discard(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Room for what comes next; none where all of the buffer is one thing that does not end.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.end == self.buffer.len() && self.buffer.len() < LATER {
            // Pages of it that nothing is read into are never made.
            let mut larger = vec![0; LATER];
            larger[..self.end - self.start].copy_from_slice(&self.buffer[self.start..self.end]);
            self.buffer = larger;
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.start > 0 && self.buffer.len() - self.end < self.buffer.len() / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.buffer[self.end..]
    }

    /// `count` bytes have come into [`Self::room`].
    pub(super) fn received(&mut self, count: usize) -> &[u8] {
        let start = self.end;
        self.end = self.buffer.len().min(start + count);
        &self.buffer[start..self.end]
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, Intake, LATER};

    #[test]
    fn what_is_not_done_with_stays_while_more_comes() {
        let (mut intake, mut came, mut done) = (Intake::new(), 0_usize, 0_usize);
        for step in 0..2000_usize {
            let room = intake.room();
            let count = room.len().min(step * 37 % 70_000);
            (0..count).for_each(|at| room[at] = ((came + at) % 251) as u8);
            came += count;
            assert_eq!(intake.received(count).len(), count);
            let held = intake.bytes_mut();
            assert_eq!(held.len(), came - done);
            assert!(held.iter().enumerate().all(|(at, &byte)| byte == ((done + at) % 251) as u8));
            let taken = held.len().saturating_sub(step % 3 * 1000);
            intake.discard(taken);
            done += taken;
        }
    }

    #[test]
    fn a_thing_without_end_has_no_room() {
        let mut intake = Intake::new();
        assert_eq!(intake.room().len(), FIRST);
        intake.received(FIRST);
        assert_eq!(intake.room().len(), LATER - FIRST);
        intake.received(LATER - FIRST);
        assert!(intake.room().is_empty());
    }
}
