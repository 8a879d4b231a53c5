//! Differences as JSON.

use serde_json::{Map, Value, json};

use super::object::object;
use super::{millis, text};
use crate::http::base16;
use crate::report::compare::Compared;
use crate::report::compare::content::BLOCK;
use crate::report::compare::difference::{ContentDifference, Difference, DifferingItem, What};
use crate::report::compare::json_paths::Changes;
use crate::report::compare::lines::{Hunks, ShownHunk};
use crate::report::compare::response::ComparedResponse;
use crate::report::findings::finding::Finding;
use crate::report::redact::Redaction;

/// One comparison as an object.
pub(crate) fn comparison(compared: &Compared<'_>, redaction: Redaction) -> String {
    let Compared { before, after, difference, .. } = compared;
    let findings = compared.finding().map(
        |Finding { id, severity, message, spec, .. }| object!({"id": id, "severity": severity.name(), "fields": &compared.missing[..], "message": message, "spec": spec}),
    );
    let moved = object!({"names": &difference.moved[..], "by_itself": difference.moves_by_itself});
    let report = object!({
        "schema": 1,
        "before": response(before),
        "after": response(after),
        "differs": difference.counts(),
        "controlled": compared.is_controlled,
        "differences": items(difference, redaction),
        "moved": moved,
        "content": difference.content.as_ref().map(|content| of_content(content, difference.content_by_itself)),
        "left_out": json!(difference.left_out),
        "findings": findings.into_iter().collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

fn response(response: &ComparedResponse) -> Value {
    let content = response.content.as_ref();
    object!({
        "title": &response.title[..],
        "status": response.status,
        "framing": response.framing,
        "charset": content.and_then(|content| content.charset).map(|charset| charset.name()),
        "decoded_bytes": content.map(|content| content.length),
        "total": millis(response.total()),
        "error": response.error.as_deref(),
        "problem": content.and_then(|content| content.problem.as_deref()),
    })
}

fn items(difference: &Difference, redaction: Redaction) -> Vec<Value> {
    let item = |item: &DifferingItem| {
        let (of, name, is_line) = match &item.what {
            What::Failure => ("failure", None, false),
            What::Interim => ("interim", None, true),
            What::Status => ("status", None, false),
            What::Field(name, _) => ("field", Some(name), true),
            What::Trailer(name, _) => ("trailer", Some(name), true),
            What::Framing => ("framing", None, false),
            What::Charset => ("charset", None, false),
            What::Size => ("size", None, false),
            What::Undecoded => ("undecoded", None, false),
        };
        let shown = |value: &Option<Vec<u8>>| {
            let value = value.as_ref()?;
            Some(text(&if is_line { redaction.head(value) } else { value.as_slice().into() }))
        };
        let (before, after) = (shown(&item.before), shown(&item.after));
        let mut object = change(before, after, item.is_by_itself);
        object.insert("of".into(), json!(of));
        object.insert("name".into(), json!(name));
        Value::Object(object)
    };
    difference.items.iter().map(item).collect()
}

fn change(before: Option<String>, after: Option<String>, is_by_itself: bool) -> Map<String, Value> {
    let kind = match (&before, &after) {
        (None, _) => "added",
        (_, None) => "gone",
        _ => "changed",
    };
    let mut object = Map::new();
    object.insert("kind".into(), json!(kind));
    object.insert("before".into(), json!(before));
    object.insert("after".into(), json!(after));
    object.insert("by_itself".into(), json!(is_by_itself));
    object
}

fn of_content(content: &ContentDifference, by_itself: bool) -> Value {
    match content {
        ContentDifference::Lines(hunks) => of_lines(hunks, by_itself),
        ContentDifference::Values(changes) => of_values(changes, by_itself),
        ContentDifference::Spelling(what, first) => {
            object!({"by": "spelling", "same": *what, "first": *first, "by_itself": by_itself})
        }
        ContentDifference::Bytes(first) => object!({"by": "bytes", "first": *first, "by_itself": by_itself}),
        ContentDifference::FirstLine(line) => {
            object!({"by": "first line", "first": line + 1, "by_itself": by_itself})
        }
        ContentDifference::Blocks { first, sha256 } => {
            let hex = |hash: &Option<Vec<u8>>| Some(base16::encode(hash.as_ref()?));
            object!({
                "by": "blocks",
                "block": BLOCK,
                "first": first.map(|number| number as u64 * BLOCK as u64),
                "sha256": json!([hex(&sha256[0]), hex(&sha256[1])]),
                "by_itself": by_itself,
            })
        }
    }
}

fn of_lines(hunks: &Hunks, by_itself: bool) -> Value {
    let join = |lines: &[Vec<u8>]| lines.iter().map(|line| text(line)).collect::<Vec<_>>();
    let hunk = |hunk: &ShownHunk| {
        object!({
            "before_line": hunk.before.start + 1,
            "after_line": hunk.after.start + 1,
            "before": join(&hunk.removed),
            "after": join(&hunk.added),
            "by_itself": by_itself || hunk.is_by_itself,
        })
    };
    object!({
        "by": "lines",
        "gone": hunks.taken,
        "added": hunks.added,
        "hunks": hunks.kept.iter().map(hunk).collect::<Vec<_>>(),
        "left_out": hunks.left_out,
    })
}

fn of_values(changes: &Changes, by_itself: bool) -> Value {
    let values = changes.kept.iter().map(|one| {
        let spelt = |value: &Option<Vec<u8>>| value.as_deref().map(text);
        let by_itself = by_itself || one.is_by_itself;
        let mut object = change(spelt(&one.before), spelt(&one.after), by_itself);
        object.insert("path".into(), json!(one.path));
        Value::Object(object)
    });
    let left_out = changes.count - changes.kept.len();
    object!({"by": "values", "values": values.collect::<Vec<_>>(), "left_out": left_out})
}
