//! Text in all charsets, in any pieces.

use super::super::Markup::{Css, Html, Other, Unnamed, Xml};
use super::super::undecided::HOLD_LIMIT;
use super::super::{Markup, PRESCAN_LIMIT, Sniffer, encoding};
use super::*;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GB18030, GBK, ISO_2022_JP, ISO_8859_2, KOI8_R, SHIFT_JIS, UTF_16BE, UTF_16LE,
    WINDOWS_1251, WINDOWS_1252,
};

const SAMPLES: [(&Encoding, &str); 11] = [
    (UTF_8, "百度 Ünïcödé 😀"),
    (GBK, "百度一下，你就知道。这是一个用于测试的网页，内容是中文。"),
    (GB18030, "百度一下，你就知道 😀"),
    (BIG5, "這是繁體中文的網頁，內容用於測試。"),
    (SHIFT_JIS, "これは日本語のページです。文字コードの試験。"),
    (EUC_JP, "これは日本語のページです。"),
    (ISO_2022_JP, "これは日本語のページです。"),
    (EUC_KR, "이것은 한국어 페이지입니다."),
    (WINDOWS_1251, "Это страница на русском языке."),
    (KOI8_R, "Это страница на русском языке."),
    (ISO_8859_2, "Příliš žluťoučký kůň úpěl ďábelské ódy"),
];

/// What bodies are made of where it matters.
const TOKENS: [&[u8]; 20] = [
    b"<",
    b"\0",
    b"?",
    b"\0x\0",
    b"\xEF\xBB",
    b"\xBF",
    b"\xFF\xFE",
    b"\xFE",
    b"\x1B$B",
    b"\x1B(B",
    b"$A",
    b"\x0E",
    b"<meta charset=gbk>",
    b"<meta charset=iso-2022-jp>",
    b"<!-- ",
    b"-->",
    "百度".as_bytes(),
    b"\xB0\xD9\xB6\xC8",
    b"<?xml encoding='shift_jis'?>",
    b"caf\xE9 ",
];

fn nothing(markup: Markup) -> Declared {
    Declared { option: None, parameter: None, markup, json: false, is_utf8: false }
}

fn parameter(label: &str) -> Declared {
    Declared { parameter: encoding(label.as_bytes()), ..nothing(Other) }
}

#[derive(Debug, PartialEq)]
struct Conversion {
    out: Vec<u8>,
    charset: Option<(&'static Encoding, CharsetSource)>,
    replaced: u64,
}

fn run<'a>(declared: &Declared, lossless: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Conversion {
    let mut body = ToUtf8::new(declared, lossless);
    let mut out = Vec::new();
    for piece in pieces {
        if body.passes(piece) {
            out.extend_from_slice(piece);
        } else if piece.len() % 2 == 0 {
            body.push(piece, false, &mut out);
        } else {
            let mut rest = Vec::new();
            let unchanged = body.pass(piece, false, &mut rest);
            out.extend_from_slice(&piece[..unchanged]);
            out.append(&mut rest);
        }
    }
    body.push(b"", true, &mut out);
    assert!(!body.is_holding());
    if body.is_binary() && !lossless {
        // How much ASCII passed before that was known is left to the pieces.
        out.clear();
    }
    Conversion { out, charset: body.charset(), replaced: body.replaced }
}

/// The outcome of `body`, checked to be the same for each way to split it in
/// two, byte by byte, and with its last bytes and the end in one.
fn outcome(declared: &Declared, lossless: bool, body: &[u8]) -> Conversion {
    let whole = run(declared, lossless, [body]);
    for at in 0..=body.len() {
        let (first, second) = body.split_at(at);
        assert_eq!(run(declared, lossless, [first, second]), whole, "split at {at}");
    }
    assert_eq!(run(declared, lossless, body.chunks(1)), whole, "byte by byte");
    let mut at_once = ToUtf8::new(declared, lossless);
    let mut out = Vec::new();
    let unchanged = at_once.pass(body, true, &mut out);
    out.splice(..0, body[..unchanged].iter().copied());
    if lossless || !at_once.is_binary() {
        assert_eq!(out, whole.out, "at once");
    }
    assert_eq!(at_once.charset(), whole.charset, "at once");
    whole
}

#[track_caller]
fn check(declared: &Declared, body: &[u8], text: &str, encoding: &'static Encoding, source: CharsetSource) {
    for lossless in [false, true] {
        let outcome = outcome(declared, lossless, body);
        assert_eq!(outcome.charset, Some((encoding, source)));
        assert_eq!(String::from_utf8_lossy(&outcome.out), text);
        assert_eq!(outcome.replaced, 0);
    }
}

#[test]
fn content_type_decides() {
    for (encoding, text) in SAMPLES {
        let (body, ..) = encoding.encode(text);
        check(&parameter(encoding.name()), &body, text, encoding, CharsetSource::Header);
        let html = Declared { markup: Html, ..parameter(encoding.name()) };
        let page = format!("<meta charset=iso-8859-5>{text}");
        let (body, ..) = encoding.encode(&page);
        check(&html, &body, &page, encoding, CharsetSource::Header);
    }
    let body: Vec<u8> = "é 百".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&parameter("utf-16"), &body, "é 百", UTF_16LE, CharsetSource::Header);
    check(&parameter("no-such"), "é".as_bytes(), "é", UTF_8, CharsetSource::Default);
    check(&parameter("iso-2022-kr"), b"\x1B$)C x", "\x1B$)C x", UTF_8, CharsetSource::Default);
}

#[test]
fn a_byte_order_mark_beats_content_type() {
    let declared = Declared { markup: Html, ..parameter("gbk") };
    let le: Vec<u8> = "\u{FEFF}é 百".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&declared, &le, "é 百", UTF_16LE, CharsetSource::Bom);
    let be: Vec<u8> = "\u{FEFF}é 百".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(&declared, &be, "é 百", UTF_16BE, CharsetSource::Bom);

    let utf8 = "\u{FEFF}é\u{FEFF}".as_bytes();
    let strict = outcome(&declared, false, utf8);
    assert_eq!(strict.out, "é\u{FEFF}".as_bytes());
    assert_eq!(strict.charset, Some((UTF_8, CharsetSource::Bom)));
    assert_eq!(outcome(&declared, true, utf8).out, utf8);
    // The start of a mark is none.
    check(&parameter("windows-1252"), b"\xEF\xBB", "ï»", WINDOWS_1252, CharsetSource::Header);
    check(&parameter("windows-1252"), b"\xFEx", "þx", WINDOWS_1252, CharsetSource::Header);
}

#[test]
fn the_option_beats_all() {
    let declared = Declared { option: Some(WINDOWS_1252), ..parameter("gbk") };
    check(&declared, b"\xEF\xBB\xBFx", "ï»¿x", WINDOWS_1252, CharsetSource::Option);
    let utf8 = Declared { option: Some(UTF_8), ..declared };
    assert!(ToUtf8::new(&utf8, true).is_passthrough());
    assert_eq!(outcome(&utf8, false, b"\xEF\xBB\xBFx").out, b"x");
    assert_eq!(outcome(&utf8, true, b"\xEF\xBB\xBFx").out, b"\xEF\xBB\xBFx");
}

#[test]
fn html_declares_by_itself() {
    for (encoding, text) in SAMPLES {
        let name = encoding.name();
        for page in [
            format!("<title>{text}</title><meta charset={name}>{text}"),
            format!("<meta http-equiv=content-type content='text/html;charset={name}'>{text}"),
        ] {
            let (body, ..) = encoding.encode(&page);
            check(&nothing(Html), &body, &page, encoding, CharsetSource::Meta);
        }
        let page = format!("<?xml version='1.0' encoding='{name}'?><p>{text}");
        let (body, ..) = encoding.encode(&page);
        check(&nothing(Html), &body, &page, encoding, CharsetSource::Xml);
    }
    // Controls of ISO-2022-JP before the declaration are malformed in it.
    let page = outcome(&nothing(Html), true, b"a\x0Eb<meta charset=iso-2022-jp>");
    assert_eq!((page.replaced, &page.out[..5]), (1, "a\u{FFFD}b".as_bytes()));
}

#[test]
fn a_declaration_counts_up_to_the_limit() {
    let tag = "<meta charset=gbk>";
    for (padding, source) in [(0, CharsetSource::Meta), (1, CharsetSource::Default)] {
        let page = "é".to_owned() + &" ".repeat(PRESCAN_LIMIT - 2 - tag.len() + padding) + tag;
        let outcome = outcome(&nothing(Html), true, page.as_bytes());
        assert_eq!(outcome.charset.map(|(_, source)| source), Some(source));
    }
}

#[test]
fn a_late_declaration_beats_a_guess() {
    for comment in ["é", "-"] {
        let comment = format!("<!-- {} -->", comment.repeat(PRESCAN_LIMIT));
        let page = comment + "<meta charset=iso-8859-2>Příliš žluťoučký kůň";
        let (body, ..) = ISO_8859_2.encode(&page);
        check(&nothing(Html), &body, &page, ISO_8859_2, CharsetSource::Meta);
        check(&nothing(Html), page.as_bytes(), &page, UTF_8, CharsetSource::Default);
        assert_ne!(outcome(&nothing(Other), true, &body).charset, Some((ISO_8859_2, CharsetSource::Meta)));
    }
}

#[test]
fn limits_do_not_depend_on_the_pieces() {
    let (text, ..) = GBK.encode("<meta charset=gbk>百度一下，你就知道。");
    for padding in [PRESCAN_LIMIT, HOLD_LIMIT - 18, HOLD_LIMIT - 17, HOLD_LIMIT, HOLD_LIMIT * 2] {
        for filler in ["n", "é", "\x1B"] {
            let mut body = filler.repeat(padding / filler.len()).into_bytes();
            body.extend(text.repeat(9));
            for markup in [Html, Other] {
                let whole = run(&nothing(markup), true, [&body[..]]);
                for size in [1, 7, 1000, HOLD_LIMIT - 1, HOLD_LIMIT, HOLD_LIMIT + 1] {
                    assert_eq!(run(&nothing(markup), true, body.chunks(size)), whole);
                }
            }
        }
    }
}

#[test]
fn xml_declares_by_itself() {
    for (encoding, text) in SAMPLES {
        let document = format!("<?xml version=\"1.0\" encoding=\"{}\"?><a>{text}</a>", encoding.name());
        let (body, ..) = encoding.encode(&document);
        check(&nothing(Xml), &body, &document, encoding, CharsetSource::Xml);
    }
    let document = "<?xml version='1.0' encoding='utf-16'?><a>é</a>";
    let le: Vec<u8> = document.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&nothing(Xml), &le, document, UTF_16LE, CharsetSource::Xml);
    let be: Vec<u8> = document.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(&nothing(Xml), &be, document, UTF_16BE, CharsetSource::Xml);
    check(&nothing(Html), &be, document, UTF_16BE, CharsetSource::Meta);
    // Only its start looks like UTF-16, and it is undeclared.
    assert_eq!(outcome(&nothing(Xml), true, b"<\0?").charset, None);
}

#[test]
fn a_style_sheet_declares_by_itself() {
    for (encoding, text) in SAMPLES {
        let sheet = format!("@charset \"{}\";\na:after {{ content: \"{text}\" }}\n", encoding.name());
        let (body, ..) = encoding.encode(&sheet);
        check(&nothing(Css), &body, &sheet, encoding, CharsetSource::Css);
    }
}

#[test]
fn binary_bytes_that_no_charset_is_declared_for_stay() {
    let image: Vec<u8> = b"P6\n16 16\n255\n".iter().copied().chain(0..=255).collect();
    for markup in [Html, Xml, Other] {
        let whole = outcome(&nothing(markup), true, &image);
        assert_eq!((whole.out, whole.charset), (image.clone(), None), "{markup:?}");
        let unknown = Declared { markup, ..parameter("no-such") };
        assert_eq!(outcome(&unknown, true, &image).out, image);
    }
    for declared in [
        &parameter("windows-1252"),
        &Declared { option: Some(WINDOWS_1252), ..nothing(Other) },
        &Declared { json: true, ..parameter("windows-1252") },
    ] {
        let text = outcome(declared, true, b"a\0b\xE9");
        assert_eq!(text.out, "a\0b\u{e9}".as_bytes());
    }
    // What the body declares counts, though the byte stands before it.
    let page = b"<p>\0<meta charset=gbk>\xB0\xD9";
    assert_eq!(outcome(&nothing(Html), true, page).charset, Some((GBK, CharsetSource::Meta)));
    // Nothing of it comes out as text.
    let (mut strict, mut out) = (ToUtf8::new(&nothing(Other), false), Vec::new());
    image.chunks(7).for_each(|piece| strict.push(piece, false, &mut out));
    strict.push(b"", true, &mut out);
    assert!(strict.is_binary() && image.starts_with(&out) && out.len() < 30);
}

#[test]
fn a_binary_byte_counts_among_the_first_only() {
    for (padding, is_binary) in [(1444 - 5, true), (1445 - 5, false)] {
        let body = [b"caf\xE9 ", &b"a"[..].repeat(padding)[..], b"\0"].concat();
        let mut converter = ToUtf8::new(&nothing(Other), true);
        let mut out = Vec::new();
        body.chunks(100).for_each(|piece| converter.push(piece, false, &mut out));
        converter.push(b"", true, &mut out);
        assert_eq!(converter.is_binary(), is_binary);
        assert!(!is_binary || out == body);
    }
}

#[test]
fn undeclared_utf8_stays() {
    for markup in [Html, Xml, Other] {
        for body in ["", "plain", "<p>é", "é", "a\x7Fb", "<", "\x1B[31mred\x1B[0m", "\x1B(B"] {
            check(&nothing(markup), body.as_bytes(), body, UTF_8, CharsetSource::Default);
        }
    }
    // Cut short within a character.
    let cut = &"ab百度".as_bytes()[..7];
    let strict = outcome(&nothing(Other), false, cut);
    assert_eq!((strict.out, strict.replaced), ("ab百\u{FFFD}".into(), 1));
    assert_eq!(outcome(&nothing(Other), true, cut).out, cut);
}

#[test]
fn undeclared_text_is_detected() {
    if super::super::DETECTION == "-detect" {
        let (body, ..) = GBK.encode(SAMPLES[1].1);
        let kept = outcome(&nothing(Html), true, &body);
        assert_eq!((&*kept.out, kept.charset), (&*body, Some((UTF_8, CharsetSource::Default))));
        return;
    }
    for (encoding, text) in SAMPLES {
        // Supersets are guessed for KOI8-R and, here, for ISO-8859-2.
        if [UTF_8, GB18030, KOI8_R, ISO_8859_2].contains(&encoding) {
            continue;
        }
        for markup in [Html, Other] {
            let page = format!("<!DOCTYPE html><title>t</title><p>{text}</p>\n").repeat(4);
            let (body, ..) = encoding.encode(&page);
            check(&nothing(markup), &body, &page, encoding, CharsetSource::Detected);
        }
    }
    check(&nothing(Other), b"caf\xE9", "café", WINDOWS_1252, CharsetSource::Detected);
}

#[test]
fn json_is_utf8_if_it_can_be() {
    let declared = Declared { json: true, ..parameter("windows-1252") };
    check(&declared, "\"é\"".as_bytes(), "\"é\"", UTF_8, CharsetSource::Default);
    check(&declared, b"\"\xE9\"", "\"é\"", WINDOWS_1252, CharsetSource::Header);
    check(&declared, b"\xFF\xFE1\0", "1", UTF_16LE, CharsetSource::Bom);
    let utf8 = Declared { json: true, ..parameter("utf-8") };
    check(&utf8, b"1", "1", UTF_8, CharsetSource::Header);
    let utf16 = Declared { json: true, ..parameter("utf-16le") };
    check(&utf16, b"1\0", "1", UTF_16LE, CharsetSource::Header);
}

#[test]
fn what_can_only_be_utf8_is_not_held() {
    let declared = Declared { is_utf8: true, ..nothing(Other) };
    let mut stream = ToUtf8::new(&declared, false);
    let mut out = Vec::new();
    stream.push("data: grüß".as_bytes(), false, &mut out);
    assert_eq!((&*out, stream.is_holding()), (&b"data: gr"[..], true));
    stream.push(b" 1\n", false, &mut out);
    assert_eq!((&*out, stream.is_holding()), ("data: grüß 1\n".as_bytes(), false));
    check(&declared, "1 é 百度 é".as_bytes(), "1 é 百度 é", UTF_8, CharsetSource::Default);
    check(&declared, "百度".as_bytes(), "百度", UTF_8, CharsetSource::Default);
    // Nobody is kept from saying so in another charset.
    if super::super::DETECTION != "-detect" {
        check(&declared, b"caf\xE9 au lait", "café au lait", WINDOWS_1252, CharsetSource::Detected);
    }
}

#[test]
fn malformed_sequences_are_counted() {
    let strict = outcome(&parameter("utf-8"), false, b"a\xFFb\xE7\x99c\xE7");
    assert_eq!((&*strict.out, strict.replaced), ("a\u{FFFD}b\u{FFFD}c\u{FFFD}".as_bytes(), 3));
    let lossless = outcome(&parameter("utf-8"), true, b"a\xFFb");
    assert_eq!((&*lossless.out, lossless.replaced), (&b"a\xFFb"[..], 0));
    let gbk = outcome(&parameter("gbk"), true, b"\xB0\xD9\xFF\xB6\xC8\xB6");
    assert_eq!((&*gbk.out, gbk.replaced), ("百\u{FFFD}度\u{FFFD}".as_bytes(), 2));
}

#[test]
fn ascii_is_not_held() {
    for markup in [Html, Xml, Other] {
        let mut body = ToUtf8::new(&nothing(markup), true);
        let mut out = Vec::new();
        body.push(b"<p>abc", false, &mut out);
        assert_eq!(out, b"<p>abc");
        assert!(!body.is_holding() && body.charset().is_none());
        body.push("d\u{E9}f".as_bytes(), false, &mut out);
        assert_eq!(out, b"<p>abcd");
        assert!(body.is_holding() && !body.is_passthrough());
        body.decide_now(&mut out);
        assert_eq!(out, "<p>abcd\u{E9}f".as_bytes());
        assert!(!body.is_holding() && body.is_passthrough());
        assert_eq!(body.charset(), Some((UTF_8, CharsetSource::Default)));
    }
}

#[test]
fn plain_text_passes_once_it_cannot_be_binary() {
    let ascii = vec![b'a'; Sniffer::LENGTH];
    let mut body = ToUtf8::new(&nothing(Other), true);
    assert!(!body.passes(&ascii));
    body.push(&ascii, false, &mut Vec::new());
    assert!(body.passes(b"a\r\n\t\0~"));
    assert!(!body.passes(b"a\x1B"));
    assert!(!body.passes("\u{E4}".as_bytes()));
    body.push(b"\xC3", false, &mut Vec::new());
    assert!(!body.passes(b"a"));
}

#[test]
fn what_follows_long_plain_text_is_found() {
    let texts: [(&[u8], &str, &'static Encoding); 3] = [
        (
            b"\xB0\xD9\xB6\xC8\xD2\xBB\xCF\xC2\xA3\xAC\xC4\xE3\xBE\xCD\xD6\xAA\xB5\xC0",
            "百度一下，你就知道",
            GBK,
        ),
        (b"\x1B$B$3$s$K$A$O@$3&\x1B(B", "こんにちは世界", ISO_2022_JP),
        ("z\u{E4}h".as_bytes(), "z\u{E4}h", UTF_8),
    ];
    let is_detected = super::super::DETECTION != "-detect";
    for (bytes, text, encoding) in texts {
        if encoding != UTF_8 && !is_detected {
            continue;
        }
        let body = [&vec![b'a'; Sniffer::LENGTH + 60], bytes, b" and more"].concat();
        for lossless in [false, true] {
            let outcome = outcome(&nothing(Other), lossless, &body);
            assert_eq!(outcome.charset.map(|(encoding, _)| encoding), Some(encoding));
            assert_eq!(
                String::from_utf8(outcome.out).unwrap().trim_start_matches('a'),
                format!("{text} and more")
            );
        }
    }
}

#[test]
fn giving_up_on_the_first_bytes_leaves_the_rest_open() {
    let mut body = ToUtf8::new(&nothing(Html), true);
    let mut out = Vec::new();
    body.push(b"<", false, &mut out);
    assert!(body.is_holding());
    body.decide_now(&mut out);
    assert_eq!((&*out, body.is_holding(), body.charset()), (&b"<"[..], false, None));
    body.decide_now(&mut out);
    let (rest, ..) = GBK.encode("meta charset=gbk>百度");
    body.push(&rest, false, &mut out);
    assert_eq!(out, "<meta charset=gbk>百度".as_bytes());

    let mut body = ToUtf8::new(&parameter("windows-1252"), true);
    let mut out = Vec::new();
    body.push(b"\xFF", false, &mut out);
    body.decide_now(&mut out);
    assert_eq!(out, "ÿ".as_bytes());
}

#[test]
fn what_may_still_be_binary_is_not_guessed_at() {
    for (first, second) in
        [(&b"P6 16\n\xE9t\xE9\xFF"[..], &b"\0\x01\xFF"[..]), (b"\xFF\xD8", b"\xFF\xE0\0\x10JFIF")]
    {
        for markup in [Html, Other] {
            let mut body = ToUtf8::new(&nothing(markup), true);
            let mut out = Vec::new();
            body.push(first, false, &mut out);
            body.decide_now(&mut out);
            body.push(second, true, &mut out);
            assert_eq!(out, [first, second].concat());
        }
    }
    if !crate::charset::DETECTION.starts_with('+') {
        return;
    }
    // What is text by some bytes is guessed at, and so is what a terminal shows.
    let text = [&b"caf\xE9 "[..], &b"a ".repeat(800)].concat();
    for (lossless, text) in [(true, &text[..]), (true, &text[..24]), (false, &text[..20])] {
        let mut body = ToUtf8::new(&nothing(Other), lossless);
        let mut out = Vec::new();
        body.push(text, false, &mut out);
        body.decide_now(&mut out);
        assert!(out.starts_with("café ".as_bytes()), "{lossless}");
    }
}

#[test]
fn json_that_is_cut_within_a_character_is_still_utf8() {
    let mut declared = Declared { json: true, is_utf8: true, ..nothing(Other) };
    for bytes in [&b"{\"a\":\"caf\xC3"[..], b"{\"a\":\"\xE7\x99"] {
        let outcome = outcome(&declared, true, bytes);
        assert_eq!(outcome.charset.map(|(encoding, _)| encoding), Some(UTF_8));
        assert_eq!(outcome.out, bytes);
    }
    declared.parameter = Some(WINDOWS_1252);
    assert_eq!(outcome(&declared, true, b"{\"a\":\"caf\xC3").charset.map(|it| it.0), Some(UTF_8));
}

#[test]
fn at_most_the_limit_is_held() {
    let body = "é".repeat(HOLD_LIMIT);
    for markup in [Html, Other] {
        for start in ["", "a", "<p> "] {
            let body = [start, &body].concat();
            let mut converted = ToUtf8::new(&nothing(markup), true);
            let mut out = Vec::new();
            let (first, rest) = body.as_bytes().split_at(start.len() + HOLD_LIMIT - 1);
            converted.push(first, false, &mut out);
            assert!(converted.is_holding());
            assert_eq!(out, start.as_bytes());
            converted.push(&rest[..1], false, &mut out);
            assert!(converted.is_passthrough());
            assert_eq!(out.len(), start.len() + HOLD_LIMIT);
            converted.push(&rest[1..], true, &mut out);
            assert_eq!(out, body.as_bytes());
        }
    }
}

#[test]
fn what_comes_after_the_end_is_no_panic() {
    let mut body = ToUtf8::new(&parameter("gbk"), true);
    let mut out = vec![0xFF];
    body.push(b"\xB0\xD9", true, &mut out);
    body.push(b"x", true, &mut out);
    body.decide_now(&mut out);
    assert_eq!(out, b"\xFF\xE7\x99\xBE");
}

#[test]
fn the_outcome_does_not_depend_on_the_pieces() {
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    for round in 0..600 {
        let mut body = Vec::new();
        for _ in 0..random(6) {
            body.extend_from_slice(TOKENS[random(TOKENS.len())]);
        }
        if round % 100 == 0 {
            body.resize(PRESCAN_LIMIT - 3, b' ');
            body.extend_from_slice(TOKENS[random(TOKENS.len())]);
            body.extend_from_slice(TOKENS[random(TOKENS.len())]);
        }
        let declared = nothing([Html, Xml, Css, Unnamed, Other][random(5)]);
        let declared = match random(4) {
            0 => Declared { parameter: Some(GBK), json: random(2) == 0, ..declared },
            _ => declared,
        };
        let lossless = outcome(&declared, true, &body);
        let strict = outcome(&declared, false, &body);
        assert_eq!(lossless.charset, strict.charset);
        assert!(String::from_utf8(strict.out).is_ok());
        if lossless.charset.is_some_and(|(encoding, _)| encoding == UTF_8) {
            assert_eq!(lossless.out, body);
        }
    }
}

#[test]
fn utf_8_that_is_cut_off_anywhere_stays_utf_8() {
    for text in ["5 € ", "naïve", "😀", "{\"a\":\"価格\"}", "<p>привет"] {
        for markup in [Html, Xml, Css, Unnamed, Other] {
            for cut in 1..text.len() {
                let mut body = ToUtf8::new(&nothing(markup), true);
                let mut out = Vec::new();
                body.push(&text.as_bytes()[..cut], false, &mut out);
                body.cut_off();
                body.push(&[], true, &mut out);
                assert_eq!(out, text.as_bytes()[..cut], "{text} cut at {cut} as {markup:?}");
            }
        }
    }
}
