//! HTTP/1.1 messages as values: bytes in, values out.
//!
//! Nothing here knows of sockets, files, clocks or terminals. The parsers are
//! lenient: they take what a user must be shown, and note each [`Deviation`]
//! from the grammar with the offset at which it stands.
//!
//! | file | what it knows | source |
//! |---|---|---|
//! | [`base16`], [`base64`] | base16, base64 | RFC 4648 §8, §4 |
//! | `byte_search` | where a byte stands | |
//! | [`syntax`] | tokens, quoted strings, lists | RFC 9110 §5.6 |
//! | [`uri`] | targets, authorities, request target forms | RFC 3986, RFC 9112 §3.2 |
//! | `host` | the host and port of an authority | RFC 3986 §3.2 |
//! | [`mod@reference`] | URI references and their resolution | RFC 3986 §4.1, §5 |
//! | [`field`] | field lines and sections, in order and with offsets | RFC 9112 §5 |
//! | [`request`] | building a request's head | RFC 9112 §3 |
//! | [`request_line`] | request lines and targets as they were sent | RFC 9112 §3 |
//! | [`response`] | the status line and the head | RFC 9112 §4 |
//! | [`content_length`] | what the Content-Length lines say together | RFC 9110 §8.6 |
//! | [`transfer_codings`] | the codings of Transfer-Encoding | RFC 9112 §6.1 |
//! | [`framing`] | where a message ends, and if the connection lives on | RFC 9112 §6.3, §9.3 |
//! | [`doubt`] | what in a head recipients disagree about | |
//! | [`foreign`] | protocols that are not HTTP/1, by their first bytes | |
//! | [`chunked`] | the chunked transfer coding and its trailer section | RFC 9112 §7.1 |
//! | [`media_type`] | media types and their parameters | RFC 9110 §8.3.1 |
//! | [`challenge`] | authentication challenges | RFC 9110 §11.6.1 |
//! | [`set_cookie`] | a Set-Cookie line taken apart | RFC 6265bis §5.6 |
//! | [`date`] | HTTP-date in its three forms | RFC 9110 §5.6.7 |
//! | [`cookie_date`] | the dates of cookies | RFC 6265bis §5.1.1 |
//! | [`cookie_matching`] | which domains and paths a cookie is for, and what its name promises | RFC 6265bis §4.1.3, §5.1.3, §5.1.4 |
//! | [`alt_svc`] | the alternatives of Alt-Svc | RFC 7838 §3 |
//! | [`content_range`] | which part a response brings | RFC 9110 §14.4 |
//! | [`disposition`] | the file name of Content-Disposition | RFC 6266, RFC 8187 |
//! | [`cache_control`] | the directives of Cache-Control | RFC 9111 §5.2 |
//! | [`cache_directives`] | what they mean together, CDN-Cache-Control's too | RFC 9111 §5.2.2, RFC 9213 |
//! | [`caching`] | what a cache may do with a response | RFC 9111 §3, §4 |
//! | [`status`] | which status codes are registered | RFC 9110 §15 |
//! | [`digits`] | 1*DIGIT |  |
//! | [`entity_tag`] | entity tags, their lists and comparison | RFC 9110 §8.8.3, §13.1 |
//! | [`forwarded`] | the way that Forwarded says | RFC 7239 §4 |
//! | [`json`] | whether bytes are JSON | RFC 8259 |
//! | [`json_object`] | the members of a JSON object | RFC 8259 §4 |
//! | [`json_string`] | what a JSON string says | RFC 8259 §7 |
//! | [`json_tree`] | the values of a JSON text by their places | RFC 8259 |
//! | [`language`] | language tags and ranges | RFC 5646, RFC 4647 |
//! | [`link`] | the links of Link | RFC 8288 §3 |
//! | [`multipart`] | the parts of multipart content | RFC 2046 §5.1.1 |
//! | [`parameter`] | parameters and extended values | RFC 9110 §5.6.6, RFC 8187 |
//! | [`preference`] | the preferences of Prefer | RFC 7240 §2 |
//! | [`product`] | products and comments | RFC 9110 §10.1.5 |
//! | `request_queue` | requests that the user writes, as they come | RFC 9112 §6.3 |
//! | [`range`] | the parts that a request asks for | RFC 9110 §14.1, §14.2 |
//! | [`structured`] | structured fields | RFC 9651 §4.2 |
//! | [`via`] | the intermediaries of Via | RFC 9110 §7.6.3 |
//! | [`webdav`] | the fields of WebDAV | RFC 4918 §10 |
//! | [`weight`] | the weights of Accept and its kin | RFC 9110 §12.4.2 |
//! | [`csp`] | the policies of Content-Security-Policy | CSP Level 3 |
//! | [`hsts`] | the policy of Strict-Transport-Security | RFC 6797 §6.1 |
//! | `excerpt` | bytes of a peer, as messages quote them | |
//! | `secret` | which names speak of a secret, and where one stands in a URL | |
//! | [`websocket`] | WebSocket's handshake, frames and messages | RFC 6455, RFC 7692 |
//! | [`deviation`] | what is wrong in a head, a chunked body or a frame | |

pub mod alt_svc;
pub mod base16;
pub mod base64;
mod byte_search;
pub mod cache_control;
pub mod cache_directives;
pub mod caching;
pub mod challenge;
mod chunk_line;
pub mod chunked;
pub mod content_length;
pub mod content_range;
pub mod cookie_date;
pub mod cookie_matching;
pub mod csp;
pub mod date;
pub mod deviation;
pub mod digits;
pub mod disposition;
pub mod doubt;
pub mod entity_tag;
pub(crate) mod excerpt;
pub mod field;
pub mod foreign;
pub mod forwarded;
pub mod framing;
pub(crate) mod host;
pub mod hsts;
pub mod json;
pub mod json_object;
pub mod json_string;
pub mod json_tree;
pub mod language;
pub mod link;
pub mod media_type;
pub mod multipart;
pub mod parameter;
pub mod preference;
pub mod product;
pub mod range;
pub mod reference;
pub mod request;
pub mod request_ends;
pub mod request_line;
pub(crate) mod request_queue;
pub mod response;
pub(crate) mod secret;
pub mod set_cookie;
pub mod status;
pub mod structured;
pub mod syntax;
pub mod transfer_codings;
pub mod upgrade;
pub mod uri;
pub mod via;
pub mod webdav;
pub mod websocket;
pub mod weight;

pub use deviation::{Deviation, Deviations};
