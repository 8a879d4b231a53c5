//! Digest authentication (RFC 7616), and what is left of RFC 2069 in it.
//!
//! The parameters of a response have curl's order and spelling, which servers are
//! used to.

use crate::hash::{self, Algorithm};
use crate::http::base16;
use crate::http::challenge::{Challenge, ChallengeData};
use crate::http::syntax::list_members;

/// Longest value of a supported challenge: a response repeats several.
const MAX_VALUE: usize = 4096;

/// The request that credentials are made for.
pub(crate) struct AuthorizedRequest<'a> {
    pub(crate) method: &'a [u8],
    /// Its target, as the digest names it.
    pub(crate) target: &'a [u8],
    /// The digest of its content; `None` where the content can't be read twice.
    pub(crate) content: &'a dyn Fn(Algorithm) -> Option<Vec<u8>>,
    /// Random characters of which none needs quoting.
    pub(crate) cnonce: &'a str,
}

/// The digest of no content, as an [`AuthorizedRequest`] takes it.
pub(crate) fn no_content(algorithm: Algorithm) -> Option<Vec<u8>> {
    hash::digest(algorithm, b"")
}

/// A supported challenge, and how often it was used.
#[derive(Clone, Debug)]
pub(super) struct Answerable {
    realm: Vec<u8>,
    nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    /// As the server wrote it.
    algorithm_name: Option<Vec<u8>>,
    algorithm: Algorithm,
    is_session: bool,
    quality: Quality,
    hashes_user: bool,
    is_stale: bool,
    count: u32,
}

/// Quality of protection (RFC 7616 §3.3, `qop`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quality {
    /// None was offered: RFC 2069.
    Legacy,
    Auth,
    /// The content is part of the digest.
    AuthInt,
}

/// Reads a Digest challenge; `None` for another scheme, and where a nonce, or a
/// hash function of this build, is missing. Of a parameter that comes twice the
/// last counts, as curl has it.
pub(super) fn answerable(challenge: &Challenge) -> Option<Answerable> {
    let ChallengeData::Parameters(parameters) = &challenge.data else { return None };
    if !challenge.is("Digest") || parameters.iter().any(|parameter| parameter.value.len() > MAX_VALUE) {
        return None;
    }
    let value = |name: &str| {
        let mut named = parameters.iter().rev();
        named
            .find(|parameter| parameter.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|found| &found.value[..])
    };
    let is_true = |name: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case(b"true"));
    let algorithm_name = value("algorithm");
    let (algorithm, is_session) = algorithm(algorithm_name.unwrap_or(b"MD5"))?;
    let offers = |name: &str| {
        list_members(value("qop").unwrap_or_default())
            .any(|member| member.eq_ignore_ascii_case(name.as_bytes()))
    };
    Some(Answerable {
        realm: value("realm").unwrap_or_default().to_vec(),
        nonce: value("nonce")?.to_vec(),
        opaque: value("opaque").map(<[u8]>::to_vec),
        algorithm_name: algorithm_name.map(<[u8]>::to_vec),
        algorithm,
        is_session,
        quality: match () {
            () if offers("auth") => Quality::Auth,
            () if offers("auth-int") => Quality::AuthInt,
            () => Quality::Legacy,
        },
        hashes_user: is_true("userhash"),
        is_stale: is_true("stale"),
        count: 0,
    })
}

/// The hash function of that name, and whether its key is one of the session
/// (RFC 7616 §3.4.2).
fn algorithm(name: &[u8]) -> Option<(Algorithm, bool)> {
    let text = str::from_utf8(name).ok()?.to_ascii_lowercase();
    let (name, is_session) = match text.strip_suffix("-sess") {
        Some(name) => (name, true),
        None => (&text[..], false),
    };
    let algorithm = match name {
        "md5" => Algorithm::Md5,
        "sha-256" => Algorithm::Sha256,
        "sha-512-256" => Algorithm::Sha512_256,
        _ => return None,
    };
    hash::digest(algorithm, b"").map(|_| (algorithm, is_session))
}

impl Answerable {
    /// Whether the server says that only the nonce was wrong (RFC 7616 §3.3).
    pub(super) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The credentials for a request; `None` where its content would have to be
    /// part of the digest and can't be.
    pub(super) fn answer(
        &mut self,
        asked: &AuthorizedRequest<'_>,
        user: &[u8],
        password: &[u8],
    ) -> Option<Vec<u8>> {
        self.count = self.count.saturating_add(1);
        let response = self.response(asked, user, password)?;
        let user =
            if self.hashes_user { self.hex(&[user, &self.realm])?.into_bytes() } else { user.to_vec() };
        let mut answer = b"Digest ".to_vec();
        push_quoted(&mut answer, "username", &user);
        push_quoted(&mut answer, ", realm", &self.realm);
        push_quoted(&mut answer, ", nonce", &self.nonce);
        push_quoted(&mut answer, ", uri", asked.target);
        if self.quality != Quality::Legacy || self.is_session {
            push_quoted(&mut answer, ", cnonce", asked.cnonce.as_bytes());
        }
        if let Some(name) = self.quality.name() {
            answer.extend_from_slice(format!(", nc={:08x}, qop={name}", self.count).as_bytes());
        }
        push_quoted(&mut answer, ", response", response.as_bytes());
        if let Some(opaque) = &self.opaque {
            push_quoted(&mut answer, ", opaque", opaque);
        }
        if let Some(name) = &self.algorithm_name {
            answer.extend_from_slice(b", algorithm=");
            answer.extend_from_slice(name);
        }
        if self.hashes_user {
            answer.extend_from_slice(b", userhash=true");
        }
        Some(answer)
    }

    /// RFC 7616 §3.4.1 to §3.4.3.
    fn response(&self, asked: &AuthorizedRequest<'_>, user: &[u8], password: &[u8]) -> Option<String> {
        let cnonce = asked.cnonce.as_bytes();
        let mut key = self.hex(&[user, &self.realm, password])?;
        if self.is_session {
            key = self.hex(&[key.as_bytes(), &self.nonce, cnonce])?;
        }
        let request = match self.quality {
            Quality::Legacy | Quality::Auth => self.hex(&[asked.method, asked.target])?,
            Quality::AuthInt => {
                let content = base16::encode(&(asked.content)(self.algorithm)?);
                self.hex(&[asked.method, asked.target, content.as_bytes()])?
            }
        };
        match self.quality.name() {
            None => self.hex(&[key.as_bytes(), &self.nonce, request.as_bytes()]),
            Some(name) => {
                let count = format!("{:08x}", self.count);
                let parts: [&[u8]; 6] = [
                    key.as_bytes(),
                    &self.nonce,
                    count.as_bytes(),
                    cnonce,
                    name.as_bytes(),
                    request.as_bytes(),
                ];
                self.hex(&parts)
            }
        }
    }

    /// The digest of `parts` with colons between them.
    fn hex(&self, parts: &[&[u8]]) -> Option<String> {
        hash::digest(self.algorithm, &parts.join(&b':')).map(|digest| base16::encode(&digest))
    }
}

impl Quality {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Legacy => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

/// `name="value"`; a control character that no quoted string can hold (RFC 9110
/// §5.6.4) goes in percent-encoded.
fn push_quoted(answer: &mut Vec<u8>, name: &str, value: &[u8]) {
    answer.extend_from_slice(name.as_bytes());
    answer.extend_from_slice(b"=\"");
    for &byte in value {
        match byte {
            b'"' | b'\\' => answer.extend_from_slice(&[b'\\', byte]),
            b'\t' => answer.push(byte),
            0..=0x1F | 0x7F => answer.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => answer.push(byte),
        }
    }
    answer.push(b'"');
}

#[cfg(all(test, feature = "extras"))]
mod tests {
    use super::*;
    use crate::http::challenge;

    fn challenge_of(value: &str) -> Option<Answerable> {
        answerable(&challenge::parse(value.as_bytes()).expect("challenges")[0])
    }

    fn answer(value: &str, user: &str, password: &str, request: (&str, &str), cnonce: &str) -> String {
        let asked = AuthorizedRequest {
            method: request.0.as_bytes(),
            target: request.1.as_bytes(),
            content: &|algorithm| hash::digest(algorithm, b"content"),
            cnonce,
        };
        let mut challenge = challenge_of(value).expect("a challenge that can be answered");
        let answer = challenge.answer(&asked, user.as_bytes(), password.as_bytes());
        String::from_utf8(answer.expect("an answer")).expect("text")
    }

    fn response_of(answer: &str) -> &str {
        let (_, rest) = answer.split_once("response=\"").expect("a response");
        rest.split_once('"').expect("a quoted string").0
    }

    /// The example of RFC 7616 §3.9.1, with both of its algorithms.
    #[test]
    fn the_examples_of_the_rfc() {
        let challenge = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=ALG, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let request = ("GET", "/dir/index.html");
            let challenge = challenge.replace("ALG", algorithm);
            let answer = answer(&challenge, "Mufasa", "Circle of Life", request, cnonce);
            assert_eq!(response_of(&answer), response);
            assert!(answer.contains(", nc=00000001, qop=auth, response="), "{answer}");
            assert!(answer.contains(", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""), "{answer}");
        }
    }

    /// The challenge of RFC 7616 §3.9.2, whose printed digests are wrong: these
    /// are OpenSSL's.
    #[test]
    fn a_hashed_user_name() {
        let user = "J\u{e4}s\u{f8}n Doe";
        let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
             nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
             opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
        let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm";
        let answer = answer(challenge, user, "Secret, or not?", ("GET", "/doe.json"), cnonce);
        assert!(
            answer.starts_with(
                "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\""
            ),
            "{answer}"
        );
        assert_eq!(response_of(&answer), "7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c");
        assert!(answer.ends_with(", algorithm=SHA-512-256, userhash=true"), "{answer}");
    }

    #[test]
    fn without_qop_as_rfc_2069_had_it() {
        let found = answer(
            "Digest realm=\"test \\\"this\\\" realm!!\", nonce=\"1053604145\"",
            "testuser",
            "testpass",
            ("GET", "/1095"),
            "unused",
        );
        assert_eq!(
            found,
            "Digest username=\"testuser\", realm=\"test \\\"this\\\" realm!!\", nonce=\"1053604145\", \
             uri=\"/1095\", response=\"df3246f44d2bc8de0e9f8fc4d7cf6e95\""
        );
    }

    #[test]
    fn sessions_and_contents_change_the_response() {
        let base = "Digest realm=r, nonce=n";
        let respond = |more: &str| {
            let whole = answer(&format!("{base}{more}"), "u", "p", ("POST", "/"), "c");
            response_of(&whole).to_owned()
        };
        let md5 = |text: String| base16::encode(&hash::digest(Algorithm::Md5, text.as_bytes()).expect("MD5"));
        let key = md5("u:r:p".to_owned());
        let request = md5("POST:/".to_owned());
        let session = md5(format!("{key}:n:c"));
        assert_eq!(respond(", algorithm=MD5-sess"), md5(format!("{session}:n:{request}")));
        let with_content = md5(format!("POST:/:{}", md5("content".to_owned())));
        assert_eq!(respond(", qop=auth-int"), md5(format!("{key}:n:00000001:c:auth-int:{with_content}")));
    }

    #[test]
    fn the_last_of_two_counts_and_controls_are_encoded() {
        let found = answer(
            "Digest realm=\"testrealm\", algorithm=MD5, algorithm=MD5, nonce=1, nonce=2",
            "a\r\n\"\\",
            "p",
            ("GET", "/"),
            "c",
        );
        assert!(found.starts_with("Digest username=\"a%0D%0A\\\"\\\\\", realm=\"testrealm\", nonce=\"2\""));
    }

    #[test]
    fn what_cannot_be_answered() {
        for value in [
            "Digest realm=r",
            "Digest",
            "Basic realm=r, nonce=n",
            "Digest realm=r, nonce=n, algorithm=unheard-of",
        ] {
            assert!(challenge_of(value).is_none(), "{value}");
        }
        let long = format!("Digest realm=r, nonce=\"{}\"", "n".repeat(MAX_VALUE + 1));
        assert!(challenge_of(&long).is_none());
    }
}
