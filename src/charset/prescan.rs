//! Declarations within a body: the `<meta>` elements of HTML and the declaration
//! of XML, as the HTML Standard reads them (§13.2.3.2), and the `@charset` of CSS.
//!
//! This knows nothing of where the bytes come from, nor of other declarations.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::encoding;
use crate::http::syntax::{LOW_BITS, below, find_byte};

/// A declaration further in than this is not looked for: the HTML Standard's
/// number, within which authors are told to put it.
pub(crate) const PRESCAN_LIMIT: usize = 1024;

/// The encoding that an HTML document's first 1,024 bytes declare (HTML
/// Standard, "prescan a byte stream to determine its encoding").
#[cfg(test)]
fn prescan(first_1024: &[u8]) -> Option<&'static Encoding> {
    utf16_declaration(first_1024).or_else(|| meta(first_1024)).or_else(|| xml_declaration(first_1024))
}

/// The encoding that the first `<meta>` element with a usable one declares.
///
/// What is found stays found however many bytes follow, which lets a stream
/// decide early.
pub(crate) fn meta(first_1024: &[u8]) -> Option<&'static Encoding> {
    meta_anywhere(bounded(first_1024))
}

/// The encoding that markup declares anywhere in `page`: a parser that meets a declaration
/// further in starts anew with it (HTML Standard, "change the encoding").
pub(super) fn meta_anywhere(page: &[u8]) -> Option<&'static Encoding> {
    if !has_meta(page) {
        return None;
    }
    Scanner { bytes: page, at: 0 }.scan().ok()
}

/// Whether `<meta` stands anywhere, even in a comment: looking for it costs less than a scan.
fn has_meta(page: &[u8]) -> bool {
    let Some(first) = find_byte(page, b'<') else { return false };
    let page = &page[first..];
    let (words, rest) = page.as_chunks();
    for (place, word) in words.iter().enumerate() {
        // A mark at each `<`; one that is wrong is looked at in vain.
        let mut marks = below(u64::from_le_bytes(*word) ^ (LOW_BITS * b'<' as u64), 1);
        while marks != 0 {
            let at = place * word.len() + marks.trailing_zeros() as usize / 8;
            if let Some(b'm' | b'M') = page.get(at + 1)
                && is_meta(&page[at..])
            {
                return true;
            }
            marks &= marks - 1;
        }
    }
    (page.len() - rest.len()..page.len()).any(|at| is_meta(&page[at..]))
}

/// The encoding that an XML declaration at the start of `first` gives (HTML
/// Standard, "get an XML encoding", and the two forms in UTF-16).
///
/// The declaration ends at its first `>`, so what is found stays found.
pub(super) fn xml_declaration(first: &[u8]) -> Option<&'static Encoding> {
    if let Some(utf16) = utf16_declaration(first) {
        return Some(utf16);
    }
    let declaration = bounded(first).strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|&byte| byte == b'>')?;
    let declaration = &declaration[..end];
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|window| window == name)?;
    let value = skip_controls(&declaration[at + name.len()..]).strip_prefix(b"=")?;
    let (quote, value) = skip_controls(value).split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let label = &value[..value.iter().position(|byte| byte == quote)?];
    if label.iter().any(|&byte| byte <= b' ') {
        return None;
    }
    encoding(label).map(ascii_was_readable)
}

/// The encoding that CSS declares at its very start (CSS Syntax §3.2, "decode bytes").
pub(super) fn css_charset(first: &[u8]) -> Option<&'static Encoding> {
    let rest = bounded(first).strip_prefix(b"@charset \"")?;
    let end = rest.iter().position(|&byte| byte == b'"')?;
    let label = &rest[..end];
    encoding(label).filter(|_| rest[end..].starts_with(b"\";")).map(ascii_was_readable)
}

/// UTF-16 that opens with `<?x`, which only an XML declaration does.
pub(super) fn utf16_declaration(first: &[u8]) -> Option<&'static Encoding> {
    match first {
        [b'<', 0, b'?', 0, b'x', 0, ..] => Some(UTF_16LE),
        [0, b'<', 0, b'?', 0, b'x', ..] => Some(UTF_16BE),
        _ => None,
    }
}

fn bounded(first: &[u8]) -> &[u8] {
    &first[..first.len().min(PRESCAN_LIMIT)]
}

fn skip_controls(bytes: &[u8]) -> &[u8] {
    let controls = bytes.iter().take_while(|&&byte| byte <= b' ').count();
    &bytes[controls..]
}

/// A declaration of UTF-16 that could be read as ASCII is wrong, and most likely
/// stands in UTF-8.
fn ascii_was_readable(declared: &'static Encoding) -> &'static Encoding {
    if declared == UTF_16LE || declared == UTF_16BE { UTF_8 } else { declared }
}

/// The scan has come to the end of the bytes.
struct OutOfBytes;

struct HtmlAttribute<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Goes from tag to tag until one declares an encoding.
    fn scan(mut self) -> Result<&'static Encoding, OutOfBytes> {
        loop {
            self.skip_to_byte(b'<')?;
            match &self.bytes[self.at..] {
                [b'<', b'!', b'-', b'-', ..] => self.skip_comment()?,
                tag if is_meta(tag) => {
                    self.at += b"<meta".len();
                    if let Some(found) = self.meta()? {
                        return Ok(found);
                    }
                }
                [b'<', b'/', byte, ..] | [b'<', byte, ..] if byte.is_ascii_alphabetic() => {
                    self.skip_to(|byte| is_space(byte) || byte == b'>')?;
                    while self.attribute()?.is_some() {}
                }
                [b'<', b'!' | b'/' | b'?', ..] => self.skip_to_byte(b'>')?,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The encoding that a `<meta>` element declares; stands after its name.
    fn meta(&mut self) -> Result<Option<&'static Encoding>, OutOfBytes> {
        let mut http_equiv = None;
        let mut content = None;
        let mut charset = None;
        while let Some(HtmlAttribute { name, value }) = self.attribute()? {
            let known = match name {
                _ if name.eq_ignore_ascii_case(b"http-equiv") => &mut http_equiv,
                _ if name.eq_ignore_ascii_case(b"content") => &mut content,
                _ if name.eq_ignore_ascii_case(b"charset") => &mut charset,
                _ => continue,
            };
            // Of attributes with one name the first counts.
            known.get_or_insert(value);
        }
        let is_pragma = http_equiv.is_some_and(|value| value.eq_ignore_ascii_case(b"content-type"));
        let declared = match charset {
            Some(label) => encoding(label),
            None if is_pragma => content.and_then(charset_in_content),
            None => None,
        };
        Ok(declared.map(
            |declared| {
                if declared == X_USER_DEFINED { WINDOWS_1252 } else { ascii_was_readable(declared) }
            },
        ))
    }

    /// The next attribute of a tag ("get an attribute"); `None` at the tag's `>`.
    fn attribute(&mut self) -> Result<Option<HtmlAttribute<'a>>, OutOfBytes> {
        self.skip_to(|byte| !is_space(byte) && byte != b'/')?;
        if self.byte()? == b'>' {
            return Ok(None);
        }
        let start = self.at;
        // An equals sign that comes first belongs to the name.
        self.at += 1;
        self.skip_to(|byte| is_space(byte) || matches!(byte, b'=' | b'/' | b'>'))?;
        let name = &self.bytes[start..self.at];
        if is_space(self.byte()?) {
            self.skip_to(|byte| !is_space(byte))?;
        }
        let value = if self.byte()? == b'=' { self.value()? } else { b"" };
        Ok(Some(HtmlAttribute { name, value }))
    }

    /// The value after an equals sign, where the scan stands.
    fn value(&mut self) -> Result<&'a [u8], OutOfBytes> {
        self.at += 1;
        self.skip_to(|byte| !is_space(byte))?;
        let quote = self.byte()?;
        if !matches!(quote, b'"' | b'\'') {
            let start = self.at;
            self.skip_to(|byte| is_space(byte) || byte == b'>')?;
            return Ok(&self.bytes[start..self.at]);
        }
        self.at += 1;
        let start = self.at;
        self.skip_to_byte(quote)?;
        self.at += 1;
        Ok(&self.bytes[start..self.at - 1])
    }

    /// Goes to the `>` of a comment's end. Its two hyphens may be those that
    /// opened it.
    fn skip_comment(&mut self) -> Result<(), OutOfBytes> {
        let from = self.at + b"<!".len();
        let end = self.bytes[from..].windows(3).position(|window| window == b"-->");
        self.at = from + end.ok_or(OutOfBytes)? + b"--".len();
        Ok(())
    }

    fn byte(&self) -> Result<u8, OutOfBytes> {
        self.bytes.get(self.at).copied().ok_or(OutOfBytes)
    }

    fn skip_to(&mut self, wanted: impl Fn(u8) -> bool) -> Result<(), OutOfBytes> {
        self.skip(|rest| rest.iter().position(|&byte| wanted(byte)))
    }

    /// [`Self::skip_to`] for one byte, which is found quicker.
    fn skip_to_byte(&mut self, wanted: u8) -> Result<(), OutOfBytes> {
        self.skip(|rest| find_byte(rest, wanted))
    }

    fn skip(&mut self, find: impl Fn(&[u8]) -> Option<usize>) -> Result<(), OutOfBytes> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += find(rest).ok_or(OutOfBytes)?;
        Ok(())
    }
}

fn is_meta(tag: &[u8]) -> bool {
    match tag {
        [b'<', b'm' | b'M', name @ ..] => {
            let (name, after) = name.split_at(name.len().min(b"eta".len()));
            name.eq_ignore_ascii_case(b"eta")
                && after.first().is_some_and(|&byte| is_space(byte) || byte == b'/')
        }
        _ => false,
    }
}

/// The encoding that a `content` attribute gives (HTML Standard, "extracting a
/// character encoding from a meta element").
fn charset_in_content(content: &[u8]) -> Option<&'static Encoding> {
    let name = b"charset";
    let mut rest = content;
    loop {
        let at = rest.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
        rest = rest[at + name.len()..].trim_ascii_start();
        if let Some(value) = rest.strip_prefix(b"=") {
            return encoding(parameter_value(value.trim_ascii_start())?);
        }
    }
}

fn parameter_value(value: &[u8]) -> Option<&[u8]> {
    let quote = *value.first()?;
    if matches!(quote, b'"' | b'\'') {
        let end = value[1..].iter().position(|&byte| byte == quote)?;
        return Some(&value[1..=end]);
    }
    value.split(|&byte| is_space(byte) || byte == b';').next()
}

/// ASCII whitespace as the HTML Standard has it.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{EUC_JP, GBK, ISO_8859_5};

    #[test]
    fn a_meta_element_declares() {
        for page in [
            "<meta charset=gbk>",
            "<META CHARSET='GBK'/>",
            "<meta/charset=\"gb2312\">",
            "<meta\tcharset \n=\r gbk >",
            "<meta name=x charset=gbk charset=euc-jp>",
            "<meta charset=' gbk '>",
            "<meta <meta charset='gbk'>",
            "<meta ==x charset=gbk>",
            "<!doctype html><html a=1 b='>'><head><meta charset=gbk>",
            "</p x='<meta charset=euc-jp>'><meta charset=gbk>",
            "<!--><meta charset=gbk>",
            "<!-- <meta charset=euc-jp> --><meta charset=gbk>",
            "<!x <meta charset=euc-jp><meta charset=gbk>",
            "<? <meta charset=euc-jp><meta charset=gbk>",
            "</ <meta charset=euc-jp><meta charset=gbk>",
            "a < b <3 <meta charset=gbk>",
            "<metadata charset=euc-jp><meta charset=gbk>",
            "<meta charset=nonsense><meta charset=gbk>",
            "<meta charset=hz-gb-2312><meta charset=gbk>",
            "<meta http-equiv=Content-Type content='text/html; charset=gbk'>",
            "<meta content='text/html; CharSet = gbk; x' http-equiv=content-type>",
            "<meta http-equiv=content-type content='charset charset=\"gbk\"'>",
            "<meta http-equiv=content-type content=\"charset='gbk' x\">",
            "<meta http-equiv=refresh content='1; charset=euc-jp' charset=gbk>",
            "<?xml version='1.0' encoding='euc-jp'?><meta charset=gbk>",
            "<?xml version='1.0' encoding='gbk'?><p>",
        ] {
            assert_eq!(prescan(page.as_bytes()), Some(GBK), "{page}");
        }
    }

    #[test]
    fn other_things_do_not() {
        for page in [
            "",
            "<",
            "<!",
            "<meta",
            "<meta charset",
            "<meta charset=",
            "<meta charset=gbk",
            "<meta charset='gbk",
            "<meta charset=''>",
            "<meta charset>",
            "<meta charset / = gbk>",
            "<metacharset=gbk>",
            "<!-- <meta charset=gbk>",
            "<p x='<meta charset=gbk>'>",
            "<p x=\"<meta charset=gbk>",
            "<meta content='text/html; charset=gbk'>",
            "<meta http-equiv=refresh content='charset=gbk'>",
            "<meta http-equiv=content-type content='charset'>",
            "<meta http-equiv=content-type content='charset='>",
            "<meta http-equiv=content-type content='charset= '>",
            "<meta http-equiv=content-type content='charset=\"gbk'>",
            "<meta http-equiv=content-type content='x' content='charset=gbk'>",
            "<meta http-equiv=content-type content='charset=gbk' charset=nonsense>",
        ] {
            assert_eq!(prescan(page.as_bytes()), None, "{page}");
        }
    }

    #[test]
    fn utf16_that_reads_as_ascii_is_utf8() {
        for label in ["utf-16", "UTF-16LE", "utf-16be", "unicode"] {
            let meta = format!("<meta charset={label}>");
            assert_eq!(prescan(meta.as_bytes()), Some(UTF_8));
            let xml = format!("<?xml version='1.0' encoding='{label}'?>");
            assert_eq!(xml_declaration(xml.as_bytes()), Some(UTF_8));
        }
        assert_eq!(prescan(b"<meta charset=x-user-defined>"), Some(WINDOWS_1252));
    }

    #[test]
    fn a_declaration_counts_up_to_the_limit() {
        let tag = "<meta charset=gbk>";
        let mut page = " ".repeat(PRESCAN_LIMIT - tag.len()) + tag;
        assert_eq!(prescan(page.as_bytes()), Some(GBK));
        page.insert(0, ' ');
        assert_eq!(prescan(page.as_bytes()), None);
    }

    #[test]
    fn what_meta_declares_stays_found() {
        let page = "<p a=b><!-- > --><meta charset=gbk><meta charset=euc-jp>".as_bytes();
        let found: Vec<_> = (0..=page.len()).map(|end| meta(&page[..end])).collect();
        let first = found.iter().position(Option::is_some).unwrap();
        assert_eq!(&page[first - 1..first], b">");
        assert!(found[first..].iter().all(|found| *found == Some(GBK)));
        assert!(meta(b"<meta charset=euc-jp>") == Some(EUC_JP));
    }

    #[test]
    fn a_style_sheet_declares_at_its_very_start() {
        for (sheet, declared) in [
            ("@charset \"gbk\";", Some(GBK)),
            ("@charset \" ISO-8859-5 \";a{}", Some(ISO_8859_5)),
            ("@charset \"utf-16\";", Some(UTF_8)),
            ("@charset \"gbk\"", None),
            ("@charset \"gbk\" ;", None),
            ("@charset 'gbk';", None),
            ("@charset  \"gbk\";", None),
            ("@CHARSET \"gbk\";", None),
            (" @charset \"gbk\";", None),
            ("@charset \"nonsense\";", None),
            ("@charset \"gbk", None),
        ] {
            assert_eq!(css_charset(sheet.as_bytes()), declared, "{sheet}");
        }
    }

    #[test]
    fn an_xml_declaration_declares() {
        for (document, declared) in [
            (&b"<?xml version='1.0' encoding='iso-8859-5'?><a/>"[..], Some(ISO_8859_5)),
            (b"<?xml encoding\t=\n\"ISO-8859-5\"?>", Some(ISO_8859_5)),
            (b"<\0?\0x\0m\0l\0", Some(UTF_16LE)),
            (b"\0<\0?\0x\0m\0l", Some(UTF_16BE)),
            (b"<\0?\0", None),
            (b"<?xml version='1.0'?><a encoding='iso-8859-5'>", None),
            (b" <?xml encoding='iso-8859-5'?>", None),
            (b"<?xml encoding='iso-8859-5'?", None),
            (b"<?xml encoding=iso-8859-5?>", None),
            (b"<?xml encoding='iso-8859-5?>", None),
            (b"<?xml encoding=' iso-8859-5'?>", None),
            (b"<?xml encoding 'iso-8859-5'?>", None),
            (b"<?xml encoding='nonsense'?>", None),
            (b"<?xml encoding=>", None),
            (b"<?xml encoding>", None),
            (b"<?xml", None),
        ] {
            assert_eq!(xml_declaration(document), declared, "{}", document.escape_ascii());
        }
    }
}
