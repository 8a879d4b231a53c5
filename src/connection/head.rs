//! Receiving a head, and what stands in place of one.

use std::time::{Duration, Instant};

use super::{Connection, Linger};
use crate::failure::{self, Failure};
use crate::http::foreign::{Foreign, UNKNOWN_HELP};
use crate::http::response::{
    self, BadHead, HeadProblem, HeadScanner, MAX_HEAD, ResponseHead, bad_head, problem_at_eof,
};

use super::turn::Fill;
use crate::interrupt;

/// How long a head may stop in its middle before interrupts are watched for.
const UNWATCHED: Duration = Duration::from_millis(50);
/// Most that is read after what is not HTTP.
const MAX_STRAY: usize = MAX_HEAD;

/// The heads of one hop so far, in bytes, counted against [`MAX_HEAD`].
#[derive(Default)]
pub(crate) struct HeadBudget(usize);

/// No head came: what did, and why it ended there.
pub(crate) struct HeadFailure {
    pub(crate) bad: Box<BadHead>,
    pub(crate) error: anyhow::Error,
}

impl Connection<'_> {
    /// Receives the next head, interim or final, within what `budget` leaves of [`MAX_HEAD`] for all
    /// heads of an exchange.
    pub(crate) fn receive_head(&mut self, budget: &mut HeadBudget) -> Result<Box<ResponseHead>, HeadFailure> {
        let mut scanner = HeadScanner::within(MAX_HEAD.saturating_sub(budget.0));
        loop {
            let bytes = self.incoming.bytes();
            match scanner.scan(bytes) {
                Ok(Some(length)) => {
                    budget.0 += length;
                    let parsed = response::parse_whole(&bytes[..length], self.incoming.offset());
                    return match parsed {
                        Ok(head) => {
                            self.take(length);
                            Ok(head)
                        }
                        Err(bad) => Err(self.no_head(bad.problem)),
                    };
                }
                Ok(None) => {}
                Err(
                    problem @ (HeadProblem::TooLarge | HeadProblem::LineTooLong | HeadProblem::TooManyLines),
                ) => return Err(self.head_failure(problem, scanner.limit(), None)),
                Err(problem) => return Err(self.no_head(problem)),
            }
            match self.fill_head() {
                Ok(Fill::Bytes | Fill::Idle | Fill::Unread) => {}
                Ok(Fill::Eof) => {
                    let problem = problem_at_eof(self.incoming.bytes());
                    return Err(self.head_failure(problem, MAX_STRAY, None));
                }
                Err(error) => {
                    let problem = match problem_at_eof(self.incoming.bytes()) {
                        HeadProblem::Empty => HeadProblem::Empty,
                        _ => HeadProblem::Truncated,
                    };
                    return Err(self.head_failure(problem, MAX_STRAY, Some(error)));
                }
            }
        }
    }

    /// Receives more of a head. What has come of one that goes on late is not lost by an interrupt.
    fn fill_head(&mut self) -> anyhow::Result<Fill> {
        if !interrupt::is_watched() && !self.incoming.bytes().is_empty() {
            let fill = self.fill(Instant::now().checked_add(UNWATCHED))?;
            if fill != Fill::Idle {
                return Ok(fill);
            }
            interrupt::watch();
        }
        self.fill(None)
    }

    /// Bytes that are no head: what still comes soon is part of them.
    fn no_head(&mut self, problem: HeadProblem) -> HeadFailure {
        let linger = Linger::silence();
        while self.incoming.bytes().len() < MAX_STRAY {
            match self.fill(linger.until()) {
                Ok(Fill::Bytes) => {}
                _ => break,
            }
        }
        self.head_failure(problem, MAX_STRAY, None)
    }

    /// Takes `most` bytes at most in place of a head.
    fn head_failure(
        &mut self,
        problem: HeadProblem,
        most: usize,
        error: Option<anyhow::Error>,
    ) -> HeadFailure {
        let bytes = self.incoming.bytes();
        let bytes = &bytes[..bytes.len().min(most)];
        let bad = Box::new(bad_head(bytes, self.incoming.offset(), problem));
        self.take(bad.raw.len());
        let error = error.unwrap_or_else(|| head_error(&bad, self.proxy.as_deref()));
        HeadFailure { bad, error }
    }
}

/// The error of bytes that are no head, from the server or this proxy.
fn head_error(bad: &BadHead, proxy: Option<&str>) -> anyhow::Error {
    let count = bad.raw.len();
    let peer = proxy.unwrap_or("the server");
    match bad.problem {
        HeadProblem::Empty if count == 0 => {
            Failure::EmptyReply.error(format!("{peer} closed the connection without a response"))
        }
        HeadProblem::Empty => {
            Failure::EmptyReply.error(format!("{peer} sent only empty lines and closed the connection"))
        }
        HeadProblem::NotHttp => not_http(&bad.raw, proxy.is_some()),
        HeadProblem::StatusSyntax => Failure::Protocol
            .error("the response is not HTTP/1: its first line has no three-digit status code"),
        HeadProblem::Truncated => {
            let after = failure::bytes(count as u64);
            Failure::Truncated.error(format!("the head is cut off after {after}"))
        }
        HeadProblem::TooLarge => {
            let limit = format!("{} KiB, interim responses included", MAX_HEAD / 1024);
            Failure::Receive.error(format!("the head is too large: the limit is {limit}"))
        }
        HeadProblem::LineTooLong => Failure::HeadTooLarge
            .error(format!("a line of the head is too long: the limit is {} KiB", response::MAX_LINE / 1024)),
        HeadProblem::TooManyLines => Failure::HeadTooLarge
            .error(format!("the head has too many lines: the limit is {}", response::MAX_LINES)),
    }
}

/// The error of bytes that begin no HTTP/1.
fn not_http(bytes: &[u8], is_from_proxy: bool) -> anyhow::Error {
    let begin = bytes[..bytes.len().min(20)].escape_ascii();
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let (like, help) = match Foreign::of(&bytes[start..]) {
        Some(found) => (
            format!(" and looks like {}", found.name),
            if is_from_proxy { found.proxy_help() } else { found.help },
        ),
        None => (String::new(), if is_from_proxy { "" } else { UNKNOWN_HELP }),
    };
    let help = if help.is_empty() { String::new() } else { format!(" ({help})") };
    Failure::Protocol.error(format!("the response is not HTTP/1: it begins with \"{begin}\"{like}{help}"))
}
