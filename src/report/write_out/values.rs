//! The variables of `-w`, as curl names them, and what each says of a transfer.
//! One table: what is requested by name and what `%{json}` lists is the same.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Transfer;
use super::parts::UrlParts;
use crate::http::reference::{encoded, resolve};
use crate::http::uri::Uri;
use crate::report::certs::pem;

#[derive(Clone, Copy)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// Computes the value.
    pub(super) value: fn(&Transfer<'_>) -> Value,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Variable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The value of a variable.
#[derive(Debug, PartialEq)]
pub(crate) enum Value {
    /// A text, in whatever charset it came; none where there is nothing to say.
    Text(Option<Vec<u8>>),
    Number(u64),
    /// A status code, three digits.
    Status(u16),
    /// A time, in seconds and microseconds.
    Time(Duration),
}

impl Value {
    /// As it is printed.
    pub(crate) fn printed(&self) -> Vec<u8> {
        let text = match self {
            Self::Text(text) => return text.clone().unwrap_or_default(),
            Self::Number(number) => number.to_string(),
            Self::Status(status) => format!("{status:03}"),
            Self::Time(time) => format!("{}.{:06}", time.as_secs(), time.subsec_micros()),
        };
        text.into_bytes()
    }
}

/// The variable `name`.
pub(super) fn find(name: &str) -> Option<Variable> {
    all().find(|variable| variable.name == name)
}

/// All variables, in the order of their names.
pub(super) fn all() -> impl Iterator<Item = Variable> {
    NAMES.split_ascii_whitespace().zip(VALUES).map(|(name, &value)| Variable { name, value })
}

macro_rules! variables {
    ($($name:literal $value:expr,)*) => {
        const NAMES: &str = concat!($($name, " "),*);
        static VALUES: &[fn(&Transfer<'_>) -> Value] = &[$($value),*];
    };
}

variables! {
    "certs" certificates,
    "conn_id" |it| Value::Number(it.last.connection.number.unwrap_or(0)),
    "content_type" |it| field(it, "content-type"),
    "errormsg" |it| Value::Text(it.last.error.as_ref().map(|error| error.message.clone().into_bytes())),
    "exitcode" |it| Value::Number(it.last.error.as_ref().map_or(0, |error| u64::from(error.code))),
    "filename_effective" |it| Value::Text(it.last.file.as_ref().map(|name| name.as_encoded_bytes().to_vec())),
    "ftp_entry_path" |_| Value::Text(None),
    "http_code" |it| Value::Status(it.last.figures.status.or(it.last.status()).unwrap_or(0)),
    "http_connect" |it| Value::Status(it.last.figures.connect_status),
    "http_version" version,
    "local_ip" |it| ip(it.last.connection.local),
    "local_port" |it| port(it.last.connection.local),
    "method" |it| some(&*it.last.method),
    "num_certs" |it| Value::Number(it.last.connection.tls.as_ref().map_or(0, |tls| tls.chain.len() as u64)),
    "num_connects" |it| Value::Number(it.before.connects + it.last.figures.connects),
    "num_headers" |it| Value::Number(it.head().map_or(0, |head| head.fields.len() as u64)),
    "num_redirects" |it| Value::Number(it.before.redirects),
    "num_retries" |it| Value::Number(it.before.retries),
    "proxy_ssl_verify_result" |it| Value::Number(it.last.connection.proxy_verdict.into()),
    "proxy_used" |it| Value::Number(u64::from(it.last.connection.proxy.is_some())),
    "redirect_url" redirect_url,
    "referer" referer,
    "remote_ip" |it| ip(it.last.connection.remote),
    "remote_port" |it| port(it.last.connection.remote),
    "response_code" |it| Value::Status(it.last.figures.status.or(it.last.status()).unwrap_or(0)),
    "scheme" |it| Value::Text((!it.last.is_refused).then(|| it.last.exchange.url.scheme.name().into())),
    "size_delivered" |it| Value::Number(delivered(it)),
    "size_download" |it| Value::Number(downloaded(it)),
    "size_header" |it| Value::Number(it.before.head_bytes + it.last.figures.head_bytes),
    "size_request" |it| Value::Number(it.before.sent_bytes + it.last.figures.sent_bytes()),
    "size_upload" |it| Value::Number(it.last.figures.uploaded),
    "speed_download" |it| speed(it, downloaded(it)),
    "speed_upload" |it| speed(it, it.last.figures.uploaded),
    "ssl_verify_result" |it| Value::Number(it.last.connection.tls.as_deref().map_or(0, |tls| tls.verdict.number.into())),
    "time_appconnect" |it| since(it, it.last.timing.secured),
    "time_connect" |it| since(it, it.last.timing.connected),
    "time_namelookup" |it| since(it, it.last.timing.resolved),
    "time_posttransfer" |it| since(it, it.last.timing.sent),
    "time_pretransfer" |it| since(it, it.last.timing.ready()),
    "time_queue" |_| Value::Time(Duration::ZERO),
    "time_redirect" |it| Value::Time(it.before.time),
    "time_starttransfer" |it| since(it, it.last.timing.first_byte),
    "time_total" |it| since(it, it.last.timing.ended),
    "tls_earlydata" |_| Value::Number(0),
    "url" url,
    "url.fragment" |it| Value::Text(typed_parts(it).fragment),
    "url.host" |it| Value::Text(typed_parts(it).host),
    "url.options" |_| Value::Text(None),
    "url.password" |it| Value::Text(typed_parts(it).password),
    "url.path" |it| Value::Text(typed_parts(it).path),
    "url.port" |it| Value::Text(typed_parts(it).port),
    "url.query" |it| Value::Text(typed_parts(it).query),
    "url.scheme" |it| Value::Text(typed_parts(it).scheme),
    "url.user" |it| Value::Text(typed_parts(it).user),
    "url.zoneid" |it| Value::Text(typed_parts(it).zone),
    "url_effective" effective_url,
    "urle.fragment" |it| Value::Text(effective_parts(it).fragment),
    "urle.host" |it| Value::Text(effective_parts(it).host),
    "urle.options" |_| Value::Text(None),
    "urle.password" |it| Value::Text(effective_parts(it).password),
    "urle.path" |it| Value::Text(effective_parts(it).path),
    "urle.port" |it| Value::Text(effective_parts(it).port),
    "urle.query" |it| Value::Text(effective_parts(it).query),
    "urle.scheme" |it| Value::Text(effective_parts(it).scheme),
    "urle.user" |it| Value::Text(effective_parts(it).user),
    "urle.zoneid" |it| Value::Text(effective_parts(it).zone),
    "urlnum" |it| Value::Number(it.last.url),
    "xfer_id" |it| Value::Number(it.last.target),
}

fn some(text: impl Into<Vec<u8>>) -> Value {
    Value::Text(Some(text.into()))
}

fn field(transfer: &Transfer<'_>, name: &str) -> Value {
    let head = transfer.head();
    Value::Text(head.and_then(|head| head.fields.value(name)).map(<[u8]>::to_vec))
}

fn version(transfer: &Transfer<'_>) -> Value {
    some(match transfer.head().map(|head| head.status_line.version) {
        None => "0".to_owned(),
        Some(version) if version.1 == 0 => version.0.to_string(),
        Some(version) => format!("{}.{}", version.0, version.1),
    })
}

fn ip(address: Option<SocketAddr>) -> Value {
    some(address.map(|address| address.ip().to_string()).unwrap_or_default())
}

fn port(address: Option<SocketAddr>) -> Value {
    Value::Number(address.map_or(0, |address| u64::from(address.port())))
}

/// Where a redirect leads that was not followed.
fn redirect_url(transfer: &Transfer<'_>) -> Value {
    let head = transfer.head().filter(|head| (300..400).contains(&head.status()));
    let location = head.and_then(|head| head.fields.value("location"));
    let base = whole(&Uri { fragment: None, ..transfer.last.exchange.url.clone() });
    Value::Text(location.map(|location| with_path(resolve(&base, &encoded(location)))))
}

/// `url` with a path, where it has none: so it is what is requested.
fn with_path(mut url: Vec<u8>) -> Vec<u8> {
    let Some(start) = url.windows(3).position(|at| at == b"://") else { return url };
    let authority = url[start + 3..].split(|byte| b"/?#".contains(byte)).next().unwrap_or_default();
    let end = start + 3 + authority.len();
    if !url[end..].starts_with(b"/") {
        url.insert(end, b'/');
    }
    url
}

fn referer(transfer: &Transfer<'_>) -> Value {
    Value::Text(transfer.last.exchange.request.fields.value("referer").map(<[u8]>::to_vec))
}

/// The bytes of content as received; without a head, all that was received. Content that was not
/// wanted counts as none, since curl does not read it.
fn downloaded(transfer: &Transfer<'_>) -> u64 {
    match transfer.head() {
        _ if transfer.last.figures.is_unwanted => 0,
        Some(_) => transfer.last.exchange.body.bytes,
        None => delivered(transfer),
    }
}

/// The bytes of content after decoding.
fn delivered(transfer: &Transfer<'_>) -> u64 {
    let figures = &transfer.last.figures;
    if figures.is_unwanted { 0 } else { figures.delivered.unwrap_or(transfer.last.exchange.body.bytes) }
}

/// The certificates that the server sent, each in lines of text and then in PEM, as curl has them.
fn certificates(transfer: &Transfer<'_>) -> Value {
    let chain = transfer.last.connection.tls.iter().flat_map(|tls| &tls.chain);
    let lines = chain.map(|it| {
        let names = it.names.join(", ");
        let all = [
            ("Subject", &it.subject),
            ("Issuer", &it.issuer),
            ("Serial Number", &it.serial),
            ("Signature Algorithm", &it.signature),
            ("Public Key Algorithm", &it.key),
            ("X509v3 Subject Alternative Name", &names),
            ("Start date", &it.not_before),
            ("Expire date", &it.not_after),
        ];
        let text = all.iter().filter(|(_, value)| !value.is_empty());
        let text: String = text.map(|(name, value)| format!("{name}:{value}\n")).collect();
        text + &pem(&it.der)
    });
    some(lines.collect::<String>())
}

/// Bytes a second.
fn speed(transfer: &Transfer<'_>, bytes: u64) -> Value {
    let timing = &transfer.last.timing;
    let micros = timing.since_begin(timing.ended).as_micros().max(1);
    Value::Number(u64::try_from(u128::from(bytes) * 1_000_000 / micros).unwrap_or(u64::MAX))
}

/// When `moment` was, counted from when the first request of the transfer began.
fn since(transfer: &Transfer<'_>, moment: Option<Instant>) -> Value {
    Value::Time(match moment {
        Some(_) => transfer.before.time + transfer.last.timing.since_begin(moment),
        None => Duration::ZERO,
    })
}

/// The URL that was typed.
fn url(transfer: &Transfer<'_>) -> Value {
    some(match &*transfer.last.typed {
        b"" => whole(first_url(transfer)),
        typed => typed.to_vec(),
    })
}

/// The URL of the first exchange.
fn first_url<'a>(transfer: &'a Transfer<'_>) -> &'a Uri {
    transfer.before.url.as_ref().unwrap_or(&transfer.last.exchange.url)
}

/// The URL that was requested last; of a target that was refused, what was typed.
fn effective_url(transfer: &Transfer<'_>) -> Value {
    if transfer.last.is_refused { url(transfer) } else { some(whole(&transfer.last.exchange.url)) }
}

fn typed_parts(transfer: &Transfer<'_>) -> UrlParts {
    if transfer.last.is_refused {
        return UrlParts::of_text(&transfer.last.typed);
    }
    UrlParts::of(first_url(transfer))
}

fn effective_parts(transfer: &Transfer<'_>) -> UrlParts {
    if transfer.last.is_refused { typed_parts(transfer) } else { UrlParts::of(&transfer.last.exchange.url) }
}

/// The URL, with user, password and fragment where it has them.
fn whole(uri: &Uri) -> Vec<u8> {
    let userinfo = uri.userinfo.as_ref().map(|userinfo| [userinfo, &b"@"[..]].concat()).unwrap_or_default();
    let fragment = uri.fragment.as_ref().map(|fragment| [b"#", &fragment[..]].concat()).unwrap_or_default();
    let scheme = uri.scheme.name().as_bytes();
    [scheme, b"://", &userinfo, uri.authority().as_bytes(), uri.origin_form(), &fragment].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(all().is_sorted_by(|one, next| one.name < next.name));
    }

    #[test]
    fn values_are_printed_as_curl_prints_them() {
        assert_eq!(Value::Status(0).printed(), b"000");
        assert_eq!(Value::Time(Duration::from_micros(12_000_034)).printed(), b"12.000034");
        assert_eq!(Value::Text(None).printed(), b"");
    }
}
