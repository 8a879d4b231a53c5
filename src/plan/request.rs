//! The requests' bytes: built as curl builds them, or taken as they are from a file.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::rc::Rc;

use super::{data, file, usage};
use crate::cli::sending::{DataKind, Sending};
use crate::coding;
use crate::failure::Failure;
use crate::http::request::{DefaultField, RequestLine, UserField, head, method_of};
use crate::http::response::Version;
use crate::http::syntax::{base64, is_token, list_members};
use crate::http::uri::Uri;
use crate::net::{Proxy, Routes};
use crate::output::escape::one_line;

/// Most of a raw request that is kept in memory: beyond, it is read as it is sent.
const RAW_IN_MEMORY: u64 = 64 * 1024;

/// A request, ready to be sent.
pub(crate) struct PlannedRequest {
    /// What is sent first: the head, or the beginning of raw bytes.
    pub(crate) head: Vec<u8>,
    /// What is sent after it.
    pub(crate) content: Content,
    /// The method that frames the answer.
    pub(crate) method: Vec<u8>,
    /// The version that the request line says.
    pub(crate) version: Version,
    /// It says `Connection: close`.
    pub(crate) closes: bool,
}

/// What follows a head.
pub(crate) enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is read from here.
    Stream(Box<dyn Read + Send>),
}

/// Makes the requests of a run.
pub(super) struct Requests {
    options: Sending,
    keep_alive: bool,
    user: Vec<UserField>,
    body: Option<Vec<u8>>,
    query: Vec<u8>,
    raw: Option<Vec<u8>>,
    routes: Rc<Routes>,
}

impl Requests {
    /// Reads what all requests have in common.
    pub(super) fn new(options: Sending, keep_alive: bool, routes: Rc<Routes>) -> anyhow::Result<Self> {
        refuse_line_ends(&options)?;
        let mut user = user_fields(&options.header, "--header", options.bare)?;
        let joined = (!options.all_data.is_empty()).then(|| data::joined(&options.all_data)).transpose()?;
        let mut query = Vec::new();
        if options.get {
            refuse_controls("--data", joined.as_deref().unwrap_or_default())?;
        }
        for piece in &options.url_query {
            let piece = data::query_piece(piece)?;
            refuse_controls("--url-query", &piece)?;
            push_query(&mut query, &piece);
        }
        let body = if options.get {
            push_query(&mut query, &joined.unwrap_or_default());
            None
        } else {
            joined
        };
        if options.all_data.iter().any(|(kind, _)| *kind == DataKind::Json) {
            for line in ["Content-Type: application/json", "Accept: application/json"] {
                let field = UserField::Line(line.as_bytes().to_vec());
                if !user.iter().any(|own| own.name().eq_ignore_ascii_case(field.name())) {
                    user.push(field);
                }
            }
        }
        if options.compressed && coding::accept_encoding().is_none() {
            return Err(usage("--compressed", "this build has no content codings (feature `decompress`)"));
        }
        if options.head && body.is_some() {
            return Err(usage("--head", "HEAD has no body; add --get to put the data into the query"));
        }
        Ok(Self { options, keep_alive, user, body, query, raw: None, routes })
    }

    /// The request for `uri`.
    pub(super) fn for_target(&mut self, uri: &Uri) -> anyhow::Result<PlannedRequest> {
        if let Some(path) = self.options.send.clone() {
            return self.raw(&path);
        }
        if !uri.scheme.is_http() {
            return Ok(PlannedRequest::of_raw(Vec::new(), Content::Bytes(Vec::new())));
        }
        let line = RequestLine {
            method: self.method()?,
            target: self.target(uri)?,
            version: if self.options.http1_0 { Version::HTTP_10 } else { Version::HTTP_11 },
        };
        let defaults = if self.options.bare { Vec::new() } else { self.defaults(uri) };
        let for_proxy = self.routes.forwarder(uri).map(|_| &self.routes.fields[..]).unwrap_or_default();
        let body = self.body.clone().unwrap_or_default();
        let content = if self.is_chunked() { chunked(&body) } else { body };
        let closes = self
            .user
            .iter()
            .find(|field| field.is("connection"))
            .map_or(!self.keep_alive && !self.options.bare, |field| {
                list_members(field.value()).any(|member| member.eq_ignore_ascii_case(b"close"))
            });
        Ok(PlannedRequest {
            head: head(&line, &defaults, &[&self.user, for_proxy].concat()),
            content: Content::Bytes(content),
            version: line.version,
            method: line.method,
            closes,
        })
    }

    fn method(&self) -> anyhow::Result<Vec<u8>> {
        let given = self.options.request.as_ref().map(|method| method.as_encoded_bytes().to_vec());
        if let Some(method) = given.filter(|method| !method.is_empty()) {
            if !is_token(&method) {
                let shown = one_line(&method);
                let help = format!("{shown} is no token; --send sends any bytes");
                return Err(usage("--request", help));
            }
            return Ok(method);
        }
        Ok(match () {
            () if self.options.head => b"HEAD".to_vec(),
            () if self.body.is_some() => b"POST".to_vec(),
            () => b"GET".to_vec(),
        })
    }

    fn target(&self, uri: &Uri) -> anyhow::Result<Vec<u8>> {
        if let Some(target) = &self.options.request_target {
            return Ok(target.as_encoded_bytes().to_vec());
        }
        let mut target = match self.routes.forwarder(uri) {
            Some(_) => uri.absolute_form(),
            None => uri.origin_form().to_vec(),
        };
        if !self.query.is_empty() {
            let separator = match target.iter().position(|&byte| byte == b'?') {
                None => Some(b'?'),
                Some(at) if at + 1 == target.len() || target.ends_with(b"&") => None,
                Some(_) => Some(b'&'),
            };
            target.extend(separator);
            target.extend_from_slice(&self.query);
        }
        if let Some(at) = target.iter().position(|&byte| byte <= b' ' || byte == 0x7F) {
            let byte = target[at];
            return Err(Failure::MalformedUrl.error(format!(
                "the query would hold the byte 0x{byte:02x}: use --data-urlencode instead of --data"
            )));
        }
        Ok(target)
    }

    /// The fields that are sent unless the user says otherwise, in curl's order.
    fn defaults(&self, uri: &Uri) -> Vec<DefaultField> {
        let mut fields = vec![DefaultField::new("Host", uri.authority())];
        let forwarder = self.routes.forwarder(uri);
        if let Some(authorization) = forwarder.and_then(Proxy::basic) {
            fields.push(DefaultField::new("Proxy-Authorization", authorization));
        }
        if let Some((user, password)) = uri.credentials() {
            let pair = [&user[..], b":", &password.unwrap_or_default()].concat();
            fields.push(DefaultField::new("Authorization", format!("Basic {}", base64(&pair))));
        }
        if let Some(range) = &self.options.range {
            fields.push(self.range(range));
        }
        let agent = agent(self.options.user_agent.as_ref());
        if !agent.is_empty() {
            fields.push(DefaultField::new("User-Agent", agent));
        }
        fields.push(DefaultField::new("Accept", "*/*"));
        if let Some(codings) = coding::accept_encoding().filter(|_| self.options.compressed) {
            fields.push(DefaultField::new("Accept-Encoding", codings));
        }
        if let Some(referer) = self.options.referer.as_ref().filter(|referer| !referer.is_empty()) {
            fields.push(DefaultField::new("Referer", referer.as_encoded_bytes()));
        }
        if forwarder.is_some() {
            fields.push(DefaultField::new("Proxy-Connection", "Keep-Alive"));
        }
        if let Some(body) = &self.body {
            if !self.is_chunked() {
                fields.push(DefaultField::last("Content-Length", body.len().to_string()));
            }
            fields.push(DefaultField::last("Content-Type", "application/x-www-form-urlencoded"));
        }
        if !self.keep_alive {
            fields.push(DefaultField::last("Connection", "close"));
        }
        fields
    }

    /// Range, or with a body what curl sends then.
    fn range(&self, range: &OsStr) -> DefaultField {
        let mut range = range.as_encoded_bytes().to_vec();
        if range.iter().all(u8::is_ascii_digit) {
            // A number alone means from there on, as it does to curl.
            range.push(b'-');
        }
        let range = &range[..];
        match &self.body {
            None => DefaultField::new("Range", [b"bytes=", range].concat()),
            Some(body) => {
                let length = format!("/{}", body.len());
                DefaultField::new("Content-Range", [b"bytes ", range, length.as_bytes()].concat())
            }
        }
    }

    /// The user asks for the chunked coding.
    fn is_chunked(&self) -> bool {
        let field = self.user.iter().find(|field| field.is("transfer-encoding"));
        let last = field.and_then(|field| list_members(field.value()).last());
        !self.options.bare && last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked"))
    }

    /// Raw bytes; those that fit in memory serve every target, others only one.
    fn raw(&mut self, path: &OsStr) -> anyhow::Result<PlannedRequest> {
        if let Some(raw) = &self.raw {
            return Ok(PlannedRequest::of_raw(raw.clone(), Content::Bytes(Vec::new())));
        }
        let mut input = file::open_for_sending(path)?;
        if self.options.crlf {
            input = Box::new(file::CrlfReader::new(input));
        }
        if path == "-" && !self.options.dry_run && !self.options.crlf {
            // What a person types, or a pipe gives bit by bit, is sent as it comes.
            let first = file::first_piece(&mut *input)?;
            return Ok(PlannedRequest::of_raw(first, Content::Stream(input)));
        }
        let mut bytes = Vec::new();
        (&mut input)
            .take(RAW_IN_MEMORY)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::Read.because("--send: cannot read", error))?;
        if (bytes.len() as u64) < RAW_IN_MEMORY {
            self.raw = Some(bytes.clone());
            return Ok(PlannedRequest::of_raw(bytes, Content::Bytes(Vec::new())));
        }
        Ok(PlannedRequest::of_raw(bytes, Content::Stream(input)))
    }
}

impl PlannedRequest {
    /// A request of bytes that nobody looks at but for their first token.
    fn of_raw(head: Vec<u8>, content: Content) -> Self {
        let method = method_of(&head).to_vec();
        Self { head, content, method, version: Version::HTTP_11, closes: false }
    }
}

/// The User-Agent; empty where none is to be sent.
pub(super) fn agent(given: Option<&OsString>) -> &[u8] {
    given.map_or(concat!("rawget/", env!("CARGO_PKG_VERSION")).as_bytes(), |agent| agent.as_encoded_bytes())
}

/// The field lines of `option`, with those that `@FILE` stands for.
pub(super) fn user_fields(
    arguments: &[OsString],
    option: &str,
    bare: bool,
) -> anyhow::Result<Vec<UserField>> {
    let mut fields = Vec::new();
    for argument in arguments {
        match argument.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(path) => {
                let content = file::read(OsStr::new(path), option)?;
                let lines = content.split(|&byte| byte == b'\n');
                for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
                    if !line.is_empty() {
                        fields.push(user_field(option, line, bare)?);
                    }
                }
            }
            None => fields.push(user_field(option, argument.as_encoded_bytes(), bare)?),
        }
    }
    Ok(fields)
}

fn user_field(option: &str, line: &[u8], bare: bool) -> anyhow::Result<UserField> {
    refuse_controls(option, line)?;
    match UserField::parse(line) {
        // With nothing to take away, an empty value is what was asked for.
        Some(UserField::Remove(_)) if bare => Ok(UserField::Line(line.to_vec())),
        Some(field) => Ok(field),
        None => {
            let shown = one_line(line);
            Err(usage(option, format!("{shown} has no colon; --send sends lines without one")))
        }
    }
}

/// No option's value may end a line (cli.md calls whoever wants that to --send).
fn refuse_line_ends(options: &Sending) -> anyhow::Result<()> {
    let single = [
        ("--request", &options.request),
        ("--user-agent", &options.user_agent),
        ("--referer", &options.referer),
        ("--range", &options.range),
        ("--request-target", &options.request_target),
    ];
    for (name, value) in single.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?))) {
        refuse_controls(name, value.as_encoded_bytes())?;
    }
    Ok(())
}

fn refuse_controls(name: &str, value: &[u8]) -> anyhow::Result<()> {
    if value.iter().any(|byte| b"\r\n\0".contains(byte)) {
        let help = "a value holds CR, LF or NUL; --send sends them on purpose";
        return Err(usage(name, help));
    }
    Ok(())
}

fn push_query(query: &mut Vec<u8>, piece: &[u8]) {
    if !query.is_empty() && !piece.is_empty() {
        query.push(b'&');
    }
    query.extend_from_slice(piece);
}

/// `body` as one chunk and the last one (RFC 9112 §7.1).
fn chunked(body: &[u8]) -> Vec<u8> {
    let mut coded = Vec::with_capacity(body.len() + 16);
    if !body.is_empty() {
        coded.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        coded.extend_from_slice(body);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n\r\n");
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_becomes_one_chunk() {
        assert_eq!(chunked(b"hello"), b"5\r\nhello\r\n0\r\n\r\n");
        assert_eq!(chunked(b""), b"0\r\n\r\n");
    }
}
