//! By fsetxattr(2).

use std::fs::File;
use std::io;

use rustix::fs::{XattrFlags, fsetxattr};

/// Whether this build can set attributes.
pub(crate) const IS_BUILT: bool = true;

/// Gives `file` the attribute `name`, or changes it.
pub(crate) fn set(file: &File, name: &str, value: &[u8]) -> io::Result<()> {
    Ok(fsetxattr(file, name, value, XattrFlags::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_can_be_read() {
        let path = std::env::temp_dir().join(format!("rawget-attribute-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        let set = set(&file, "user.mime_type", b"text/plain");
        let mut value = [0; 32];
        let length = rustix::fs::fgetxattr(&file, "user.mime_type", &mut value[..]);
        std::fs::remove_file(&path).unwrap();
        // Not every file system has them.
        if set.is_ok() {
            assert_eq!(&value[..length.unwrap()], b"text/plain");
        }
    }
}
