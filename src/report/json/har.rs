//! An exchange as an entry of a HAR log (HAR 1.2 §entries).

use std::time::Duration;

use encoding_rs::Encoding;
use serde_json::{Value, json};

use super::text;
use crate::http::base64;
use crate::http::field::FieldSection;
use crate::http::reference::Reference;
use crate::http::set_cookie::SetCookie;
use crate::http::syntax::trim_ows;
use crate::http::uri::{Uri, percent_decode};
use crate::report::har::{Entry, Kept};
use crate::report::request_reading::read_parts;
use crate::report::tally::Tally;

/// The entry as JSON.
pub(crate) fn har_entry(entry: &Entry, charset: Option<&'static Encoding>) -> String {
    let tally = &entry.tally;
    let (timings, total) = timings(tally);
    let mut object = json!({
        "startedDateTime": entry.started,
        "time": total,
        "request": request(entry),
        "response": response(entry, charset),
        "cache": {},
        "timings": timings,
    });
    if let Some(remote) = tally.link.remote {
        object["serverIPAddress"] = json!(remote.ip().to_string());
    }
    if let Some(local) = tally.link.local {
        object["connection"] = json!(local.port().to_string());
    }
    if let Some((_, error)) = &tally.error {
        object["comment"] = json!(error);
    }
    object.to_string()
}

fn request(entry: &Entry) -> Value {
    let tally = &entry.tally;
    let read = read_parts(&tally.request_head, &[], 0);
    let mut request = json!({
        "method": text(&tally.method),
        "url": tally.url.as_ref().map(url),
        "httpVersion": format!("HTTP/{}.{}", read.version.0, read.version.1),
        "cookies": if entry.redaction.0 { json!([]) } else { cookies(&read.fields) },
        "headers": headers(&read.fields),
        "queryString": tally.url.as_ref().map_or_else(|| json!([]), query),
        "headersSize": tally.request_head.len(),
        "bodySize": tally.sent_body_bytes,
    });
    if tally.sent_body_bytes > 0 {
        let kept = &entry.request_body;
        let mut data = json!({
            "mimeType": read.fields.value("content-type").map(text).unwrap_or_default(),
            "text": text(kept),
        });
        if (kept.len() as u64) < tally.sent_body_bytes {
            data["comment"] = json!(format!("the first {} of {} bytes", kept.len(), tally.sent_body_bytes));
        } else if str::from_utf8(kept).is_err() {
            data["comment"] = json!("not UTF-8: each byte is written as the character of its number");
        }
        request["postData"] = data;
    }
    request
}

fn response(entry: &Entry, charset: Option<&'static Encoding>) -> Value {
    let tally = &entry.tally;
    let Some(head) = &tally.head else { return no_response(tally) };
    let version = head.status_line.version;
    json!({
        "status": head.status(),
        "statusText": text(&head.reason()),
        "httpVersion": format!("HTTP/{}.{}", version.0, version.1),
        "cookies": if entry.redaction.0 { json!([]) } else { set_cookies(&head.fields) },
        "headers": headers(&head.fields),
        "content": content(entry, charset),
        "redirectURL": head.fields.value("location").map(text).unwrap_or_default(),
        "headersSize": head.raw().len(),
        "bodySize": tally.wire_bytes,
    })
}

/// What stands where no response came.
fn no_response(tally: &Tally) -> Value {
    json!({
        "status": tally.status.unwrap_or(0),
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn content(entry: &Entry, charset: Option<&'static Encoding>) -> Value {
    let kept: &Kept = &entry.content;
    let mime_type = entry.tally.head.as_ref().and_then(|head| head.fields.value("content-type")).map(text);
    let mut content = json!({"size": kept.size, "mimeType": mime_type.unwrap_or_default()});
    if kept.size != entry.tally.content_bytes {
        content["compression"] = json!(i128::from(kept.size) - i128::from(entry.tally.content_bytes));
    }
    if !kept.bytes().is_empty() {
        match kept.text(charset) {
            Some(text) => content["text"] = json!(text),
            None => {
                content["text"] = json!(base64::encode(kept.bytes()));
                content["encoding"] = json!("base64");
            }
        }
    }
    let cut = kept.is_cut().then(|| format!("the first {} bytes", kept.bytes().len()));
    let comments: Vec<_> = cut.into_iter().chain(kept.comment.clone()).collect();
    if !comments.is_empty() {
        content["comment"] = json!(comments.join("; "));
    }
    content
}

/// The phases and their sum; what did not take place is -1.
fn timings(tally: &Tally) -> (Value, f64) {
    let phases = tally.timing.phases();
    let length = |name| phases.iter().find(|(phase, _)| *phase == name).and_then(|(_, length)| *length);
    // HAR counts the handshakes of proxies and of TLS as a part of connecting.
    let tls = length("tls");
    let handshakes = length("proxy").unwrap_or_default() + tls.unwrap_or_default();
    let connect = length("connect").map(|connect| connect + handshakes);
    let optional = |length: Option<Duration>| length.map_or(-1.0, millis);
    let [send, wait, receive] =
        ["send", "wait", "receive"].map(|name| millis(length(name).unwrap_or_default()));
    let (dns, connect) = (optional(length("resolve")), optional(connect));
    let total = [dns, connect, send, wait, receive].iter().filter(|phase| **phase > 0.0).sum::<f64>();
    let timings = json!({
        "blocked": -1,
        "dns": dns,
        "connect": connect,
        "ssl": optional(tls),
        "send": send,
        "wait": wait,
        "receive": receive,
    });
    (timings, (total * 1e3).round() / 1e3)
}

/// Milliseconds, to the microsecond.
fn millis(length: Duration) -> f64 {
    (length.as_secs_f64() * 1e6).round() / 1e3
}

/// The URL; user and password are no part of it.
fn url(uri: &Uri) -> String {
    let path = if uri.path_and_query.is_empty() { b"/" } else { uri.origin_form() };
    format!("{}://{}{}", uri.scheme.name(), uri.authority(), text(path))
}

fn headers(fields: &FieldSection) -> Value {
    fields.iter().map(|line| json!({"name": text(line.name), "value": text(line.value)})).collect()
}

fn cookies(fields: &FieldSection) -> Value {
    let pairs = fields.all("cookie").flat_map(|line| line.value.split(|&byte| byte == b';'));
    pairs.map(trim_ows).filter(|pair| !pair.is_empty()).map(|pair| name_and_value(pair, &text)).collect()
}

fn set_cookies(fields: &FieldSection) -> Value {
    let mut list = Vec::new();
    for line in fields.all("set-cookie") {
        let cookie = SetCookie::parse(line.value);
        let mut object = json!({"name": text(cookie.name), "value": text(cookie.value)});
        for name in ["path", "domain"] {
            if let Some(attribute) = cookie.attribute(name) {
                object[name] = json!(text(attribute.value));
            }
        }
        object["httpOnly"] = json!(cookie.has("httponly"));
        object["secure"] = json!(cookie.has("secure"));
        list.push(object);
    }
    Value::Array(list)
}

fn query(uri: &Uri) -> Value {
    let query = Reference::parse(uri.origin_form()).query.unwrap_or_default();
    let decoded = |bytes: &[u8]| {
        let spaced: Vec<u8> = bytes.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        text(&percent_decode(&spaced))
    };
    let pairs = query.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| name_and_value(pair, &decoded)).collect()
}

fn name_and_value(pair: &[u8], text: &dyn Fn(&[u8]) -> String) -> Value {
    let end = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
    let value = pair.get(end + 1..).unwrap_or_default();
    json!({"name": text(&pair[..end]), "value": text(value)})
}
