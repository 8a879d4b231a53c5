//! Whether a target that went wrong is requested again, and after how long:
//! `--retry` and its kin. What has come before is [`super::resume`]'s affair.

use core::time::Duration;

use crate::failure::{Failure, Trouble};
use crate::http::{date, digits};

/// The first wait where `--retry-delay` says nothing: each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest of these, which is curl's.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// The longest that a server may make one wait: who wants more can come back by
/// himself. It is curl's number too.
const LONGEST_RETRY_AFTER: u64 = 6 * 3600;

/// The `--retry` options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Retries {
    /// `--retry`: how often.
    pub(crate) limit: u64,
    /// `--retry-delay`: how long to wait each time.
    pub(crate) delay: Option<Duration>,
    /// `--retry-max-time`: no wait begins after this; a Retry-After wait must also end by then.
    pub(crate) max_time: Option<Duration>,
    /// `-m`: how long an attempt may take; a server cannot make a wait longer.
    pub(crate) max_attempt: Option<Duration>,
    /// `--retry-connrefused`.
    pub(crate) when_refused: bool,
    /// `--retry-all-errors`.
    pub(crate) all_errors: bool,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FailedAttempt<'a> {
    /// The error, where there is one.
    pub(crate) failure: Option<Failure>,
    /// What happened to the connection.
    pub(crate) trouble: Option<Trouble>,
    /// The status of the final response.
    pub(crate) status: Option<u16>,
    /// The value of its Retry-After.
    pub(crate) retry_after: Option<&'a [u8]>,
    /// The method is idempotent (RFC 9110 §9.2.2), or nothing was sent to the server.
    pub(crate) is_idempotent: bool,
    /// Part of the content was given out where it can't be taken back.
    pub(crate) is_given_out: bool,
}

/// When the target is requested again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Never: it does not help, or is not wanted.
    Never,
    /// Never, since this wait would begin after `--retry-max-time`, or the server makes it end after that.
    TooLate(Duration),
    /// Never, since the server asks for a longer wait than `-m` gives an attempt.
    TooLong(Duration),
    /// Never, since what was given out would be given out twice.
    GivenOut,
    /// After this wait.
    After(Duration),
}

impl Retries {
    /// What follows an attempt, `done` being how many there were again after the
    /// first, which began `elapsed` ago; it is `now`, in seconds since 1970.
    pub(crate) fn next(&self, attempt: &FailedAttempt<'_>, done: u64, elapsed: Duration, now: i64) -> Retry {
        if done >= self.limit || !(self.is_transient(attempt) || self.is_wanted(attempt)) {
            return Retry::Never;
        }
        if attempt.is_given_out && attempt.failure.is_some() && !self.all_errors {
            return Retry::GivenOut;
        }
        let wait = self.delay.unwrap_or_else(|| backoff(done));
        let asked = attempt.retry_after.and_then(|value| seconds(value, now)).unwrap_or_default();
        if self.max_attempt.is_some_and(|limit| Duration::from_secs(asked) > limit) {
            return Retry::TooLong(Duration::from_secs(asked));
        }
        let wait = wait.max(Duration::from_secs(asked.min(LONGEST_RETRY_AFTER)));
        match self.max_time {
            Some(limit)
                if elapsed >= limit
                    || asked > 0 && elapsed.saturating_add(Duration::from_secs(asked)) > limit =>
            {
                Retry::TooLate(wait)
            }
            _ => Retry::After(wait),
        }
    }

    /// What may be otherwise the next time. A connection that is lost may, but
    /// only where it does no harm to ask twice is that done unasked.
    fn is_transient(&self, attempt: &FailedAttempt<'_>) -> bool {
        match (attempt.failure, attempt.trouble) {
            (None | Some(Failure::Status), _) => attempt.status.is_some_and(is_transient),
            (Some(Failure::TimedOut | Failure::ResolveHost | Failure::ResolveProxy), _) => true,
            (Some(Failure::Connect), Some(Trouble::Refused)) => self.when_refused,
            // It has responded, and is not to be sent the same again.
            (Some(Failure::Send), _) if attempt.status.is_some_and(|status| (200..300).contains(&status)) => {
                false
            }
            (Some(Failure::Truncated | Failure::EmptyReply | Failure::Send), _)
            | (Some(Failure::Receive | Failure::Range), Some(Trouble::Lost)) => attempt.is_idempotent,
            _ => false,
        }
    }

    /// `--retry-all-errors`, save those that come of this side alone.
    fn is_wanted(&self, attempt: &FailedAttempt<'_>) -> bool {
        let is_own = |failure| {
            matches!(
                failure,
                Failure::Usage
                    | Failure::MalformedUrl
                    | Failure::Write
                    | Failure::Upload
                    | Failure::Read
                    | Failure::SendAgain
                    | Failure::ClientCertificate
                    | Failure::CaFile
                    | Failure::CheckFailed
            )
        };
        self.all_errors && attempt.failure.is_some_and(|failure| !is_own(failure))
    }
}

/// Whether a status says that the same request may succeed later: curl's list,
/// 522 and 524 being those of a cache that cannot reach its origin.
fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504 | 522 | 524)
}

/// The wait after so many others.
fn backoff(done: u64) -> Duration {
    let doublings = u32::try_from(done).unwrap_or(u32::MAX).min(16);
    LONGEST_WAIT.min(FIRST_WAIT * 2_u32.pow(doublings))
}

/// The value of Retry-After in seconds from `now` on (RFC 9110 §10.2.3).
fn seconds(value: &[u8], now: i64) -> Option<u64> {
    digits::saturating(value).or_else(|| {
        let date = date::parse(value)?;
        Some(u64::try_from(date.seconds.saturating_sub(now)).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 784_111_777;

    fn wait(seconds: u64) -> Retry {
        Retry::After(Duration::from_secs(seconds))
    }

    fn status(status: u16) -> FailedAttempt<'static> {
        FailedAttempt { status: Some(status), is_idempotent: true, ..FailedAttempt::default() }
    }

    fn failed(failure: Failure) -> FailedAttempt<'static> {
        FailedAttempt { failure: Some(failure), is_idempotent: true, ..FailedAttempt::default() }
    }

    fn next(retries: Retries, attempt: &FailedAttempt<'_>) -> Retry {
        retries.next(attempt, 0, Duration::ZERO, NOW)
    }

    const FIVE: Retries = Retries {
        limit: 5,
        delay: None,
        max_time: None,
        max_attempt: None,
        when_refused: false,
        all_errors: false,
    };

    #[test]
    fn some_statuses_pass() {
        for code in [408, 429, 500, 502, 503, 504, 522, 524] {
            assert_eq!(next(FIVE, &status(code)), wait(1), "{code}");
            let fails = FailedAttempt { failure: Some(Failure::Status), ..status(code) };
            assert_eq!(next(FIVE, &fails), wait(1), "{code}");
        }
        for code in [200, 301, 400, 404, 501, 505, 599] {
            assert_eq!(next(FIVE, &status(code)), Retry::Never, "{code}");
        }
        let fails = FailedAttempt { failure: Some(Failure::Status), ..status(404) };
        assert_eq!(next(Retries { all_errors: true, ..FIVE }, &fails), wait(1));
        assert_eq!(next(Retries::default(), &status(503)), Retry::Never);
    }

    #[test]
    fn waits_double_up_to_ten_minutes_or_are_as_told() {
        let waits = |retries: Retries| {
            (0..12).map(|done| retries.next(&status(503), done, Duration::ZERO, NOW)).collect::<Vec<_>>()
        };
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600].map(wait);
        assert_eq!(waits(Retries { limit: 11, ..FIVE })[..11], expected);
        assert_eq!(waits(Retries { limit: 11, ..FIVE })[11], Retry::Never);
        let told = Retries { limit: 2, delay: Some(Duration::from_secs(7)), ..FIVE };
        assert_eq!(waits(told)[..3], [wait(7), wait(7), Retry::Never]);
        let endless = Retries { limit: u64::MAX, ..FIVE };
        assert_eq!(endless.next(&status(503), u64::MAX - 1, Duration::MAX, NOW), wait(600));
    }

    #[test]
    fn a_server_may_ask_for_more_time_within_limits() {
        let after = |value: &'static str| {
            let attempt = FailedAttempt { retry_after: Some(value.as_bytes()), ..status(503) };
            next(FIVE, &attempt)
        };
        for (value, seconds) in [
            ("20", 20),
            ("0", 1),
            ("", 1),
            ("-5", 1),
            ("soon", 1),
            ("1.5", 1),
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 1),
            ("99999999999999999999999", LONGEST_RETRY_AFTER),
        ] {
            assert_eq!(after(value), wait(seconds), "{value}");
        }
    }

    #[test]
    fn no_wait_begins_after_the_time_for_all() {
        let retries = Retries { max_time: Some(Duration::from_secs(10)), ..FIVE };
        let asks = |value| FailedAttempt { retry_after: Some(value), ..status(503) };
        assert_eq!(next(retries, &asks(b"10")), wait(10));
        assert_eq!(next(retries, &asks(b"11")), Retry::TooLate(Duration::from_secs(11)));
        let again = |elapsed| retries.next(&status(503), 1, Duration::from_secs(elapsed), NOW);
        assert_eq!(again(9), wait(2));
        assert_eq!(again(10), Retry::TooLate(Duration::from_secs(2)));
    }

    #[test]
    fn no_server_makes_a_wait_longer_than_an_attempt_may_be() {
        let seconds = Duration::from_secs;
        let retries = Retries { max_attempt: Some(seconds(2)), ..FIVE };
        let asks = |value| FailedAttempt { retry_after: Some(value), ..status(503) };
        assert_eq!(next(retries, &asks(b"2")), wait(2));
        assert_eq!(next(retries, &asks(b"3")), Retry::TooLong(seconds(3)));
        assert_eq!(next(retries, &asks(b"99999999999")), Retry::TooLong(seconds(99_999_999_999)));
        let own = Retries { delay: Some(seconds(9)), ..retries };
        assert_eq!(next(own, &asks(b"1")), wait(9));
    }

    #[test]
    fn failures_that_may_pass() {
        let all = Retries { all_errors: true, ..FIVE };
        for failure in [Failure::TimedOut, Failure::ResolveHost, Failure::ResolveProxy] {
            assert_eq!(next(FIVE, &failed(failure)), wait(1), "{failure:?}");
        }
        for failure in [Failure::Truncated, Failure::EmptyReply, Failure::Send] {
            assert_eq!(next(FIVE, &failed(failure)), wait(1), "{failure:?}");
            let post = FailedAttempt { is_idempotent: false, ..failed(failure) };
            assert_eq!(next(FIVE, &post), Retry::Never, "{failure:?}");
            assert_eq!(next(all, &post), wait(1), "{failure:?}");
        }
        for failure in [Failure::Receive, Failure::TlsHandshake, Failure::Protocol, Failure::Range] {
            assert_eq!(next(FIVE, &failed(failure)), Retry::Never, "{failure:?}");
            assert_eq!(next(all, &failed(failure)), wait(1), "{failure:?}");
        }
        for failure in [Failure::Usage, Failure::MalformedUrl, Failure::Write, Failure::Read] {
            assert_eq!(next(all, &failed(failure)), Retry::Never, "{failure:?}");
        }
        let lost = FailedAttempt { trouble: Some(Trouble::Lost), ..failed(Failure::Receive) };
        assert_eq!(next(FIVE, &lost), wait(1));
        let refused = FailedAttempt { trouble: Some(Trouble::Refused), ..failed(Failure::Connect) };
        assert_eq!(next(FIVE, &refused), Retry::Never);
        assert_eq!(next(Retries { when_refused: true, ..FIVE }, &refused), wait(1));
    }

    #[test]
    fn what_was_given_out_is_not_given_out_twice_unasked() {
        let cut = FailedAttempt { is_given_out: true, ..failed(Failure::Truncated) };
        assert_eq!(next(FIVE, &cut), Retry::GivenOut);
        assert_eq!(next(Retries { all_errors: true, ..FIVE }, &cut), wait(1));
        // An error's page was not what was requested.
        assert_eq!(next(FIVE, &FailedAttempt { is_given_out: true, ..status(503) }), wait(1));
    }
}
