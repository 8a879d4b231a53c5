//! Which different responses came: by status line, head without Date, and content.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::report::compare::response::ComparedResponse;

/// Most different responses that are told apart; the others are counted together.
const MAX_DISTINCT: usize = 1_000;

/// The different responses.
#[derive(Default)]
pub(in crate::report) struct DistinctResponses {
    pub(in crate::report) distinct: Vec<Distinct>,
    /// For the hash of each, its place in the list.
    places: HashMap<u64, usize>,
    /// Responses beyond [`MAX_DISTINCT`] different ones.
    pub(in crate::report) others: u64,
    /// How many repetitions failed.
    pub(in crate::report) failed: u64,
}

/// Responses that are the same.
pub(in crate::report) struct Distinct {
    pub(in crate::report) count: u64,
    /// The number of the first repetition that it came to.
    pub(in crate::report) first: u64,
    pub(in crate::report) status_line: Vec<u8>,
    /// Bytes of content, its codings undone.
    pub(in crate::report) bytes: Option<u64>,
    /// SHA-256 of the content, where this build has hashes.
    pub(in crate::report) sha256: Option<Vec<u8>>,
    /// What went wrong.
    pub(in crate::report) error: Option<String>,
}

impl Distinct {
    /// Whether it is a response, and not only the failure to get one.
    pub(super) fn has_come(&self) -> bool {
        self.error.is_none() || !self.status_line.is_empty() || self.bytes.is_some_and(|bytes| bytes > 0)
    }
}

impl DistinctResponses {
    /// Takes one more; whether it is the first of its kind.
    pub(super) fn push(
        &mut self,
        response: &ComparedResponse,
        number: u64,
        ignored: &[String],
        keys: &RandomState,
    ) -> bool {
        self.failed += u64::from(response.error.is_some());
        let hash = hash(response, ignored, keys);
        if let Some(&place) = self.places.get(&hash) {
            self.distinct[place].count += 1;
            return false;
        }
        if self.distinct.len() == MAX_DISTINCT {
            self.others += 1;
            return false;
        }
        self.places.insert(hash, self.distinct.len());
        self.distinct.push(Distinct {
            count: 1,
            first: number,
            status_line: response.status_line.clone(),
            bytes: response.content.as_ref().map(|content| content.length),
            sha256: response
                .content
                .as_ref()
                .filter(|content| content.undecoded.is_none())
                .and_then(|content| content.digest()),
            error: response.error.clone(),
        });
        true
    }
}

fn hash(response: &ComparedResponse, ignored: &[String], keys: &RandomState) -> u64 {
    let mut hasher = keys.build_hasher();
    let mut part = |bytes: &[u8]| {
        hasher.write_usize(bytes.len());
        hasher.write(bytes);
    };
    part(&response.status_line);
    for section in [&response.fields, &response.trailers] {
        for line in section.iter() {
            let is_ignored = |ignored: &String| line.is(ignored);
            if !line.is("date") && !ignored.iter().any(is_ignored) {
                part(line.name);
                part(line.value);
            }
        }
        part(b"");
    }
    part(response.error.as_deref().unwrap_or_default().as_bytes());
    if let Some(content) = &response.content {
        part(&content.fingerprint(keys));
    }
    hasher.finish()
}
