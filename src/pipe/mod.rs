//! What the kernel can move by itself, and std can't ask it for.

#[cfg(all(feature = "extras", target_os = "linux"))]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(all(feature = "extras", target_os = "linux")))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{CAN_MOVE, NAME, enlarge, move_some, send_some};
