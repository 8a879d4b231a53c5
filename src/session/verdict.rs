//! Whether what has come is what was wanted, decided by the head before
//! anything of the body is given out.

use super::Session;
use super::job::Job;
use crate::event::Event;
use crate::failure::{self, Failure, Trouble};
use crate::http::content_range::ContentRange;
use crate::http::framing::{Framed, Framing, response_framing};
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::output::escape::one_line;
use crate::plan::PlannedRequest;
use crate::policy::resume::{Begun, Brings};

/// How much of a reason phrase an error quotes.
const MAX_REASON: usize = 200;

/// What becomes of a body.
pub(super) enum BodyUse {
    /// The body is given out; with an error, the run fails all the same.
    Give(Option<anyhow::Error>),
    /// The body is a part of so many bytes; with an error, it is not the part that was requested.
    GivePart(u64, Option<anyhow::Error>),
    /// The body is not given out; with an error, that makes the run fail.
    Withhold(Option<anyhow::Error>),
}

impl BodyUse {
    /// What is wrong once the body has come whole, with so many bytes.
    pub(super) fn after(self, bytes: u64) -> Option<anyhow::Error> {
        match self {
            Self::Give(error) | Self::Withhold(error) => error,
            Self::GivePart(_, Some(error)) => Some(error),
            Self::GivePart(length, None) if length == bytes => None,
            Self::GivePart(length, None) if length < bytes => {
                let message = format!("received {}, but Content-Range says {length}", failure::bytes(bytes));
                Some(Failure::Range.error(message))
            }
            Self::GivePart(length, None) => {
                let message = format!("received {bytes} of the {length} bytes that Content-Range says");
                Some(Failure::Truncated.error(message))
            }
        }
    }
}

impl Session<'_, '_> {
    /// What is to become of the body that follows `head`; `is_transient`: its
    /// status makes the target be retried.
    pub(super) fn judge(
        &mut self,
        job: &mut Job,
        request: &PlannedRequest,
        head: &ResponseHead,
        framed: Framed,
        is_transient: bool,
    ) -> anyhow::Result<BodyUse> {
        let status = head.status();
        let fails = self.rules.saving.fails(status);
        let into_file = job.delivery.opening().is_some();
        if is_transient && into_file {
            self.drop_head_with_content(job, framed, fails);
            return Ok(BodyUse::Withhold(fails.then(|| self.failed_status(job, head))));
        }
        if let Some(verdict) = self.judge_rest(job, head, framed)? {
            return Ok(verdict);
        }
        if !fails && replaces_part(job, status, framed) {
            self.begin_whole(job)?;
        }
        let wants_head_alone = job.chain.recipe.wants_head_alone();
        if let Some(offset) = job.resume
            && !(fails && status != 416)
            && !wants_head_alone
        {
            return Ok(self.judge_part(job, offset, head, framed));
        }
        // There is no content in it, and what is there is what was requested.
        if status == 304 && into_file {
            return Ok(BodyUse::Withhold(None));
        }
        if fails {
            return Ok(self.judge_failed(job, head));
        }
        if wants_head_alone {
            return Ok(self.judge_head_alone(head, framed));
        }
        if let Some(error) = self.refuse_large(framed) {
            return Ok(BodyUse::Withhold(Some(error)));
        }
        self.take_name(job, head);
        if self.rules.retries.limit > 0 {
            let begun = || Begun::of(&job.chain.hop.uri, head, framed);
            job.attempts.has_begun(begun, self.console.saves_as_it_is(&head.fields));
        }
        Ok(self.judge_range(&job.chain.hop.uri, request, head, framed))
    }

    /// What becomes of the body behind a status that makes the run fail: `--fail`, `--fail-with-body`.
    fn judge_failed(&mut self, job: &mut Job, head: &ResponseHead) -> BodyUse {
        let error = Some(self.failed_status(job, head));
        if !self.rules.saving.keeps_failed {
            return BodyUse::Withhold(error);
        }
        self.take_name(job, head);
        BodyUse::Give(error)
    }

    /// The error for a status that makes the run fail.
    fn failed_status(&self, job: &Job, head: &ResponseHead) -> anyhow::Error {
        self.rules.manners.failed_status(head.status(), || response(&job.chain.hop.uri, head))
    }

    /// What becomes of what follows the head where the head alone is wanted.
    fn judge_head_alone(&self, head: &ResponseHead, framed: Framed) -> BodyUse {
        match (self.refuse_large_of_head(head), framed.framing) {
            (Some(error), _) => BodyUse::Withhold(Some(error)),
            // Bytes that follow all the same are told of, as after any response.
            (None, Framing::NoBody) => BodyUse::Give(None),
            (None, _) => BodyUse::Withhold(None),
        }
    }

    /// The error for content that is larger than `--max-filesize` allows, by what its head says.
    fn refuse_large(&self, framed: Framed) -> Option<anyhow::Error> {
        let limit = self.rules.saving.max_filesize;
        let is_over =
            matches!((framed.framing, limit), (Framing::Length(length), Some(limit)) if length > limit);
        is_over.then(|| failure::too_large(limit))
    }

    /// As [`Self::refuse_large`], of a response to HEAD, which has no content.
    fn refuse_large_of_head(&self, head: &ResponseHead) -> Option<anyhow::Error> {
        // It has the length that one to GET would have (RFC 9110 §8.6).
        self.refuse_large(response_framing(b"GET", head))?;
        let limit = failure::bytes(self.rules.saving.max_filesize.unwrap_or_default());
        Some(
            Failure::TooLarge
                .error(format!("the content announced is larger than the {limit} of --max-filesize")),
        )
    }

    /// Keeps a head out of the file, if it has content that would go there and another attempt follows.
    fn drop_head_with_content(&self, job: &mut Job, framed: Framed, fails: bool) {
        let is_wanted = !fails || self.rules.saving.keeps_failed;
        if is_wanted && !matches!(framed.framing, Framing::NoBody | Framing::Length(0)) {
            job.delivery.forget_heads();
        }
    }

    /// What becomes of the body where the attempt before has left part of it in the file. `None`
    /// where the whole comes anew.
    fn judge_rest(
        &self,
        job: &mut Job,
        head: &ResponseHead,
        framed: Framed,
    ) -> anyhow::Result<Option<BodyUse>> {
        let (Some(offset), None) = (job.attempts.resumes_at(), job.resume) else { return Ok(None) };
        let uri = &job.chain.hop.uri;
        match job.attempts.brings(offset, uri, head, framed) {
            Brings::Rest(length) => {
                let limit = self.rules.saving.max_filesize;
                let is_over = limit.is_some_and(|limit| length > limit.saturating_sub(offset));
                Ok(Some(if is_over {
                    BodyUse::Withhold(Some(failure::too_large(limit)))
                } else {
                    BodyUse::GivePart(length, None)
                }))
            }
            Brings::Whole => self.begin_whole(job).map(|()| None),
            Brings::Nothing if self.rules.saving.fails(head.status()) => {
                Ok(Some(BodyUse::Withhold(Some(self.failed_status(job, head)))))
            }
            Brings::Nothing if matches!(head.status(), 206 | 412 | 416) => {
                let message = self.not_the_rest(offset, job, head, framed);
                // The target has changed, or the server can't give parts.
                job.attempts.forget();
                Ok(Some(BodyUse::Withhold(Some(Failure::Range.with_trouble(Trouble::Lost, message)))))
            }
            Brings::Nothing => {
                let message = self.not_the_rest(offset, job, head, framed);
                Ok(Some(BodyUse::Withhold(Some(Failure::Range.error(message)))))
            }
        }
    }

    /// Takes back the part that an earlier attempt has left in the file, since all of it comes again.
    fn begin_whole(&self, job: &mut Job) -> anyhow::Result<()> {
        self.events.emit(&Event::Note("The server sends all of it again: replacing the partial file"));
        if std::mem::take(&mut job.owns_part) {
            job.resume = None;
            job.delivery.disown_saved();
        }
        job.delivery.begin_again()
    }

    /// What becomes of the body of a download that is resumed at byte `offset`.
    fn judge_part(&mut self, job: &mut Job, offset: u64, head: &ResponseHead, framed: Framed) -> BodyUse {
        let range = ContentRange::of(&head.fields);
        let length = match framed.framing {
            Framing::Length(length) => Some(length),
            _ => None,
        };
        let is_there_already = match (head.status(), range) {
            (416, Some(ContentRange::Unsatisfied(total))) => total == offset,
            (416, None | Some(ContentRange::Invalid)) => self.rules.manners.trusts_416(),
            (200, None) => length == Some(offset),
            _ => false,
        };
        if is_there_already {
            self.events.emit(&Event::Note(&format!("Nothing follows byte {offset}")));
            return BodyUse::Withhold(None);
        }
        let uri = &job.chain.hop.uri;
        if let (206, Some(ContentRange::Part { first, last, total })) = (head.status(), range)
            && first == offset
            && !self.console.decodes(&head.fields)
            && length.is_none_or(|length| length <= last - first + 1)
            && job
                .attempts
                .begun()
                .is_none_or(|begun| begun.is_same(uri, head) && begun.has_room_for(last, total))
        {
            let begun = Begun::of_part(uri, head, total, job.attempts.begun());
            let is_short = begun.is_short(last);
            job.attempts.has_begun(|| Some(begun), self.console.saves_as_it_is(&head.fields));
            if is_short {
                self.tell_short(head);
            }
            return BodyUse::GivePart(last - first + 1, None);
        }
        if !self.rules.manners.as_curl {
            job.delivery.forget_heads();
        }
        BodyUse::Withhold(Some(Failure::Range.error(self.not_the_rest(offset, job, head, framed))))
    }

    /// The error text of a response that is not the missing rest of a file.
    fn not_the_rest(&self, offset: u64, job: &Job, head: &ResponseHead, framed: Framed) -> String {
        let response = response(&job.chain.hop.uri, head);
        if head.status() == 416 {
            return format!(
                "{response} {}, which does not confirm that {offset} bytes are all of it",
                named_range(head)
            );
        }
        let left = if job.delivery.leaves_file() { ": the file is unchanged" } else { "" };
        let why = match ContentRange::of(&head.fields) {
            Some(ContentRange::Part { first, last, total }) if head.status() == 206 && first == offset => {
                let begun = job.attempts.begun();
                let objection =
                    begun.and_then(|begun| begun.objection(&job.chain.hop.uri, head, last, total));
                objection.unwrap_or_else(|| match framed.framing {
                    Framing::Length(length) if length != last - first + 1 => {
                        format!("is not as long as Content-Length {length} says")
                    }
                    _ if self.console.decodes(&head.fields) => {
                        "counts coded bytes, but the file has decoded ones".to_owned()
                    }
                    _ => format!("is not all of the rest from byte {offset}"),
                })
            }
            _ => format!("is not the rest from byte {offset}"),
        };
        format!("{response} {}, which {why}{left}", named_range(head))
    }
}

/// Whether the response is the whole of what an earlier attempt has left a part of in the file.
fn replaces_part(job: &Job, status: u16, framed: Framed) -> bool {
    job.owns_part
        && matches!(status, 200 | 203)
        && job.attempts.begun().is_some_and(|begun| begun.has_length_of(framed))
}

/// Its Content-Range, for an error.
pub(super) fn named_range(head: &ResponseHead) -> String {
    let values: Vec<_> = head.fields.all("content-range").map(|line| line.value).collect();
    if values.is_empty() {
        return "without Content-Range".to_owned();
    }
    let values = values.join(&b" and "[..]);
    format!("with Content-Range {}", one_line(&values[..values.len().min(MAX_REASON)]))
}

/// The URL and the status, for an error.
pub(super) fn response(uri: &Uri, head: &ResponseHead) -> String {
    format!("{} responded with {}", one_line(&uri.to_bytes()), status(head))
}

/// The status code and the reason phrase, for an error.
pub(super) fn status(head: &ResponseHead) -> String {
    let reason = head.reason();
    let reason = one_line(&reason[..reason.len().min(MAX_REASON)]);
    format!("{} {reason}", head.status()).trim_end().to_owned()
}
