//! What is told of an exchange beside its bytes. Nothing here touches a socket.
#![allow(dead_code, reason = "wired in with --explain")]

pub(crate) mod content;
pub(crate) mod exchange;
pub(crate) mod findings;
pub(crate) mod request_reading;
pub(crate) mod verbose;
