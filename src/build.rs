//! How the program is linked.
//!
//! The standard library requests libgcc_s.so, and the loader pays for each shared library with an open, a read and
//! four maps: a tenth of what a small page costs. GCC's static library has the same unwinder. Where the linker's
//! driver knows of it, it is linked in, and `--as-needed`, which rustc requests, leaves the shared one out.
//!
//! A linker script puts the functions that every run calls side by side. Strewn over the program they cost a page
//! fault, and 64 KiB of memory, in nearly each stretch of it. It also drops what unwinding reads: a panic aborts, and
//! errors take no backtrace. Relocations are packed, and functions with the same code, and constants with
//! the same bytes, become one: what is told apart by its address (the encodings of encoding_rs) differs in its bytes too.
//! All of this takes a sixth off the program.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const UNWINDER: &str = "libgcc_eh.a";
const ORDER: &str = "src/order.ld";
/// What no other linker knows.
const LLD_ALONE: &str = "-Wl,--no-warn-symbol-ordering";
const SMALLER: &str =
    "-Wl,--no-eh-frame-hdr,--icf=all,--ignore-data-address-equality,-z,pack-relative-relocs";

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    if !is_glibc_of_this_machine() {
        return;
    }
    if let Some(folder) = folder_of(UNWINDER) {
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-lib=static:-bundle,+verbatim={UNWINDER}");
    }
    let script = Path::new(&get("CARGO_MANIFEST_DIR")).join(ORDER);
    if get("PROFILE") == "release" && takes_script(&script) {
        println!("cargo:rustc-link-arg-bins=-T");
        println!("cargo:rustc-link-arg-bins={}", script.display());
        println!("cargo:rustc-link-arg-bins={SMALLER}");
    }
}

fn get(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// A driver for another target tells of its own libraries, and a static program needs nothing of this.
fn is_glibc_of_this_machine() -> bool {
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

/// Whether the linker, whichever rustc calls, is LLD, and what it links by `script` runs. GNU's takes minutes over so
/// many names, mold takes no such script.
fn takes_script(script: &Path) -> bool {
    let folder = PathBuf::from(get("OUT_DIR"));
    let (source, program) = (folder.join("probe.rs"), folder.join("probe"));
    if fs::write(&source, "fn main() {}\n").is_err() {
        return false;
    }
    let mut rustc = Command::new(get("RUSTC"));
    rustc.arg(source).arg("-o").arg(&program).args(["--edition", "2024", "-C", "panic=abort"]);
    for argument in ["-T", &script.to_string_lossy(), LLD_ALONE, SMALLER] {
        rustc.arg("-C").arg(format!("link-arg={argument}"));
    }
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={linker}"));
    }
    rustc.args(get("CARGO_ENCODED_RUSTFLAGS").split('\u{1f}').filter(|flag| !flag.is_empty()));
    succeeds(&mut rustc) && succeeds(&mut Command::new(program))
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
