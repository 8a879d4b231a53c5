//! Whether there is colour: what is requested, and what the environment says of
//! it by the conventions that many programs keep.

use std::env;
use std::ffi::OsString;

use super::SinkKind;

/// Whether what is written is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Colour {
    Always,
    #[default]
    OnTerminals,
    Never,
}

impl Colour {
    /// Whether output to something of this `kind` is in colour.
    pub(crate) fn is_on(self, kind: SinkKind) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnTerminals => kind == SinkKind::Terminal,
        }
    }
}

/// Whether colours are used everywhere or nowhere; `None`: on terminals.
pub(crate) fn by_environment() -> Option<bool> {
    decide(|name| env::var_os(name))
}

/// `NO_COLOR` (any value) outranks `CLICOLOR_FORCE` (any but 0), which outranks
/// `CLICOLOR=0` and a terminal that has none.
fn decide(variable: impl Fn(&str) -> Option<OsString>) -> Option<bool> {
    let value = |name| variable(name).filter(|value| !value.is_empty());
    if value("NO_COLOR").is_some() {
        return Some(false);
    }
    if value("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return Some(true);
    }
    let is_off = value("CLICOLOR").is_some_and(|value| value == "0");
    (is_off || value("TERM").is_some_and(|value| value == "dumb")).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_an_order() {
        for (set, expected) in [
            (&[][..], None),
            (&[("NO_COLOR", "")], None),
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Some(false)),
            (&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")], Some(true)),
            (&[("CLICOLOR_FORCE", "0"), ("TERM", "xterm")], None),
            (&[("CLICOLOR", "0")], Some(false)),
            (&[("TERM", "dumb")], Some(false)),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(decide(variable), expected, "{set:?}");
        }
    }
}
