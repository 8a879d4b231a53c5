//! Why a cookie is not kept.

use std::fmt;

use crate::http::cookie_matching::NamePrefix;

use super::{MAX_COOKIE, MAX_FROM_RESPONSE};

/// Why a cookie is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    ControlByte,
    Tab,
    TooLong,
    Nameless,
    PublicSuffix,
    OtherDomain,
    SecureOverPlain,
    HidesSecure,
    Prefix(NamePrefix),
    TooMany,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlByte => f.write_str("it contains a control byte"),
            Self::Tab => f.write_str("it contains a TAB, which would end a field of a jar"),
            Self::TooLong => {
                write!(f, "it is longer than 4096 bytes, or with attributes {MAX_COOKIE}")
            }
            Self::Nameless => f.write_str("it has no name"),
            Self::PublicSuffix => f.write_str("its Domain is a public suffix, or above one"),
            Self::OtherDomain => f.write_str("its Domain is not the host's own"),
            Self::SecureOverPlain => f.write_str("it is Secure but was not received over TLS"),
            Self::HidesSecure => f.write_str("it would hide a Secure cookie but was not received over TLS"),
            Self::Prefix(prefix) => f.write_str(prefix.asks()),
            Self::TooMany => write!(f, "the response sets more than {MAX_FROM_RESPONSE} cookies"),
        }
    }
}
