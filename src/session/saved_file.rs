//! The file that a target's content goes to: its name, by the user or by the
//! server, and what becomes of it at the end.

use std::ffi::OsStr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::delivery::{Delivery, Opening};
use super::job::Job;
use super::{News, Session};
use crate::event::Event;
use crate::failure::in_words;
use crate::http::response::ResponseHead;
use crate::http::{date, disposition};
use crate::output::escape::one_line;
use crate::output::file::clean_name;
use crate::output::media::Media;
use crate::plan::{Destination, Target, has_remote_name, remote_name};
use crate::policy::Sends;

impl Session<'_, '_> {
    /// The job of `target`, its file chosen; `None` where the file is there and
    /// nothing is to be requested.
    pub(super) fn job(&mut self, mut target: Target) -> anyhow::Result<Option<Box<Job>>> {
        self.begin_alike(&target.part);
        target.uri = self.by_https(target.uri);
        self.ensure_etag_file()?;
        // What an upload resumes is the file that is sent.
        let resumes = target.recipe.sends() != Sends::Upload;
        let destination = std::mem::take(&mut target.destination);
        let is_remote = matches!(destination, Destination::Remote);
        let saving = &self.rules.saving;
        let name = match destination {
            Destination::Print | Destination::Standard => {
                let resume = saving.resume(None).filter(|_| resumes);
                let delivery = self.console.delivery(destination, None);
                return Ok(Some(Job::new(target, delivery, resume)));
            }
            Destination::File(name) => name,
            Destination::Remote => remote_name(&target.named_by),
        };
        let path = saving.in_folder(&name);
        if saving.skips_existing && Path::new(&path).exists() {
            let path = one_line(path.as_encoded_bytes());
            self.events.emit(&Event::Note(&format!("Not sent: {path} exists")));
            return Ok(None);
        }
        if is_remote && !has_remote_name(&target.named_by) && !saving.takes_server_name {
            (self.tell)(&News::Notice(&without_name(&path)));
        }
        let resume = saving.resume(Some(&path)).filter(|_| resumes);
        let opening = Opening {
            existing: saving.existing(false, resume),
            creates_folders: saving.creates_folders,
            mode: saving.file_mode,
            named_by: is_remote.then(|| Rc::clone(&target.named_by)),
            path: path.clone(),
            named: None,
            taken: Rc::clone(&self.taken),
        };
        let delivery = self.console.delivery(Destination::File(path), Some(opening));
        Ok(Some(Job::new(target, delivery, resume)))
    }

    /// `-J`: the name that the server gives the file, by Content-Disposition or
    /// else by the URL that it has redirected to.
    pub(super) fn take_name(&mut self, job: &mut Job, head: &ResponseHead) {
        let uri = &job.chain.hop.uri;
        let named_by = job.delivery.opening().and_then(|opening| opening.named_by.as_ref());
        let Some(named_by) = named_by.filter(|_| self.rules.saving.takes_server_name) else { return };
        let field = head.fields.value("content-disposition").and_then(disposition::file_name);
        let field = field.map(|name| Media::of(&head.fields).file_name(&name));
        let last = || remote_name(uri).into_string().ok();
        let given = field.or_else(|| if job.chain.first == *uri { None } else { last() });
        let Some(name) = given.as_deref().and_then(clean_name) else {
            let path = job.delivery.opening().map(|opening| &opening.path);
            if let Some(path) = path.filter(|_| !has_remote_name(named_by)) {
                (self.tell)(&News::Notice(&without_name(path)));
            }
            return;
        };
        let path = self.rules.saving.in_folder(name.as_ref());
        let existing = self.rules.saving.existing(true, None);
        job.delivery.rename(path, existing, given.as_ref() != Some(&name));
    }

    /// Tells the name of a file that a server has named, once there is one.
    pub(super) fn tell_name(&mut self, delivery: &mut Delivery) {
        let Some((path, is_altered)) = delivery.take_name() else { return };
        let path = one_line(path.as_encoded_bytes());
        let why = if is_altered { "the server's file name was changed: " } else { "" };
        self.tell(&News::Notice(&format!("{why}saved as {path}")));
    }

    /// The job is done: its file gets its time, or goes.
    pub(super) fn conclude(&mut self, job: &mut Job, result: anyhow::Result<()>) -> anyhow::Result<()> {
        let result = match (result, job.delivery.finish_heads()) {
            (Ok(()), told) => told,
            (failed, _) => failed,
        };
        if result.is_err() && self.rules.saving.removes_on_error {
            job.delivery.remove_file();
        }
        let etag = job.etag.take();
        result.and_then(|()| etag.map_or(Ok(()), |etag| self.save_etag(&etag)))
    }

    /// `-R`: the file gets the time that `head` says.
    pub(super) fn keep_time(&mut self, delivery: &Delivery, head: &ResponseHead) {
        if !self.rules.saving.keeps_time {
            return;
        }
        let Some(date) = head.fields.value("last-modified") else { return };
        let time = date::parse(date).and_then(|date| system_time(date.seconds));
        if let Some(time) = time
            && let Err(error) = delivery.set_modified(time)
        {
            self.tell(&News::Notice(&format!("the file's time cannot be set: {}", in_words(&error))));
        }
    }
}

/// The time so many seconds after 1970, or before.
fn system_time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    }
}

/// What is told of a file that is named by nothing.
fn without_name(path: &OsStr) -> String {
    format!("the URL has no file name for -O: saving as {}", one_line(path.as_encoded_bytes()))
}
