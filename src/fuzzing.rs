//! Parsers for the fuzz targets, not needed elsewhere (`tests/fuzz`).
//!
//! Each function takes any bytes, and panics where a property does not hold.

use crate::{coding, plan, policy, report};

/// Any split of coded content gives the same decoded content.
pub fn codings(data: &[u8]) {
    coding::fuzzing::chain(data);
}

/// A jar that is read and written is read again as itself.
pub fn cookie_file(data: &[u8]) {
    policy::fuzzing::cookie_file(data);
}

/// A Set-Cookie field is kept or refused.
pub fn set_cookie(data: &[u8]) {
    policy::fuzzing::set_cookie(data);
}

/// A netrc file is read or refused.
pub fn netrc(data: &[u8]) {
    plan::fuzzing::netrc(data);
}

/// A file of options is read line by line.
pub fn config(data: &[u8]) {
    plan::fuzzing::config(data);
}

/// Any exchange is explained, as text and JSON, and written as HAR.
pub fn exchange(data: &[u8]) {
    report::fuzzing::exchange(data);
}
