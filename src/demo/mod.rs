//! The site behind `--demo`: a small HTTP/1.1 server on loopback, in threads
//! of this very process, so that the client has something to fetch on a
//! machine without a network.
//!
//! It shows what a client meets: charsets, redirects, cookies, streams, and
//! responses that are broken on purpose. It reads requests leniently, since
//! odd requests are what rawget is for. It never prints, and it knows nothing
//! of the client: the two share a process, but speak over a socket only.
//!
//! To add a page, write its function in the file it belongs to, and a row
//! in that file's `PAGES`; the front page's list is made from these rows.

mod broken;
mod charsets;
mod content;
mod date;
mod encode;
mod framing;
mod packed;
mod page;
mod pages;
mod receive;
mod request;
mod response;
mod semantics;
mod server;
mod websocket;

pub(crate) use server::serve;
