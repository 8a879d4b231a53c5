//! The table of content codings, and a file for each.

use super::{Coding, Decode};

mod br;
mod deflate;
mod gzip;
pub(crate) mod permessage_deflate;
mod windows;
mod zstd;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "+decompress";

/// Enough that zlib seldom has to save its window of 32 KiB: with 64 KiB it takes up to a tenth longer.
const LARGE: usize = 256 * 1024;
/// Little enough to stay in the processor's cache until it is written: with 256 KiB brotli takes
/// 3 % longer, zstd 5 %.
const SMALL: usize = 64 * 1024;

/// The codings that can be undone, in the order in which curl requests them.
pub(crate) static CODINGS: &[Coding] = &[
    coding("deflate", &[], LARGE, || Box::new(deflate::Deflate::default())),
    coding("gzip", &["x-gzip"], LARGE, || Box::new(gzip::Gzip::new())),
    coding("br", &[], SMALL, || Box::new(br::Br::new())),
    coding("zstd", &[], SMALL, || Box::new(zstd::Zstd::new())),
];

const fn coding(
    name: &'static str,
    aliases: &'static [&'static str],
    piece: usize,
    open: fn() -> Box<dyn Decode>,
) -> Coding {
    Coding { name, aliases, piece, open }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
