//! Which values differ between two JSON texts, and where: by path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::http::json_string::unescaped;
use crate::http::json_tree::JsonTree;

/// Most differences that are kept; the others are counted.
const MAX_CHANGES: usize = 1_000;
/// Most characters of a name that a path shows.
const MAX_NAME: usize = 64;
/// Most bytes of a value that are shown.
const MAX_VALUE: usize = 200;

/// The values that differ.
#[derive(Default)]
pub(in crate::report) struct Changes {
    pub(in crate::report) kept: Vec<ChangedValue>,
    /// How many there are, those that are not kept too.
    pub(in crate::report) count: usize,
}

/// A value that differs.
pub(in crate::report) struct ChangedValue {
    /// As in `.items[3].name`.
    pub(in crate::report) path: String,
    /// As it is spelt, long ones cut; `None` where there is none.
    pub(in crate::report) before: Option<Vec<u8>>,
    pub(in crate::report) after: Option<Vec<u8>>,
    /// It differs between two responses to the same request, too.
    pub(in crate::report) is_by_itself: bool,
}

/// What differs between two texts; `None` where one is no JSON that can be
/// compared by its places.
pub(in crate::report) fn compare(before: &[u8], after: &[u8]) -> Option<Changes> {
    let before = JsonText { text: before, tree: JsonTree::read(before)? };
    let after = JsonText { text: after, tree: JsonTree::read(after)? };
    let mut comparison = Comparison { before: &before, after: &after, changes: Changes::default() };
    comparison.values(0, 0, &mut String::new());
    Some(comparison.changes)
}

struct JsonText<'t> {
    text: &'t [u8],
    tree: JsonTree,
}

impl<'t> JsonText<'t> {
    fn spelt(&self, value: usize) -> &'t [u8] {
        &self.text[self.tree.range(value)]
    }

    /// What its name says.
    fn name(&self, value: usize) -> Cow<'t, [u8]> {
        unescaped(self.spelt_name(value))
    }

    fn spelt_name(&self, value: usize) -> &'t [u8] {
        &self.text[self.tree.name(value)]
    }

    /// What the value says: numbers as they are spelt, strings whichever way they are.
    fn meant(&self, value: usize) -> Cow<'t, [u8]> {
        match self.kind(value) {
            b'"' => unescaped(self.spelt(value)),
            _ => self.spelt(value).into(),
        }
    }

    /// `{`, `[`, or the first byte of what has nothing in it.
    fn kind(&self, value: usize) -> u8 {
        self.spelt(value).first().copied().unwrap_or_default()
    }

    fn shown(&self, value: usize) -> Vec<u8> {
        let spelt = self.spelt(value);
        if spelt.len() <= MAX_VALUE {
            return spelt.to_vec();
        }
        let cut = (0..=MAX_VALUE).rev().find(|&at| spelt[at] & 0xC0 != 0x80).unwrap_or(0);
        [&spelt[..cut], format!("... ({} bytes)", spelt.len()).as_bytes()].concat()
    }
}

struct Comparison<'a, 't> {
    before: &'a JsonText<'t>,
    after: &'a JsonText<'t>,
    changes: Changes,
}

impl Comparison<'_, '_> {
    /// Compares two values at `path`. As deep as texts may be nested.
    fn values(&mut self, own: usize, other: usize, path: &mut String) {
        match (self.before.kind(own), self.after.kind(other)) {
            (b'{', b'{') => self.objects(own, other, path),
            (b'[', b'[') => self.arrays(own, other, path),
            _ if self.before.meant(own) == self.after.meant(other) => {}
            _ => self.change(path, Some(own), Some(other)),
        }
    }

    fn objects(&mut self, own: usize, other: usize, path: &mut String) {
        let own: Vec<_> = self.before.tree.children(own).collect();
        let other: Vec<_> = self.after.tree.children(other).collect();
        // Most objects have the same names in the same order.
        let same = own.iter().zip(&other);
        let same =
            same.take_while(|(own, other)| self.before.name(**own) == self.after.name(**other)).count();
        let mut others: HashMap<(Cow<'_, [u8]>, usize), usize> = HashMap::new();
        for (&value, occurrence) in other.iter().zip(occurrences(self.after, &other)).skip(same) {
            others.insert((self.after.name(value), occurrence), value);
        }
        let before = self.before;
        for (at, (&value, occurrence)) in own.iter().zip(occurrences(before, &own)).enumerate() {
            let found =
                if at < same { Some(other[at]) } else { others.remove(&(before.name(value), occurrence)) };
            self.at(
                path,
                |path| push_name(path, before.spelt_name(value), occurrence),
                |this, path| match found {
                    Some(found) => this.values(value, found, path),
                    None => this.change(path, Some(value), None),
                },
            );
        }
        let after = self.after;
        for (&value, occurrence) in other.iter().zip(occurrences(after, &other)).skip(same) {
            if others.contains_key(&(after.name(value), occurrence)) {
                self.at(
                    path,
                    |path| push_name(path, after.spelt_name(value), occurrence),
                    |this, path| {
                        this.change(path, None, Some(value));
                    },
                );
            }
        }
    }

    /// By number; what is put in or taken out between equal beginnings and ends moves nothing.
    fn arrays(&mut self, own: usize, other: usize, path: &mut String) {
        let own: Vec<_> = self.before.tree.children(own).collect();
        let other: Vec<_> = self.after.tree.children(other).collect();
        let is_same = |(own, other): &(&usize, &usize)| self.is_same(**own, **other);
        let (mut start, mut end) = (0, 0);
        if own.len() != other.len() {
            start = own.iter().zip(&other).take_while(is_same).count();
            end = own[start..].iter().rev().zip(other[start..].iter().rev()).take_while(is_same).count();
        }
        let [own_middle, other_middle]: [Range<usize>; 2] =
            [start..own.len() - end, start..other.len() - end];
        for at in start..own_middle.end.max(other_middle.end) {
            let find = |values: &[usize], middle: &Range<usize>| middle.contains(&at).then(|| values[at]);
            let (own, other) = (find(&own, &own_middle), find(&other, &other_middle));
            self.at(
                path,
                |path| path.push_str(&format!("[{at}]")),
                |this, path| match (own, other) {
                    (Some(own), Some(other)) => this.values(own, other, path),
                    (own, other) => this.change(path, own, other),
                },
            );
        }
    }

    /// Whether two values are the same but for the whitespace in them.
    fn is_same(&self, own: usize, other: usize) -> bool {
        let [owns, others] = [(self.before, own), (self.after, other)].map(|(side, value)| {
            (value..side.tree.next(value)).map(move |value| {
                let kind = side.kind(value);
                let meant = if matches!(kind, b'{' | b'[') { Cow::default() } else { side.meant(value) };
                let size = side.tree.next(value) - value;
                (kind, size, side.name(value), meant)
            })
        });
        owns.eq(others)
    }

    fn at(
        &mut self,
        path: &mut String,
        push: impl FnOnce(&mut String),
        then: impl FnOnce(&mut Self, &mut String),
    ) {
        let length = path.len();
        // What is not kept needs no path.
        if self.changes.kept.len() < MAX_CHANGES {
            push(path);
        }
        then(self, path);
        path.truncate(length);
    }

    fn change(&mut self, path: &str, before: Option<usize>, after: Option<usize>) {
        self.changes.count += 1;
        if self.changes.kept.len() < MAX_CHANGES {
            self.changes.kept.push(ChangedValue {
                path: if path.starts_with('.') { path.to_owned() } else { format!(".{path}") },
                before: before.map(|value| self.before.shown(value)),
                after: after.map(|value| self.after.shown(value)),
                is_by_itself: false,
            });
        }
    }
}

/// For each value, how many of its name stand before it in the object.
fn occurrences<'s>(side: &'s JsonText<'_>, values: &'s [usize]) -> impl Iterator<Item = usize> + 's {
    let mut counts: HashMap<Cow<'_, [u8]>, usize> = HashMap::new();
    values.iter().map(move |&value| {
        let count = counts.entry(side.name(value)).or_default();
        *count += 1;
        *count - 1
    })
}

/// `.name`, or `["a name"]` where it is no plain word; its `occurrence` where it is not the first.
fn push_name(path: &mut String, name: &[u8], occurrence: usize) {
    let name = String::from_utf8_lossy(name);
    let inner = name.trim_matches('"');
    let is_plain = !inner.is_empty()
        && inner.len() <= MAX_NAME
        && !inner.starts_with(|c: char| c.is_ascii_digit())
        && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_plain {
        path.push('.');
        path.push_str(inner);
    } else {
        let cut: String = name.chars().take(MAX_NAME).collect();
        path.push_str(&format!("[{cut}{}]", if cut.len() < name.len() { "...\"" } else { "" }));
    }
    if occurrence > 0 {
        path.push_str(&format!("(again {occurrence})"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(before: &str, after: &str) -> Vec<String> {
        let text =
            |value: Option<Vec<u8>>| value.map_or("-".into(), |value| String::from_utf8(value).unwrap());
        let changes = compare(before.as_bytes(), after.as_bytes()).expect("JSON");
        let line =
            |ChangedValue { path, before, after, .. }| format!("{path} {} {}", text(before), text(after));
        changes.kept.into_iter().map(line).collect()
    }

    #[test]
    fn values_are_compared_by_their_paths() {
        for (before, after, expected) in [
            (r#"{"a":1}"#, r#"{ "a" : 1 }"#, &[][..]),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, &[]),
            (r#"{"a":1.0}"#, r#"{"a":1}"#, &[".a 1.0 1"]),
            (r#"{"a":[1,2,3]}"#, r#"{"a":[1,4,3]}"#, &[".a[1] 2 4"]),
            (r#"[1,2,3]"#, r#"[1,{"x":[]},2,3]"#, &[r#".[1] - {"x":[]}"#]),
            (r#"[{"i":1},{"i":2}]"#, r#"[{"i":2}]"#, &[r#".[0] {"i":1} -"#]),
            (r#"{"a b":1,"c":{}}"#, r#"{"c":[],"d":0}"#, &[r#".["a b"] 1 -"#, ".c {} []", ".d - 0"]),
            (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#, &[".a(again 1) 2 3"]),
            (r#"{"a":"\u0041\/"}"#, r#"{"\u0061":"A/"}"#, &[]),
            (r#"{"b":0,"a":"\n"}"#, r#"{"\u0061":"\r","b":0}"#, &[r#".a "\n" "\r""#]),
            (r#"["\u0041",1,2]"#, r#"["A",2]"#, &[".[1] 1 -"]),
            ("1", "2", &[". 1 2"]),
        ] {
            assert_eq!(changes(before, after), expected, "{before} {after}");
        }
    }
}
