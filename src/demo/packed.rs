//! Gzip and PNG made by hand, without compressing anything: a deflate stream
//! may consist of stored blocks (RFC 1951 §3.2.4), and checksums are short.

/// The most that one stored block holds.
const STORED_BLOCK: usize = 65_535;

/// `content` as a gzip member (RFC 1952).
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    // Deflate, no flags, no time, no extra flags, unknown system.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend(stored_blocks(content));
    member.extend(crc32(content).to_le_bytes());
    member.extend((content.len() as u32).to_le_bytes());
    member
}

/// A PNG (RFC 2083) of eight by eight pixels: a green square in a white frame.
pub(super) fn png() -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // Width, height, 8 bits a sample, truecolour, and no choice in the rest.
    let header = [0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0];
    file.extend(png_chunk(b"IHDR", &header));
    file.extend(png_chunk(b"IDAT", &zlib(&pixels())));
    file.extend(png_chunk(b"IEND", b""));
    file
}

fn pixels() -> Vec<u8> {
    const WHITE: [u8; 3] = [255, 255, 255];
    const GREEN: [u8; 3] = [46, 160, 67];
    let mut rows = Vec::new();
    for y in 0..8 {
        // Each row begins with its filter: none.
        rows.push(0);
        for x in 0..8 {
            let frame = [x, y].iter().any(|&at| at == 0 || at == 7);
            rows.extend(if frame { WHITE } else { GREEN });
        }
    }
    rows
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let checked = [kind.as_slice(), data].concat();
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(&checked);
    chunk.extend(crc32(&checked).to_be_bytes());
    chunk
}

/// `content` as a zlib stream (RFC 1950).
fn zlib(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    stream.extend(stored_blocks(content));
    stream.extend(adler32(content).to_be_bytes());
    stream
}

fn stored_blocks(content: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    let mut rest = content;
    loop {
        let (block, after) = rest.split_at(rest.len().min(STORED_BLOCK));
        let length = block.len() as u16;
        blocks.push(u8::from(after.is_empty()));
        blocks.extend(length.to_le_bytes());
        blocks.extend((!length).to_le_bytes());
        blocks.extend(block);
        if after.is_empty() {
            return blocks;
        }
        rest = after;
    }
}

/// RFC 1952 §8, bit by bit: a table would pay for larger pages only.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    })
}

/// RFC 1950 §9.
fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % BASE;
        (a, (b + a) % BASE)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_usual_check_strings() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(b""), 1);
    }

    #[test]
    fn a_gzip_member_is_header_stored_blocks_checksum_and_size() {
        let member = gzip(b"abc");
        assert_eq!(member[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        assert_eq!(member[10..18], [1, 3, 0, 252, 255, b'a', b'b', b'c']);
        assert_eq!(member[18..], [0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0]);
    }

    #[test]
    fn long_content_takes_several_blocks_and_the_last_is_marked() {
        let blocks = stored_blocks(&vec![7; STORED_BLOCK + 1]);
        assert_eq!(blocks.len(), STORED_BLOCK + 1 + 2 * 5);
        assert_eq!(blocks[0], 0);
        assert_eq!(blocks[5 + STORED_BLOCK..], [1, 1, 0, 254, 255, 7]);
        assert_eq!(stored_blocks(b""), [1, 0, 0, 255, 255]);
    }

    #[test]
    fn every_chunk_of_the_png_has_its_length_and_checksum() {
        let file = png();
        let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
        let mut kinds = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk() {
            let (checked, after) = after.split_at(u32::from_be_bytes(*length) as usize + 4);
            let (crc, after) = after.split_first_chunk().unwrap();
            assert_eq!(u32::from_be_bytes(*crc), crc32(checked));
            kinds.push(&checked[..4]);
            rest = after;
        }
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
        assert_eq!(pixels().len(), 8 * (1 + 8 * 3));
    }
}
