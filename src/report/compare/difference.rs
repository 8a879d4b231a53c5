//! What differs between two responses, and what of it changes by itself.

use std::collections::{BTreeMap, HashSet};
use std::hash::RandomState;

use super::CompareStyle;
use super::content::{BLOCK, ComparedContent, Undecoded};
use super::fields::{self, LineDifference};
use super::json_paths::{self, Changes};
use super::lines::{self, Hunks};
use super::response::ComparedResponse;
use crate::failure;

/// Fields that say something of the content: where that changes by itself, so do they.
const OF_CONTENT: [&str; 6] =
    ["content-length", "etag", "content-digest", "repr-digest", "content-md5", "last-modified"];

/// All that differs.
pub(in crate::report) struct Difference {
    /// Everything but the content.
    pub(in crate::report) items: Vec<DifferingItem>,
    /// Names of field lines that stand elsewhere among the others.
    pub(in crate::report) moved: Vec<String>,
    pub(in crate::report) moves_by_itself: bool,
    pub(in crate::report) content: Option<ContentDifference>,
    /// The content as a whole changes by itself.
    pub(in crate::report) content_by_itself: bool,
    /// Field lines that were left out, by name.
    pub(in crate::report) left_out: BTreeMap<String, usize>,
}

/// One thing that differs.
pub(in crate::report) struct DifferingItem {
    pub(in crate::report) what: What,
    pub(in crate::report) before: Option<Vec<u8>>,
    pub(in crate::report) after: Option<Vec<u8>>,
    pub(in crate::report) is_by_itself: bool,
}

/// What a difference is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::report) enum What {
    Failure,
    Interim,
    Status,
    /// A field line, by its name in lower case, and which of that name it is.
    Field(String, usize),
    Trailer(String, usize),
    Framing,
    Charset,
    Size,
    /// The content as it is coded, where that cannot be decoded.
    Undecoded,
}

impl What {
    /// Its heading.
    pub(in crate::report) fn name(&self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Interim => "interim responses",
            Self::Status | Self::Field(..) => "head",
            Self::Trailer(..) => "trailers",
            Self::Framing => "framing",
            Self::Charset => "charset",
            Self::Size => "size",
            Self::Undecoded => "coded content",
        }
    }

    fn is_of_content(&self) -> bool {
        match self {
            Self::Size | Self::Undecoded => true,
            Self::Field(name, _) => OF_CONTENT.contains(&&name[..]),
            _ => false,
        }
    }
}

/// How the content differs.
pub(in crate::report) enum ContentDifference {
    /// In these lines.
    Lines(Hunks),
    /// In these values.
    Values(Changes),
    /// Text or values (the word says which) that are the same, but spelt otherwise from this byte on.
    Spelling(&'static str, u64),
    /// From this byte on; both are of few bytes.
    Bytes(u64),
    /// From the block with this number on, and nothing more is known.
    Blocks { first: Option<usize>, sha256: [Option<Vec<u8>>; 2] },
    /// From this line on: there are too many to be compared one by one.
    FirstLine(usize),
}

impl Difference {
    /// What differs between `before` and `after`.
    pub(in crate::report) fn new(
        before: &ComparedResponse,
        after: &ComparedResponse,
        form: &CompareStyle,
        keys: &RandomState,
    ) -> Self {
        let is_left_out = |name: &str| form.leaves_out(name);
        let head = fields::compare(&before.fields, &after.fields, is_left_out);
        let trailers = fields::compare(&before.trailers, &after.trailers, is_left_out);
        let content = match (&before.content, &after.content) {
            (Some(before), Some(after)) => content(before, after, keys),
            _ => None,
        };
        let mut left_out = head.left_out;
        for (name, count) in trailers.left_out {
            *left_out.entry(name).or_default() += count;
        }
        Self {
            items: items(before, after, head.lines, trailers.lines),
            moved: head.moved.into_iter().chain(trailers.moved).collect(),
            moves_by_itself: false,
            content,
            content_by_itself: false,
            left_out,
        }
    }

    /// Marks what changes by itself: what differs, too, between two responses to the same request.
    pub(in crate::report) fn mark(&mut self, control: &Self) {
        let changing: HashSet<&What> = control.items.iter().map(|item| &item.what).collect();
        let content_changes = control.content.is_some();
        for item in &mut self.items {
            let follows = content_changes && item.what.is_of_content();
            item.is_by_itself = follows || changing.contains(&item.what);
        }
        self.moves_by_itself = !control.moved.is_empty();
        match (&mut self.content, &control.content) {
            (_, None) => {}
            (Some(ContentDifference::Lines(own)), Some(ContentDifference::Lines(control))) => {
                own.mark(control)
            }
            (Some(ContentDifference::Values(own)), Some(ContentDifference::Values(control))) => {
                own.mark(control);
            }
            _ => self.content_by_itself = true,
        }
    }

    /// Whether something differs that does not change by itself.
    pub(in crate::report) fn counts(&self) -> bool {
        let content = match &self.content {
            None => false,
            _ if self.content_by_itself => false,
            Some(ContentDifference::Lines(hunks)) => hunks.count(),
            Some(ContentDifference::Values(changes)) => changes.count(),
            Some(_) => true,
        };
        content
            || self.items.iter().any(|item| !item.is_by_itself)
            || !self.moved.is_empty() && !self.moves_by_itself
    }

    /// Whether nothing differs at all.
    pub(in crate::report) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.moved.is_empty() && self.content.is_none()
    }
}

/// What differs apart from the content; `head` and `trailers` are the field lines that do.
fn items(
    before: &ComparedResponse,
    after: &ComparedResponse,
    head: Vec<LineDifference>,
    trailers: Vec<LineDifference>,
) -> Vec<DifferingItem> {
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let line =
        |response: &ComparedResponse| Some(response.status_line.clone()).filter(|line| !line.is_empty());
    let both = [before, after];
    let mut items = Vec::new();
    push(&mut items, What::Failure, both.map(|it| it.error.as_deref().and_then(text)));
    push(&mut items, What::Interim, both.map(|it| it.interim.clone()));
    push(&mut items, What::Status, both.map(line));
    for (of, lines) in [(What::Field as fn(_, _) -> _, head), (What::Trailer, trailers)] {
        items.extend(lines.into_iter().map(|line| DifferingItem {
            what: of(line.name, line.occurrence),
            before: line.before,
            after: line.after,
            is_by_itself: false,
        }));
    }
    push(&mut items, What::Framing, both.map(|it| it.framing.and_then(text)));
    let charsets = both.map(|it| it.content.as_ref()?.charset);
    if charsets.iter().all(Option::is_some) {
        push(&mut items, What::Charset, charsets.map(|charset| text(charset?.name())));
    }
    push(&mut items, What::Size, both.map(|it| text(&failure::bytes(it.content.as_ref()?.length))));
    let [own, other] = both.map(|it| it.content.as_ref()?.undecoded);
    if own != other {
        let is_as_long = own.zip(other).is_some_and(|(own, other)| own.length == other.length);
        let told = |coded: Undecoded, which: &str| text(&format!("{}{which}", failure::bytes(coded.length)));
        let which = if is_as_long { ", not the same" } else { "" };
        let both = [own.and_then(|own| told(own, "")), other.and_then(|other| told(other, which))];
        push(&mut items, What::Undecoded, both);
    }
    items
}

fn push(items: &mut Vec<DifferingItem>, what: What, [before, after]: [Option<Vec<u8>>; 2]) {
    if before != after {
        items.push(DifferingItem { what, before, after, is_by_itself: false });
    }
}

fn content(
    before: &ComparedContent,
    after: &ComparedContent,
    keys: &RandomState,
) -> Option<ContentDifference> {
    let (Some(own), Some(other)) = (&before.kept, &after.kept) else {
        let first = before.first_block(after, keys);
        let is_same = first.is_none() && before.length == after.length && before.sha256 == after.sha256;
        let sha256 = [before.digest(), after.digest()];
        return (!is_same).then_some(ContentDifference::Blocks { first, sha256 });
    };
    if own == other {
        return None;
    }
    let first = || own.iter().zip(other).take_while(|(own, other)| own == other).count() as u64;
    let texts = before.text().zip(after.text());
    let Some((own_text, other_text)) = texts else { return Some(ContentDifference::Bytes(first())) };
    if before.is_json
        && after.is_json
        && let Some(changes) = json_paths::compare(&own_text, &other_text)
    {
        return Some(match changes.count {
            0 => ContentDifference::Spelling("JSON values", first()),
            _ => ContentDifference::Values(changes),
        });
    }
    if own_text == other_text {
        return Some(match before.charset == after.charset {
            true => ContentDifference::Bytes(first()),
            false => ContentDifference::Spelling("text", first()),
        });
    }
    Some(lines::compare(&own_text, &other_text).map_or_else(
        || {
            let same = own_text.iter().zip(other_text.iter()).take_while(|(own, other)| own == other).count();
            ContentDifference::FirstLine(own_text[..same].iter().filter(|&&byte| byte == b'\n').count())
        },
        |hunks| match hunks.kept.is_empty() {
            // Lines too long to be shown.
            true => ContentDifference::Bytes(first()),
            false => ContentDifference::Lines(hunks),
        },
    ))
}

impl Changes {
    /// Marks what changes by itself: what stands at a path, or below one, at which
    /// two responses to the same request differ.
    fn mark(&mut self, control: &Self) {
        let paths: HashSet<&str> = control.kept.iter().map(|change| &change.path[..]).collect();
        let is_whole = control.count == control.kept.len();
        for change in &mut self.kept {
            let mut ends = change.path.char_indices().filter(|(_, c)| ".[(".contains(*c)).map(|(at, _)| at);
            let is_below = ends.any(|end| paths.contains(&change.path[..end]));
            change.is_by_itself =
                !is_whole || is_below || paths.contains(&change.path[..]) || paths.contains(".");
        }
    }

    fn count(&self) -> bool {
        self.count > self.kept.len() || self.kept.iter().any(|change| !change.is_by_itself)
    }
}

/// The offset of the first byte of a block.
pub(in crate::report) fn block_offset(number: usize) -> u64 {
    number as u64 * BLOCK as u64
}
