//! The files that bodies are saved in: which name, and what happens to one that
//! is there. Knows nothing of responses but the name that one gives.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Sink;
use super::attributes;
use super::escape::{is_harmful, one_line};
use super::opening::open_or_make;
use super::taken::Taken;
use crate::failure::Failure;

/// How many numbered names are tried where a name is taken, as curl does.
const MAX_NUMBER: u32 = 100;

/// The mode of a new file before the umask: that of std and curl.
const DEFAULT_MODE: u32 = 0o666;

/// Longest name of a server's, in bytes: most file systems take 255, and a number may follow.
const MAX_NAME: usize = 251;

/// Longest ending of a name that is kept as its extension, in bytes with the dot.
const MAX_EXTENSION: usize = 16;

/// What happens to a file that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// The file is written anew.
    #[default]
    Replace,
    /// An ordinary file is written anew; anything else stays, and nothing is saved.
    ReplaceFile,
    /// It stays, and so do links; nothing is saved.
    Refuse,
    /// It stays, and a numbered name is taken.
    Number,
    /// What comes is added to it.
    Append,
}

impl Sink {
    /// Opens the file at `path`; gives the path too, which may have got a number. A new file has `mode`,
    /// as far as the umask allows. A name that is `taken` counts as a file that is there, and is never
    /// replaced.
    pub(crate) fn save_to(
        path: &OsStr,
        existing: Existing,
        mode: Option<u32>,
        taken: &Taken,
    ) -> anyhow::Result<(Self, OsString)> {
        let what = || format!("cannot write to {}", one_line(path.as_encoded_bytes()));
        let (mut place, mut number) = (path.to_owned(), 0);
        loop {
            let owner = taken.by(&place);
            let opened = if owner.is_some() {
                Err(ErrorKind::AlreadyExists.into())
            } else {
                open(&place, existing, mode)
            };
            let (file, made) = match opened {
                Ok(opened) => opened,
                Err(error) if existing == Existing::Number && number < MAX_NUMBER && is_there(&error) => {
                    number += 1;
                    place = path.to_owned();
                    place.push(format!(".{number}"));
                    continue;
                }
                Err(error) => {
                    return Err(match owner {
                        Some(owner) => {
                            Failure::Write.error(format!("{}: {owner} already writes to it", what()))
                        }
                        None => Failure::Write.because(what(), error),
                    });
                }
            };
            let mut sink = Self::of(file, one_line(place.as_encoded_bytes()));
            sink.made = made;
            return Ok((sink, place));
        }
    }

    /// Sets the time of the file's last change, where it is a file.
    pub(crate) fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        if self.is_file() { self.file.set_modified(time) } else { Ok(()) }
    }

    /// Sets an extended attribute of an ordinary file; any other sink is left as it is.
    pub(crate) fn set_attribute(&self, name: &str, value: &[u8]) -> io::Result<()> {
        if self.is_file() { attributes::set(&self.file, name, value) } else { Ok(()) }
    }

    /// How many bytes the file has; `None` where it is no ordinary one.
    pub(crate) fn length(&self) -> Option<u64> {
        self.file.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len())
    }

    /// Takes back what an ordinary file holds after its first `length` bytes.
    pub(crate) fn cut_back_to(&mut self, length: u64) -> anyhow::Result<()> {
        if !self.is_file() {
            return Ok(());
        }
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::Start(length)));
        cut.map(|_| ()).map_err(|error| self.write_error(error))
    }

    /// Whether this is an ordinary file, and no device or pipe.
    pub(crate) fn is_file(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.is_file())
    }
}

fn open(path: &OsStr, existing: Existing, mode: Option<u32>) -> io::Result<(File, Option<PathBuf>)> {
    let mut options = OpenOptions::new();
    options.mode(mode.unwrap_or(DEFAULT_MODE));
    match existing {
        Existing::ReplaceFile if !is_free_or_file(path) => {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "it is no ordinary file"));
        }
        Existing::Replace | Existing::ReplaceFile => options.write(true).create(true).truncate(true),
        // Fails for a link too, wherever it leads.
        Existing::Refuse | Existing::Number => options.write(true).create_new(true),
        Existing::Append => options.append(true).create(true),
    };
    if matches!(existing, Existing::Refuse | Existing::Number) {
        return options.open(path).map(|file| (file, Some(path.into())));
    }
    open_or_make(path, &options)
}

/// Whether there is nothing, or an ordinary file; a link is neither, wherever it leads.
fn is_free_or_file(path: &OsStr) -> bool {
    fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file())
}

fn is_there(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AlreadyExists
}

/// Makes the folders that `path` lies in, with the mode that curl gives them.
pub(crate) fn create_folders(path: &OsStr) -> anyhow::Result<()> {
    let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.recursive(true).create(folder).map_err(|error| {
        let name = one_line(folder.as_os_str().as_encoded_bytes());
        Failure::Write.because(format!("cannot make the folder {name}"), error)
    })
}

/// A name given by a server, made into that of a plain file: of a path the last
/// segment counts (RFC 6266 §4.3); what could hide the file, look like an option, or
/// deceive becomes `_` or goes. `None` where nothing remains.
pub(crate) fn clean_name(given: &str) -> Option<String> {
    let last = given.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let is_harmless = |letter: char| !(letter.is_control() || is_harmful(letter) || is_deceiving(letter));
    let name: String = last.chars().map(|letter| if is_harmless(letter) { letter } else { '_' }).collect();
    let name = name.trim_start_matches(['.', '-', ' ']);
    (!name.is_empty()).then(|| shortened(name))
}

/// The longest name that a folder takes: the beginning is cut at its end, and what
/// follows the last dot stays, where that is no longer than an extension is.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| name.len() - dot <= MAX_EXTENSION).unwrap_or(name.len());
    let extension = &name[dot..];
    let room = MAX_NAME - extension.len();
    let end = (0..=room).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
    format!("{}{extension}", &name[..end])
}

/// Letters without a shape that do no harm in other text.
fn is_deceiving(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}')
        || matches!(letter, '\u{180B}'..='\u{180F}' | '\u{200C}' | '\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ordinary_file_is_replaced_by_a_servers_name() {
        let folder = std::env::temp_dir().join(format!("rawget-clobber-{}", std::process::id()));
        fs::create_dir_all(folder.join("folder")).unwrap();
        fs::write(folder.join("file"), "old").unwrap();
        std::os::unix::fs::symlink(folder.join("file"), folder.join("link")).unwrap();
        std::os::unix::fs::symlink(folder.join("none"), folder.join("dangling")).unwrap();
        let save = |name: &str| {
            Sink::save_to(folder.join(name).as_os_str(), Existing::ReplaceFile, None, &Taken::default())
                .is_ok()
        };
        assert!(!save("link") && !save("dangling") && !save("folder"));
        assert_eq!(fs::read(folder.join("file")).unwrap(), b"old");
        assert!(save("file") && save("new"));
        assert_eq!(fs::read(folder.join("file")).unwrap(), b"");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn others_have_no_access_to_new_folders() {
        use std::os::unix::fs::PermissionsExt;
        let top = std::env::temp_dir().join(format!("rawget-folders-{}", std::process::id()));
        create_folders(top.join("a/b/file").as_os_str()).unwrap();
        for folder in [&top, &top.join("a"), &top.join("a/b")] {
            let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & !0o750, 0, "{mode:o}");
        }
        fs::remove_dir_all(&top).unwrap();
    }

    #[test]
    fn a_new_file_has_the_mode_that_is_asked_for() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("rawget-mode-{}", std::process::id()));
        let saved = Sink::save_to(path.as_os_str(), Existing::Replace, Some(0o600), &Taken::default());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        fs::remove_file(&path).unwrap();
        assert_eq!((saved.is_ok(), mode), (true, 0o600));
    }

    #[test]
    fn names_become_those_of_plain_files() {
        for (given, name) in [
            ("a.txt", Some("a.txt")),
            ("../../a.txt", Some("a.txt")),
            ("/etc/passwd", Some("passwd")),
            ("..\\a", Some("a")),
            ("C:\\x/.-a", Some("a")),
            ("a/", None),
            ("a/..", None),
            (".bashrc", Some("bashrc")),
            ("-.-rf", Some("rf")),
            ("a\tb\nc", Some("a_b_c")),
            ("\u{3164}", Some("_")),
            ("a\u{ad}.txt", Some("a_.txt")),
            ("a\u{1b}]0;b\u{7}\u{202e}txt.exe\n", Some("a_]0;b__txt.exe")),
            ("..", None),
            ("", None),
            (" . ", None),
        ] {
            assert_eq!(clean_name(given).as_deref(), name, "{given:?}");
        }
    }
}
