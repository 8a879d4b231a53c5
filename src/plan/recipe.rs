//! The recipe for a run's requests: what the options say once.

use std::ffi::OsStr;
use std::rc::Rc;

use super::body::{self, ContentSource};
use super::chunking::Chunking;
use super::condition::{self, Condition};
use super::credentials::KnownCredentials;
use super::curl::Manners;
use super::encoder::Encoder;
use super::fields::{self, LineRules};
use super::pieces::Pieces;
use super::range::range_notice;
use super::template::Template;
use super::usage_error::usage;
use super::{data, etag, follow};
use crate::cli::saving::Resume;
use crate::cli::sending::{DataKind, SendingOptions};
use crate::coding;
use crate::failure::Failure;
use crate::http::date;
use crate::http::request::UserField;
use crate::http::response::ResponseHead;
use crate::http::syntax::is_token;
use crate::http::uri::Uri;
use crate::net::Routes;
use crate::output::escape::one_line;
use crate::policy::auth::{Authenticator, Challenger};
use crate::policy::{Hop, Sends};

/// The transfer coding that `--tr-encoding` requests, which is curl's.
pub(super) const TRANSFER_CODING: &[u8] = b"gzip";

const LENGTHLESS: &str = "the length is unknown, so the server could take the rest for the whole file";

pub(super) const NO_LENGTH: &str = "HTTP/1.0 cannot send content of unknown length";

/// Makes the requests of a target.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(super) options: Rc<SendingOptions>,
    pub(super) keep_alive: bool,
    /// `-X`.
    pub(super) method: Option<Vec<u8>>,
    pub(super) referer: Option<Vec<u8>>,
    pub(super) user: Vec<UserField>,
    pub(super) body: Option<Rc<ContentSource>>,
    /// `--chunk-size` and its kin.
    pub(super) chunking: Option<Chunking>,
    query: Vec<u8>,
    /// `-b a=b`.
    cookies: Option<Vec<u8>>,
    known: KnownCredentials,
    pub(super) routes: Rc<Routes>,
    pub(super) condition: Option<Condition>,
    /// The value of If-None-Match.
    pub(super) if_none_match: Option<Vec<u8>>,
    /// `-C` with `-T`: from which byte on of how many the file is sent.
    pub(super) resent: Option<(u64, u64)>,
    /// By whose rules requests are made.
    pub(super) manners: Manners,
    /// For requests by recipes that are the same but for their target.
    pub(super) template: Template,
}

impl Recipe {
    /// Reads what all requests have in common; `cookies` are those that go to the first origin.
    pub(super) fn new(
        options: SendingOptions,
        keep_alive: bool,
        cookies: Option<Vec<u8>>,
        known: KnownCredentials,
        routes: Rc<Routes>,
        manners: Manners,
    ) -> anyhow::Result<Self> {
        body::refuse_several(&options)?;
        body::refuse_fileless(&options)?;
        fields::refuse_line_ends(&options)?;
        let rules = LineRules { keeps_empty: options.bare, skips_incomplete: manners.as_curl };
        let user = fields::read(&options.header, "--header", rules)?;
        let mut user = manners.of_fields(user);
        let (data, query) = data_and_query(&options, manners)?;
        if options.all_data.iter().any(|(kind, _)| *kind == DataKind::Json) {
            add_json_fields(&mut user);
        }
        let body = match options.all_form.is_empty() {
            true => data.map(ContentSource::Data),
            false => Some(ContentSource::form(&options, &user, manners)?),
        };
        refuse_unsupported(&options, body.is_some())?;
        let if_none_match = options.etag_compare.as_deref().map(etag::read).transpose()?;
        let condition = options.time_cond.as_deref().and_then(Condition::read);
        let chunking = Chunking::new(&options)?;
        let body = body.map(Rc::new);
        let method = own_method(options.request.as_deref())?;
        let referer = follow::referer(options.referer.as_deref());
        Ok(Self {
            options: Rc::new(options),
            keep_alive,
            method,
            referer,
            user,
            body,
            chunking,
            query,
            cookies,
            known,
            routes,
            condition,
            if_none_match,
            resent: None,
            manners,
            template: Template::default(),
        })
    }

    /// The recipe with `fields` in place of what it sends under their names.
    pub(super) fn varied(&self, fields: &[UserField]) -> Self {
        let mut recipe = self.clone();
        recipe.template = Template::default();
        let is_varied =
            |own: &UserField| fields.iter().any(|field| own.name().eq_ignore_ascii_case(field.name()));
        let at = recipe.user.iter().position(is_varied).unwrap_or(recipe.user.len());
        recipe.user.retain(|own| !is_varied(own));
        recipe.user.splice(at..at, fields.iter().cloned());
        recipe.cookies = recipe.cookies.filter(|_| !fields.iter().any(|field| field.is("cookie")));
        recipe
    }

    /// The recipe for a target with its upload, and the target's URL, which may get the file's name.
    pub(super) fn for_target(
        self: &Rc<Self>,
        upload: Option<&OsStr>,
        uri: Rc<Uri>,
        resume: Option<Resume>,
    ) -> anyhow::Result<(Rc<Self>, Rc<Uri>)> {
        let mut recipe = Rc::clone(self);
        let mut uri = uri;
        if let Some(path) = upload {
            let offset = match resume {
                // HTTP has no way to ask how much is there: as to curl, nothing is.
                None | Some(Resume::AtEnd) => 0,
                Some(Resume::At(offset)) => offset,
            };
            let encoder = if self.options.crlf { Encoder::CrLf } else { Encoder::Identity };
            let body = ContentSource::upload(path, offset, encoder)?;
            if offset > 0 && body.length().is_none() {
                return Err(usage("--continue-at", LENGTHLESS));
            }
            let is_part = offset > 0 || matches!(resume, Some(Resume::AtEnd));
            let sent = body.length().filter(|&length| is_part && length > 0);
            let resent = sent.map(|length| (offset, offset + length));
            recipe = Rc::new(Self { resent, body: Some(Rc::new(body)), ..(**self).clone() });
            uri = Rc::new(body::named(Rc::unwrap_or_clone(uri), path));
        }
        let has_length = recipe.body.as_ref().is_none_or(|body| body.length().is_some());
        if !has_length && self.options.http1_0 && !self.user.iter().any(|field| field.is("content-length")) {
            return Err(Failure::Upload.error(NO_LENGTH));
        }
        if let (Some(chunking), None) = (&recipe.chunking, &recipe.body) {
            return Err(chunking.refuse_without_content());
        }
        let uri = self.with_query(uri);
        recipe.check_target(&uri)?;
        Ok((recipe, uri))
    }

    /// Fails where the request target of `uri` would hold whitespace or a control byte.
    fn check_target(&self, uri: &Uri) -> anyhow::Result<()> {
        if self.options.request_target.is_some() {
            return Ok(());
        }
        match uri.origin_form().iter().find(|&&byte| byte <= b' ' || byte == 0x7F) {
            Some(byte) => Err(Failure::MalformedUrl.error(format!(
                "the query would contain the byte 0x{byte:02x}: --data-urlencode and --url-query without + encode it"
            ))),
            None => Ok(()),
        }
    }

    /// Whether a URL is requested as it is typed, without an addition to its query.
    pub(super) fn leaves_query(&self) -> bool {
        self.query.is_empty()
    }

    /// `uri` with what `--get` and `--url-query` add to its query.
    fn with_query(&self, uri: Rc<Uri>) -> Rc<Uri> {
        if self.query.is_empty() {
            return uri;
        }
        let mut path_and_query = uri.origin_form().to_vec();
        let separator = match path_and_query.iter().position(|&byte| byte == b'?') {
            None => Some(b'?'),
            Some(at) if at + 1 == path_and_query.len() || path_and_query.ends_with(b"&") => None,
            Some(_) => Some(b'&'),
        };
        path_and_query.extend(separator);
        path_and_query.extend_from_slice(&self.query);
        Rc::new(Uri { path_and_query, ..Rc::unwrap_or_clone(uri) })
    }

    /// What the user must know of the options before a request is made.
    pub(super) fn notices(&self) -> impl Iterator<Item = String> {
        let asked = self.options.time_cond.as_deref().filter(|_| self.condition.is_none());
        let of_body = self.body.as_deref().map_or(&[][..], ContentSource::notices);
        let of_range = self.options.range.as_deref().and_then(range_notice);
        asked.map(condition::notice).into_iter().chain(of_range).chain(of_body.iter().cloned())
    }

    /// Whether a response is not what `-z` asks for, though the server sends it.
    pub(crate) fn is_unmet(&self, head: &ResponseHead) -> bool {
        let Some(condition) = self.condition else { return false };
        let Some(modified) = head.fields.value("last-modified").and_then(date::parse) else { return false };
        head.status() == 200 && self.options.range.is_none() && !condition.holds(modified.seconds)
    }

    /// Who makes the credentials for `hop`, if there are any and the user does
    /// not write that field.
    pub(crate) fn authenticator(&self, hop: &Hop) -> Option<Box<Authenticator>> {
        let is_own = |field: &UserField| field.is("authorization") && fields::goes_along(field, hop, false);
        if self.options.bare || self.user.iter().any(is_own) {
            return None;
        }
        let credentials = self.known.of(hop);
        let allowed = self.known.allowed();
        credentials.are_any().then(|| Box::new(Authenticator::new(Challenger::Origin, credentials, allowed)))
    }

    /// How much content it sends; `None` where only reading tells.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.body.as_ref().map_or(Some(0), |body| body.length())
    }

    /// `-I`: content is not received, whatever the method.
    pub(crate) fn wants_head_alone(&self) -> bool {
        self.options.head
    }

    /// What the user's own request sends.
    pub(crate) fn sends(&self) -> Sends {
        self.body.as_ref().map_or(Sends::Nothing, |body| body.sends())
    }

    /// The cookies to send to `hop` whatever a jar holds.
    pub(crate) fn cookies(&self, hop: &Hop) -> Option<&[u8]> {
        self.cookies.as_deref().filter(|_| hop.standing.has_secrets && !self.replaces_cookies(hop))
    }

    /// Whether a Cookie field of the user's is sent to `hop`, or none at all by the user's wish.
    pub(crate) fn replaces_cookies(&self, hop: &Hop) -> bool {
        hop.standing.has_secrets && self.user.iter().any(|field| field.is("cookie"))
    }

    /// Whether all that goes into a request can be read once more.
    pub(crate) fn can_send_again(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.can_send_again())
    }

    /// Whether the user leaves it to us which part of the target is asked for.
    pub(crate) fn leaves_range(&self) -> bool {
        let is_own = |field: &UserField| field.is("range") || field.is("if-range");
        !self.options.bare && self.options.range.is_none() && !self.user.iter().any(is_own)
    }

    /// The host in lower case that `hop`'s cookies belong to: the one that the
    /// user puts into Host, if so.
    pub(crate) fn cookie_host(&self, hop: &Hop) -> String {
        let own = self.user.iter().find(|field| field.is("host") && !hop.standing.is_elsewhere);
        let own = own.and_then(|field| Uri::parse(field.value(), hop.uri.scheme).ok());
        own.map_or_else(|| hop.uri.host.clone(), |uri| uri.host).to_ascii_lowercase()
    }

    /// What the user gave and `hop` is not sent: names of fields that stay with the
    /// origin of `first`, and other secrets.
    pub(crate) fn withheld(&self, first: &Uri, hop: &Hop) -> Vec<String> {
        let mut names = if hop.standing.has_secrets { Vec::new() } else { self.secrets(first) };
        if self.known.withholds_password(hop) && !self.options.bare {
            names.push(format!("the password of the netrc file for {}", hop.uri.host));
        }
        names
    }

    fn secrets(&self, first: &Uri) -> Vec<String> {
        let own = self.user.iter().filter(|field| matches!(field, UserField::Line(_)));
        let own = own.map(UserField::name).filter(|name| fields::is_secret(name));
        let mut names: Vec<_> = own.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        for (name, is_sent) in [
            ("Authorization", first.userinfo.is_some() || self.known.has_secrets()),
            ("Cookie", self.cookies.is_some()),
        ] {
            if is_sent && !self.options.bare && !names.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Whether the user names the method.
    pub(crate) fn names_method(&self) -> bool {
        self.method.is_some()
    }
}

/// The method of `-X`; an empty one is none.
fn own_method(option: Option<&OsStr>) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(method) = option.map(OsStr::as_encoded_bytes).filter(|method| !method.is_empty()) else {
        return Ok(None);
    };
    if !is_token(method) {
        let help = format!("{} is not a token; use --send to send any bytes", one_line(method));
        return Err(usage("--request", help));
    }
    Ok(Some(method.to_vec()))
}

fn push_query(query: &mut Vec<u8>, piece: &[u8]) {
    if !query.is_empty() && !piece.is_empty() {
        query.push(b'&');
    }
    query.extend_from_slice(piece);
}

/// The data that is content, where there is some, and what the options add to the query.
fn data_and_query(options: &SendingOptions, manners: Manners) -> anyhow::Result<(Option<Pieces>, Vec<u8>)> {
    let joined = (!options.all_data.is_empty()).then(|| data::joined(&options.all_data)).transpose()?;
    let mut query = Vec::new();
    let mut data = Vec::new();
    if options.get {
        let joined = joined.as_ref().map(Pieces::to_bytes).transpose();
        data = joined.map_err(|error| Failure::Read.because("--data", error))?.unwrap_or_default();
        fields::refuse_controls("--get", &data)?;
    }
    for piece in &options.url_query {
        let piece = manners.of_query(data::query_piece(piece)?);
        fields::refuse_controls("--url-query", &piece)?;
        push_query(&mut query, &piece);
    }
    if options.get {
        push_query(&mut query, &data);
        return Ok((None, query));
    }
    Ok((joined, query))
}

/// `--json`, where the user has no such fields.
fn add_json_fields(user: &mut Vec<UserField>) {
    for line in ["Content-Type: application/json", "Accept: application/json"] {
        let field = UserField::Line(line.as_bytes().to_vec());
        if !user.iter().any(|own| own.name().eq_ignore_ascii_case(field.name())) {
            user.push(field);
        }
    }
}

fn refuse_unsupported(options: &SendingOptions, has_body: bool) -> anyhow::Result<()> {
    if options.compressed && coding::accept_encoding().is_none() {
        return Err(usage("--compressed", "this build has no content codings (feature `decompress`)"));
    }
    if options.head && (has_body || !options.upload_file.is_empty()) {
        return Err(usage("--head", "HEAD has no body; add --get to put the data into the query"));
    }
    if options.tr_encoding && coding::find(TRANSFER_CODING).is_none() {
        return Err(usage("--tr-encoding", "this build has no codings (feature `decompress`)"));
    }
    Ok(())
}
