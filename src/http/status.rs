//! Status codes: which are registered, and which let a cache guess (RFC 9110 §15, §16.2).

/// Whether `status` is in IANA's registry and in use: 305, 306 and 418, which are
/// deprecated or unused, are not.
pub fn is_registered(status: u16) -> bool {
    matches!(status, 100..=104 | 200..=208 | 226 | 300..=304 | 307 | 308 | 400..=417 | 421..=426 | 428 | 429
        | 431 | 451 | 500..=508 | 510 | 511)
}

/// Whether no cache may store a response with `status`, whatever its fields say (RFC 6585 §3 to §6).
pub fn is_never_stored(status: u16) -> bool {
    matches!(status, 428 | 429 | 431 | 511)
}

/// Whether a cache may choose a lifetime for a response with `status` that says none
/// (RFC 9110 §15.1; RFC 7725 §3).
pub fn is_heuristically_cacheable(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 451 | 501)
}
