//! `--etag-save`: the entity tag of what a target came to, kept for
//! `--etag-compare`.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Session;
use super::job::Job;
use crate::failure::Failure;
use crate::http::response::ResponseHead;
use crate::output::Sink;
use crate::output::escape::one_line;
use crate::output::file::create_folders;
use crate::output::replace::{PRIVATE, replace};
use crate::plan::ResponseSource;

impl Session<'_, '_> {
    /// An error where the entity tag cannot be saved later: no request is sent then.
    pub(super) fn ensure_etag_file(&self) -> anyhow::Result<()> {
        let Some(path) = self.etag_file() else { return Ok(()) };
        if self.rules.saving.creates_folders {
            create_folders(path)?;
        }
        OpenOptions::new().append(true).create(true).mode(PRIVATE).open(path).map(|_| ()).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            // curl's code for it.
            let text = format!("no request is sent, since the entity tag cannot be written to {name}");
            Failure::Read.because(text, error)
        })
    }

    /// The file of `--etag-save`, where there is one and a server is asked.
    fn etag_file(&self) -> Option<&OsStr> {
        let path = self.rules.saving.etag_save.as_deref().filter(|path| *path != "-")?;
        let is_asked = !matches!(self.source, ResponseSource::Nothing | ResponseSource::Saved(_));
        is_asked.then_some(path)
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
        let is_known = is_new || (300..400).contains(&head.status()) && tag.is_some();
        job.etag = is_known.then(|| tag.map_or_else(Vec::new, |tag| [tag, b"\n"].concat()));
    }

    /// Content is about to be given out: the tag of what was there before is valid for
    /// nothing any more, whatever becomes of the run.
    pub(super) fn forget_etag(&self) -> anyhow::Result<()> {
        let Some(path) = self.etag_file() else { return Ok(()) };
        if Sink::is_own_stream(path)
            || !std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0)
        {
            return Ok(());
        }
        OpenOptions::new().write(true).truncate(true).open(path).map(|_| ()).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            Failure::Write.because(format!("cannot empty {name}, the file of --etag-save"), error)
        })
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
