//! Where what comes of one target goes, and how much of it has: the file of
//! `-o` or `-O`, the heads that wait for it, what can be taken back.

use std::ffi::OsString;
use std::io;
use std::rc::Rc;
use std::time::SystemTime;

use crate::failure::Failure;
use crate::http::uri::Uri;
use crate::output::Sink;
use crate::output::file::{self, Existing};
use crate::output::taken::Taken;
use crate::plan::Destination;

/// Heads of so many bytes wait for the file that they go into; more make it.
const MAX_WAITING: usize = 256 * 1024;
/// As [`MAX_WAITING`], where a later head may name the file or leave it as it was.
const MAX_WAITING_FOR_NAME: usize = 16 << 20;

/// The destination of one target's content.
pub(super) struct Delivery {
    pub(super) destination: Destination,
    /// How the file is made.
    opening: Option<Box<Opening>>,
    /// The file, once something has come for it.
    file: Option<Box<Sink>>,
    /// `-i`: heads go into it too.
    holds_heads: bool,
    /// Heads that wait for the file, which is made when a body comes for it.
    heads: Vec<u8>,
    /// The length of the file before anything came, in bytes.
    length_before: u64,
    /// Bytes of content that the last response brought.
    pub(super) brought: u64,
}

/// A file that is to be made, and how.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) path: OsString,
    pub(super) existing: Existing,
    pub(super) creates_folders: bool,
    /// The mode of a new file, as far as the umask allows.
    pub(super) mode: Option<u32>,
    /// The name is that of this URL, and a server may give another.
    pub(super) named_by: Option<Rc<Uri>>,
    /// The name is a server's; whether it was altered to be harmless.
    pub(super) named: Option<bool>,
    /// Names that content is not saved under.
    pub(super) taken: Rc<Taken>,
}

impl Opening {
    /// Makes the file; the path is the one that it got.
    fn open(&mut self) -> anyhow::Result<Sink> {
        if self.creates_folders {
            file::create_folders(&self.path)?;
        }
        let (sink, path) = Sink::save_to(&self.path, self.existing, self.mode, &self.taken)?;
        // What may be replaced may be so by another response of the run, too.
        if self.named.is_some() && self.existing != Existing::ReplaceFile {
            self.taken.add(path.clone());
        }
        self.path = path;
        Ok(sink)
    }
}

impl Delivery {
    /// A delivery to `destination`, by `opening` where that is a file;
    /// `holds_heads`: heads go into that file too.
    pub(super) fn new(destination: Destination, opening: Option<Opening>, holds_heads: bool) -> Self {
        Self {
            destination,
            opening: opening.map(Box::new),
            file: None,
            holds_heads,
            heads: Vec::new(),
            length_before: 0,
            brought: 0,
        }
    }

    /// The file that is to be made, where one is.
    pub(super) fn opening(&self) -> Option<&Opening> {
        self.opening.as_deref()
    }

    /// The path of a file that has been made with a server's name, and whether that was
    /// altered; once.
    pub(super) fn take_name(&mut self) -> Option<(OsString, bool)> {
        let opening = self.opening.as_mut().filter(|_| self.file.is_some())?;
        Some((opening.path.clone(), opening.named.take()?))
    }

    /// Gives the file that is to be made a name of the server's; `is_altered`: to be harmless.
    pub(super) fn rename(&mut self, path: OsString, existing: Existing, is_altered: bool) {
        // A file that is there keeps its name, whatever another response says.
        if self.file.is_some() {
            return;
        }
        if let Some(opening) = &mut self.opening {
            (opening.path, opening.existing, opening.named) = (path, existing, Some(is_altered));
        }
    }

    /// Whether the target's file stays as it is where the content is not given out: no head waits for it.
    pub(super) fn leaves_file(&self) -> bool {
        self.opening.is_some() && self.heads.is_empty()
    }

    /// Keeps a head for the file, which is made when a body or many heads come for it.
    pub(super) fn keep_head(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        self.heads.extend_from_slice(raw);
        let is_certain = self.file.is_some()
            || self
                .opening
                .as_ref()
                .is_some_and(|it| it.named_by.is_none() && !matches!(it.existing, Existing::Append));
        let most = if is_certain { MAX_WAITING } else { MAX_WAITING_FOR_NAME };
        if self.heads.len() > most { self.file().map(|_| ()) } else { Ok(()) }
    }

    /// Heads that were to go into the file do not.
    pub(super) fn forget_heads(&mut self) {
        self.heads.clear();
    }

    /// What came in vain goes from the target's file, heads that wait for it too.
    pub(super) fn begin_again(&mut self) -> anyhow::Result<()> {
        let Some(file) = self.file.as_mut().filter(|file| file.length() > Some(self.length_before)) else {
            return Ok(());
        };
        self.heads.clear();
        file.cut_back_to(self.length_before)
    }

    /// How many bytes of this target its file holds, where it is an ordinary
    /// file and they are the content as it is.
    pub(super) fn saved(&self) -> Option<u64> {
        let length = self.file.as_deref().and_then(Sink::length)?;
        Some(length.saturating_sub(self.length_before)).filter(|_| !self.holds_heads)
    }

    /// How many bytes the file held before anything came, where they count as content.
    pub(super) fn resumed_at(&self) -> u64 {
        if self.holds_heads { 0 } else { self.length_before }
    }

    /// What has come stays, whatever comes of the next attempt.
    pub(super) fn keep_saved(&mut self) {
        self.length_before = self.file.as_deref().and_then(Sink::length).unwrap_or_default();
    }

    /// Nothing of what the file holds was there before.
    pub(super) fn disown_saved(&mut self) {
        self.length_before = 0;
    }

    /// Whether what is written for this target can be taken back, or is not missed.
    pub(super) fn can_take_back(&self) -> bool {
        self.opening.is_some() && self.file.as_ref().is_none_or(|file| !file.kind().is_read())
    }

    /// Removes the file that was made for this target, if it is an ordinary one.
    pub(super) fn remove_file(&mut self) {
        if let (Some(file), Some(opening)) = (self.file.take(), &self.opening)
            && file.is_file()
            && !Sink::is_own_stream(&opening.path)
        {
            // Best effort: the error that led here is what is told.
            let _ = std::fs::remove_file(&opening.path);
        }
    }

    /// Sets the time of the file that was made.
    pub(super) fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.set_modified(time))
    }

    /// Gives the file that was made an extended attribute, where it is an ordinary one.
    pub(super) fn set_attribute(&self, name: &str, value: &[u8]) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.set_attribute(name, value))
    }

    /// The target is done with: heads that no body has come for go into its file all the same.
    pub(super) fn finish_heads(&mut self) -> anyhow::Result<()> {
        if self.heads.is_empty() { Ok(()) } else { self.file().map(|_| ()) }
    }

    /// The file, which is made now, and the heads that wait for it written.
    pub(super) fn file(&mut self) -> anyhow::Result<&mut Sink> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                let Some(opening) = &mut self.opening else {
                    return Err(Failure::Write.error("there is no file name; use -o FILE"));
                };
                let file = empty.insert(Box::new(opening.open()?));
                self.length_before = file.length().unwrap_or_default();
                file
            }
        };
        file.write(&std::mem::take(&mut self.heads))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;

    /// A delivery into the file at `path`, which is open.
    fn delivery(path: &Path) -> Delivery {
        let opening = Opening {
            path: path.into(),
            existing: Existing::Replace,
            creates_folders: false,
            mode: None,
            named_by: None,
            named: None,
            taken: Rc::default(),
        };
        let mut delivery = Delivery::new(Destination::File(path.into()), Some(opening), false);
        delivery.file().unwrap();
        delivery
    }

    #[test]
    fn a_file_is_removed_and_a_device_stays() {
        let folder = std::env::temp_dir().join(format!("rawget-delivery-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (file, device) = (folder.join("file"), folder.join("device"));
        symlink("/dev/null", &device).unwrap();
        delivery(&file).remove_file();
        delivery(&device).remove_file();
        assert!(!file.exists() && device.exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
