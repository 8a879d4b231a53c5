//! An exchange as an entry of a HAR log (HAR 1.2 §entries).

use std::time::Duration;

use super::object::object;
use encoding_rs::Encoding;
use serde_json::{Value, json};

use super::{harmless, millis, text, websocket};
use crate::charset::ToUtf8;
use crate::http::base64;
use crate::http::cookie_date;
use crate::http::field::FieldSection;
use crate::http::reference::Reference;
use crate::http::response::ResponseHead;
use crate::http::set_cookie::{SetCookie, max_age};
use crate::http::syntax::trim_ows;
use crate::http::uri::{Uri, percent_decode};
use crate::output::media::Media;
use crate::report::clock::Moment;
use crate::report::exchange::{CodingResult, Completeness, ContentRecord, ReceivedBody};
use crate::report::record::Record;

/// The end of the year 9999, the last that ISO 8601 writes with four digits.
const LAST_SECOND: i64 = 253_402_300_799;

/// The exchange as an entry.
pub(crate) fn har_entry(record: &Record, charset: Option<&'static Encoding>) -> String {
    let (timings, total) = timings(record);
    let mut object = object!({
        "startedDateTime": iso8601(&record.started),
        "time": total,
        "request": request(record),
        "response": response(record, charset),
        "cache": object!({}),
        "timings": timings,
    });
    if let Some(remote) = record.connection.remote {
        object["serverIPAddress"] = json!(remote.ip().to_string());
    }
    if let Some(local) = record.connection.local {
        object["connection"] = json!(local.port().to_string());
    }
    if let Some(found) = &record.exchange.websocket {
        // As browsers write it.
        object["_resourceType"] = json!("websocket");
        let messages = found.messages.as_ref();
        object["_webSocketMessages"] =
            messages.map_or(json!([]), |messages| websocket::messages(messages, epoch(&record.started)));
        object["response"]["content"] = object!({"size": 0, "mimeType": ""});
    }
    if let Some(error) = &record.error {
        object["comment"] = json!(error.message);
    }
    harmless(object.to_string())
}

/// `2026-01-02T03:04:05.678Z`.
fn iso8601(moment: &Moment) -> String {
    format!("{}.{:03}Z", moment.formatted("%FT%T"), moment.micros / 1000)
}

/// Seconds since 1970 began, with a fraction.
fn epoch(moment: &Moment) -> f64 {
    moment.seconds() as f64 + f64::from(moment.micros) / 1e6
}

fn request(record: &Record) -> Value {
    let sent = &record.exchange.request;
    let mut request = object!({
        "method": text(&record.method),
        "url": url(&record.exchange.url),
        "httpVersion": format!("HTTP/{}.{}", sent.version.0, sent.version.1),
        "cookies": if record.is_redacted { json!([]) } else { cookies(&sent.fields) },
        "headers": headers(&sent.fields),
        "queryString": query(&record.exchange.url),
        "headersSize": sent.head.len(),
        "bodySize": sent.body_bytes,
    });
    if sent.body_bytes > 0 {
        let kept = &sent.body;
        let mut data = object!({
            "mimeType": sent.fields.value("content-type").map(text).unwrap_or_default(),
            "text": text(kept),
        });
        if (kept.len() as u64) < sent.body_bytes {
            data["comment"] = json!(format!("the first {} of {} bytes", kept.len(), sent.body_bytes));
        } else if str::from_utf8(kept).is_err() {
            data["comment"] = json!("not UTF-8: each byte is written as the character of its number");
        }
        request["postData"] = data;
    }
    request
}

fn response(record: &Record, charset: Option<&'static Encoding>) -> Value {
    let Some(head) = record.exchange.response() else { return no_response(record) };
    let body = &record.exchange.body;
    let version = head.status_line.version;
    object!({
        "status": head.status(),
        "statusText": text(&head.reason()),
        "httpVersion": format!("HTTP/{}.{}", version.0, version.1),
        "cookies": if record.is_redacted { json!([]) } else { set_cookies(&head.fields, record.started.seconds()) },
        "headers": headers(&head.fields),
        "content": content(body, head, charset),
        "redirectURL": head.fields.value("location").map(text).unwrap_or_default(),
        "headersSize": head.raw().len(),
        "bodySize": body.end_offset - body.offset,
    })
}

/// What stands where no response came.
fn no_response(record: &Record) -> Value {
    object!({
        "status": record.status().unwrap_or(0),
        "statusText": "",
        "httpVersion": "",
        "cookies": json!([]),
        "headers": json!([]),
        "content": object!({"size": 0, "mimeType": ""}),
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn content(body: &ReceivedBody, head: &ResponseHead, charset: Option<&'static Encoding>) -> Value {
    let content = &body.content;
    let mime_type = head.fields.value("content-type").map(text);
    let mut object = object!({"size": content.decoded_bytes, "mimeType": mime_type.unwrap_or_default()});
    if content.decoded_bytes != body.bytes {
        object["compression"] = json!(i128::from(content.decoded_bytes) - i128::from(body.bytes));
    }
    if !content.start.bytes.is_empty() {
        match text_of(body, &head.fields, charset) {
            Some(text) => object["text"] = Value::String(text),
            None => {
                object["text"] = Value::String(base64::encode(&content.start.bytes));
                object["encoding"] = json!("base64");
            }
        }
    }
    let comments = comments(body);
    if !comments.is_empty() {
        object["comment"] = json!(comments.join("; "));
    }
    object
}

/// Why what is kept is not the content as it is.
fn comments(body: &ReceivedBody) -> Vec<String> {
    let content = &body.content;
    let unknown = content.codings.iter().find(|step| step.result == CodingResult::Unsupported);
    let unknown = unknown.map(|step| format!("the content coding {} is unknown", text(&step.name)));
    let is_cut = body.outcome != Completeness::Complete;
    let cut = is_kept_in_part(content).then(|| format!("the first {} bytes", content.start.bytes.len()));
    let comments = [cut, unknown, content.start.decoding_error.clone()];
    comments.into_iter().flatten().chain(is_cut.then(|| "the content was cut off".to_owned())).collect()
}

/// The phases and their sum; what did not take place is -1.
fn timings(record: &Record) -> (Value, f64) {
    let phases = record.timing.phases();
    let length = |name| phases.iter().find(|(phase, _)| *phase == name).and_then(|(_, length)| *length);
    // HAR counts the handshakes of proxies and of TLS as a part of connecting.
    let tls = length("tls");
    let handshakes = length("proxy").unwrap_or_default() + tls.unwrap_or_default();
    let connect = length("connect").map(|connect| connect + handshakes);
    let optional = |length: Option<Duration>| length.map_or(-1.0, millis);
    let [send, wait, receive] =
        ["send", "wait", "receive"].map(|name| millis(length(name).unwrap_or_default()));
    let (dns, connect) = (optional(length("resolve")), optional(connect));
    let total = [dns, connect, send, wait, receive]
        .iter()
        .filter(|phase| **phase > 0.0)
        .fold(0.0, |sum, phase| sum + phase);
    let timings = object!({
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

/// The URL; user and password are no part of it.
fn url(uri: &Uri) -> String {
    let path = if uri.path_and_query.is_empty() { b"/" } else { uri.origin_form() };
    format!("{}://{}{}", uri.scheme.name(), uri.authority(), text(path))
}

fn headers(fields: &FieldSection) -> Value {
    fields.iter().map(|line| object!({"name": text(line.name), "value": text(line.value)})).collect()
}

fn cookies(fields: &FieldSection) -> Value {
    let pairs = fields.all("cookie").flat_map(|line| line.value.split(|&byte| byte == b';'));
    pairs.map(trim_ows).filter(|pair| !pair.is_empty()).map(|pair| name_and_value(pair, &text)).collect()
}

/// The cookies that are set, `now` in seconds since 1970.
fn set_cookies(fields: &FieldSection, now: i64) -> Value {
    let mut list = Vec::new();
    for line in fields.all("set-cookie") {
        let cookie = SetCookie::parse(line.value);
        let mut object = object!({"name": text(cookie.name), "value": text(cookie.value)});
        for name in ["path", "domain"] {
            if let Some(attribute) = cookie.attribute(name) {
                object[name] = json!(text(attribute.value));
            }
        }
        if let Some(expiry) = expiry(&cookie, now) {
            object["expires"] = json!(expiry);
        }
        object["httpOnly"] = json!(cookie.has("httponly"));
        object["secure"] = json!(cookie.has("secure"));
        if let Some(attribute) = cookie.attribute("samesite") {
            object["sameSite"] = json!(text(attribute.value));
        }
        list.push(object);
    }
    Value::Array(list)
}

/// When a cookie ends, if it does not end with the session. Max-Age outranks Expires.
fn expiry(cookie: &SetCookie<'_>, now: i64) -> Option<String> {
    let age = cookie.attribute("max-age").and_then(|age| max_age(age.value));
    let expires = || cookie.attribute("expires").and_then(|expires| cookie_date::parse(expires.value));
    let end = age.map(|age| now.saturating_add(age)).or_else(expires)?;
    let since = Duration::from_secs(end.clamp(0, LAST_SECOND).unsigned_abs());
    Some(iso8601(&Moment::since_epoch(since)))
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
    object!({"name": text(&pair[..end]), "value": text(value)})
}

/// What is kept of `content`, as text; none where it is not text.
fn text_of(body: &ReceivedBody, fields: &FieldSection, charset: Option<&'static Encoding>) -> Option<String> {
    let media = Media::of(fields);
    let content = &body.content;
    let kept = &content.start.bytes;
    if !media.may_be_text() {
        return None;
    }
    let mut converter = ToUtf8::new(&media.declared(charset), false);
    let (mut out, mut converted) = (Vec::new(), Vec::new());
    for piece in kept.chunks(ToUtf8::PIECE) {
        converter.push(piece, false, &mut converted);
        if converter.is_binary() || converter.replaced > 0 {
            return None;
        }
        out.append(&mut converted);
    }
    if is_kept_in_part(content) {
        // A character that is cut is left out.
        converter.decide_now(&mut out);
    } else {
        if body.outcome != Completeness::Complete {
            converter.cut_off();
        }
        converter.push(&[], true, &mut out);
    }
    if converter.is_binary() || converter.replaced > 0 { None } else { String::from_utf8(out).ok() }
}

/// Whether there was more than is kept.
fn is_kept_in_part(content: &ContentRecord) -> bool {
    content.decoded_bytes > content.start.bytes.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_har_has_them() {
        let moment = Moment::since_epoch(Duration::new(951_827_696, 123_456_789));
        assert_eq!(iso8601(&moment), "2000-02-29T12:34:56.123Z");
        assert_eq!(epoch(&moment), 951_827_696.123_456);
    }
}
