//! `--retry`: makes the attempts at a target, and waits between them. Whether and when, the policy
//! says.

use std::time::{Duration, Instant};

use super::exchange_end::{ExchangeEnd, Transient};
use super::job::Job;
use super::verdict::response;
use super::{News, Session};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::response::ResponseHead;
use crate::plan::PlannedRequest;
use crate::policy::Next;
use crate::policy::retry::{FailedAttempt, Retry};

/// What an attempt came to.
pub(super) enum AttemptEnd {
    /// The last one.
    Ended(anyhow::Result<()>),
    /// Another follows after this wait.
    After(Duration),
}

impl Session<'_, '_> {
    /// Goes along a job's chain to its end, again and again as long as retrying may help.
    pub(super) fn carry_out(&mut self, job: &mut Job) -> anyhow::Result<()> {
        let raw = job.begin_attempt(self.rules.retries.limit > 0);
        let outcome = self.attempt(job, raw);
        self.carry_on(job, outcome)
    }

    /// [`Self::carry_out`] after an attempt that came to `outcome`.
    pub(super) fn carry_on(&mut self, job: &mut Job, mut outcome: AttemptEnd) -> anyhow::Result<()> {
        loop {
            match outcome {
                AttemptEnd::Ended(result) => return self.conclude(job, result),
                AttemptEnd::After(wait) => {
                    if let Err(error) = self.sleep(wait) {
                        return self.conclude(job, Err(error));
                    }
                }
            }
            job.chain.begin_again();
            if let Err(error) = self.resume(job) {
                // What cannot be begun again cannot be retried.
                return self.conclude(job, Err(error));
            }
            job.deadline = self.deadline();
            let raw = job.begin_attempt(self.rules.retries.limit > 0);
            outcome = self.attempt(job, raw);
        }
    }

    /// One attempt: exchanges, as long as the policies say that another one follows.
    pub(super) fn attempt(&mut self, job: &mut Job, begun: Option<Box<PlannedRequest>>) -> AttemptEnd {
        let mut request = match begun.map_or_else(|| self.request(job), Ok) {
            Ok(request) => request,
            Err(error) => return AttemptEnd::Ended(Err(error)),
        };
        loop {
            if self.events.are_heard() {
                self.begin(job, &request, Instant::now());
            }
            job.attempts.sends(&job.chain.recipe, &request);
            let ended = self.perform_hop(job, request);
            request = match self.end_exchange(job, ended) {
                Ok(next) => next,
                Err(outcome) => return outcome,
            };
        }
    }

    /// The request of the exchange that follows this one, or what the attempt came to. Where that request
    /// cannot be made, it is this exchange that ends in the error.
    pub(super) fn end_exchange(
        &mut self,
        job: &mut Job,
        ended: ExchangeEnd,
    ) -> Result<Box<PlannedRequest>, AttemptEnd> {
        let ExchangeEnd { next, transient } = ended;
        let (next, retry) = match next.map_err(|error| self.rules.manners.worded(error)) {
            Ok(Next::Send(hop)) => {
                job.chain.hop = *hop;
                (self.request(job).map(Some), None)
            }
            Ok(Next::Finish) => (Ok(None), self.retry(job, transient, None)),
            Err(error) => {
                let retry = self.retry(job, transient, Some(&error));
                (Err(error), retry)
            }
        };
        let goes_on = matches!(next, Ok(Some(_)));
        if goes_on {
            self.events.emit(&Event::GoesOn);
        }
        if retry.is_some() {
            self.events.emit(&Event::Again);
        }
        self.events.emit(&Event::Done(next.as_ref().err()));
        job.is_continued |= retry.is_some() || goes_on;
        match (retry, next) {
            (Some(wait), _) => Err(AttemptEnd::After(wait)),
            (None, Ok(Some(request))) => Ok(request),
            (None, ended) => Err(AttemptEnd::Ended(ended.map(|_| ()))),
        }
    }

    /// The retry that the status of `head` leads to, if it does.
    pub(super) fn transient(&mut self, job: &Job, head: &ResponseHead) -> Option<Transient> {
        if self.rules.retries.limit == 0 {
            return None;
        }
        let attempt = FailedAttempt {
            status: Some(head.status()),
            retry_after: head.fields.value("retry-after"),
            ..FailedAttempt::default()
        };
        let wait = self.decide(job, &attempt)?;
        Some(Transient { wait, response: response(&job.chain.hop.uri, head) })
    }

    /// The wait before the next attempt after one that ended so; `None`: there is none.
    pub(super) fn retry(
        &mut self,
        job: &mut Job,
        transient: Option<Transient>,
        error: Option<&anyhow::Error>,
    ) -> Option<Duration> {
        if self.rules.retries.limit == 0 {
            return None;
        }
        if error.is_some_and(|error| {
            matches!(failure::of(error), None | Some(Failure::Write | Failure::Interrupted))
        }) {
            // The reader has gone.
            return None;
        }
        let (wait, what) = match (transient, error) {
            (Some(Transient { wait, response }), _) => (wait, response),
            (None, Some(error)) => {
                let code = failure::of(error).map_or(Failure::Receive.code(), Failure::code);
                (self.decide_by(job, error)?, format!("({code}) {error:#}"))
            }
            (None, None) => return None,
        };
        job.attempts.done += 1;
        let (done, limit, seconds) = (job.attempts.done, self.rules.retries.limit, wait.as_secs_f64());
        self.tell_progress(&format!("Warning: {what}: retrying in {seconds} s ({done} of {limit})"));
        Some(wait)
    }

    /// What an error makes of it.
    fn decide_by(&mut self, job: &Job, error: &anyhow::Error) -> Option<Duration> {
        let attempt = FailedAttempt {
            failure: failure::of(error),
            trouble: failure::trouble(error),
            is_idempotent: job.attempts.is_idempotent,
            is_given_out: job.delivery.brought > 0 && !job.delivery.can_take_back(),
            ..FailedAttempt::default()
        };
        self.decide(job, &attempt)
    }

    /// The wait for the next attempt; tells why there is none where one might be expected.
    fn decide(&mut self, job: &Job, attempt: &FailedAttempt<'_>) -> Option<Duration> {
        let elapsed = job.attempts.began.map_or(Duration::ZERO, |began| began.elapsed());
        let why = match self.rules.retries.next(attempt, job.attempts.done, elapsed, super::now()) {
            Retry::Never => return None,
            Retry::After(wait) if job.attempts.can_repeat => return Some(wait),
            Retry::After(_) => "the input can be read only once".to_owned(),
            Retry::TooLate(wait) => {
                format!("waiting {} would exceed --retry-max-time", told(wait))
            }
            Retry::TooLong(wait) => {
                format!("the server asks to wait {}, longer than --max-time", told(wait))
            }
            Retry::GivenOut => "part of the content was already printed; use -o FILE to resume it, or \
                                --retry-all-errors to print it again"
                .to_owned(),
        };
        self.tell_progress(&format!("Warning: not retrying: {why}"));
        None
    }

    fn tell_progress(&mut self, text: &str) {
        // On a terminal that can't be written to any more, nothing shows.
        let _ = self.console.end_line();
        (self.tell)(&News::Progress(text));
    }

    /// Before another attempt: it resumes what is in the file, where that can be
    /// told from other states of the target or the user wants it anyhow, and
    /// begins at the beginning elsewhere.
    pub(super) fn resume(&self, job: &mut Job) -> anyhow::Result<()> {
        if !self.rules.manners.keeps_heads() {
            job.delivery.forget_heads();
        }
        let saved = job.delivery.saved();
        if self.rules.saving.resumes() {
            return match job.attempts.as_it_is(saved) {
                None => job.delivery.begin_again(),
                Some(0) => Ok(()),
                Some(saved) => {
                    job.delivery.keep_saved();
                    job.owns_part |= job.resume.is_none();
                    job.resume = Some(job.resume.unwrap_or(0).saturating_add(saved));
                    Ok(())
                }
            };
        }
        if job.attempts.goes_on_behind(saved) { Ok(()) } else { job.delivery.begin_again() }
    }
}

/// A wait in words. A server may name more seconds than are counted here.
fn told(wait: Duration) -> String {
    match (wait.as_secs(), wait.subsec_nanos()) {
        (u64::MAX, _) => "for ever".to_owned(),
        (seconds, 0) => format!("{seconds} s"),
        _ => format!("{} s", wait.as_secs_f64()),
    }
}
