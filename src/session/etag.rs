//! `--etag-save`: the entity tag of what a target came to, kept for
//! `--etag-compare`.

use std::path::Path;

use super::job::Job;
use super::{News, Session};
use crate::failure::Failure;
use crate::http::response::ResponseHead;
use crate::output::Sink;
use crate::output::escape::one_line;
use crate::output::file::create_folders;
use crate::output::replace::replace;
use crate::plan::Source;

impl Session<'_, '_> {
    /// Whether the entity tag can be saved later; without, nothing is requested, as curl has it.
    pub(super) fn can_save_etag(&mut self) -> bool {
        let Some(path) = self.rules.saving.etag_save.as_ref().filter(|path| *path != "-") else {
            return true;
        };
        if let Source::Nothing | Source::Saved(_) = self.source {
            return true;
        }
        let made = if self.rules.saving.creates_folders { create_folders(path) } else { Ok(()) };
        let Err(error) = made.and_then(|()| Sink::append(path).map(|_| ())) else { return true };
        (self.tell)(&News::Notice(&format!(
            "nothing is requested, since the entity tag has no place: {error:#}"
        )));
        false
    }

    /// What is to be saved of the entity tag of a final response. One without a
    /// tag leaves none behind that could be taken for its own.
    pub(super) fn note_etag(&self, job: &mut Job, head: &ResponseHead) {
        job.etag = None;
        if self.rules.saving.etag_save.is_none() {
            return;
        }
        let tag = head.fields.value("etag").filter(|tag| !tag.is_empty());
        let is_new = (200..300).contains(&head.status());
        let is_known = is_new || (300..400).contains(&head.status()) && head.fields.value("etag").is_some();
        job.etag = is_known.then(|| tag.map_or_else(Vec::new, |tag| [tag, b"\n"].concat()));
    }

    /// Writes the entity tag, all having gone well.
    pub(super) fn save_etag(&mut self, etag: &[u8]) -> anyhow::Result<()> {
        let Some(path) = &self.rules.saving.etag_save else { return Ok(()) };
        if path == "-" {
            return self.console.print(etag);
        }
        replace(Path::new(path), etag).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            Failure::Write.because(format!("cannot write the entity tag to {name}"), error)
        })
    }
}
