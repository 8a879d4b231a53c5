//! What follows a response: its cookies are kept, and the policies say whether
//! another request is to be sent.

use std::path::Path;

use super::{News, Session};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::response::ResponseHead;
use crate::http::uri::{Scheme, Uri};
use crate::output::escape::one_line;
use crate::output::replace::replace;
use crate::plan::{self, Expectation, Extras, PlannedRequest, Recipe, Source};
use crate::policy::auth::{self, Authenticator};
use crate::policy::cookie::{Asked, MAX_FROM_RESPONSE, Outcome, Refused};
use crate::policy::redirect::{self, Refusal};
use crate::policy::{Hop, Next};

/// A chain of requests: what the user asked for, and where it has led.
pub(super) struct Chain {
    /// How its requests are made.
    pub(super) recipe: Recipe,
    /// The user's own target.
    pub(super) first: Uri,
    /// The request that is being made.
    pub(super) hop: Hop,
    /// The user knows what stayed behind.
    pub(super) has_told: bool,
    /// Who makes the credentials for the hop's origin.
    pub(super) authenticator: Option<Authenticator>,
    /// The server has said that it does not meet expectations.
    pub(super) expects_nothing: bool,
}

impl Session<'_, '_> {
    /// The request of the chain's hop, with the cookies for it.
    pub(super) fn request(&mut self, chain: &mut Chain) -> anyhow::Result<PlannedRequest> {
        let hop = &chain.hop;
        let literal = chain.recipe.cookies(hop);
        let cookies = match &self.cookies {
            None => literal.map(<[u8]>::to_vec),
            Some(cookies) => {
                let host = chain.recipe.cookie_host(hop);
                cookies.jar.field(&asked(hop, &host), plan::now(), literal)
            }
        };
        let forwarder = self.routes.forwarder(&hop.uri);
        let extras = Extras {
            cookies,
            authenticator: chain.authenticator.as_mut(),
            proxy_authenticator: forwarder.map(|proxy| self.proxies.authenticator(proxy)),
            expects_nothing: chain.expects_nothing,
            resume: self.resume,
        };
        chain.recipe.request(hop, extras)
    }

    /// What is to be done after a response with this head to `request`. `is_doubtful`: others may read the head differently.
    pub(super) fn next(
        &mut self,
        chain: &mut Chain,
        request: &PlannedRequest,
        head: &ResponseHead,
        is_doubtful: bool,
    ) -> anyhow::Result<Next> {
        self.keep_cookies(chain, head);
        if is_doubtful {
            // Nobody should rely on what it says.
            return Ok(Next::Finish);
        }
        if self.asks_again(chain, request, head) {
            return Ok(Next::Send(Box::new(chain.hop.clone())));
        }
        match redirect::next(&self.redirects, &chain.first, &chain.hop, &request.method, head) {
            Ok(None) => Ok(Next::Finish),
            Ok(Some(hop)) => {
                self.announce(chain, &hop);
                let fresh = chain.recipe.authenticator(&hop);
                let is_same = |old: &Authenticator| fresh.as_ref().is_some_and(|fresh| fresh.is_as(old));
                if hop.uri.origin() != chain.hop.uri.origin()
                    || !chain.authenticator.as_ref().is_some_and(is_same)
                {
                    chain.authenticator = fresh;
                }
                Ok(Next::Send(Box::new(hop)))
            }
            Err(refusal) => Err(failure_of(&refusal).error(refusal.to_string())),
        }
    }

    /// Whether the same is to be asked once more: without an expectation that is
    /// not met, or with credentials that are asked for.
    fn asks_again(&mut self, chain: &mut Chain, request: &PlannedRequest, head: &ResponseHead) -> bool {
        if !self.can_ask_again {
            return false;
        }
        if head.status() == 417 && request.expectation == Expectation::Ours {
            self.note("Asking again without Expect");
            chain.expects_nothing = true;
            return true;
        }
        let forwarder = self.routes.forwarder(&chain.hop.uri);
        let proxy = forwarder.map(|proxy| self.proxies.authenticator(proxy));
        let both = [proxy, chain.authenticator.as_mut()];
        let outcomes = both.map(|one| {
            one.map_or(auth::Outcome::Settled, |one| {
                one.take(head.status(), &head.fields, request.withholds && one.is_probing())
            })
        });
        for outcome in outcomes {
            match outcome {
                auth::Outcome::Settled => {}
                auth::Outcome::Again => {
                    self.note("Asking again as the challenge asks");
                    return true;
                }
                auth::Outcome::Refused(why) => self.note(&format!("Not asking again: {why}")),
            }
        }
        false
    }

    /// Tells of a redirect, and once in a chain of what stays behind.
    fn announce(&mut self, chain: &mut Chain, hop: &Hop) {
        if self.events.are_heard() {
            let url = one_line(&hop.uri.to_bytes());
            self.note(&format!("Redirect {}: following to {url}", hop.number));
            if hop.sends != chain.hop.sends {
                self.note("The redirect does not want the content again");
            }
            if hop.keeps_method != chain.hop.keeps_method {
                self.note("The redirect changes the method of --request");
            }
        }
        if hop.has_secrets || chain.has_told {
            return;
        }
        let names = chain.recipe.secrets(&chain.first);
        if names.is_empty() {
            return;
        }
        chain.has_told = true;
        let [first, other] =
            [&chain.first, &hop.uri].map(|uri| format!("{}://{}", uri.scheme.name(), uri.authority()));
        let names = names.join(", ");
        (self.tell)(&News::Notice(&format!(
            "not sent to {other}: {names}; it is not the origin {first} (--location-trusted sends it all the same)"
        )));
    }

    /// Keeps the cookies of a response, where they are turned on.
    fn keep_cookies(&mut self, chain: &Chain, head: &ResponseHead) {
        let hop = &chain.hop;
        let host = chain.recipe.cookie_host(hop);
        let Some(cookies) = &mut self.cookies else { return };
        let mut kept = 0;
        for line in head.fields.all("set-cookie") {
            let outcome = match kept {
                MAX_FROM_RESPONSE => Err(Refused::TooMany),
                _ if holds_control(head, line.offset) => Err(Refused::ControlByte),
                _ => cookies.jar.set(line.value, &asked(hop, &host), plan::now()),
            };
            kept += usize::from(outcome.is_ok());
            if self.events.are_heard() {
                let name = line.value.split(|&byte| byte == b'=' || byte == b';').next().unwrap_or_default();
                self.events.emit(&Event::Note(&told(name, &outcome)));
            }
        }
    }

    /// Writes the cookies where `-c` says.
    pub(super) fn save_cookies(&mut self) -> anyhow::Result<()> {
        let Some(cookies) = &self.cookies else { return Ok(()) };
        let Some(path) = &cookies.save_to else { return Ok(()) };
        if let Source::Nothing = self.source {
            return Ok(());
        }
        let bytes = cookies.jar.to_bytes(plan::now());
        if path == "-" {
            return self.screen.print(&bytes);
        }
        replace(Path::new(path), &bytes).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            Failure::Write.because(format!("cannot write the cookies to {name}"), error)
        })
    }

    /// Tells of the files of cookies that are not there.
    pub(super) fn tell_missing(&self) {
        for path in self.cookies.iter().flat_map(|cookies| &cookies.missing) {
            let name = one_line(path.as_encoded_bytes());
            self.note(&format!("No cookies from {name}: there is no such file"));
        }
    }

    fn note(&self, text: &str) {
        self.events.emit(&Event::Note(text));
    }
}

/// `hop` as cookies see it, `host` being the one that they belong to.
fn asked<'a>(hop: &'a Hop, host: &'a str) -> Asked<'a> {
    Asked {
        host,
        path: hop.uri.path(),
        is_secure: hop.uri.scheme == Scheme::Https,
        is_users: !hop.is_elsewhere,
    }
}

/// Whether the line at `offset` came with a NUL or a CR inside, which reading
/// the head has replaced by SP.
fn holds_control(head: &ResponseHead, offset: u64) -> bool {
    let start = usize::try_from(offset.saturating_sub(head.offset())).unwrap_or(usize::MAX);
    let line = head.raw().get(start..).unwrap_or_default();
    let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().any(|byte| b"\0\r".contains(byte))
}

/// A line about what became of a Set-Cookie field.
fn told(name: &[u8], outcome: &Result<Outcome, Refused>) -> String {
    match outcome {
        Ok(Outcome::Kept { name, domain, path, same_site }) => {
            let (name, path) = (one_line(name), one_line(path));
            let same_site =
                same_site.as_deref().map(|value| format!(", SameSite {} is noted", one_line(value)));
            format!("Cookie {name} kept for {domain}{path}{}", same_site.unwrap_or_default())
        }
        Ok(Outcome::Ended { name }) => format!("Cookie {} has ended, and is kept no longer", one_line(name)),
        Err(refused) => {
            let name = &name[..name.len().min(100)];
            format!("Cookie {} not kept: {refused}", one_line(name))
        }
    }
}

fn failure_of(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::TooMany(_) => Failure::TooManyRedirects,
        Refusal::Scheme(_) | Refusal::Forbidden(_) => Failure::Protocol,
        Refusal::User => Failure::Login,
        Refusal::Malformed(_) | Refusal::TooLong => Failure::MalformedUrl,
    }
}
