//! Authentication challenges (RFC 9110 §11.6.1): the values of WWW-Authenticate
//! and Proxy-Authenticate.
//!
//! One comma separates both the challenges of a list and the parameters of a
//! challenge. What follows it decides: a token with `=` behind it is a
//! parameter of the challenge before it, any other begins a challenge.

use super::syntax::{is_ows, quoted_string_len, token_len, trim_ows_start, unquote};

/// One challenge: `auth-scheme [ 1*SP ( token68 / #auth-param ) ]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as it came.
    pub scheme: Vec<u8>,
    /// The token68 or the parameters behind the scheme.
    pub data: ChallengeData,
}

/// What stands behind a challenge's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChallengeData {
    /// Encoded data that only the scheme can read.
    Token68(Vec<u8>),
    /// Parameters in their order, perhaps none.
    Parameters(Vec<AuthParam>),
}

/// A parameter of a challenge (RFC 9110 §11.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthParam {
    /// The name as it came.
    pub name: Vec<u8>,
    /// The value without its quotes.
    pub value: Vec<u8>,
    /// Quotes stood around the value.
    pub is_quoted: bool,
}

impl Challenge {
    /// Whether the challenge is of `scheme`, in any case.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme.as_bytes())
    }

    /// The value of the first parameter `name`, whatever its case.
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        let ChallengeData::Parameters(parameters) = &self.data else { return None };
        let found = parameters.iter().find(|found| found.name.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(&found.value)
    }
}

/// Where a value stops to be a list of challenges: the offset in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadChallenge(pub usize);

/// Reads the value of one field line. A list without any challenge is bad.
pub fn parse(value: &[u8]) -> Result<Vec<Challenge>, BadChallenge> {
    let mut reader = ChallengeReader { value, at: 0 };
    let mut challenges: Vec<Challenge> = Vec::new();
    while reader.next_element() {
        let start = reader.at;
        if let Some(parameter) = reader.parameter()? {
            match challenges.last_mut() {
                Some(Challenge { data: ChallengeData::Parameters(list), .. }) => list.push(parameter),
                _ => return Err(BadChallenge(start)),
            }
        } else {
            challenges.push(reader.challenge()?);
        }
        reader.element_end()?;
    }
    if challenges.is_empty() { Err(BadChallenge(0)) } else { Ok(challenges) }
}

struct ChallengeReader<'a> {
    value: &'a [u8],
    at: usize,
}

impl ChallengeReader<'_> {
    fn rest(&self) -> &[u8] {
        &self.value[self.at..]
    }

    fn skip_ows(&mut self) {
        self.at = self.value.len() - trim_ows_start(self.rest()).len();
    }

    /// Goes to the next list element that is not empty; says if there is one.
    fn next_element(&mut self) -> bool {
        let next = self.rest().iter().position(|&byte| byte != b',' && !is_ows(byte));
        self.at = next.map_or(self.value.len(), |next| self.at + next);
        next.is_some()
    }

    /// After an element comes a comma or nothing.
    fn element_end(&mut self) -> Result<(), BadChallenge> {
        self.skip_ows();
        if matches!(self.rest().first(), None | Some(b',')) { Ok(()) } else { Err(BadChallenge(self.at)) }
    }

    /// `token BWS "=" BWS ( token / quoted-string )`; `None` where no `=` comes
    /// after the token.
    fn parameter(&mut self) -> Result<Option<AuthParam>, BadChallenge> {
        let name = token_len(self.rest());
        let Some(value) = trim_ows_start(&self.rest()[name..]).strip_prefix(b"=") else { return Ok(None) };
        let value = trim_ows_start(value);
        let length = quoted_string_len(value).unwrap_or_else(|| token_len(value));
        let parameter = AuthParam {
            name: self.rest()[..name].to_vec(),
            value: unquote(&value[..length]),
            is_quoted: value.starts_with(b"\""),
        };
        let value_at = self.value.len() - value.len();
        if name == 0 || length == 0 {
            return Err(BadChallenge(if name == 0 { self.at } else { value_at }));
        }
        self.at = value_at + length;
        Ok(Some(parameter))
    }

    /// `scheme [ 1*SP ( token68 / auth-param ) ]`: the first parameter at most.
    fn challenge(&mut self) -> Result<Challenge, BadChallenge> {
        let length = token_len(self.rest());
        if length == 0 {
            return Err(BadChallenge(self.at));
        }
        let scheme = self.rest()[..length].to_vec();
        self.at += length;
        let spaces = self.rest().iter().take_while(|&&byte| byte == b' ').count();
        let after = &self.rest()[spaces..];
        if spaces == 0 || matches!(after.first(), None | Some(b',')) {
            return Ok(Challenge { scheme, data: ChallengeData::Parameters(Vec::new()) });
        }
        if let Some(length) = token68_len(after) {
            let token68 = after[..length].to_vec();
            self.at += spaces + length;
            return Ok(Challenge { scheme, data: ChallengeData::Token68(token68) });
        }
        self.at += spaces;
        let parameter = self.parameter()?.ok_or(BadChallenge(self.at))?;
        Ok(Challenge { scheme, data: ChallengeData::Parameters(vec![parameter]) })
    }
}

/// The length of the token68 that `bytes` begins with, if the element ends
/// behind it: `realm=` alone is one, `realm=x` is none (RFC 9110 §11.2).
fn token68_len(bytes: &[u8]) -> Option<usize> {
    let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let data = bytes.iter().take_while(|byte| is_data(byte)).count();
    let padding = bytes[data..].iter().take_while(|&&byte| byte == b'=').count();
    let after = trim_ows_start(&bytes[data + padding..]);
    (data > 0 && matches!(after.first(), None | Some(b','))).then_some(data + padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scheme token68` or `scheme name=value|name=value`.
    fn shown(value: &str) -> Vec<String> {
        let show = |challenge: &Challenge| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let data = match &challenge.data {
                ChallengeData::Token68(data) => text(data),
                ChallengeData::Parameters(list) => {
                    let pairs: Vec<_> = list
                        .iter()
                        .map(|found| format!("{}={}", text(&found.name), text(&found.value)))
                        .collect();
                    pairs.join("|")
                }
            };
            format!("{} {data}", text(&challenge.scheme))
        };
        parse(value.as_bytes()).expect("a list of challenges").iter().map(show).collect()
    }

    #[test]
    fn commas_are_told_apart_by_what_follows() {
        for (value, expected) in [
            ("Basic realm=\"a, b\"", vec!["Basic realm=a, b"]),
            ("Negotiate, Basic realm=site", vec!["Negotiate ", "Basic realm=site"]),
            (
                "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
                vec!["Newauth realm=apps|type=1|title=Login to \"apps\"", "Basic realm=simple"],
            ),
            ("NTLM TlRMTVNTUAAC==, X", vec!["NTLM TlRMTVNTUAAC==", "X "]),
            (", ,Bearer  realm = \"x\" ,, error=y,", vec!["Bearer realm=x|error=y"]),
            ("Basic realm=", vec!["Basic realm="]),
            ("Digest", vec!["Digest "]),
            ("Digest , realm=x", vec!["Digest realm=x"]),
        ] {
            assert_eq!(shown(value), expected, "{value}");
        }
        let basic = &parse(b"bAsic Realm=x").expect("one")[0];
        assert!(basic.is("Basic"));
        assert_eq!(basic.parameter("realm"), Some(&b"x"[..]));
        assert_eq!(basic.parameter("charset"), None);
    }

    #[test]
    fn what_is_no_list_of_challenges_says_where() {
        for (value, at) in [
            ("", 0),
            (", ,", 0),
            ("realm=\"x\"", 0),
            ("Bearer realm=api key", 17),
            ("Basic realm=\"open", 12),
            ("Basic realm=x charset=y", 14),
            ("NTLM abc=, realm=x", 11),
            ("\"Basic\" realm=x", 0),
            ("Basic @", 6),
            ("Basic =", 7),
            ("Basic realm=x, =y", 15),
            ("Basic\trealm=x", 6),
        ] {
            assert_eq!(parse(value.as_bytes()), Err(BadChallenge(at)), "{value}");
        }
    }

    #[test]
    fn long_lists_are_read_in_one_go() {
        let value = "Basic realm=x, ".repeat(20_000);
        assert_eq!(parse(value.as_bytes()).expect("a list").len(), 20_000);
    }
}
