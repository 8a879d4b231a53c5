//! Cookies: those of a response are kept, and at the end they go to the file of
//! `-c`. Which are kept and which are sent, the policy says.

use std::path::Path;
use std::time::Instant;

use super::Session;
use super::job::Job;
use super::redirect_chain::RedirectChain;
use crate::event::Event;
use crate::failure::Failure;
use crate::http::response::ResponseHead;
use crate::http::uri::is_loopback;
use crate::output::escape::one_line;
use crate::output::replace::replace;
use crate::plan::ResponseSource;
use crate::policy::Hop;
use crate::policy::cookie::{CookieRequest, MAX_FROM_RESPONSE, Refused, SetCookieOutcome};

/// How many cookies that are not sent are named.
const MAX_WITHHELD: usize = 50;

impl Session<'_, '_> {
    /// Keeps the cookies of a response, where they are turned on.
    pub(super) fn keep_cookies(&mut self, chain: &RedirectChain, head: &ResponseHead) {
        self.has_heard = true;
        let Some(cookies) = &mut self.cookies else { return };
        let hop = &chain.hop;
        let host = chain.recipe.cookie_host(hop);
        let mut kept = 0;
        for line in head.fields.all("set-cookie") {
            let outcome = match kept {
                MAX_FROM_RESPONSE => Err(Refused::TooMany),
                _ if holds_control(head, line.offset) => Err(Refused::ControlByte),
                _ => cookies.jar.set(line.value, &asked(hop, &host, cookies.jar.as_curl), super::now()),
            };
            kept += usize::from(outcome.is_ok());
            if self.events.are_heard() {
                self.events.emit(&Event::Note(&told(cookie_name(line.value), &outcome)));
            }
        }
    }

    /// Tells which cookies of the host are not sent with the job's next request.
    pub(super) fn tell_withheld(&self, job: &Job, at: Instant) {
        let hop = &job.chain.hop;
        let Some(cookies) = self.cookies.as_ref().filter(|_| self.events.are_heard()) else { return };
        let host = job.chain.recipe.cookie_host(hop);
        let recipe = &job.chain.recipe;
        let is_replaced = !cookies.jar.as_curl && recipe.replaces_cookies(hop);
        let literal = (!is_replaced).then(|| recipe.cookies(hop).map_or(0, <[u8]>::len));
        let asked = asked(hop, &host, cookies.jar.as_curl);
        let withheld = cookies.jar.withheld(&asked, super::now(), literal);
        for (name, why) in withheld.iter().take(MAX_WITHHELD) {
            self.events.emit_at(at, &Event::Withheld { name, why });
        }
    }

    /// Writes the cookies where `-c` says, once a response has come.
    pub(super) fn save_cookies(&mut self) -> anyhow::Result<()> {
        let Some(cookies) = &self.cookies else { return Ok(()) };
        let Some(path) = &cookies.save_to else { return Ok(()) };
        if matches!(self.source, ResponseSource::Nothing) || !self.has_heard {
            return Ok(());
        }
        let bytes = cookies.jar.to_bytes(super::now());
        if path == "-" {
            return self.console.print(&bytes);
        }
        replace(Path::new(path), &bytes).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            Failure::Write.because(format!("cannot write the cookies to {name}"), error)
        })
    }

    /// Tells of the files that no cookies were read from.
    pub(super) fn tell_unread(&self) {
        for (path, why) in self.cookies.iter().flat_map(|cookies| &cookies.unread) {
            let name = one_line(path.as_encoded_bytes());
            self.note(&format!("No cookies read from {name}: {why}"));
        }
    }
}

/// `hop` as cookies see it, `host` being the one that they belong to.
pub(super) fn asked<'a>(hop: &'a Hop, host: &'a str, as_curl: bool) -> CookieRequest<'a> {
    CookieRequest {
        host,
        path: hop.uri.path(),
        // Browsers trust loopback as they trust TLS.
        is_secure: hop.uri.scheme.is_secure()
            || if as_curl { is_loopback(host) } else { hop.uri.is_loopback() },
        is_users: !hop.standing.is_elsewhere,
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

/// The name of the cookie that a Set-Cookie field sets; none where it has no name,
/// since all of it is the value then.
fn cookie_name(field: &[u8]) -> Option<&[u8]> {
    let pair = field.split(|&byte| byte == b';').next()?;
    let name = &pair[..pair.iter().position(|&byte| byte == b'=')?];
    Some(name).filter(|name| !name.trim_ascii().is_empty())
}

/// A line about what became of a Set-Cookie field.
fn told(name: Option<&[u8]>, outcome: &Result<SetCookieOutcome, Refused>) -> String {
    match outcome {
        Ok(SetCookieOutcome::Kept { name, domain, path, same_site }) => {
            let (name, path) = (one_line(name), one_line(path));
            let same_site =
                same_site.as_deref().map(|value| format!(", SameSite {} is noted", one_line(value)));
            format!("Cookie {name} kept for {domain}{path}{}", same_site.unwrap_or_default())
        }
        Ok(SetCookieOutcome::Ended { name }) => {
            format!("Cookie {} has expired and is deleted", one_line(name))
        }
        Err(refused) => {
            let name = name.map(|name| format!(" {}", one_line(&name[..name.len().min(100)])));
            format!("Cookie{} not kept: {refused}", name.unwrap_or_default())
        }
    }
}
