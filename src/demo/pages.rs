//! The table of all pages, and the front page, which lists them.

use std::io::{self, Write};

use encoding_rs::GBK;

use super::encode::encode;
use super::page::{Page, PageWriter};
use super::request::ReceivedRequest;
use super::response::ResponseWriter;
use super::{broken, charsets, content, framing, semantics, websocket};

const OWN: &[Page] = &[Page::new("/", front)];

const PAGES: [&[Page]; 7] =
    [OWN, content::PAGES, charsets::PAGES, semantics::PAGES, framing::PAGES, websocket::PAGES, broken::PAGES];

/// Every page there is.
pub(super) fn all() -> impl Iterator<Item = &'static Page> {
    PAGES.into_iter().flatten()
}

/// A page that was found, and the number that its path ends in.
pub(super) struct FoundPage {
    pub(super) page: &'static Page,
    number: u64,
}

impl FoundPage {
    /// Writes the page.
    pub(super) fn answer(&self, request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
        match self.page.answer {
            PageWriter::Fixed(answer) => answer(request, out),
            PageWriter::Numbered(answer) => answer(request, out, self.number),
        }
    }
}

/// The page at this path. A numbered page is found without its number as
/// well, which then is that of the example.
pub(super) fn find(path: &[u8]) -> Option<FoundPage> {
    let path = str::from_utf8(path).ok()?;
    if let Some(page) = all().find(|page| page.path == path) {
        let number = split_number(path).map_or(0, |(_, number)| number);
        return Some(FoundPage { page, number });
    }
    all().filter(|page| matches!(page.answer, PageWriter::Numbered(_))).find_map(|page| {
        let (folder, example) = split_number(page.path)?;
        let number = match split_number(path) {
            Some((same, number)) if same == folder => number,
            _ if path == folder => example,
            _ => return None,
        };
        Some(FoundPage { page, number })
    })
}

/// `/status/404` as `/status` and 404.
fn split_number(path: &str) -> Option<(&str, u64)> {
    let (folder, number) = path.rsplit_once('/')?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((folder, number.parse().ok().filter(|_| digits)?))
}

/// The response where there is no page.
pub(super) fn not_found(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let text = "There is no such page here. The list of all pages is at / .\n";
    ResponseWriter::text(404).send(request, out, text.as_bytes())
}

/// Bytes in a chunk of the front page: short, so that there are several. A
/// chunk may end inside a character, which no reader should mind.
const FRONT_CHUNK: usize = 1000;

/// The front page, in UTF-8. It says that it is GBK, as it is sent.
const FRONT: &str = include_str!("front.html");

/// The front page, as many a textbook's first page comes: GBK, in chunks.
fn front(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let bytes = encode(FRONT, GBK);
    let mut chunks = ResponseWriter::ok("text/html; charset=gbk").send_chunks(request, out)?;
    for chunk in bytes.chunks(FRONT_CHUNK) {
        chunks.send(chunk)?;
    }
    chunks.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::time::UNIX_EPOCH;

    /// How wide a line is on a terminal; what is not ASCII here is Chinese.
    fn columns(line: &str) -> usize {
        line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
    }

    fn get(path: &str) -> ReceivedRequest {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        ReceivedRequest::new(head.into_bytes(), UNIX_EPOCH)
    }

    #[test]
    fn the_front_page_is_chunked_gbk_and_lists_every_page() {
        let mut out = Vec::new();
        front(&get("/"), &mut out).unwrap();
        let head_end = out.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = str::from_utf8(&out[..head_end]).unwrap();
        assert!(head.contains("Transfer-Encoding: chunked\r\n"));
        assert!(head.contains("Content-Type: text/html; charset=gbk\r\n"));

        let mut rest = &out[head_end..];
        let (mut body, mut chunks) = (Vec::new(), 0);
        loop {
            let line = rest.iter().position(|&byte| byte == b'\r').unwrap();
            let size = usize::from_str_radix(str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
            body.extend(&rest[line + 2..line + 2 + size]);
            assert_eq!(&rest[line + 2 + size..line + 4 + size], b"\r\n");
            rest = &rest[line + 4 + size..];
            if size == 0 {
                break;
            }
            chunks += 1;
        }
        assert!(rest.is_empty() && chunks >= 3);

        let (text, _, malformed) = GBK.decode(&body);
        assert!(!malformed);
        assert_eq!(text, FRONT);
        for page in all() {
            assert!(text.contains(&format!("\n  {} ", page.path)), "{}", page.path);
        }
    }

    #[test]
    fn every_line_of_the_front_page_fits_a_terminal() {
        for line in FRONT.lines() {
            assert!(columns(line) < 80, "{} columns: {line}", columns(line));
        }
    }

    #[test]
    fn paths_are_unique_and_short() {
        let mut paths = HashSet::new();
        for page in all() {
            assert!(paths.insert(page.path), "{} twice", page.path);
            assert!(page.path.starts_with('/') && page.path.len() < 16, "{}", page.path);
        }
        let listed = FRONT.lines().filter(|line| line.starts_with("  /")).count();
        assert_eq!(listed, paths.len());
    }

    #[test]
    fn numbered_pages_are_found_with_any_number_and_with_none() {
        let number = |path: &str| find(path.as_bytes()).map(|found| (found.page.path, found.number));
        assert_eq!(number("/status/503"), Some(("/status/404", 503)));
        assert_eq!(number("/status"), Some(("/status/404", 404)));
        assert_eq!(number("/redirect"), Some(("/redirect", 0)));
        assert_eq!(number("/redirect/9"), Some(("/redirect/3", 9)));
        assert_eq!(number("/204"), Some(("/204", 204)));
        for none in [
            "/205",
            "/status/",
            "/status/x",
            "/status/+1",
            "/status/4/4",
            "",
            "*",
            "/nothing",
            "/big/99999999999999999999999",
        ] {
            assert_eq!(number(none), None, "{none}");
        }
    }
}
