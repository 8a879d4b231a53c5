//! Decodes the name of a file from a field, whose charset nothing declares.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::detect;

/// `name` as text: as UTF-8 if it is valid; else in the `declared` charset of the content, or the one detected, if
/// that decodes all of it; else as windows-1252, which decodes anything.
pub(crate) fn file_name_to_text(name: &[u8], declared: Option<&'static Encoding>) -> String {
    if let Ok(text) = str::from_utf8(name) {
        return text.to_owned();
    }
    let likely = declared.into_iter().chain(detect::guess(name, true));
    let mut whole = likely.filter_map(|it| it.decode_without_bom_handling_and_without_replacement(name));
    let text = whole.next().unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(name).0);
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{EUC_KR, GBK, UTF_8};

    #[test]
    fn names_are_read_in_the_charset_that_fits() {
        let report = b"\xb1\xa8\xb8\xe6.pdf";
        assert_eq!(file_name_to_text(report, Some(GBK)), "报告.pdf");
        assert_eq!(file_name_to_text(b"\xc6\xc4\xc0\xcf.zip", Some(EUC_KR)), "파일.zip");
        assert_eq!(file_name_to_text("é".as_bytes(), Some(GBK)), "é");
        assert_eq!(file_name_to_text(b"caf\xe9.txt", Some(UTF_8)), "café.txt");
        assert_eq!(file_name_to_text(b"caf\xe9.txt", None), "café.txt");
    }

    #[cfg(feature = "extras")]
    #[test]
    fn an_undeclared_charset_is_detected() {
        assert_eq!(file_name_to_text(b"\xb2\xe2\xca\xd4.zip", None), "测试.zip");
        assert_eq!(file_name_to_text(b"\xb2\xe2\xca\xd4.zip", Some(UTF_8)), "测试.zip");
    }
}
