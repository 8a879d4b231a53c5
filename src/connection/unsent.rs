//! Whether the kernel may hold much of a file unsent: not until the peer sends something.
//!
//! Only decides; `pipe::limit_unsent` sets it on the socket.

/// The limit of one connection.
#[derive(Debug, Default)]
pub(super) struct UnsentLimit {
    is_set: bool,
    /// The round in which a file was moved last, and how many bytes had been received when that began.
    since: (usize, u64),
}

impl UnsentLimit {
    /// Call before a file is moved in `round`, when `received` bytes have come in all: `Some(true)` to set the limit,
    /// `Some(false)` to lift it, `None` to leave it.
    ///
    /// Where the peer answers meanwhile, each turn sends as much as it can, since the next has to wait for what comes.
    pub(super) fn change(&mut self, round: usize, received: u64) -> Option<bool> {
        if self.since.0 != round {
            self.since = (round, received);
        }
        let is_wanted = received == self.since.1;
        (std::mem::replace(&mut self.is_set, is_wanted) != is_wanted).then_some(is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::UnsentLimit;

    #[test]
    fn it_is_set_until_something_comes() {
        let mut limit = UnsentLimit::default();
        let changes = [(1, 0), (1, 0), (1, 9), (1, 18), (2, 18), (2, 18), (3, 40), (3, 41)]
            .map(|(round, received)| limit.change(round, received));
        assert_eq!(changes, [Some(true), None, Some(false), None, Some(true), None, None, Some(false)]);
    }
}
