//! One finding: what a rule found, where, and how much it matters.

use std::cell::RefCell;
use std::rc::Rc;

use crate::sorting::sort_by_key;

/// What is wrong, or could be better, at one place of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) side: Side,
    pub(crate) offset: u64,
    /// One line; bytes of the peer in it are escaped.
    pub(crate) message: String,
    pub(crate) spec: &'static str,
}

/// What was found by comparing, and waits to be told with the next record.
pub(crate) type Unsaid = Rc<RefCell<Vec<Finding>>>;

/// Errors first, then by offset.
pub(crate) fn sort(findings: &mut [Finding]) {
    sort_by_key(findings, |finding| (std::cmp::Reverse(finding.severity), finding.offset));
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Advice.
    Note,
    /// Recipients may differ, or a requirement is broken, without effect on framing.
    Warn,
    /// A recipient must or may reject the message, or two may disagree on where it ends or what it says.
    Error,
}

impl Severity {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Which message a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Offsets count from the request's first byte.
    Request,
    /// Offsets count from the first byte received on the connection.
    Response,
}

impl Side {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}
