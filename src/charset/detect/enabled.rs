//! Detection by chardetng, the detector made for Firefox.
//!
//! Two things it is not asked, since a browser has no use for them: whether text
//! is UTF-8 with a few bad bytes, and (unlike in a browser, where it would be a
//! way to smuggle scripts in) ISO-2022-JP is allowed.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+detect";

/// How many whole UTF-8 sequences for each bad one make text UTF-8 that was cut
/// or pasted by bytes. In other encodings hardly any two bytes in a row look like
/// UTF-8, and taking such a page for one of them would spoil all of it.
const WHOLE_FOR_EACH_BAD: usize = 10;

/// The encoding that `bytes` are probably in; `last` if the body ends with them.
pub(in crate::charset) fn guess(bytes: &[u8], last: bool) -> Option<&'static Encoding> {
    if is_mostly_utf8(bytes) {
        return Some(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, last);
    Some(detector.guess(None, Utf8Detection::Allow))
}

fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut whole = 0;
    let mut bad = 0;
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    whole > 0 && whole / WHOLE_FOR_EACH_BAD >= bad
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GBK, ISO_2022_JP, SHIFT_JIS, WINDOWS_1252};

    #[test]
    fn guesses_what_text_is_in() {
        for (encoding, text) in [
            (GBK, "百度一下，你就知道。这是一个用于测试的网页。"),
            (SHIFT_JIS, "これは日本語のページです。文字コードの試験。"),
            (ISO_2022_JP, "これは日本語のページです。"),
            (WINDOWS_1252, "Café à la crème — “déjà vu”"),
        ] {
            let (bytes, ..) = encoding.encode(text);
            assert_eq!(guess(&bytes, true), Some(encoding));
        }
    }

    #[test]
    fn a_bad_byte_does_not_spoil_utf8() {
        let mut page = "Příliš žluťoučký kůň úpěl ďábelské ódy".as_bytes().to_vec();
        page.push(0xC5);
        page.extend_from_slice(b" <p>");
        assert_eq!(guess(&page, true), Some(UTF_8));
    }
}
