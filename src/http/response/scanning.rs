//! Where a head ends, found while its bytes come.

use super::{HeadProblem, MAX_HEAD, MAX_LINE, MAX_LINES, is_http, may_become_http};
use crate::http::field::is_empty_line;
use crate::http::syntax::find_byte;

/// Finds the end of a head in bytes that come in pieces, looking at each byte once.
#[derive(Clone, Debug)]
pub struct HeadScanner {
    /// The most bytes that the head may have.
    room: usize,
    at: usize,
    line_start: usize,
    in_head: bool,
    lines: usize,
}

impl Default for HeadScanner {
    fn default() -> Self {
        Self::within(MAX_HEAD)
    }
}

impl HeadScanner {
    /// For a head of at most `room` bytes.
    pub fn within(room: usize) -> Self {
        Self { room, at: 0, line_start: 0, in_head: false, lines: 0 }
    }

    /// Looks on in `bytes`, which begin where the head begins and hold at least
    /// what was given before. Gives the head's length once it is whole.
    ///
    /// A line is too long once it has ended: where the head is too large before that, so it is,
    /// however the bytes are cut into packets.
    pub fn scan(&mut self, bytes: &[u8]) -> Result<Option<usize>, HeadProblem> {
        if self.at == bytes.len() {
            return Ok(None);
        }
        while let Some(end) = find_byte(&bytes[self.at..], b'\n') {
            self.at += end + 1;
            if self.at > self.room {
                return Err(HeadProblem::TooLarge);
            }
            let line = &bytes[self.line_start..self.at];
            let is_empty = is_empty_line(line);
            if self.in_head && is_empty {
                return Ok(Some(self.at));
            }
            if line.len() > MAX_LINE {
                return Err(HeadProblem::LineTooLong);
            }
            if !is_empty && !self.in_head {
                if !is_http(line) {
                    return Err(HeadProblem::NotHttp);
                }
                self.in_head = true;
            }
            self.lines += 1;
            if self.lines > MAX_LINES {
                return Err(HeadProblem::TooManyLines);
            }
            self.line_start = self.at;
        }
        self.at = bytes.len();
        let unfinished = &bytes[self.line_start..];
        if !self.in_head && !may_become_http(unfinished) {
            return Err(HeadProblem::NotHttp);
        }
        if bytes.len() > self.room { Err(HeadProblem::TooLarge) } else { Ok(None) }
    }

    /// How many bytes show that a head is over a limit: what follows them depends on the packets.
    pub fn limit(&self) -> usize {
        self.at.min(self.room)
    }
}
