//! Authentication (RFC 9110 §11): which credentials a request carries, and
//! whether a 401 or 407 is worth another request.
//!
//! One [`Authenticator`] serves one origin, or one proxy. It knows nothing of
//! other origins: it must not be sent after a redirect.

pub(crate) use super::digest_auth::{AuthorizedRequest, no_content};

use super::digest_auth::{self, Answerable};
use crate::http::base64;
use crate::http::challenge::{self, Challenge};
use crate::http::field::FieldSection;

/// Most requests that one exchange of challenges and responses may take: one to
/// learn the challenge, one to respond to it, and room for stale nonces.
pub(crate) const MAX_REQUESTS: u32 = 5;

/// Whether the origin or a proxy requests credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenger {
    /// The origin server (RFC 9110 §11.6).
    Origin,
    /// A proxy (RFC 9110 §11.7).
    Proxy,
}

impl Challenger {
    fn challenge_field(self) -> &'static str {
        match self {
            Self::Origin => "WWW-Authenticate",
            Self::Proxy => "Proxy-Authenticate",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Origin => 401,
            Self::Proxy => 407,
        }
    }
}

/// An authentication scheme, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AuthScheme {
    /// RFC 7617.
    Basic,
    /// RFC 7616.
    Digest,
    /// RFC 6750.
    Bearer,
}

/// Schemes that the user allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) basic: bool,
    pub(crate) digest: bool,
    pub(crate) bearer: bool,
}

impl Allowed {
    /// `--anyauth`.
    pub(crate) const ANY: Self = Self { basic: true, digest: true, bearer: true };

    fn allows(self, scheme: AuthScheme) -> bool {
        match scheme {
            AuthScheme::Basic => self.basic,
            AuthScheme::Digest => self.digest,
            AuthScheme::Bearer => self.bearer,
        }
    }

    /// The one scheme there is: it needs no challenge to be chosen.
    fn single(self) -> Option<AuthScheme> {
        let mut all = [AuthScheme::Basic, AuthScheme::Digest, AuthScheme::Bearer].into_iter();
        let first = all.find(|&scheme| self.allows(scheme))?;
        all.all(|other| !self.allows(other)).then_some(first)
    }
}

/// What the user is known by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// User and password.
    pub(crate) user: Option<(Vec<u8>, Vec<u8>)>,
    /// A bearer token.
    pub(crate) token: Option<Vec<u8>>,
}

impl Credentials {
    pub(crate) fn are_any(&self) -> bool {
        self.user.is_some() || self.token.is_some()
    }
}

/// What a response means for authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Nothing: the response is what was requested, or not about credentials.
    Settled,
    /// The same request is to be sent again.
    Again,
    /// The credentials were rejected, or the challenge is not supported; why.
    Refused(&'static str),
}

/// The state of authentication towards one origin or proxy.
#[derive(Clone, Debug)]
pub(crate) struct Authenticator {
    role: Challenger,
    allowed: Allowed,
    credentials: Credentials,
    picked: Option<AuthScheme>,
    digest: Option<Answerable>,
    requests: u32,
    has_answered: bool,
    needs_none: bool,
}

impl Authenticator {
    /// With `credentials`, by the schemes that are `allowed`.
    pub(crate) fn new(role: Challenger, credentials: Credentials, mut allowed: Allowed) -> Self {
        allowed.bearer &= credentials.token.is_some();
        let has_user = credentials.user.is_some();
        allowed.basic &= has_user;
        allowed.digest &= has_user;
        Self {
            role,
            allowed,
            credentials,
            picked: allowed.single(),
            digest: None,
            requests: 0,
            has_answered: false,
            needs_none: false,
        }
    }

    /// Whether it has the credentials of `other`.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        self.credentials == other.credentials
    }

    /// Whether the next request only requests a challenge, so that its content
    /// would be sent in vain.
    pub(crate) fn is_probing(&self) -> bool {
        self.picked == Some(AuthScheme::Digest) && self.digest.is_none() && !self.needs_none
    }

    /// Whether requests get no credentials before a challenge has come.
    pub(crate) fn is_silent(&self) -> bool {
        self.picked.is_none()
    }

    /// Whether its credentials are made with a nonce of the client's.
    pub(crate) fn needs_nonce(&self) -> bool {
        self.digest.is_some()
    }

    /// The value of the credentials' field for a request, if it carries any.
    pub(crate) fn field_value(&mut self, asked: &AuthorizedRequest<'_>) -> Option<Vec<u8>> {
        let value = match self.picked? {
            AuthScheme::Basic => {
                let (user, password) = self.credentials.user.as_ref()?;
                let pair = [&user[..], b":", password].concat();
                format!("Basic {}", base64::encode(&pair)).into_bytes()
            }
            AuthScheme::Bearer => [b"Bearer ", &self.credentials.token.as_ref()?[..]].concat(),
            AuthScheme::Digest => {
                let (user, password) = self.credentials.user.as_ref()?;
                self.digest.as_mut()?.answer(asked, user, password)?
            }
        };
        self.has_answered = true;
        Some(value)
    }

    /// What a final response with this status and these fields calls for;
    /// `withheld`: the request kept its content back.
    pub(crate) fn take(&mut self, status: u16, fields: &FieldSection, withheld: bool) -> Reaction {
        if status != self.role.status() {
            return self.take_challenges(status, &[], withheld);
        }
        let mut challenges = Vec::new();
        for line in fields.all(self.role.challenge_field()) {
            // A line that is no list of challenges is as good as none.
            challenges.extend(challenge::parse(line.value).unwrap_or_default());
        }
        self.take_challenges(status, &challenges, withheld)
    }

    fn take_challenges(&mut self, status: u16, challenges: &[Challenge], withheld: bool) -> Reaction {
        self.requests += 1;
        if status != self.role.status() {
            if withheld && status < 300 {
                // No credentials needed: now with the content.
                self.needs_none = true;
                return Reaction::Again;
            }
            // Each target begins a dance of its own; the other role's challenge is part of this one.
            if !matches!(status, 401 | 407) {
                self.requests = 0;
            }
            return Reaction::Settled;
        }
        if self.allowed == Allowed::default() {
            return Reaction::Settled;
        }
        if self.requests >= MAX_REQUESTS {
            return Reaction::Refused("the server keeps asking for credentials");
        }
        let Some(scheme) = self.picked.or_else(|| self.strongest(challenges)) else {
            return Reaction::Refused("the server offers no known and allowed scheme");
        };
        self.picked = Some(scheme);
        match scheme {
            _ if scheme != AuthScheme::Digest && self.has_answered => Reaction::Refused(WRONG),
            AuthScheme::Basic | AuthScheme::Bearer => Reaction::Again,
            AuthScheme::Digest => self.take_digest(challenges),
        }
    }

    fn take_digest(&mut self, challenges: &[Challenge]) -> Reaction {
        let Some(fresh) = challenges.iter().find_map(digest_auth::answerable) else {
            return Reaction::Refused("the server sent no supported Digest challenge");
        };
        if self.has_answered && !fresh.is_stale() {
            return Reaction::Refused(WRONG);
        }
        self.digest = Some(fresh);
        Reaction::Again
    }

    /// The strongest scheme that is offered, allowed and supported.
    fn strongest(&self, challenges: &[Challenge]) -> Option<AuthScheme> {
        let scheme = |challenge: &Challenge| match () {
            () if challenge.is("Bearer") => Some(AuthScheme::Bearer),
            () if challenge.is("Basic") => Some(AuthScheme::Basic),
            () => digest_auth::answerable(challenge).map(|_| AuthScheme::Digest),
        };
        challenges.iter().filter_map(scheme).filter(|&scheme| self.allowed.allows(scheme)).max()
    }
}

const WRONG: &str = "the credentials were rejected";

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Credentials {
        Credentials { user: Some((b"testuser".to_vec(), b"testpass".to_vec())), token: None }
    }

    fn value(authenticator: &mut Authenticator) -> Option<String> {
        let asked =
            AuthorizedRequest { method: b"GET", target: b"/x", content: &|_| None, cnonce: "0a4f113b" };
        authenticator.field_value(&asked).map(|value| String::from_utf8(value).expect("text"))
    }

    fn take(authenticator: &mut Authenticator, status: u16, lines: &[&str]) -> Reaction {
        let withheld = authenticator.is_probing();
        let challenges: Vec<_> =
            lines.iter().flat_map(|line| challenge::parse(line.as_bytes()).expect("challenges")).collect();
        authenticator.take_challenges(status, &challenges, withheld)
    }

    #[test]
    fn basic_goes_out_at_once_and_only_once() {
        let only_basic = Allowed { basic: true, ..Allowed::default() };
        let mut authenticator = Authenticator::new(Challenger::Origin, user(), only_basic);
        assert_eq!(value(&mut authenticator).as_deref(), Some("Basic dGVzdHVzZXI6dGVzdHBhc3M="));
        assert_eq!(take(&mut authenticator, 401, &["Basic realm=x"]), Reaction::Refused(WRONG));
        assert_eq!(take(&mut authenticator, 200, &[]), Reaction::Settled);
    }

    #[test]
    fn the_strongest_scheme_that_is_offered_is_taken() {
        for (offered, token, chosen) in [
            (&["Basic realm=x"][..], false, Some(AuthScheme::Basic)),
            (&["Bearer", "Basic realm=x"], false, Some(AuthScheme::Basic)),
            (&["Bearer", "Basic realm=x"], true, Some(AuthScheme::Bearer)),
            (&["Blackmagic realm=x", "NTLM"], false, None),
            (
                &["Digest realm=x, nonce=y, algorithm=unheard-of", "Basic realm=x"],
                false,
                Some(AuthScheme::Basic),
            ),
        ] {
            let credentials = Credentials { token: token.then(|| b"t".to_vec()), ..user() };
            let mut authenticator = Authenticator::new(Challenger::Origin, credentials, Allowed::ANY);
            assert_eq!(value(&mut authenticator), None);
            let outcome = take(&mut authenticator, 401, offered);
            assert_eq!(outcome == Reaction::Again, chosen.is_some(), "{offered:?}");
            assert_eq!(authenticator.picked, chosen, "{offered:?}");
        }
    }

    #[test]
    fn a_bearer_token_needs_no_user() {
        let credentials = Credentials { user: None, token: Some(b"mF_9.B5f-4.1JqM".to_vec()) };
        let mut authenticator = Authenticator::new(Challenger::Origin, credentials, Allowed::ANY);
        assert_eq!(value(&mut authenticator).as_deref(), Some("Bearer mF_9.B5f-4.1JqM"));
    }

    #[test]
    fn without_credentials_nothing_is_ever_sent() {
        let mut authenticator = Authenticator::new(Challenger::Origin, Credentials::default(), Allowed::ANY);
        assert_eq!(value(&mut authenticator), None);
        assert!(!authenticator.is_probing());
        assert_eq!(take(&mut authenticator, 401, &["Basic realm=x"]), Reaction::Settled);
    }

    #[cfg(feature = "extras")]
    #[test]
    fn digest_asks_first_and_a_dance_ends() {
        let only_digest = Allowed { digest: true, ..Allowed::default() };
        let mut authenticator = Authenticator::new(Challenger::Origin, user(), only_digest);
        assert!(authenticator.is_probing());
        assert_eq!(value(&mut authenticator), None);
        let stale = ["Digest realm=x, nonce=1, stale=true"];
        for round in 1..MAX_REQUESTS {
            assert_eq!(take(&mut authenticator, 401, &stale), Reaction::Again, "{round}");
            assert!(value(&mut authenticator).is_some_and(|value| value.starts_with("Digest username=")));
        }
        assert!(matches!(take(&mut authenticator, 401, &stale), Reaction::Refused(_)));
    }

    #[cfg(feature = "extras")]
    #[test]
    fn a_fresh_nonce_that_is_not_stale_means_a_wrong_password() {
        let only_digest = Allowed { digest: true, ..Allowed::default() };
        let mut authenticator = Authenticator::new(Challenger::Proxy, user(), only_digest);
        assert_eq!(take(&mut authenticator, 407, &["Digest realm=x, nonce=1"]), Reaction::Again);
        assert!(value(&mut authenticator).is_some());
        assert_eq!(take(&mut authenticator, 407, &["Digest realm=x, nonce=2"]), Reaction::Refused(WRONG));
        assert_eq!(take(&mut authenticator, 401, &["Digest realm=x, nonce=2"]), Reaction::Settled);
    }

    #[test]
    fn a_server_that_needs_no_digest_gets_the_content_the_second_time() {
        let only_digest = Allowed { digest: true, ..Allowed::default() };
        let mut authenticator = Authenticator::new(Challenger::Origin, user(), only_digest);
        assert_eq!(take(&mut authenticator, 200, &[]), Reaction::Again);
        assert!(!authenticator.is_probing());
        assert_eq!(take(&mut authenticator, 200, &[]), Reaction::Settled);
    }
}
