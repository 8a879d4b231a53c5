//! `--range`: what is sent for it, and what is wrong with it.

use std::ffi::OsStr;

use crate::http::request::DefaultField;
use crate::output::escape;

/// What is wrong with the value of `--range`, which is sent as it is all the same.
pub(super) fn range_notice(range: &OsStr) -> Option<String> {
    let text = range.to_str()?;
    if text.starts_with("bytes=") {
        return Some("--range: bytes= is added by itself: leave it out of the value".to_owned());
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let is_reversed = |part: &str| {
        let (first, last) = part.split_once('-').map_or((None, None), |(a, b)| (number(a), number(b)));
        first.zip(last).is_some_and(|(first, last)| last < first)
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_range = |part: &str| {
        let ends = part.trim().split_once('-');
        ends.is_some_and(|(first, last)| is_number(first) && is_number(last) && first.len() + last.len() > 0)
    };
    if let Some(part) = text.split(',').find(|part| is_reversed(part)) {
        return Some(format!(
            "--range: {part} ends before it begins: servers ignore or refuse the whole range"
        ));
    }
    let part = text.split(',').find(|part| !is_number(text) && !is_range(part))?;
    let shown = escape::value(part.as_bytes());
    Some(format!(
        "--range: {shown} is not a range such as 0-99, 100- or -50: servers ignore or refuse the whole range"
    ))
}

/// Range, or with a body (of some length, if that is known) what curl sends then.
pub(super) fn range_field(range: &OsStr, body: Option<Option<u64>>) -> DefaultField {
    let mut range = range.as_encoded_bytes().to_vec();
    if !range.is_empty() && range.iter().all(u8::is_ascii_digit) {
        // A number alone means from there on, as it does to curl.
        range.push(b'-');
    }
    match body {
        None => DefaultField::new("Range", [b"bytes=", &range[..]].concat()),
        Some(length) => {
            let length = length.map_or("/*".to_owned(), |length| format!("/{length}"));
            DefaultField::new("Content-Range", [b"bytes ", &range[..], length.as_bytes()].concat())
        }
    }
}
