//! One attempt to connect, and what came of it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::socket;

/// One address that was tried.
#[derive(Debug)]
pub(super) struct TriedAddress {
    pub(super) address: SocketAddr,
    /// When it began, counted from the end of resolution.
    pub(super) began: Duration,
    /// How long it took, or lasted until it was abandoned.
    pub(super) took: Duration,
    /// What came of it.
    pub(super) outcome: AddressOutcome,
}

/// What came of an attempt.
#[derive(Debug)]
pub(super) enum AddressOutcome {
    /// The attempt made the connection in use.
    Connected,
    /// The system refused it, or its time ran out.
    Failed(io::Error),
    /// Another address was faster, or the time limit passed, and no response had come.
    Abandoned,
}

impl TriedAddress {
    /// Whether the connection was refused.
    pub(super) fn is_refused(&self) -> bool {
        matches!(&self.outcome, AddressOutcome::Failed(error) if error.kind() == io::ErrorKind::ConnectionRefused)
    }

    /// Whether the attempt failed on this machine, before anything was sent.
    pub(super) fn is_own_fault(&self) -> bool {
        matches!(&self.outcome, AddressOutcome::Failed(error) if socket::is_own_fault(error))
    }

    /// The reason why every attempt failed on this machine; `None` if one failed elsewhere or the reasons differ.
    pub(super) fn one_own_fault(attempts: &[Self]) -> Option<String> {
        let mut faults = attempts.iter().map(|attempt| match &attempt.outcome {
            AddressOutcome::Failed(error) if socket::is_own_fault(error) => Some(error.to_string()),
            _ => None,
        });
        let first = faults.next()??;
        faults.all(|fault| fault.as_ref() == Some(&first)).then_some(first)
    }

    /// Whether no response came, not even a refusal.
    pub(super) fn is_slow(&self) -> bool {
        match &self.outcome {
            AddressOutcome::Connected => false,
            AddressOutcome::Failed(error) => error.kind() == io::ErrorKind::TimedOut,
            AddressOutcome::Abandoned => true,
        }
    }
}
