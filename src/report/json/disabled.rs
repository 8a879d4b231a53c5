use std::time::Duration;

use encoding_rs::Encoding;

use super::SavedFacts;
use crate::http::field::FieldSection;
use crate::http::websocket::messages::Heard;
use crate::report::compare::Compared;
use crate::report::dialogue::Dialogue;
use crate::report::findings::finding::Finding;
use crate::report::frames::Sender;
use crate::report::record::{EarlyEnd, Record};
use crate::report::redact::Redaction;
use crate::report::repeat::Series;
use crate::report::write_out;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-json";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// Nothing: the plan refuses what would need it.
pub(crate) fn report(_record: &Record) -> String {
    String::new()
}

/// Nothing.
pub(crate) fn dialogue(_record: &Record, _dialogue: &Dialogue) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn found(_record: &Record, _finding: &Finding) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn sarif_result(_record: &Record, _finding: &Finding) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn sarif_end(_ids: &[&str], _failures: &[EarlyEnd]) -> String {
    String::new()
}

/// No report was written that could be read.
pub(crate) fn read_back(_report: &[u8]) -> Option<SavedFacts> {
    None
}

/// Nothing, as well.
pub(crate) fn har_entry(_record: &Record, _charset: Option<&'static Encoding>) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn comparison(_compared: &Compared<'_>, _redaction: Redaction) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn repetitions(_series: &Series) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn fields_by_name(_section: &FieldSection) -> String {
    String::new()
}

/// Nothing, as well.
pub(crate) fn variables(_all: impl Iterator<Item = (&'static str, write_out::Value)>) -> String {
    String::new()
}

/// Nothing of the content.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentStart {}

impl ContentStart {
    pub(crate) fn push(&mut self, _bytes: &[u8]) {}

    pub(crate) fn is_full(&self) -> bool {
        true
    }

    pub(crate) fn end(&mut self, _decoding_error: Option<String>) {}
}

/// No messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageLog;

impl MessageLog {
    pub(crate) fn on(&mut self, _from: Sender, _heard: Heard<'_>, _after: Duration) {}
}
