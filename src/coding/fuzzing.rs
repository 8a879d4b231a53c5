//! A property of chains of codings, for any bytes.

use super::CodingChain;

/// Most decoded bytes that are compared.
const MAX: usize = 1 << 20;
const CHAINS: [&str; 8] = [
    "gzip",
    "deflate",
    "br",
    "zstd",
    "gzip, deflate",
    "br, gzip",
    "zstd, zstd",
    "deflate, br, gzip, zstd, gzip",
];

pub(crate) fn chain(data: &[u8]) {
    let [which, step, coded @ ..] = data else { return };
    let codings = CHAINS[usize::from(*which) % CHAINS.len()];
    let whole = undone(codings, coded, coded.len().max(1));
    let pieces = undone(codings, coded, usize::from(*step) + 1);
    if let (Some((whole, is_whole)), Some((pieces, are_whole))) = (whole, pieces) {
        assert_eq!(is_whole, are_whole);
        // How much comes out before corrupt bytes depends on how they come.
        let length = whole.len().min(pieces.len());
        assert_eq!(whole[..length], pieces[..length]);
        assert!(!is_whole || whole.len() == pieces.len());
    }
}

/// What comes out, whether it is whole; `None` where that is too much.
fn undone(codings: &str, coded: &[u8], step: usize) -> Option<(Vec<u8>, bool)> {
    let mut chain = CodingChain::new(codings.split(", ").map(str::as_bytes)).ok()?.limited();
    let mut decoded = Vec::new();
    let mut is_whole = true;
    for piece in coded.chunks(step) {
        let result = chain.push(piece, &mut |bytes| {
            decoded.extend_from_slice(bytes);
            anyhow::ensure!(decoded.len() <= MAX, "enough");
            Ok(())
        });
        if decoded.len() > MAX {
            return None;
        }
        if result.is_err() {
            is_whole = false;
            break;
        }
    }
    Some((decoded, is_whole && chain.finish().is_ok()))
}
