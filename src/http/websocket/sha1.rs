//! SHA-1 (RFC 3174), for Sec-WebSocket-Accept, which needs a hash and no
//! security: the few lines here spare every build a crate.

/// The hash of `bytes`.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for block in padded(bytes).chunks_exact(64) {
        mix(&mut state, block);
    }
    let mut hash = [0; 20];
    for (place, word) in hash.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

/// A one bit, zeros, and the length in bits: a multiple of 64 bytes (RFC 3174 §4).
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = [bytes, &[0x80]].concat();
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    padded
}

/// Mixes one block of 64 bytes into `state` (RFC 3174 §6.1).
fn mix(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte));
    }
    for at in 16..80 {
        words[at] = (words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (round, word) in words.into_iter().enumerate() {
        let (choice, constant) = match round / 20 {
            0 => (b & c | !b & d, 0x5A82_7999),
            1 => (b ^ c ^ d, 0x6ED9_EBA1),
            2 => (b & c | b & d | c & d, 0x8F1B_BCDC),
            _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
        };
        let sum = a.rotate_left(5).wrapping_add(choice).wrapping_add(e).wrapping_add(word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum.wrapping_add(constant));
    }
    for (before, now) in state.iter_mut().zip([a, b, c, d, e]) {
        *before = before.wrapping_add(now);
    }
}

#[cfg(test)]
mod tests {
    use super::sha1;

    #[test]
    fn hashes_what_rfc_3174_hashes() {
        for (text, hash) in [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            ),
            (&"0123456701234567".repeat(40), "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        ] {
            let shown: String = sha1(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(shown, hash, "{text}");
        }
    }
}
