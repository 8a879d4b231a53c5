//! The addresses that were tried on the way to a connection.

use std::net::SocketAddr;
use std::time::Instant;

use crate::net::{self, DialEvent};

/// How many attempts are kept.
const MAX_ATTEMPTS: usize = 32;

/// The addresses tried for one exchange, in order.
#[derive(Debug, Default)]
pub(crate) struct AddressAttempts(Vec<AddressAttempt>);

/// One address that was tried.
#[derive(Debug)]
pub(super) struct AddressAttempt {
    pub(super) address: SocketAddr,
    pub(super) began: Instant,
    /// When it failed or succeeded; none where another address was quicker.
    pub(super) ended: Option<Instant>,
    /// Why it failed.
    pub(super) failure: Option<String>,
    pub(super) has_won: bool,
}

impl AddressAttempts {
    /// Takes what happened at `at`.
    pub(super) fn on(&mut self, at: Instant, event: &DialEvent<'_>) {
        match event {
            DialEvent::Trying { address } if self.0.len() < MAX_ATTEMPTS => {
                let address = *address;
                self.0.push(AddressAttempt {
                    address,
                    began: at,
                    ended: None,
                    failure: None,
                    has_won: false,
                });
            }
            DialEvent::Failed { address, error } => {
                if let Some(attempt) = self.under_way(*address) {
                    (attempt.ended, attempt.failure) = (Some(at), Some(net::reason(error)));
                }
            }
            DialEvent::Connected { address } => {
                if let Some(attempt) = self.under_way(*address) {
                    (attempt.ended, attempt.has_won) = (Some(at), true);
                }
            }
            _ => {}
        }
    }

    /// All of them, in the order in which they began.
    pub(super) fn iter(&self) -> impl Iterator<Item = &AddressAttempt> {
        self.0.iter()
    }

    /// The attempt under way to `address`.
    fn under_way(&mut self, address: SocketAddr) -> Option<&mut AddressAttempt> {
        let mut attempts = self.0.iter_mut().rev();
        attempts.find(|attempt| attempt.address == address && attempt.ended.is_none())
    }
}
