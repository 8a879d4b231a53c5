//! What the manual says of `--explain=json`.

/// How the report is read.
pub(super) const HEAD: &str = "--explain=json prints one object, or an array of them if there are several exchanges. \
     \"schema\": 1 names this form: keys may be added to it, but no key changes its meaning.";

/// Keys of an exchange, and their values.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("url", "The URL that was requested."),
    (
        "request",
        "Has method, target, version, fields (pairs of name and value), bytes: how many were sent, and, where a \
         cookie of the host was not sent, cookies_not_sent: name and why of each.",
    ),
    ("status, reason, version, fields", "Of the final response; status is null if none could be read."),
    ("framing", "One of content-length, chunked, close, none."),
    (
        "head_bytes, body_bytes, wire_bytes",
        "Sizes of the final head, of the content after transfer decoding, and of the content on the wire.",
    ),
    ("outcome", "One of complete, truncated, error."),
    ("trailers", "Like fields."),
    ("informational", "The interim responses: status and fields of each."),
    (
        "content",
        "Has type, codings, decoded_bytes, charset, and charset_source: one of bom, option, header, meta, xml, \
         css, detected, default, or null.",
    ),
    ("caching", "What a private cache, a shared cache and a CDN may do with the response."),
    (
        "connection",
        "Has local, remote, reused, proxy, ended (by which side, how, and after how many milliseconds), and tls: \
         version, cipher, alpn and the server's certificates, or null.",
    ),
    (
        "timing",
        "Has resolve, connect, proxy, tls, send, wait, receive and total, in milliseconds; null for a phase that \
         did not occur.",
    ),
    ("error", "What ended the exchange early, or null."),
    (
        "findings",
        "Each has id, severity (error, warn or note), in (request or response), offset from the first byte of \
         that side, line, message and spec.",
    ),
];
