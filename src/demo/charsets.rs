//! Pages in charsets other than UTF-8, declared in each place where a charset
//! may be declared, and in none.

use std::io::{self, Write};

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, KOI8_R, SHIFT_JIS, WINDOWS_1252};

use super::encode::encode;
use super::page::Page;
use super::request::ReceivedRequest;
use super::response::ResponseWriter;

pub(super) const PAGES: &[Page] = &[
    Page::new("/big5", big5),
    Page::new("/shift_jis", shift_jis),
    Page::new("/euc-kr", euc_kr),
    Page::new("/koi8-r", koi8_r),
    Page::new("/latin1", latin1),
    Page::new("/utf-16", utf_16),
    Page::new("/meta", meta),
    Page::new("/undeclared", undeclared),
];

const BIG5_TEXT: &str = "\
這一頁以 Big5 編碼，那是臺灣與香港用了多年的字元集。
您讀得到這些字，就表示解碼無誤。
「功」、「許」、「蓋」的第二個位元組是 5C，和反斜線一樣：
逐個位元組看字的程式，在此最容易出錯。
";

const SHIFT_JIS_TEXT: &str = "\
このページは Shift_JIS で書かれています。
文字化けせずに読めていれば、正しく復号されています。
「ソ」「表」「能」の二バイト目は 5C、逆斜線と同じ値です。
";

const EUC_KR_TEXT: &str = "\
이 쪽은 EUC-KR로 쓰여 있습니다.
글자가 깨지지 않고 보이면 바르게 해독된 것입니다.
";

const KOI8_R_TEXT: &str = "\
Эта страница записана в кодировке KOI8-R.
Если вы читаете эти строки, то кодировка понята верно.
Отнимите у каждого байта старший бит, и останется текст латиницей.
";

const LATIN1_TEXT: &str = "\
Voilà une page en ISO-8859-1 : été, garçon, Noël.
Grüße aus dem Süden. ¡Mañana será otro día!
Le signe € n'y est pas, mais tous le lisent en windows-1252, où il est 80.
";

const UTF_16_TEXT: &str = "\
UTF-16, little-endian. Its first two bytes, FF FE, say so.
你好，世界。こんにちは。Привет. Γειά σου.
A character beyond the 65,536th takes two units: 🙂
";

const META_TEXT: &str = "\
<!DOCTYPE html>
<html lang=\"ja\">
<head>
<meta charset=\"euc-jp\">
<title>文字コードは meta の中に</title>
</head>
<body>
<p>このページの文字コードは EUC-JP です。</p>
<p>応答の頭部には書かれていません。meta 要素だけが教えてくれます。</p>
</body>
</html>
";

const UNDECLARED_TEXT: &str = "\
这一页用 GBK 写成，可是响应里没有一个字提到字符集。
客户端只好看着字节来猜：哪些字节总是成双出现，哪些汉字最为常见。
文字越长，线索越多，猜得也就越准；只有几个字的网页，谁也猜不好。
所以，写网页的人应当在 Content-Type 里写明字符集，
读网页的人就不必再猜了。
";

fn big5(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(BIG5, "text/plain; charset=big5", BIG5_TEXT, request, out)
}

fn shift_jis(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(SHIFT_JIS, "text/plain; charset=shift_jis", SHIFT_JIS_TEXT, request, out)
}

fn euc_kr(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(EUC_KR, "text/plain; charset=euc-kr", EUC_KR_TEXT, request, out)
}

fn koi8_r(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(KOI8_R, "text/plain; charset=koi8-r", KOI8_R_TEXT, request, out)
}

/// The label means windows-1252 to every browser, and to the Encoding standard.
fn latin1(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(WINDOWS_1252, "text/plain; charset=iso-8859-1", LATIN1_TEXT, request, out)
}

fn utf_16(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    ResponseWriter::ok("text/plain").send(request, out, &utf_16_bytes())
}

fn meta(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(EUC_JP, "text/html", META_TEXT, request, out)
}

fn undeclared(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_in(GBK, "text/plain", UNDECLARED_TEXT, request, out)
}

fn send_in(
    encoding: &'static Encoding,
    content_type: &str,
    text: &str,
    request: &ReceivedRequest,
    out: &mut dyn Write,
) -> io::Result<()> {
    ResponseWriter::ok(content_type).send(request, out, &encode(text, encoding))
}

/// encoding_rs has no UTF-16 encoder, as forms on the web never need one.
fn utf_16_bytes() -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(UTF_16_TEXT.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_16LE;

    #[test]
    fn every_text_survives_its_encoding() {
        for (encoding, text) in [
            (BIG5, BIG5_TEXT),
            (SHIFT_JIS, SHIFT_JIS_TEXT),
            (EUC_KR, EUC_KR_TEXT),
            (KOI8_R, KOI8_R_TEXT),
            (WINDOWS_1252, LATIN1_TEXT),
            (EUC_JP, META_TEXT),
            (GBK, UNDECLARED_TEXT),
        ] {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable, "{}", encoding.name());
            assert!(str::from_utf8(&bytes).is_err(), "{}", encoding.name());
            assert_eq!(encoding.decode_without_bom_handling(&bytes).0, text);
            assert_eq!(encode(text, encoding), *bytes);
        }
    }

    #[test]
    fn utf_16_begins_with_its_mark() {
        let bytes = utf_16_bytes();
        assert!(bytes.starts_with(b"\xff\xfeU\0"));
        assert_eq!(UTF_16LE.decode(&bytes).0, UTF_16_TEXT);
    }

    #[test]
    fn what_the_pages_say_of_their_own_bytes_is_true() {
        for (encoding, characters) in [(BIG5, "功許蓋"), (SHIFT_JIS, "ソ表能")] {
            let (bytes, ..) = encoding.encode(characters);
            assert!(bytes.chunks(2).all(|pair| pair[1] == 0x5c), "{}", encoding.name());
        }
        assert_eq!(&*WINDOWS_1252.encode("€").0, b"\x80");
    }
}
