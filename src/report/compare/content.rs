//! What is kept of a response's content to compare it: up to [`MAX_KEPT`] bytes
//! as they are once their codings are undone, of more the hashes of its blocks.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher as _, RandomState};
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8};

use crate::charset::{Declared, Markup, ToUtf8};
use crate::coding::CodingChain;
use crate::hash::{self, Algorithm, Hasher};
use crate::http::field::FieldSection;
use crate::http::media_type::MediaType;
use crate::http::transfer_codings::TransferCodings;
use crate::report::probe::Probe;

/// Most bytes of content that are compared line by line or value by value.
pub(in crate::report) const MAX_KEPT: usize = 4 << 20;
/// Content that is larger is compared by blocks of this many bytes.
pub(in crate::report) const BLOCK: usize = 64 * 1024;
/// Most blocks whose hashes are kept: those of 8 GiB, in 1 MiB.
const MAX_BLOCKS: usize = 1 << 17;

/// Content that has come whole, or as far as it came.
pub(in crate::report) struct ComparedContent {
    /// Bytes once its codings are undone.
    pub(in crate::report) length: u64,
    /// The bytes themselves, if they are at most [`MAX_KEPT`].
    pub(in crate::report) kept: Option<Vec<u8>>,
    blocks: Vec<u64>,
    /// SHA-256 of larger content, where this build has hashes.
    pub(in crate::report) sha256: Option<Vec<u8>>,
    /// Its charset, where it is text.
    pub(in crate::report) charset: Option<&'static Encoding>,
    pub(in crate::report) is_json: bool,
    /// Why its codings could not be undone to the end.
    pub(in crate::report) problem: Option<String>,
    /// It as it is coded, where that is so.
    pub(in crate::report) undecoded: Option<Undecoded>,
}

/// Coded content, described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Undecoded {
    pub(in crate::report) length: u64,
    hash: u64,
}

impl ComparedContent {
    /// The content as text in UTF-8; `None` where it is none, or is not kept.
    pub(in crate::report) fn text(&self) -> Option<Cow<'_, [u8]>> {
        let bytes = self.kept.as_deref()?;
        if bytes.is_empty() {
            // Of nothing there is no charset: it is text where the other is.
            return Some(bytes.into());
        }
        let encoding = self.charset?;
        if encoding == UTF_8 && str::from_utf8(bytes).is_ok() {
            return Some(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).into());
        }
        let declared = Declared {
            option: Some(encoding),
            parameter: None,
            markup: Markup::Other,
            json: false,
            is_utf8: false,
        };
        let mut converter = ToUtf8::new(&declared, false);
        let mut text = Vec::new();
        let mut piece = Vec::new();
        for bytes in bytes.chunks(ToUtf8::PIECE) {
            piece.clear();
            converter.push(bytes, false, &mut piece);
            text.extend_from_slice(&piece);
            if text.len() > MAX_KEPT {
                return None;
            }
        }
        converter.push(&[], true, &mut text);
        Some(text.into())
    }

    /// What is the same for the same content, and hardly ever for another.
    pub(in crate::report) fn fingerprint(&self, keys: &RandomState) -> Vec<u8> {
        let hashes = self.hashes(keys);
        let bytes = hashes.iter().flat_map(|hash| hash.to_le_bytes());
        let coded = self.undecoded.iter().flat_map(|coded| coded.hash.to_le_bytes());
        let whole = bytes.chain(self.length.to_le_bytes()).chain(self.sha256.iter().flatten().copied());
        whole.chain(coded).collect()
    }

    /// SHA-256, where this build has hashes.
    pub(in crate::report) fn digest(&self) -> Option<Vec<u8>> {
        match &self.kept {
            Some(kept) => hash::digest(Algorithm::Sha256, kept),
            None => self.sha256.clone(),
        }
    }

    /// Keeps what describes it alone.
    pub(in crate::report) fn forget(&mut self) {
        (self.kept, self.blocks) = (None, Vec::new());
    }

    /// The number of the first block that differs from one of `other`.
    pub(in crate::report) fn first_block(&self, other: &Self, keys: &RandomState) -> Option<usize> {
        let [own, others] = [self, other].map(|content| content.hashes(keys));
        let same = own.iter().zip(others.iter()).take_while(|(own, other)| own == other).count();
        (same < own.len().max(others.len())).then_some(same)
    }

    fn hashes(&self, keys: &RandomState) -> Cow<'_, [u64]> {
        match &self.kept {
            Some(kept) => kept.chunks(BLOCK).map(|block| block_hash(keys, block)).collect(),
            None => Cow::Borrowed(&self.blocks),
        }
    }
}

fn block_hash(keys: &RandomState, block: &[u8]) -> u64 {
    let mut hasher = keys.build_hasher();
    hasher.write(block);
    hasher.finish()
}

/// Takes content, transfer codings removed, in any pieces.
pub(in crate::report) struct ContentKeeper {
    chain: CodingChain,
    problem: Option<String>,
    /// How many bytes there are before the codings are undone, and their hash.
    coded: (u64, std::hash::DefaultHasher),
    probe: Probe,
    is_json: bool,
    kept: KeptContent,
}

struct KeptContent {
    keys: Rc<RandomState>,
    length: u64,
    bytes: Vec<u8>,
    large: Option<Large>,
}

/// What is kept of content over [`MAX_KEPT`].
struct Large {
    blocks: Vec<u64>,
    block: std::hash::DefaultHasher,
    /// Bytes in the block that is not whole.
    in_block: usize,
    sha256: Option<Hasher>,
}

impl ContentKeeper {
    /// For the content of a response with these fields; hashes are made with `keys`.
    pub(in crate::report) fn new(
        fields: &FieldSection,
        option: Option<&'static Encoding>,
        keys: Rc<RandomState>,
        is_raw: bool,
    ) -> Self {
        let transfer = TransferCodings::of(fields);
        let content = fields.members("content-encoding");
        let (chain, problem) = match CodingChain::with_transfer(content, transfer.others()) {
            _ if is_raw => (CodingChain::default(), None),
            Ok(chain) => (chain.limited(), None),
            Err(error) => (CodingChain::default(), Some(format!("{error:#}"))),
        };
        let mut probe = Probe::new(fields);
        probe.assume(option);
        let media_type = fields.value("content-type").and_then(MediaType::parse);
        Self {
            chain,
            probe,
            problem,
            coded: (0, keys.build_hasher()),
            is_json: media_type.is_some_and(|kind| kind.is_json()),
            kept: KeptContent { keys, length: 0, bytes: Vec::new(), large: None },
        }
    }

    /// Takes more of the content.
    pub(in crate::report) fn push(&mut self, bytes: &[u8]) {
        let Self { chain, problem, coded, probe, kept, .. } = self;
        let mut take = |bytes: &[u8]| {
            probe.push(bytes);
            kept.push(bytes);
        };
        if chain.is_empty() {
            return take(bytes);
        }
        coded.0 += bytes.len() as u64;
        coded.1.write(bytes);
        if problem.is_some() {
            return;
        }
        let undone = chain.push(bytes, &mut |decoded| {
            take(decoded);
            Ok(())
        });
        *problem = undone.err().map(|error| format!("{error:#}"));
    }

    /// The content has ended.
    pub(in crate::report) fn finish(mut self) -> ComparedContent {
        let problem = self.problem.or_else(|| Some(format!("{:#}", self.chain.finish().err()?)));
        let (blocks, sha256) = self.kept.large.map_or_else(Default::default, Large::finish);
        let is_undecoded = problem.is_some() && !self.chain.is_empty();
        let undecoded = is_undecoded.then(|| Undecoded { length: self.coded.0, hash: self.coded.1.finish() });
        let charset = self.probe.finish(problem.is_none()).map(|(encoding, _)| encoding);
        ComparedContent {
            length: self.kept.length,
            kept: (self.kept.length <= MAX_KEPT as u64).then_some(self.kept.bytes),
            blocks,
            sha256,
            charset,
            is_json: self.is_json,
            problem: problem.filter(|_| self.kept.length > 0 || !self.chain.is_empty()),
            undecoded,
        }
    }
}

impl KeptContent {
    fn push(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        if self.large.is_none() {
            if self.length <= MAX_KEPT as u64 {
                if self.bytes.capacity() - self.bytes.len() < bytes.len() {
                    // Doubled at the end, it would be twice as large as is kept.
                    let room = (self.bytes.len() + bytes.len()).saturating_mul(2).min(MAX_KEPT);
                    self.bytes.reserve_exact(room - self.bytes.len());
                }
                return self.bytes.extend_from_slice(bytes);
            }
            let mut large = Large::new(&self.keys);
            large.push(&std::mem::take(&mut self.bytes), &self.keys);
            self.large = Some(large);
        }
        if let Some(large) = &mut self.large {
            large.push(bytes, &self.keys);
        }
    }
}

impl Large {
    fn new(keys: &RandomState) -> Self {
        let (blocks, block) = (Vec::new(), keys.build_hasher());
        Self { blocks, block, in_block: 0, sha256: Hasher::new(Algorithm::Sha256) }
    }

    fn push(&mut self, mut bytes: &[u8], keys: &RandomState) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        while !bytes.is_empty() {
            let (these, rest) = bytes.split_at(bytes.len().min(BLOCK - self.in_block));
            self.block.write(these);
            self.in_block += these.len();
            if self.in_block == BLOCK {
                self.end_block();
                self.block = keys.build_hasher();
            }
            bytes = rest;
        }
    }

    fn end_block(&mut self) {
        if self.blocks.len() < MAX_BLOCKS {
            self.blocks.push(self.block.finish());
        }
        self.in_block = 0;
    }

    fn finish(mut self) -> (Vec<u64>, Option<Vec<u8>>) {
        if self.in_block > 0 {
            self.end_block();
        }
        (self.blocks, self.sha256.map(Hasher::finish))
    }
}
