//! Whether what has come is what was wanted, decided by the head before
//! anything of the body is given out; and the file that the body goes to.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::screen::Opening;
use super::{News, Session};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::content_range::ContentRange;
use crate::http::framing::{Framed, Framing};
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::http::{date, disposition};
use crate::output::body::too_large;
use crate::output::escape::one_line;
use crate::output::file::clean_name;
use crate::plan::{Destination, remote_name};
use crate::policy::Sends;

/// How much of a reason phrase an error quotes.
const MAX_REASON: usize = 200;

/// What becomes of a body.
pub(super) enum Verdict {
    /// It is given out; with an error, where the run fails all the same.
    Give(Option<anyhow::Error>),
    /// It must have so many bytes.
    GivePart(u64),
    /// It is not; with an error, unless that is well.
    Withhold(Option<anyhow::Error>),
}

impl Verdict {
    /// What is wrong once the body has come whole, with so many bytes.
    pub(super) fn after(self, bytes: u64) -> Option<anyhow::Error> {
        match self {
            Self::Give(error) | Self::Withhold(error) => error,
            Self::GivePart(length) if length == bytes => None,
            Self::GivePart(length) => {
                let message = format!("{bytes} bytes came of the {length} that Content-Range says");
                Some(Failure::Truncated.error(message))
            }
        }
    }
}

impl Session<'_, '_> {
    /// The file for what comes of `uri` is chosen; `None` where it is there and
    /// nothing is to be requested.
    pub(super) fn prepare(
        &mut self,
        uri: &Uri,
        sends: Sends,
        to: Destination,
    ) -> anyhow::Result<Option<Destination>> {
        // What an upload goes on with is the file that is sent.
        let goes_on = sends != Sends::Upload;
        let is_remote = matches!(to, Destination::Remote);
        let name = match to {
            Destination::Print | Destination::Standard => {
                self.resume = self.saving.resume(None).filter(|_| goes_on);
                self.screen.begin(None);
                return Ok(Some(to));
            }
            Destination::File(name) => name,
            Destination::Remote => remote_name(uri),
        };
        let path = self.saving.in_folder(&name);
        if self.saving.skips_existing && Path::new(&path).exists() {
            let path = one_line(path.as_encoded_bytes());
            self.events.emit(&Event::Note(&format!("{path} is there: nothing is requested")));
            return Ok(None);
        }
        self.resume = self.saving.resume(Some(&path)).filter(|_| goes_on);
        self.screen.begin(Some(Opening {
            existing: self.saving.existing(false, self.resume),
            creates_folders: self.saving.creates_folders,
            named_by: is_remote.then(|| uri.clone()),
            path: path.clone(),
        }));
        Ok(Some(Destination::File(path)))
    }

    /// What is to become of the body that follows `head`.
    pub(super) fn judge(
        &mut self,
        uri: &Uri,
        head: &ResponseHead,
        framed: Framed,
    ) -> anyhow::Result<Verdict> {
        let status = head.status();
        if let Some(offset) = self.resume
            && !(self.saving.fails(status) && status != 416)
        {
            return Ok(self.judge_part(offset, uri, head, framed));
        }
        if self.saving.fails(status) {
            let error = Some(Failure::Status.error(answer(uri, head)));
            if !self.saving.keeps_failed {
                return Ok(Verdict::Withhold(error));
            }
            self.take_name(uri, head)?;
            return Ok(Verdict::Give(error));
        }
        if let (Framing::Length(length), Some(limit)) = (framed.framing, self.saving.max_filesize)
            && length > limit
        {
            return Ok(Verdict::Withhold(Some(too_large(Some(limit)))));
        }
        self.take_name(uri, head)?;
        Ok(Verdict::Give(None))
    }

    /// The same for a download that goes on from byte `offset`.
    fn judge_part(&mut self, offset: u64, uri: &Uri, head: &ResponseHead, framed: Framed) -> Verdict {
        let range = head.fields.value("content-range").and_then(ContentRange::parse);
        let length = match framed.framing {
            Framing::Length(length) => Some(length),
            _ => None,
        };
        let is_there_already = match (head.status(), range) {
            (416, Some(ContentRange::Unsatisfied(total))) => total == offset,
            (416, _) => true,
            (200, None) => length == Some(offset),
            _ => false,
        };
        if is_there_already {
            self.note_done(offset);
            return Verdict::Withhold(None);
        }
        if let (206, Some(ContentRange::Part { first, last, total })) = (head.status(), range)
            && first == offset
            && total.is_none_or(|total| total - 1 == last)
            && length.is_none_or(|length| length == last - first + 1)
        {
            return Verdict::GivePart(last - first + 1);
        }
        self.screen.forget_heads();
        let answer = answer(uri, head);
        let range = head.fields.value("content-range").map_or_else(
            || "without Content-Range".to_owned(),
            |value| format!("with Content-Range {}", one_line(&value[..value.len().min(MAX_REASON)])),
        );
        Verdict::Withhold(Some(Failure::Range.error(format!(
            "{answer} {range}, which is not the rest from byte {offset} on: nothing is added"
        ))))
    }

    fn note_done(&self, offset: u64) {
        self.events.emit(&Event::Note(&format!("There is nothing after byte {offset}")));
    }

    /// `-J`: the name that the server gives the file, by Content-Disposition or
    /// else by the URL that it has redirected to.
    fn take_name(&mut self, uri: &Uri, head: &ResponseHead) -> anyhow::Result<()> {
        let named_by = self.screen.opening().and_then(|opening| opening.named_by.as_ref());
        let Some(named_by) = named_by.filter(|_| self.saving.takes_server_name) else { return Ok(()) };
        let field = head.fields.value("content-disposition").and_then(disposition::file_name);
        let last = || remote_name(uri).into_string().ok();
        let given = field.or_else(|| if named_by == uri { None } else { last() });
        let Some(name) = given.as_deref().and_then(clean_name) else { return Ok(()) };
        if given.as_ref() != Some(&name) {
            (self.tell)(&News::Notice(&format!(
                "the server's file name is not taken as it is: saved as {name}"
            )));
        }
        let path = self.saving.in_folder(name.as_ref());
        let existing = self.saving.existing(true, None);
        self.screen.rename(path, existing);
        Ok(())
    }

    /// The target of `destination` is done with: its file gets its time, or goes.
    pub(super) fn conclude(
        &mut self,
        destination: &Destination,
        result: anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let result = match (result, self.screen.end(destination)) {
            (Ok(()), told) => told,
            (failed, _) => failed,
        };
        if result.is_err() && self.saving.removes_on_error {
            self.screen.remove_file();
        }
        result
    }

    /// `-R`: the file gets the time that `head` says.
    pub(super) fn keep_time(&mut self, head: &ResponseHead) {
        let Some(date) = head.fields.value("last-modified").filter(|_| self.saving.keeps_time) else {
            return;
        };
        let seconds = date::parse(date).and_then(|date| u64::try_from(date.seconds).ok());
        let time =
            seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        if let Some(time) = time
            && let Err(error) = self.screen.set_modified(time)
        {
            (self.tell)(&News::Notice(&format!("the file's time cannot be set: {error}")));
        }
    }
}

/// Who answered what, for an error.
fn answer(uri: &Uri, head: &ResponseHead) -> String {
    let mut text = format!("{} answered {}", one_line(&uri.to_bytes()), head.status());
    let reason = head.reason();
    if !reason.is_empty() {
        text.push(' ');
        text.push_str(&one_line(&reason[..reason.len().min(MAX_REASON)]));
    }
    text
}
