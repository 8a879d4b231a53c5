//! The command line of curl that sends a request's bytes (`--as-curl`).
//!
//! Every field line but Host goes by `-H`, which keeps spelling and order; what
//! curl would add by itself is taken away by `-H 'Name:'`.

use std::ffi::OsString;
use std::net::IpAddr;

use crate::failure::Failure;
use crate::http::syntax::trim_ows;
use crate::http::uri::Uri;
use crate::net::numeric;
use crate::output::escape::one_line;

/// Most bytes of data that stand in an argument: Linux allows 128 KiB with the NUL at its end.
const MAX_ARGUMENT: usize = 100 * 1024;
/// Most bytes of data that curl sends in one chunk, and that it sends unasked.
const MAX_CHUNK: usize = 64 * 1024;
const MAX_UNASKED: u64 = 1024 * 1024;

/// A request's content.
pub(crate) enum Data {
    /// These bytes, as they are sent.
    Bytes(Vec<u8>),
    /// This file, of so many bytes.
    File(OsString, u64),
    /// Standard input, in chunks.
    Input,
}

/// Words of a command line, and what its user must know.
#[derive(Default)]
pub(crate) struct CommandLine {
    /// The words, not quoted.
    pub(crate) words: Vec<Vec<u8>>,
    /// What standard input of curl is.
    pub(crate) input: Option<Vec<u8>>,
    /// What curl does otherwise.
    pub(crate) notes: Vec<String>,
    keeps_method: bool,
}

/// What is sent, and where.
pub(crate) struct Sent<'a> {
    pub(crate) uri: &'a Uri,
    /// The head with its empty line.
    pub(crate) head: &'a [u8],
    pub(crate) data: Data,
    /// All of the data, where it is known to be this file's content.
    pub(crate) data_file: Option<OsString>,
    /// A proxy passes the request on.
    pub(crate) is_forwarded: bool,
    /// Redirects are followed.
    pub(crate) follows: bool,
    /// The method is named, so that no redirect changes it.
    pub(crate) keeps_method: bool,
}

impl CommandLine {
    /// The words for a request; an error says which part of it curl cannot send.
    pub(crate) fn of(sent: Sent<'_>) -> anyhow::Result<Self> {
        let (method, target, version, fields) = parts(sent.head)?;
        let mut line = Self::default();
        let is_10 = match version {
            b"HTTP/1.0" => true,
            b"HTTP/1.1" => false,
            other => return Err(cannot(&format!("send the version {}", one_line(other)))),
        };
        if is_10 || sent.uri.scheme.is_secure() {
            line.push(if is_10 { "-0" } else { "--http1.1" });
        }
        line.push_host(sent.uri, &fields)?;
        for field in &fields {
            line.push_field(field)?;
        }
        if sent.follows && fields.iter().any(|field| is_named(field, "content-length")) {
            line.notes.push(
                "curl sends each -H again on redirects: without the -H for Content-Length and Content-Type, it adds \
                 these fields itself, and only where there is content"
                    .to_owned(),
            );
        }
        line.keeps_method = sent.keeps_method;
        let mut content = ContentFields::new(&fields, sent.data, is_10)?;
        let awaits_continue = fields.iter().any(|field| is_named(field, "expect"));
        if awaits_continue
            && content.is_chunked
            && matches!(&content.data, Data::Bytes(data) if data.is_empty())
        {
            // Behind a 100 (Continue) curl sends the last chunk of an upload, but not that of empty data.
            (content.data, line.input) = (Data::Input, Some(Vec::new()));
        }
        let adds = line.push_data(content, method, target, sent.data_file)?;
        let forwarding: &[&str] = if sent.is_forwarded { &["Proxy-Connection"] } else { &[] };
        for name in ["Host", "User-Agent", "Accept"].iter().chain(forwarding).chain(adds) {
            if !fields.iter().any(|field| is_named(field, name)) {
                line.push_value("-H", format!("{name}:").as_bytes());
            }
        }
        line.push_target(sent.uri, target, sent.is_forwarded);
        Ok(line)
    }

    fn push(&mut self, word: &str) {
        self.words.push(word.as_bytes().to_vec());
    }

    fn push_value(&mut self, option: &str, value: &[u8]) {
        self.push(option);
        self.words.push(value.to_vec());
    }

    /// Host, where it is not the one that curl makes of the URL.
    fn push_host(&mut self, uri: &Uri, fields: &[&[u8]]) -> anyhow::Result<()> {
        let mut hosts = fields.iter().enumerate().filter(|(_, field)| is_named(field, "host"));
        let Some((at, host)) = hosts.next() else { return Ok(()) };
        if hosts.next().is_some() {
            return Err(cannot("send Host twice"));
        }
        if at > 0 {
            self.notes.push("curl sends Host first, before the other fields".to_owned());
        }
        if !host.starts_with(b"Host:") {
            let shown = one_line(name(host));
            self.notes.push(format!("curl writes Host, and not {shown}"));
        }
        // curl rewrites an IPv4 address that is not in its usual form.
        let address = numeric(&uri.host).filter(IpAddr::is_ipv4).map(|address| address.to_string());
        let usual = address.is_none_or(|address| address == uri.host);
        if !usual || host.get(5..) != Some(format!(" {}", uri.authority()).as_bytes()) {
            self.push_value("-H", &as_argument(host)?);
        }
        Ok(())
    }

    fn push_field(&mut self, field: &[u8]) -> anyhow::Result<()> {
        let argument = as_argument(field)?;
        if !is_named(field, "host") {
            self.push_value("-H", &argument);
        }
        Ok(())
    }

    /// The method and the data; the names of the fields that curl adds for them.
    fn push_data(
        &mut self,
        framed: ContentFields,
        method: &[u8],
        target: &[u8],
        file: Option<OsString>,
    ) -> anyhow::Result<&'static [&'static str]> {
        let needs_data = |bytes: &[u8]| !bytes.is_empty() || framed.is_chunked || framed.is_counted;
        let adds: &[&str] = match &framed.data {
            Data::Bytes(bytes) if !needs_data(bytes) || method == b"HEAD" && bytes.is_empty() => {
                self.push_method(method, b"GET");
                return Ok(&[]);
            }
            Data::Input => &["Expect", "Transfer-Encoding"],
            Data::File(..) if is_uploaded(method, target) => &["Content-Length", "Expect"],
            _ if framed.is_chunked => &["Content-Type"],
            Data::File(_, length) if *length > MAX_UNASKED => &["Content-Length", "Content-Type", "Expect"],
            Data::Bytes(bytes) if bytes.len() as u64 > MAX_UNASKED => {
                &["Content-Length", "Content-Type", "Expect"]
            }
            _ => &["Content-Length", "Content-Type"],
        };
        match framed.data {
            Data::Input => {
                self.push_method(method, b"PUT");
                self.push_value("-T", b"-");
            }
            Data::File(path, _) if is_uploaded(method, target) => {
                self.push_value("-T", path.as_encoded_bytes());
            }
            Data::File(path, _) => {
                self.push_method(method, b"POST");
                self.push_value("--data-binary", &[b"@", path.as_encoded_bytes()].concat());
            }
            Data::Bytes(bytes) => {
                self.push_method(method, b"POST");
                self.push_bytes(bytes, file)?;
            }
        }
        Ok(adds)
    }

    fn push_method(&mut self, method: &[u8], usual: &[u8]) {
        match method {
            b"HEAD" if usual == b"GET" => self.push("-I"),
            method if method == usual && !self.keeps_method => {}
            method => self.push_value("-X", method),
        }
    }

    fn push_bytes(&mut self, bytes: Vec<u8>, file: Option<OsString>) -> anyhow::Result<()> {
        if let Some(path) = file {
            self.push_value("--data-binary", &[b"@", path.as_encoded_bytes()].concat());
        } else if bytes.len() as u64 > MAX_UNASKED {
            return Err(cannot(
                "be given more than 1 MiB of content here; --data-binary @FILE or -T FILE can",
            ));
        } else if bytes.contains(&0) || bytes.len() > MAX_ARGUMENT {
            self.push_value("--data-binary", b"@-");
            self.input = Some(bytes);
        } else {
            let option = if bytes.starts_with(b"@") { "--data-raw" } else { "--data-binary" };
            self.push_value(option, &bytes);
        }
        Ok(())
    }

    /// The URL, and the target where curl would make another of it.
    fn push_target(&mut self, uri: &Uri, target: &[u8], is_forwarded: bool) {
        let place = format!("{}://{}", uri.scheme.name(), uri.authority()).into_bytes();
        let path = uri.after_authority(target);
        let is_usual = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]{}".contains(byte);
        let is_path = (!is_forwarded || !target.starts_with(b"/"))
            && path.starts_with(b"/")
            && path.iter().all(is_usual)
            && !path.ends_with(b"?");
        if !is_path {
            self.push_value("--request-target", target);
            self.words.push([&place[..], b"/"].concat());
            return;
        }
        if path.windows(2).any(|pair| pair == b"/.") {
            self.push("--path-as-is");
        }
        if path.iter().any(|byte| b"[]{}".contains(byte)) {
            self.push("-g");
        }
        self.words.push([&place, path].concat());
    }
}

/// What the fields say of the content.
struct ContentFields {
    /// The content, without the chunked coding.
    data: Data,
    is_chunked: bool,
    is_counted: bool,
}

impl ContentFields {
    fn new(fields: &[&[u8]], data: Data, is_10: bool) -> anyhow::Result<Self> {
        let is_counted = fields.iter().any(|field| is_named(field, "content-length"));
        let mut codings = fields.iter().filter(|field| is_named(field, "transfer-encoding"));
        let Some(coding) = codings.next() else { return Ok(Self { data, is_chunked: false, is_counted }) };
        let is_chunked = coding.to_ascii_lowercase().windows(7).any(|part| part == b"chunked");
        let data = match data {
            _ if codings.next().is_some() => return Err(cannot("frame content by Transfer-Encoding twice")),
            Data::Input => Data::Input,
            data if !is_chunked => data,
            _ if is_10 => return Err(cannot("send chunks by HTTP/1.0")),
            Data::Bytes(bytes) if bytes.is_empty() => {
                return Ok(Self { data: Data::Bytes(bytes), is_chunked: false, is_counted: false });
            }
            Data::Bytes(bytes) => Data::Bytes(one_chunk(&bytes).ok_or_else(other_chunks)?.to_vec()),
            Data::File(..) => return Err(other_chunks()),
        };
        Ok(Self { data, is_chunked, is_counted })
    }
}

/// The data of content that is coded as curl does: in one chunk, and the last one.
fn one_chunk(coded: &[u8]) -> Option<&[u8]> {
    if coded == b"0\r\n\r\n" {
        return Some(b"");
    }
    let end = coded.iter().take(10).position(|&byte| byte == b'\r')?;
    let size = usize::from_str_radix(str::from_utf8(&coded[..end]).ok()?, 16).ok()?;
    let is_spelt = format!("{size:x}").as_bytes() == &coded[..end] && 0 < size && size < MAX_CHUNK;
    let data = coded.get(end + 2..end + 2 + size).filter(|_| is_spelt)?;
    (coded[end..].starts_with(b"\r\n") && &coded[end + 2 + size..] == b"\r\n0\r\n\r\n").then_some(data)
}

fn other_chunks() -> anyhow::Error {
    cannot("send content in these chunks: it makes one of less than 64 KiB")
}

/// Method, target, version and field lines.
type HeadParts<'a> = (&'a [u8], &'a [u8], &'a [u8], Vec<&'a [u8]>);

/// The parts of a head, where it is well-formed.
fn parts(head: &[u8]) -> anyhow::Result<HeadParts<'_>> {
    let malformed = |what: &str| cannot(&format!("send {what}"));
    let text = head.strip_suffix(b"\r\n\r\n").ok_or_else(|| malformed("a head without an empty line"))?;
    let mut lines = Vec::new();
    for line in text.split(|&byte| byte == b'\n') {
        lines.push(line.strip_suffix(b"\r").unwrap_or(line));
    }
    let feeds = text.iter().filter(|&&byte| byte == b'\n').count();
    let ends = text.windows(2).filter(|pair| pair == b"\r\n").count();
    if feeds != ends || lines.iter().any(|line| line.contains(&b'\r')) {
        return Err(malformed("a head whose lines end in bare CR or LF"));
    }
    if text.contains(&0) {
        return Err(malformed("a head with a NUL"));
    }
    let mut lines = lines.into_iter();
    let start = lines.next().unwrap_or_default();
    let wrong = || malformed("a request line that is not a method, a target and a version");
    let first = start.iter().position(|&byte| byte == b' ').ok_or_else(wrong)?;
    let last = start.iter().rposition(|&byte| byte == b' ').filter(|&last| last > first + 1);
    let last = last.ok_or_else(wrong)?;
    if first == 0 {
        return Err(wrong());
    }
    Ok((&start[..first], &start[first + 1..last], &start[last + 1..], lines.collect()))
}

/// A field line as `-H` takes it.
fn as_argument(field: &[u8]) -> anyhow::Result<Vec<u8>> {
    let wrong = |what: &str| cannot(&format!("send the field line {what}: {}", one_line(name(field))));
    let Some(colon) = field.iter().position(|&byte| byte == b':') else {
        return Err(cannot("send a field line without a colon"));
    };
    if colon == 0 || b"@ \t".contains(&field[0]) {
        return Err(wrong("that begins with no name"));
    }
    match &field[colon + 1..] {
        b"" => Ok([&field[..colon], b";"].concat()),
        value if trim_ows(value).is_empty() => Err(wrong("that has whitespace alone for a value")),
        _ => Ok(field.to_vec()),
    }
}

/// Whether a file goes by `-T`, which adds its name to a path that ends in a slash:
/// in older curls even before a query.
fn is_uploaded(method: &[u8], target: &[u8]) -> bool {
    let path = target.split(|&byte| byte == b'?').next().unwrap_or_default();
    method == b"PUT" && !path.ends_with(b"/")
}

fn name(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == b':').next().unwrap_or_default()
}

fn is_named(field: &[u8], wanted: &str) -> bool {
    name(field).eq_ignore_ascii_case(wanted.as_bytes())
}

fn cannot(what: &str) -> anyhow::Error {
    Failure::Usage.error(format!("--as-curl: curl cannot {what}"))
}
