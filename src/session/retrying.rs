//! Asking for a target again: the attempts, the waits between them, and what
//! of one is of use to the next. Whether and when, the policy says.

use std::time::{Duration, Instant};

use super::follow::Chain;
use super::saving::answer;
use super::{News, Session};
use crate::failure::{self, Failure};
use crate::http::framing::Framed;
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::plan::{self, PlannedExchange};
use crate::policy::resume::{Begun, Brings};
use crate::policy::retry::{Attempt, Retry};

/// What an attempt came to.
pub(super) enum Outcome {
    /// The last one.
    Ended(anyhow::Result<()>),
    /// Another follows after this wait.
    After(Duration),
}

/// The attempts at one target.
#[derive(Default)]
pub(super) struct Trial {
    /// When the first began.
    began: Option<Instant>,
    /// How many there were before the one under way.
    done: u64,
    /// What of the target the file holds a part of, and may go on with.
    begun: Option<Begun>,
    /// From which byte on the one under way asks for that.
    from: Option<u64>,
    /// The request can be sent another time.
    can_repeat: bool,
    /// Asking changes nothing at the server.
    is_safe: bool,
    /// The part of the target that is asked for is ours to say.
    may_ask_for_rest: bool,
    /// What comes is saved byte for byte.
    is_saved_as_is: bool,
    /// What the status made of the attempt under way: the wait for the next.
    wait: Option<Duration>,
    /// The answer that made it so, in words.
    answered: String,
}

impl Trial {
    /// An attempt begins; `can_repeat`: it need not be the last.
    pub(super) fn begin(&mut self, can_repeat: bool) {
        self.began.get_or_insert_with(Instant::now);
        self.can_repeat = can_repeat;
        self.wait = None;
    }

    /// This exchange is to come.
    pub(super) fn asks(&mut self, chain: &Chain, planned: &PlannedExchange) {
        let request = &planned.request;
        self.is_safe = matches!(&request.method[..], b"GET" | b"HEAD");
        self.may_ask_for_rest = request.method == b"GET" && !request.is_raw && chain.recipe.leaves_range();
    }

    /// What is saved from now on is `begun`; `is_saved_as_is`: byte for byte.
    pub(super) fn has_begun(&mut self, begun: Option<Begun>, is_saved_as_is: bool) {
        self.begun = begun.filter(|_| self.may_ask_for_rest);
        self.is_saved_as_is = is_saved_as_is;
    }

    /// Nothing is of use to the next attempt.
    pub(super) fn forget(&mut self) {
        (self.begun, self.from, self.is_saved_as_is) = (None, None, false);
    }

    /// From which byte on the attempt under way asks for the target, because of those before.
    pub(super) fn goes_on_from(&self) -> Option<u64> {
        self.from
    }

    /// The value of If-Range for it.
    pub(super) fn if_range(&self) -> Option<Vec<u8>> {
        self.begun.as_ref().and_then(Begun::if_range).map(<[u8]>::to_vec)
    }

    /// Whether a part that comes with this head is one of what has begun.
    pub(super) fn is_same(&self, uri: &Uri, head: &ResponseHead) -> bool {
        self.begun.as_ref().is_none_or(|begun| begun.is_same(uri, head))
    }

    /// What the answer to it brings.
    pub(super) fn brings(&self, offset: u64, uri: &Uri, head: &ResponseHead, framed: Framed) -> Brings {
        self.begun.as_ref().map_or(Brings::Whole, |begun| begun.continued(offset, uri, head, framed))
    }
}

impl Session<'_, '_> {
    /// Whether the status of `head` makes the target be asked for again.
    pub(super) fn consider(&mut self, uri: &Uri, head: &ResponseHead) -> bool {
        if self.retries.limit == 0 {
            return false;
        }
        self.trial.wait = self.decide(&Attempt {
            status: Some(head.status()),
            retry_after: head.fields.value("retry-after"),
            ..Attempt::default()
        });
        if self.trial.wait.is_some() {
            self.trial.answered = answer(uri, head);
        }
        self.trial.wait.is_some()
    }

    /// The wait before the next attempt after one that ended so; `None`: there is none.
    pub(super) fn retry(&mut self, error: Option<&anyhow::Error>) -> Option<Duration> {
        if self.retries.limit == 0 {
            return None;
        }
        if error.is_some_and(|error| matches!(failure::of(error), None | Some(Failure::Write))) {
            // Nobody takes what would come.
            return None;
        }
        let what = match (self.trial.wait, error) {
            (Some(_), _) => std::mem::take(&mut self.trial.answered),
            (None, Some(error)) => {
                let code = failure::of(error).map_or(Failure::Receive.code(), Failure::code);
                format!("({code}) {error:#}")
            }
            (None, None) => return None,
        };
        let wait = self.trial.wait.or_else(|| self.decide_by(error?))?;
        self.trial.done += 1;
        let (done, limit, seconds) = (self.trial.done, self.retries.limit, wait.as_secs_f64());
        let text = format!("Warning: {what}: asking again in {seconds} s ({done} of {limit})");
        self.tell_progress(&text);
        Some(wait)
    }

    /// What an error makes of it.
    fn decide_by(&mut self, error: &anyhow::Error) -> Option<Duration> {
        self.decide(&Attempt {
            failure: failure::of(error),
            trouble: failure::trouble(error),
            is_safe: self.trial.is_safe,
            is_given_out: self.screen.brought > 0 && !self.screen.can_take_back(),
            ..Attempt::default()
        })
    }

    /// The wait for the next attempt; tells why there is none where one might be expected.
    fn decide(&mut self, attempt: &Attempt<'_>) -> Option<Duration> {
        let elapsed = self.trial.began.map_or(Duration::ZERO, |began| began.elapsed());
        let why = match self.retries.next(attempt, self.trial.done, elapsed, plan::now()) {
            Retry::Never => return None,
            Retry::After(wait) if self.trial.can_repeat => return Some(wait),
            Retry::After(_) => "what is sent can be read only once".to_owned(),
            Retry::TooLate(wait) => {
                format!("a wait of {} s would end after --retry-max-time", wait.as_secs_f64())
            }
            Retry::GivenOut => "part of the content has been printed; to a file (-o) it would go on, and \
                                --retry-all-errors prints it again"
                .to_owned(),
        };
        self.tell_progress(&format!("Warning: not asking again: {why}"));
        None
    }

    fn tell_progress(&mut self, text: &str) {
        // On a terminal that can't be written to any more, nothing shows.
        let _ = self.screen.end_line();
        (self.tell)(&News::Progress(text));
    }

    /// Before another attempt: it goes on with what is in the file, where that
    /// can be told from other states of the target or the user wants it anyhow,
    /// and begins at the beginning elsewhere.
    pub(super) fn go_on(&mut self) -> anyhow::Result<()> {
        let saved = self.screen.saved().filter(|_| self.trial.is_saved_as_is);
        if self.saving.resumes() {
            return match saved {
                None => self.screen.begin_again(),
                Some(0) => Ok(()),
                Some(saved) => {
                    self.screen.keep_saved();
                    self.resume = Some(self.resume.unwrap_or(0).saturating_add(saved));
                    Ok(())
                }
            };
        }
        self.trial.from = saved.filter(|&saved| saved > 0 && self.trial.if_range().is_some());
        if self.trial.from.is_some() {
            return Ok(());
        }
        self.trial.forget();
        self.screen.begin_again()
    }
}
