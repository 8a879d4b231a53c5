//! How long a response stays fresh, and who may store it (RFC 9111 §3, §4.2).

use crate::http::date;
use crate::http::field::FieldSection;
use crate::http::syntax::{trim_ows, unquote};
use crate::report::exchange::Exchange;

/// One line on freshness and storability; `None` where there is no response to
/// a method whose answers are stored.
pub(super) fn line(exchange: &Exchange) -> Option<String> {
    let head = exchange.response()?;
    if !matches!(&exchange.request.method[..], b"GET" | b"HEAD") {
        return None;
    }
    let control = Control(&head.fields);
    if control.has("no-store") {
        return Some("nobody may store it (no-store)".to_owned());
    }
    let stores = if control.has("private") {
        "one user's cache may store it (private)"
    } else if exchange.request.fields.has("authorization") && !control.shares_with_credentials() {
        "one user's cache may store it (the request had Authorization)"
    } else {
        "any cache may store it"
    };
    Some(format!("{stores}; {}", freshness(&control, head.status())))
}

fn freshness(control: &Control<'_>, status: u16) -> String {
    if control.has("no-cache") {
        return "to be asked for again before each use (no-cache)".to_owned();
    }
    let must = if control.has("must-revalidate") { ", then never without asking again" } else { "" };
    if let Some(age) = control.seconds("max-age") {
        return format!("fresh for {} (max-age){must}", span(age));
    }
    if control.0.has("expires") {
        let (expires, date) = (control.date("expires"), control.date("date"));
        return match (expires, date) {
            (Some(expires), Some(date)) if expires > date => {
                let seconds = u64::try_from(expires - date).unwrap_or(0);
                format!("fresh for {} (Expires less Date){must}", span(seconds))
            }
            (Some(_), None) => "fresh until its Expires".to_owned(),
            _ => format!("stale at once (Expires){must}"),
        };
    }
    let heuristic = matches!(status, 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501);
    match (heuristic, control.date("last-modified"), control.date("date")) {
        (true, Some(modified), Some(date)) if modified < date => {
            let tenth = u64::try_from((date - modified) / 10).unwrap_or(0);
            format!("no lifetime is said; caches may guess, usually {}", span(tenth))
        }
        (true, ..) => "no lifetime is said; caches may guess".to_owned(),
        (false, ..) => "no lifetime is said, and none may be guessed".to_owned(),
    }
}

/// The Cache-Control field.
struct Control<'a>(&'a FieldSection);

impl Control<'_> {
    fn directive(&self, name: &str) -> Option<Vec<u8>> {
        self.0.members("cache-control").find_map(|member| {
            let equals = member.iter().position(|&byte| byte == b'=').unwrap_or(member.len());
            let (key, value) = member.split_at(equals);
            let value = unquote(trim_ows(value.get(1..).unwrap_or_default()));
            trim_ows(key).eq_ignore_ascii_case(name.as_bytes()).then_some(value)
        })
    }

    fn has(&self, name: &str) -> bool {
        self.directive(name).is_some()
    }

    fn seconds(&self, name: &str) -> Option<u64> {
        String::from_utf8(self.directive(name)?).ok()?.parse().ok()
    }

    /// RFC 9111 §3.5.
    fn shares_with_credentials(&self) -> bool {
        ["public", "must-revalidate", "s-maxage"].iter().any(|name| self.has(name))
    }

    fn date(&self, name: &str) -> Option<i64> {
        date::parse(self.0.value(name)?).map(|date| date.seconds)
    }
}

/// Seconds in the largest unit that says them well.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0 => "no time".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
