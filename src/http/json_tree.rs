//! A JSON text by its places: which bytes are which value, and what they are in.
//! The values stay as they are spelt.

use std::ops::Range;

use super::json::{JsonReader, Mark};

/// Most values in one text that is read by its places.
const MAX_VALUES: usize = 300_000;
/// How deep values may be nested.
const MAX_NESTING: usize = 128;

/// The values of a text, each before those in it.
#[derive(Debug, Default)]
pub struct JsonTree {
    values: Vec<JsonValue>,
}

#[derive(Clone, Copy, Debug)]
struct JsonValue {
    start: u32,
    end: u32,
    /// Where its name stands, with its quotes; both 0: it has none.
    name: (u32, u32),
    /// The number of the first value that is not in it.
    next: u32,
}

impl JsonTree {
    /// Reads `text`; `None` where it is no JSON, or over `MAX_VALUES` or `MAX_NESTING`.
    pub fn read(text: &[u8]) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let mut reader = JsonReader::default();
        let mut values: Vec<JsonValue> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut name = (0, 0);
        let mut token: Option<(u32, bool)> = None;
        for (at, &byte) in (0u32..).zip(text) {
            let mark = reader.take(byte);
            if mark == Mark::Part {
                continue;
            }
            match token.take() {
                Some((start, true)) => name = (start, at),
                Some((start, false)) => push(&mut values, start, at, std::mem::take(&mut name)),
                None => {}
            }
            match mark {
                Mark::Failed => return None,
                Mark::Name | Mark::Value => token = Some((at, mark == Mark::Name)),
                Mark::Open => {
                    open.push(values.len());
                    push(&mut values, at, at, std::mem::take(&mut name));
                }
                Mark::Close => {
                    let opened = open.pop()?;
                    let next = u32::try_from(values.len()).ok()?;
                    (values[opened].end, values[opened].next) = (at + 1, next);
                }
                Mark::Space | Mark::Comma | Mark::Colon | Mark::Part => {}
            }
            if open.len() > MAX_NESTING || values.len() > MAX_VALUES {
                return None;
            }
        }
        if let Some((start, _)) = token {
            push(&mut values, start, u32::try_from(text.len()).ok()?, name);
        }
        reader.finish().is_none().then_some(Self { values })
    }

    /// The bytes of value `number`.
    pub fn range(&self, number: usize) -> Range<usize> {
        let value = &self.values[number];
        value.start as usize..value.end as usize
    }

    /// The bytes of its name, with their quotes; none in an array.
    pub fn name(&self, number: usize) -> Range<usize> {
        let (start, end) = self.values[number].name;
        start as usize..end as usize
    }

    /// The number of the first value that is not in it.
    pub fn next(&self, number: usize) -> usize {
        self.values[number].next as usize
    }

    /// The values in value `number`, of an array or an object.
    pub fn children(&self, number: usize) -> impl Iterator<Item = usize> {
        let end = self.next(number);
        let first = (number + 1 < end).then_some(number + 1);
        std::iter::successors(first, move |&child| Some(self.next(child)).filter(|&next| next < end))
    }
}

fn push(values: &mut Vec<JsonValue>, start: u32, end: u32, name: (u32, u32)) {
    let next = u32::try_from(values.len() + 1).unwrap_or(u32::MAX);
    values.push(JsonValue { start, end, name, next });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_found_as_it_is_spelt() {
        let text = br#" {"a": [1.0, {"b":null}], "a" : "x\"" } "#;
        let tree = JsonTree::read(text).expect("JSON");
        let spelt: Vec<_> = (0..tree.values.len())
            .map(|number| {
                [tree.name(number), tree.range(number)].map(|range| str::from_utf8(&text[range]).unwrap())
            })
            .collect();
        assert_eq!(
            spelt[1..],
            [
                ["\"a\"", "[1.0, {\"b\":null}]"],
                ["", "1.0"],
                ["", "{\"b\":null}"],
                ["\"b\"", "null"],
                ["\"a\"", "\"x\\\"\""],
            ]
        );
        assert_eq!(tree.children(0).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(tree.children(1).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(JsonTree::read(b"12").map(|tree| tree.range(0)), Some(0..2));
        assert!(JsonTree::read(b"[1,]").is_none());
        assert!(JsonTree::read(&b"[".repeat(200)).is_none());
    }
}
