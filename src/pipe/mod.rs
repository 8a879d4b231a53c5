//! What the kernel can move by itself, and std can't ask it for.

#[cfg(all(feature = "extras", target_os = "linux"))]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(all(feature = "extras", target_os = "linux")))]
#[path = "disabled.rs"]
mod imp;

use std::io;

pub(crate) use imp::{
    CAN_MOVE, Fork, Mover, NAME, Sieve, enlarge, held, is_null, limit_unsent, pass_some, send_more, send_some,
};

/// Why nothing was moved.
#[derive(Debug)]
pub(crate) struct Unmoved {
    /// `WouldBlock` where the socket has nothing or its destination no room, `Unsupported`
    /// where the kernel can't, so that what comes must be read and written.
    pub(crate) error: io::Error,
    /// Receiving failed, not writing.
    pub(crate) is_sockets: bool,
}
