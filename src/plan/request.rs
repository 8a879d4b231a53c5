//! The recipe for a run's requests: what the options say once, made into bytes
//! for each hop, as curl builds them.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::rc::Rc;

use super::{data, fields, follow, usage};
use crate::cli::sending::{DataKind, Sending};
use crate::coding;
use crate::failure::Failure;
use crate::http::base64;
use crate::http::request::{DefaultField, RequestLine, UserField, head, method_of};
use crate::http::response::Version;
use crate::http::syntax::{is_token, list_members};
use crate::http::uri::Uri;
use crate::net::{Proxy, Routes};
use crate::output::escape::one_line;
use crate::policy::{Hop, Sends};

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
pub(crate) struct Recipe {
    options: Sending,
    keep_alive: bool,
    /// `-X`.
    method: Option<Vec<u8>>,
    referer: Option<Vec<u8>>,
    user: Vec<UserField>,
    body: Option<Vec<u8>>,
    query: Vec<u8>,
    /// `-b a=b`.
    cookies: Option<Vec<u8>>,
    /// `-C`: from which byte on the target is asked for.
    pub(crate) resume: Option<u64>,
    routes: Rc<Routes>,
}

impl Recipe {
    /// Reads what all requests have in common; `cookies` are those that go to the first origin.
    pub(super) fn new(
        options: Sending,
        keep_alive: bool,
        cookies: Option<Vec<u8>>,
        routes: Rc<Routes>,
    ) -> anyhow::Result<Self> {
        fields::refuse_line_ends(&options)?;
        if options.user.as_ref().is_some_and(|pair| !pair.as_encoded_bytes().contains(&b':')) {
            return Err(usage("--user", "has no password: give USER:PASSWORD, or USER: where it is empty"));
        }
        let mut user = fields::read(&options.header, "--header", options.bare)?;
        let joined = (!options.all_data.is_empty()).then(|| data::joined(&options.all_data)).transpose()?;
        let mut query = Vec::new();
        if options.get {
            fields::refuse_controls("--data", joined.as_deref().unwrap_or_default())?;
        }
        for piece in &options.url_query {
            let piece = data::query_piece(piece)?;
            fields::refuse_controls("--url-query", &piece)?;
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
        let method = own_method(options.request.as_deref())?;
        let referer = follow::referer(options.referer.as_deref());
        Ok(Self { options, keep_alive, method, referer, user, body, query, cookies, resume: None, routes })
    }

    /// Refuses a target that no request can be made for.
    pub(super) fn check(&self, uri: &Uri) -> anyhow::Result<()> {
        self.target(uri, 0).map(|_| ())
    }

    /// What the user's own request sends.
    pub(crate) fn sends(&self) -> Sends {
        if self.body.is_some() { Sends::Data } else { Sends::Nothing }
    }

    /// The cookies to send to `hop` whatever a jar holds.
    pub(crate) fn cookies(&self, hop: &Hop) -> Option<&[u8]> {
        self.cookies.as_deref().filter(|_| hop.has_secrets)
    }

    /// The host in lower case that `hop`'s cookies belong to: the one that the
    /// user puts into Host, if so.
    pub(crate) fn cookie_host(&self, hop: &Hop) -> String {
        let own = self.user.iter().find(|field| field.is("host") && !hop.is_elsewhere);
        let own = own.and_then(|field| Uri::parse(field.value(), hop.uri.scheme).ok());
        own.map_or_else(|| hop.uri.host.clone(), |uri| uri.host).to_ascii_lowercase()
    }

    /// The names of the fields that stay with the origin of `first`.
    pub(crate) fn secrets(&self, first: &Uri) -> Vec<String> {
        let own = self.user.iter().filter(|field| matches!(field, UserField::Line(_)));
        let own = own.map(UserField::name).filter(|name| fields::is_secret(name));
        let mut names: Vec<_> = own.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let options = &self.options;
        let has_credentials =
            first.userinfo.is_some() || options.user.is_some() || options.oauth2_bearer.is_some();
        for (name, is_sent) in [("Authorization", has_credentials), ("Cookie", self.cookies.is_some())] {
            if is_sent && !self.options.bare && !names.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The request for `hop`, with `cookies` as the value of Cookie.
    pub(crate) fn request(&self, hop: &Hop, cookies: Option<Vec<u8>>) -> anyhow::Result<PlannedRequest> {
        if !hop.uri.scheme.is_http() {
            return Ok(PlannedRequest::of_raw(Vec::new(), Content::Bytes(Vec::new())));
        }
        let goes_along = |field: &&UserField| fields::goes_along(field, hop, self.body.is_some());
        let mut user: Vec<_> = self.user.iter().filter(goes_along).cloned().collect();
        if self.routes.forwarder(&hop.uri).is_some() {
            user.extend_from_slice(&self.routes.fields);
        }
        let body = self.body.as_ref().filter(|_| hop.sends != Sends::Nothing);
        let is_chunked = !self.options.bare && is_chunked(&user);
        let line = RequestLine {
            method: self.method(hop, body.is_some()),
            target: self.target(&hop.uri, hop.number)?,
            version: if self.options.http1_0 { Version::HTTP_10 } else { Version::HTTP_11 },
        };
        let mut defaults = Vec::new();
        if !self.options.bare {
            self.push_defaults(&mut defaults, hop, body.map(Vec::len), cookies);
            self.push_last_defaults(
                &mut defaults,
                body.map(Vec::len).filter(|_| !is_chunked),
                body.is_some(),
            );
        }
        let body = body.cloned().unwrap_or_default();
        let closes = user
            .iter()
            .find(|field| field.is("connection"))
            .map_or(!self.keep_alive && !self.options.bare, |field| {
                list_members(field.value()).any(|member| member.eq_ignore_ascii_case(b"close"))
            });
        Ok(PlannedRequest {
            head: head(&line, &defaults, &user),
            content: Content::Bytes(if is_chunked { chunked(&body) } else { body }),
            version: line.version,
            method: line.method,
            closes,
        })
    }

    fn method(&self, hop: &Hop, has_body: bool) -> Vec<u8> {
        match &self.method {
            Some(method) if hop.keeps_method => method.clone(),
            _ if self.options.head => b"HEAD".to_vec(),
            _ if has_body => b"POST".to_vec(),
            _ => b"GET".to_vec(),
        }
    }

    /// The request target: what the user adds to a URL or puts in its place
    /// belongs to the user's own request, and not to redirects.
    fn target(&self, uri: &Uri, number: u32) -> anyhow::Result<Vec<u8>> {
        let mut target = match self.routes.forwarder(uri) {
            Some(_) => uri.absolute_form(),
            None => uri.origin_form().to_vec(),
        };
        if number > 0 {
            return Ok(target);
        }
        if let Some(target) = &self.options.request_target {
            return Ok(target.as_encoded_bytes().to_vec());
        }
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

    /// The fields before the user's own that are sent unless the user says
    /// otherwise, in curl's order.
    fn push_defaults(
        &self,
        fields: &mut Vec<DefaultField>,
        hop: &Hop,
        length: Option<usize>,
        cookies: Option<Vec<u8>>,
    ) {
        fields.push(DefaultField::new("Host", hop.uri.authority()));
        let forwarder = self.routes.forwarder(&hop.uri);
        if let Some(authorization) = forwarder.and_then(Proxy::basic) {
            fields.push(DefaultField::new("Proxy-Authorization", authorization));
        }
        if let Some(authorization) = self.authorization(hop) {
            fields.push(DefaultField::new("Authorization", authorization));
        }
        let resume = self.resume.map(|offset| OsString::from(format!("{offset}-")));
        if let Some(range) = self.options.range.as_ref().or(resume.as_ref()) {
            fields.push(range_field(range, length));
        }
        let agent = agent(self.options.user_agent.as_ref());
        if !agent.is_empty() {
            fields.push(DefaultField::new("User-Agent", agent));
        }
        fields.push(DefaultField::new("Accept", "*/*"));
        if let Some(codings) = coding::accept_encoding().filter(|_| self.options.compressed) {
            fields.push(DefaultField::new("Accept-Encoding", codings));
        }
        let referer = hop.referer.as_ref().or(self.referer.as_ref());
        if let Some(referer) = referer.filter(|referer| !referer.is_empty()) {
            fields.push(DefaultField::new("Referer", &referer[..]));
        }
        if forwarder.is_some() {
            fields.push(DefaultField::new("Proxy-Connection", "Keep-Alive"));
        }
        if let Some(cookies) = cookies {
            fields.push(DefaultField::new("Cookie", cookies));
        }
    }

    /// The credentials for `hop`: those of its URL, else the user's own where they
    /// may go.
    fn authorization(&self, hop: &Hop) -> Option<Vec<u8>> {
        let basic = |pair: &[u8]| format!("Basic {}", base64::encode(pair)).into_bytes();
        if let Some((user, password)) = hop.uri.credentials() {
            return Some(basic(&[&user[..], b":", &password.unwrap_or_default()].concat()));
        }
        let options = Some(&self.options).filter(|_| hop.has_secrets)?;
        let bearer =
            options.oauth2_bearer.as_ref().map(|token| [b"Bearer ", token.as_encoded_bytes()].concat());
        bearer.or_else(|| options.user.as_ref().map(|pair| basic(pair.as_encoded_bytes())))
    }

    /// The same behind the user's own.
    fn push_last_defaults(&self, fields: &mut Vec<DefaultField>, length: Option<usize>, has_body: bool) {
        if let Some(length) = length {
            fields.push(DefaultField::last("Content-Length", length.to_string()));
        }
        if has_body {
            fields.push(DefaultField::last("Content-Type", "application/x-www-form-urlencoded"));
        }
        if !self.keep_alive {
            fields.push(DefaultField::last("Connection", "close"));
        }
    }
}

impl PlannedRequest {
    /// A request of bytes that nobody looks at but for their first token.
    pub(super) fn of_raw(head: Vec<u8>, content: Content) -> Self {
        let method = method_of(&head).to_vec();
        Self { head, content, method, version: Version::HTTP_11, closes: false }
    }
}

/// The User-Agent; empty where none is to be sent.
pub(super) fn agent(given: Option<&OsString>) -> &[u8] {
    given.map_or(concat!("rawget/", env!("CARGO_PKG_VERSION")).as_bytes(), |agent| agent.as_encoded_bytes())
}

/// The method of `-X`; an empty one is none.
fn own_method(option: Option<&OsStr>) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(method) = option.map(OsStr::as_encoded_bytes).filter(|method| !method.is_empty()) else {
        return Ok(None);
    };
    if !is_token(method) {
        let help = format!("{} is no token; --send sends any bytes", one_line(method));
        return Err(usage("--request", help));
    }
    Ok(Some(method.to_vec()))
}

/// Range, or with a body of some length what curl sends then.
fn range_field(range: &OsStr, length: Option<usize>) -> DefaultField {
    let mut range = range.as_encoded_bytes().to_vec();
    if range.iter().all(u8::is_ascii_digit) {
        // A number alone means from there on, as it does to curl.
        range.push(b'-');
    }
    match length {
        None => DefaultField::new("Range", [b"bytes=", &range[..]].concat()),
        Some(length) => {
            let length = format!("/{length}");
            DefaultField::new("Content-Range", [b"bytes ", &range[..], length.as_bytes()].concat())
        }
    }
}

/// Whether the user asks for the chunked coding.
fn is_chunked(user: &[UserField]) -> bool {
    let field = user.iter().find(|field| field.is("transfer-encoding"));
    let last = field.and_then(|field| list_members(field.value()).last());
    last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked"))
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
