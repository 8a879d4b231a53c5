//! How the program is linked.
//!
//! The standard library asks for libgcc_s.so, and the loader pays for each shared library with an open, a read and
//! four maps: a tenth of what a small page costs. GCC's static library has the same unwinder. Where the linker's
//! driver knows of it, it is linked in, and `--as-needed`, which rustc asks for, leaves the shared one out.

use std::env;
use std::path::Path;
use std::process::Command;

const UNWINDER: &str = "libgcc_eh.a";

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    if is_glibc_of_this_machine()
        && let Some(folder) = folder_of(UNWINDER)
    {
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-lib=static:-bundle,+verbatim={UNWINDER}");
    }
}

/// A driver for another target tells of its own libraries, and a static program needs nothing of this.
fn is_glibc_of_this_machine() -> bool {
    let get = |name| env::var(name).unwrap_or_default();
    get("TARGET") == get("HOST")
        && get("TARGET").ends_with("-linux-gnu")
        && !get("CARGO_CFG_TARGET_FEATURE").contains("crt-static")
}

/// Where the linker's driver finds `library`, if it does.
fn folder_of(library: &str) -> Option<String> {
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(linker).arg(format!("-print-file-name={library}")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = Path::new(path.trim_end());
    // What is not found is printed as it was given.
    let folder = path.parent().filter(|_| path.is_absolute() && path.exists())?;
    folder.to_str().map(str::to_owned)
}
