//! Strict-Transport-Security (RFC 6797 §6.1): the policy of a line, with what is wrong in it.

use super::digits::saturating;
use super::parameter::parameters;
use super::syntax::unquote;

/// A policy, as far as its line could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// A directive does not parse.
    pub is_unparsable: bool,
    /// A directive comes twice, or has a value and must have none.
    pub is_contradictory: bool,
    /// The value of max-age, quotes removed; where the directive is there.
    pub max_age: Option<Vec<u8>>,
    /// includeSubDomains is there.
    pub has_subdomains: bool,
    /// preload is there.
    pub has_preload: bool,
}

impl Policy {
    /// Reads the value of one line.
    pub fn parse(value: &[u8]) -> Self {
        let mut policy = Self::default();
        let mut names: Vec<Vec<u8>> = Vec::new();
        for directive in parameters(value) {
            let name = directive.name.to_ascii_lowercase();
            // A max-age without its value is max-age's own fault.
            let is_empty_age = name == b"max-age" && directive.value == Some(&[]);
            if !directive.is_valid() && !is_empty_age {
                policy.is_unparsable = true;
                continue;
            }
            // Unknown directives are not remembered once there are very many.
            policy.is_contradictory |= names.contains(&name);
            policy.take(&name, directive.value);
            if names.len() < MAX_NAMES {
                names.push(name);
            }
        }
        policy
    }

    fn take(&mut self, name: &[u8], value: Option<&[u8]>) {
        match name {
            b"max-age" if self.max_age.is_none() => {
                self.max_age = Some(value.map(unquote).unwrap_or_default())
            }
            b"includesubdomains" | b"preload" => {
                self.is_contradictory |= value.is_some();
                self.has_subdomains |= name == b"includesubdomains";
                self.has_preload |= name == b"preload";
            }
            _ => {}
        }
    }

    /// The seconds of max-age, if it is a number; a big one is the biggest there is.
    pub fn seconds(&self) -> Option<u64> {
        saturating(self.max_age.as_ref()?)
    }
}

/// How many directive names are compared; the RFC knows two.
const MAX_NAMES: usize = 64;

/// Whether `host` is an address: those are never known to have a policy (RFC 6797 §8.1.1).
pub fn is_address(host: &str) -> bool {
    host.contains(':') || host.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_with_their_faults() {
        let of = |value: &str| {
            let policy = Policy::parse(value.as_bytes());
            (policy.seconds(), policy.is_unparsable, policy.is_contradictory)
        };
        assert_eq!(of("max-age=9; includeSubDomains; x=\"y;z\""), (Some(9), false, false));
        assert_eq!(of("max-age = \"9\""), (Some(9), false, false));
        assert_eq!(of("max-age=9, preload"), (None, true, false));
        assert_eq!(of("max-age=9; Max-Age=8"), (Some(9), false, true));
        assert_eq!(of("preload=1"), (None, false, true));
        assert_eq!(of("max-age="), (None, false, false));
    }
}
