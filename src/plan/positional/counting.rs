//! How many requests the arguments stand for, before the first is made.

use super::{Globs, TargetReader};
use crate::plan::sequence::Sequence;
use crate::plan::usage_error::usage;

impl TargetReader {
    /// How many requests the arguments stand for. None has been taken yet.
    pub(in crate::plan) fn count(&self) -> u64 {
        let nexts = self.left.iter().skip(1).map(Some).chain([None]);
        let mut uploads = self.uploads.as_slice().iter();
        let counts = self.left.iter().zip(nexts).map(|(argument, next)| {
            let sequence = self.expanded(argument.text.as_encoded_bytes());
            let is_base = !argument.is_path() && next.is_some_and(|next| next.is_on(argument.saved)) && {
                let first = sequence.as_ref().and_then(|sequence| sequence.member(0));
                let text = first.map_or_else(|| argument.text.as_encoded_bytes().to_vec(), |it| it.text);
                self.read(&text).is_ok_and(|uri| uri.path_and_query.is_empty())
            };
            if is_base {
                return 0;
            }
            let length = |sequence: Option<Sequence>| sequence.map_or(1, |sequence| sequence.length());
            let files = uploads.next().map_or(1, |path| length(self.expanded(path.as_encoded_bytes())));
            length(sequence).saturating_mul(files)
        });
        counts.fold(0, u64::saturating_add)
    }

    /// Whether there are several requests. Curl takes a sequence for one.
    pub(in crate::plan) fn are_several(&self) -> bool {
        if self.manners.as_curl { self.left.len() > 1 } else { self.count() > 1 }
    }

    /// The sequence that `text` is, where sequences are looked for; one that is wrong stands for one error.
    fn expanded(&self, text: &[u8]) -> Option<Sequence> {
        (self.globs == Globs::Sequences).then(|| Sequence::parse(text).ok()).flatten()
    }

    /// Refuses a number of saved responses that differs from the number of requests. A single request is repeated
    /// once for each response.
    pub(in crate::plan) fn fit_responses(&mut self, responses: usize) -> anyhow::Result<()> {
        match self.count() {
            1 => {
                let Some(last) = self.left.back().cloned() else { return Ok(()) };
                self.left.extend(std::iter::repeat_n(last, responses.saturating_sub(1)));
                Ok(())
            }
            requests if requests == responses as u64 => Ok(()),
            requests => {
                let files = if responses == 1 { "1 file".to_owned() } else { format!("{responses} files") };
                Err(usage("--read", format!("{files} for {requests} targets: each target needs its own")))
            }
        }
    }
}
