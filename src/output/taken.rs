//! The files that a run writes beside contents, so that no content is saved where
//! something else replaces it later, or mixes with it.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The options that name a file each, and its path.
    by_option: Vec<(&'static str, OsString)>,
    /// Contents that a server has named.
    by_server: RefCell<Vec<OsString>>,
}

impl Taken {
    /// The files that options name.
    pub(crate) fn new(by_option: Vec<(&'static str, OsString)>) -> Self {
        Self { by_option, by_server: RefCell::default() }
    }

    /// Content is saved at `path`, which a server has named.
    pub(crate) fn add(&self, path: OsString) {
        self.by_server.borrow_mut().push(path);
    }

    /// What the run writes at `path` besides.
    pub(crate) fn by(&self, path: &OsStr) -> Option<&'static str> {
        let own = self.by_option.iter().find(|(_, other)| is_same(path, other)).map(|&(option, _)| option);
        let is_named = || self.by_server.borrow().iter().any(|other| is_same(path, other));
        own.or_else(|| is_named().then_some("another response"))
    }
}

/// Whether two paths lead to one ordinary file, be it there or not.
fn is_same(one: &OsStr, other: &OsStr) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Err(_), Err(_)) => place(one) == place(other),
        _ => false,
    }
}

/// Where a file would be made.
fn place(path: &OsStr) -> PathBuf {
    let path = Path::new(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}
