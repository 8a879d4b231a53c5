//! A file written as a whole: readers see the old one or the new.

use std::borrow::Cow;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use super::Sink;
use super::own_stream::own_stream;

/// The mode of files that only the user may read.
pub(crate) const PRIVATE: u32 = 0o600;

/// Writes `bytes` to the file at `path`. A new one is for the user alone; one
/// that is there keeps its permissions, and is replaced in one step where its folder allows that.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replaced(path, bytes).map(|_| ())
}

/// [`replace`]; gives the file, which more can be written to.
pub(super) fn replaced(path: &Path, bytes: &[u8]) -> io::Result<File> {
    if let Some(stream) = own_stream(path.as_os_str()) {
        return written_to(stream?, path, bytes);
    }
    // A link stays one: what it leads to is replaced.
    let mut path = Cow::Borrowed(path);
    if fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink()) {
        // One that leads nowhere has its file made.
        OpenOptions::new().append(true).create(true).mode(PRIVATE).open(&path)?;
        path = fs::canonicalize(&path)?.into();
    }
    let old = fs::metadata(&path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        // A device or a pipe can only be written to.
        return written_to(OpenOptions::new().write(true).open(&path)?, &path, bytes);
    }
    match replaced_by_rename(&path, old.as_ref(), bytes) {
        // The folder may not be written to, or the file is mounted by itself, as containers do.
        Err(error) if old.is_some() && is_in_place_only(&error) => overwritten(&path, bytes),
        other => other,
    }
}

fn written_to(file: File, path: &Path, bytes: &[u8]) -> io::Result<File> {
    let written = Sink::of(file.try_clone()?, path.display().to_string()).write(bytes);
    written.map(|()| file).map_err(io::Error::other)
}

fn is_in_place_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::ResourceBusy
    )
}

fn overwritten(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    Ok(file)
}

fn replaced_by_rename(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<File> {
    let (temporary, mut file) = create_beside(path)?;
    let written = file.write_all(bytes).and_then(|()| match old {
        Some(old) => file.set_permissions(old.permissions()),
        None => Ok(()),
    });
    let moved = written.and_then(|()| fs::rename(&temporary, path));
    if moved.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    moved.map(|()| file)
}

/// A new file in the folder of `path`.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        // Short, since the file's own name may be as long as a name can be.
        let temporary = path.with_file_name(format!(".rawget-{}-{number}.tmp", process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(error) => return Err(error),
            Ok(file) => return Ok((temporary, file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("rawget-replace-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_mode_and_links() {
        let folder = folder("modes");
        let (file, link) = (folder.join("file"), folder.join("link"));
        replace(&file, b"one").unwrap();
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"two".to_vec(), 0o644));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let (far, loops) = (folder.join("far"), folder.join("loops"));
        symlink("made", &far).unwrap();
        replace(&far, b"three").unwrap();
        assert_eq!((fs::read(folder.join("made")).unwrap(), mode(&far)), (b"three".to_vec(), 0o600));
        assert!(fs::symlink_metadata(&far).unwrap().is_symlink());
        symlink("loops", &loops).unwrap();
        assert!(replace(&loops, b"four").is_err());
        replace(&folder.join("x".repeat(255)), b"five").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 6);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_cannot_be_written_is_an_error_and_leaves_nothing() {
        let folder = folder("errors");
        assert!(replace(&folder.join("missing/file"), b"x").is_err());
        assert!(replace(&folder, b"x").is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(&folder).unwrap();
        assert!(replace(Path::new("/dev/null"), b"x").is_ok());
    }
}
