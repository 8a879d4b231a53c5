//! The files that a run writes in addition to contents, so that no content is saved where
//! something else replaces it later, or mixes with it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Sink;

/// How many links are followed, as by the kernel.
const MAX_LINKS: usize = 40;

/// The names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The options that name a file each, and its path.
    by_option: Vec<(&'static str, OsString)>,
    /// The files of contents that a server has named, and their paths.
    by_server: RefCell<HashMap<FileIdentity, OsString>>,
}

impl Taken {
    /// The files that options name.
    pub(crate) fn new(by_option: Vec<(&'static str, OsString)>) -> Self {
        Self { by_option, by_server: RefCell::default() }
    }

    /// A path that two options name, and the first of them.
    pub(crate) fn clash(&self) -> Option<(&OsStr, &'static str)> {
        let mut places = HashMap::new();
        self.by_option.iter().find_map(|(option, path)| {
            let first = *places.entry(FileIdentity::of(path)?).or_insert(*option);
            (first != *option).then_some((&**path, first))
        })
    }

    /// Content is saved at `path`, which a server has named.
    pub(crate) fn add(&self, path: OsString) {
        if let Some(place) = FileIdentity::of(&path) {
            self.by_server.borrow_mut().insert(place, path);
        }
    }

    /// What the run writes at `path` besides.
    pub(super) fn by(&self, path: &OsStr) -> Option<&'static str> {
        let place = FileIdentity::of(path)?;
        let is_there = |other: &OsString| FileIdentity::of(other).as_ref() == Some(&place);
        let own = self.by_option.iter().find(|(_, other)| is_there(other)).map(|&(option, _)| option);
        // A file that was removed may have left its number to another one.
        let is_named = || self.by_server.borrow().get(&place).is_some_and(is_there);
        own.or_else(|| is_named().then_some("another response"))
    }
}

/// What tells an ordinary file from another.
#[derive(Debug, PartialEq, Eq, Hash)]
enum FileIdentity {
    /// The device and the number of a file that is there.
    There(u64, u64),
    /// The path of a file that is not.
    NotYet(PathBuf),
}

impl FileIdentity {
    /// Where `path` leads; `None` where that is something else, or where what is written follows what others write.
    fn of(path: &OsStr) -> Option<Self> {
        if Sink::is_own_stream(path) {
            return None;
        }
        match fs::metadata(path) {
            Ok(metadata) => metadata.is_file().then(|| Self::There(metadata.dev(), metadata.ino())),
            Err(_) => Some(Self::NotYet(made_at(path))),
        }
    }
}

/// Where a file would be made: at the end of the links, where `path` is one that leads to no file yet.
fn made_at(path: &OsStr) -> PathBuf {
    let mut path = PathBuf::from(path);
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => break,
        }
    }
    let folder = folder_of(&path);
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_to_no_file_yet_stands_for_what_it_leads_to() {
        let folder = std::env::temp_dir().join(format!("rawget-taken-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = |name: &str| folder.join(name).into_os_string();
        for (target, link) in [("jar", "link"), ("link", "second"), ("loop", "loop")] {
            symlink(target, path(link)).expect("a link");
        }
        let taken = Taken::new(vec![("-c", path("jar"))]);
        let leads = ["link", "second", "loop", "other"].map(|name| taken.by(&path(name)));
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(leads, [Some("-c"), Some("-c"), None, None]);
    }
}
