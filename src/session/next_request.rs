//! The next request of a chain: after each response the policies say whether another one is to be
//! sent.

use super::cookies::asked;
use super::job::Job;
use super::redirect_chain::RedirectChain;
use super::{News, Session};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::response::{MAX_HEAD, ResponseHead};
use crate::http::uri::Uri;
use crate::output::escape::one_line;
use crate::plan::{Expectation, Extras, PlannedRequest};
use crate::policy::auth::{self, Authenticator};
use crate::policy::redirect::{self, RedirectRefusal};
use crate::policy::{Hop, Next};

/// Most bytes of heads, of all responses in a chain together, after which it continues: twenty of the
/// largest, as with curl.
const MAX_HEADS: usize = 20 * MAX_HEAD;

impl Session<'_, '_> {
    /// The request of the chain's hop, with the cookies for it.
    pub(super) fn request(&mut self, job: &mut Job) -> anyhow::Result<Box<PlannedRequest>> {
        let is_10 = job.chain.is_10 || self.waits_by_10(job);
        let chain = &mut job.chain;
        let hop = &chain.hop;
        let literal = chain.recipe.cookies(hop);
        let cookies = match &mut self.cookies {
            None => literal.map(<[u8]>::to_vec),
            Some(cookies) => {
                let host = chain.recipe.cookie_host(hop);
                cookies.jar.field(&asked(hop, &host, cookies.jar.as_curl), super::now(), literal)
            }
        };
        let forwarder = self.rules.routes.forwarder(&hop.uri);
        let resume = job.attempts.resumes_at().or(job.resume);
        let extras = Extras {
            cookies,
            authenticator: chain.authenticator.as_deref_mut(),
            proxy_authenticator: forwarder.map(|proxy| self.proxies.authenticator(proxy)),
            expects_nothing: chain.expects_nothing,
            is_10,
            resume,
            if_range: resume.and_then(|_| job.attempts.if_range()),
        };
        chain.recipe.request(hop, extras)
    }

    /// What is to be done after a response with this head to `request`. `is_doubtful`: others may read the head differently.
    pub(super) fn next(
        &mut self,
        chain: &mut RedirectChain,
        request: &PlannedRequest,
        head: &ResponseHead,
        is_doubtful: bool,
    ) -> anyhow::Result<Next> {
        self.keep_cookies(chain, head);
        self.learn_host(chain, head);
        chain.is_10 = head.status_line.version.is_below_11();
        chain.head_bytes = chain.head_bytes.saturating_add(head.raw().len());
        if is_doubtful {
            // What it says should not be relied on.
            return Ok(Next::Finish);
        }
        if self.asks_again(chain, request, head) {
            return Ok(Next::Send(Box::new(chain.hop.clone())));
        }
        if chain.head_bytes > MAX_HEADS {
            return Err(too_large(&chain.first));
        }
        match redirect::next(&self.rules.redirects, &chain.first, &chain.hop, &request.method, head) {
            Ok(None) => Ok(Next::Finish),
            Ok(Some(hop)) => {
                let hop = self.hop_by_https(chain, hop);
                self.announce(chain, &hop);
                if chain.recipe.names_method()
                    && redirect::keeps_post(&self.rules.redirects, head.status(), &request.method)
                {
                    self.tell_kept_post(chain, head.status());
                }
                let fresh = chain.recipe.authenticator(&hop);
                let is_same = |old: &Authenticator| fresh.as_ref().is_some_and(|fresh| fresh.is_as(old));
                if hop.uri.origin() != chain.hop.uri.origin()
                    || !chain.authenticator.as_deref().is_some_and(is_same)
                {
                    chain.authenticator = fresh;
                }
                Ok(Next::Send(Box::new(hop)))
            }
            Err(refusal) => Err(failure_of(&refusal).error(refusal.to_string())),
        }
    }

    /// Whether the same request is sent once more: without an expectation that was
    /// not met, or with the credentials that a challenge calls for.
    fn asks_again(
        &mut self,
        chain: &mut RedirectChain,
        request: &PlannedRequest,
        head: &ResponseHead,
    ) -> bool {
        if !self.rules.can_ask_again {
            return false;
        }
        if head.status() == 417 && request.expectation == Expectation::Ours {
            self.note("Retrying without Expect");
            chain.expects_nothing = true;
            return true;
        }
        let forwarder = self.rules.routes.forwarder(&chain.hop.uri);
        let proxy = forwarder.map(|proxy| self.proxies.authenticator(proxy));
        let both = [proxy, chain.authenticator.as_deref_mut()];
        let outcomes = both.map(|one| {
            one.map_or(auth::Reaction::Settled, |one| {
                one.take(head.status(), &head.fields, request.withholds && one.is_probing())
            })
        });
        for outcome in outcomes {
            match outcome {
                auth::Reaction::Settled => {}
                auth::Reaction::Again => {
                    self.note("Retrying with credentials for the challenge");
                    return true;
                }
                auth::Reaction::Refused(why) => self.note(&format!("Not retrying with credentials: {why}")),
            }
        }
        false
    }

    /// Tells of a redirect, and of each secret that stays behind, once in a chain.
    fn announce(&mut self, chain: &mut RedirectChain, hop: &Hop) {
        if self.events.are_heard() {
            let url = one_line(&hop.uri.to_bytes());
            self.note(&format!("Redirect {}: following to {url}", hop.number));
            if hop.sends != chain.hop.sends {
                self.note("The redirect drops the content");
            }
            if hop.keeps_method != chain.hop.keeps_method {
                self.note("The redirect changes the method set by --request");
            }
        }
        let mut names = chain.recipe.withheld(&chain.first, hop);
        if hop.uri.scheme.is_secure() && !hop.standing.shows_certificate && self.rules.tls.shows_certificate()
        {
            names.push("the client certificate".to_owned());
        }
        names.retain(|name| !chain.told.contains(name));
        if names.is_empty() {
            return;
        }
        chain.told.extend_from_slice(&names);
        let [first, other] =
            [&chain.first, &hop.uri].map(|uri| format!("{}://{}", uri.scheme.name(), uri.authority()));
        if self.cookies.is_some() {
            // Those that responses have set may be sent there.
            names
                .iter_mut()
                .filter(|name| *name == "Cookie")
                .for_each(|name| "the Cookie of -b or -H".clone_into(name));
        }
        let names = names.join(", ");
        self.tell(&News::Notice(&format!(
            "not sent to {other}: {names}; it is not the origin {first} (use --location-trusted to send them)"
        )));
    }

    /// Browsers, and --follow, continue with GET there.
    fn tell_kept_post(&mut self, chain: &mut RedirectChain, status: u16) {
        if !std::mem::replace(&mut chain.has_told_post, true) {
            self.tell(&News::Notice(&format!(
                "-X POST stays POST after {status}; with --follow the redirect is followed with GET"
            )));
        }
    }

    pub(super) fn note(&self, text: &str) {
        self.events.emit(&Event::Note(text));
    }
}

fn failure_of(refusal: &RedirectRefusal) -> Failure {
    match refusal {
        RedirectRefusal::TooMany(_) => Failure::TooManyRedirects,
        RedirectRefusal::Scheme(_) | RedirectRefusal::Forbidden(_) => Failure::Protocol,
        RedirectRefusal::User => Failure::Login,
        RedirectRefusal::Malformed(_) | RedirectRefusal::TooLong => Failure::MalformedUrl,
    }
}

fn too_large(first: &Uri) -> anyhow::Error {
    let kib = MAX_HEADS / 1024;
    let url = one_line(&first.to_bytes());
    Failure::Receive.error(format!("{url}: the heads of its responses are larger than {kib} KiB together"))
}
