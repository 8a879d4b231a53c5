mod caching;
mod check;
mod compare;
mod har;
mod object;

mod repeat;
mod verbatim;
mod websocket;
mod words;

use std::time::Duration;

use serde_json::{Map, Value, json};

pub(crate) use check::{found, sarif_end, sarif_result};
pub(crate) use compare::comparison;
pub(crate) use har::har_entry;
use object::object;
pub(crate) use repeat::repetitions;
pub(crate) use verbatim::{ContentStart, MessageLog};
use words::{charset_source, ended_by, ended_how};

use super::SavedFacts;
use crate::http::field::FieldSection;
use crate::net::tls::{Certificate, PeerVerdict, Secured};
use crate::output::escape::{is_harmful, one_line};
use crate::report::dialogue::{Dialogue, Turn};
use crate::report::exchange::{Completeness, Exchange};
use crate::report::findings::finding::Finding;
use crate::report::record::Record;
use crate::report::write_out;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+json";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// One exchange and its findings as an object, keys in the order of the manual.
pub(crate) fn report(record: &Record) -> String {
    let exchange = &record.exchange;
    let body = &exchange.body;
    let mut report = Map::new();
    report.insert("schema".into(), json!(1));
    report.insert("url".into(), json!(record.url()));
    report.insert("request".into(), request(record));
    response_head(&mut report, exchange);
    report.insert("framing".into(), json!(exchange.framing().name()));
    report.insert("head_bytes".into(), json!(head_bytes(exchange)));
    report.insert("body_bytes".into(), json!(body.bytes));
    report.insert("wire_bytes".into(), json!(body.end_offset - body.offset));
    let outcome = match body.outcome {
        Completeness::Complete => "complete",
        Completeness::Truncated => "truncated",
        Completeness::Error => "error",
    };
    report.insert("outcome".into(), json!(outcome));
    report.insert("trailers".into(), fields(&body.trailers));
    let informational = exchange
        .interim
        .iter()
        .map(|head| object!({"status": head.status(), "fields": fields(&head.fields)}));
    report.insert("informational".into(), informational.collect());
    report.insert("content".into(), content(exchange));
    report.insert("caching".into(), caching::verdict(record));
    if let Some(found) = &exchange.websocket {
        report.insert("websocket".into(), websocket::object(found));
    }
    report.insert("connection".into(), connection(record));
    report.insert("timing".into(), timing(record));
    if let Some(dialogue) = &record.dialogue {
        report.insert("dialogue".into(), said(dialogue));
    }
    report.insert("error".into(), json!(record.error.as_ref().map(|error| &error.message)));
    let findings = record.findings.iter().map(|finding| self::finding(exchange, finding));
    report.insert("findings".into(), findings.collect());
    let text = serde_json::to_string_pretty(&Value::Object(report));
    harmless(text.unwrap_or_default())
}

/// What a report that [`report`] has made says of an exchange that was saved.
pub(crate) fn read_back(report: &[u8]) -> Option<SavedFacts> {
    let report: Value = serde_json::from_slice(report).ok()?;
    let is = |path: &str, wanted: &str| report.pointer(path).is_some_and(|value| *value == wanted);
    let is_broken = is("/connection/ended/how", "reset") && !is("/outcome", "complete");
    Some(SavedFacts {
        url: report.get("url")?.as_str()?.to_owned(),
        is_left_off: report.pointer("/request/rest_not_sent").is_some_and(|value| *value == true),
        is_cut: is_broken || is("/framing", "close") && is("/outcome", "truncated"),
    })
}

fn request(record: &Record) -> Value {
    let request = &record.exchange.request;
    let mut object = object!({
        "method": text(&request.method),
        "target": text(&request.target),
        "version": format!("HTTP/{}.{}", request.version.0, request.version.1),
        "fields": fields(&request.fields),
        "bytes": request.head.len() as u64 + request.body_bytes,
    });
    if request.is_left_off && record.exchange.is_answered {
        object["rest_not_sent"] = true.into();
    }
    if !record.withheld.is_empty() {
        let cookie = |(name, why): &(String, String)| object!({"name": &name[..], "why": &why[..]});
        object["cookies_not_sent"] = record.withheld.iter().map(cookie).collect();
    }
    object
}

fn response_head(report: &mut Map<String, Value>, exchange: &Exchange) {
    report.insert("status".into(), json!(exchange.status()));
    let head = exchange.response();
    report.insert("reason".into(), json!(head.map(|head| text(&head.reason()))));
    let version = head.map(|head| head.status_line.version);
    report
        .insert("version".into(), json!(version.map(|version| format!("HTTP/{}.{}", version.0, version.1))));
    let section = match &exchange.head {
        Ok(head) => &head.fields,
        Err(bad) => &bad.fields,
    };
    report.insert("fields".into(), fields(section));
}

fn head_bytes(exchange: &Exchange) -> usize {
    match &exchange.head {
        Ok(head) => head.raw().len(),
        Err(bad) => bad.raw.len(),
    }
}

fn content(exchange: &Exchange) -> Value {
    let content = &exchange.body.content;
    let codings: Vec<_> = content.codings.iter().map(|step| text(&step.name)).collect();
    let content_type = exchange.response().and_then(|head| head.fields.value("content-type"));
    object!({
        "type": content_type.map(text),
        "codings": codings,
        "decoded_bytes": content.decoded_bytes,
        "charset": content.charset.map(|(encoding, _)| encoding.name()),
        "charset_source": content.charset.map(|(_, source)| charset_source(source)),
    })
}

/// What was no HTTP at all, as an object.
pub(crate) fn dialogue(record: &Record, dialogue: &Dialogue) -> String {
    let report = object!({
        "schema": 1,
        "url": record.url(),
        "dialogue": said(dialogue),
        "connection": connection(record),
        "timing": timing(record),
        "error": record.error.as_ref().map(|error| &error.message[..]),
        "findings": record.findings.iter().map(|it| finding(&record.exchange, it)).collect::<Value>(),
    });
    harmless(serde_json::to_string_pretty(&report).unwrap_or_default())
}

/// Who said what, and when: milliseconds since the exchange began.
fn said(dialogue: &Dialogue) -> Value {
    let turn = |turn: &Turn| {
        object!({
            "by": if turn.is_ours { "us" } else { "peer" },
            "at": millis(turn.at),
            "bytes": turn.length,
            "text": text(&turn.bytes),
        })
    };
    dialogue.turns.iter().map(turn).collect()
}

fn connection(record: &Record) -> Value {
    let link = &record.connection;
    object!({
        "local": link.local.map(|address| address.to_string()),
        "remote": link.remote.map(|address| address.to_string()),
        "reused": link.is_reused,
        "proxy": link.proxy.as_deref(),
        "ended": link.ended.filter(|_| link.number.is_some()).map(|(ended, at)| object!({
            "by": ended_by(ended.by),
            "how": ended_how(ended.how),
            "at": millis(record.timing.since_begin(Some(at))),
        })),
        "tls": link.tls.as_deref().map(tls),
    })
}

fn tls(secured: &Secured) -> Value {
    let certificates: Vec<_> = secured.chain.iter().map(certificate).collect();
    let PeerVerdict { is_checked, refusal, is_unpinned, .. } = &secured.verdict;
    let refused = refusal.as_deref().or_else(|| is_unpinned.then_some("its key is not pinned"));
    object!({
        "version": secured.version,
        "cipher": secured.cipher.as_deref(),
        "alpn": secured.alpn.as_deref(),
        "trusted": *is_checked && refused.is_none(),
        "refused": refused,
        "certificates": certificates,
    })
}

fn certificate(certificate: &Certificate) -> Value {
    object!({
        "subject": &certificate.subject[..],
        "issuer": &certificate.issuer[..],
        "issued_by": certificate.issued_by,
        "serial": &certificate.serial[..],
        "names": &certificate.names[..],
        "not_before": &certificate.not_before[..],
        "not_after": &certificate.not_after[..],
        "key": &certificate.key[..],
        "signature": &certificate.signature[..],
        "sha256": &certificate.sha256[..],
        "faults": &certificate.faults[..],
    })
}

/// `length` in milliseconds, to the microsecond.
fn millis(length: Duration) -> f64 {
    (length.as_secs_f64() * 1e6).round() / 1e3
}

fn timing(record: &Record) -> Value {
    let mut phases = Map::new();
    for (name, length) in record.timing.phases() {
        phases.insert(name.into(), json!(length.map(millis)));
    }
    Value::Object(phases)
}

fn finding(exchange: &Exchange, finding: &Finding) -> Value {
    object!({
        "id": finding.id,
        "severity": finding.severity.name(),
        "offset": finding.offset,
        "in": finding.side.name(),
        "line": line_at(exchange, finding),
        "message": one_line(finding.message.as_bytes()),
        "spec": finding.spec,
    })
}

/// The line of a head that a finding is about, escaped; none outside of heads.
fn line_at(exchange: &Exchange, finding: &Finding) -> Option<String> {
    use crate::report::findings::finding::Side;
    let (base, raw) = match finding.side {
        Side::Request => (0, &exchange.request.head[..]),
        Side::Response => head_at(exchange, finding.offset)?,
    };
    let at = usize::try_from(finding.offset.checked_sub(base)?).ok()?;
    let before = raw.get(..at)?;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let line = raw[start..].split(|&byte| byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (at < raw.len()).then(|| one_line(&line[..line.len().min(200)]))
}

/// The last head of a response that begins at `offset` or before, and where it does.
fn head_at(exchange: &Exchange, offset: u64) -> Option<(u64, &[u8])> {
    let last = match &exchange.head {
        Ok(head) => (head.offset(), head.raw()),
        Err(bad) => (bad.offset, &bad.raw[..]),
    };
    if last.0 <= offset {
        return Some(last);
    }
    let begun = exchange.interim.partition_point(|head| head.offset() <= offset);
    let head = exchange.interim.get(begun.checked_sub(1)?)?;
    Some((head.offset(), head.raw()))
}

fn fields(section: &FieldSection) -> Value {
    section.iter().map(|line| json!([text(line.name), text(line.value)])).collect()
}

/// The field lines as `%{header_json}` has them: an object from names in lower
/// case to arrays of values, a line each.
pub(crate) fn fields_by_name(section: &FieldSection) -> String {
    let mut names: Map<String, Value> = Map::new();
    for line in section.iter() {
        let values = names.entry(text(line.name).to_ascii_lowercase()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(json!(text(line.value)));
        }
    }
    let lines: Vec<_> = names.iter().map(|(name, values)| format!("{}:{values}", json!(name))).collect();
    harmless(format!("{{{}\n}}", lines.join(",\n")))
}

/// Variables of `-w` as one object.
pub(crate) fn variables(all: impl Iterator<Item = (&'static str, write_out::Value)>) -> String {
    let pairs = all.map(|(name, value)| {
        let value = match &value {
            write_out::Value::Text(it) => json!(it.as_deref().map(text)).to_string(),
            // A number in JSON has no zeros before it.
            write_out::Value::Status(status) => status.to_string(),
            other => text(&other.printed()),
        };
        format!("{}:{value}", json!(name))
    });
    harmless(format!("{{{}}}", pairs.collect::<Vec<_>>().join(",")))
}

/// The JSON `text` with a `\\u` escape (RFC 8259 §7) for each character that JSON lets
/// stand in a string and a terminal may not be given.
fn harmless(text: String) -> String {
    if !text.chars().any(is_harmful) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_harmful(letter) {
            let mut units = [0; 2];
            let units = letter.encode_utf16(&mut units).iter();
            units.for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(letter);
        }
    }
    out
}

/// Bytes as text: UTF-8 where they are that, else each byte a character.
fn text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| byte as char).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn json_says_the_same_without_harm() {
        let text = "{\"a\": \"\u{7f}\u{9b}\u{202e}\u{e0041}é\"}\n";
        assert_eq!(harmless(text.to_owned()), "{\"a\": \"\\u007f\\u009b\\u202e\\udb40\\udc41é\"}\n");
    }
}
