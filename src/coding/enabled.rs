//! The table of content codings, and a file for each.

use super::Coding;

mod br;
mod deflate;
mod gzip;
pub(crate) mod permessage_deflate;
mod windows;
mod zstd;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "+decompress";

/// The codings that can be undone, in the order in which curl requests them.
pub(crate) static CODINGS: &[Coding] = &[
    Coding { name: "deflate", aliases: &[], open: || Box::new(deflate::Deflate::default()) },
    Coding { name: "gzip", aliases: &["x-gzip"], open: || Box::new(gzip::Gzip::new()) },
    Coding { name: "br", aliases: &[], open: || Box::new(br::Br::new()) },
    Coding { name: "zstd", aliases: &[], open: || Box::new(zstd::Zstd::new()) },
];

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
