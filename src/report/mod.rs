//! What is told of an exchange beside its bytes. Nothing here touches a socket.

pub(crate) mod collector;
mod content;
mod exchange;
pub(crate) mod explain;
mod findings;
pub(crate) mod json;
mod probe;
mod record;
mod request_reading;
pub(crate) mod verbose;
