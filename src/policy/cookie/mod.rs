//! Cookies (RFC 6265bis): what a response may store, and what is sent with
//! a request.
//!
//! A jar knows neither files nor the clock: [`netscape`] turns it into bytes and
//! back, and `now`, in seconds since 1970, is an argument. It is an HTTP API in
//! the RFC's words, and every request counts as one that the user made: SameSite
//! is noted and keeps nothing back.

mod eviction;
mod netscape;
mod refused;
mod set;

pub(crate) use refused::Refused;
pub(crate) use set::MAX_COOKIE;

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::http::cookie_matching::{NamePrefix, default_path, domain_matches, is_address, path_matches};
use crate::public_suffix::{is_public_suffix, public_suffix_of};
use crate::sorting::sort_by_key;
use set::ReceivedCookie;

/// Most cookies that are kept from one response: curl's limit.
pub(crate) const MAX_FROM_RESPONSE: usize = 50;
/// Most cookies that are kept of those that responses have set: what RFC 6265bis §6.1 asks to have room for.
const MAX_FRESH: usize = 3000;
/// Most cookies that are sent with one request, by curl's rules: those that came first.
const MAX_SENT: usize = 150;
/// Longest Cookie field line: curl's limit, and what servers commonly take.
pub(crate) const MAX_FIELD: usize = 8190;

/// A cookie as it is stored (RFC 6265bis §5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    id: CookieKey,
    value: Vec<u8>,
    /// When it ends; `None`: with the session.
    expiry: Option<i64>,
    is_secure: bool,
    is_http_only: bool,
    /// Its place in the order of creation.
    created: i64,
    /// Where a response has set it: its place in the order in which cookies were last set or sent.
    used: Option<u64>,
}

/// A cookie that is found by what two cookies can't have in common, which it holds once.
#[derive(Clone, Debug)]
struct StoredCookie(Cookie);

impl Borrow<CookieKey> for StoredCookie {
    fn borrow(&self) -> &CookieKey {
        &self.0.id
    }
}

impl PartialEq for StoredCookie {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for StoredCookie {}

impl Hash for StoredCookie {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

/// What two cookies can't have in common (RFC 6265bis §5.7 step 23).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CookieKey {
    name: Vec<u8>,
    /// In lower case; `None`, from a file alone: the hosts that the user names.
    domain: Option<String>,
    is_host_only: bool,
    path: Vec<u8>,
}

/// The request that cookies are set for, or sent with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CookieRequest<'a> {
    /// The host in lower case.
    pub(crate) host: &'a str,
    /// The path without the query.
    pub(crate) path: &'a [u8],
    /// It goes over TLS, or stays on this machine.
    pub(crate) is_secure: bool,
    /// The user named its origin: a redirect to elsewhere did not lead there.
    pub(crate) is_users: bool,
}

/// What became of a Set-Cookie field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SetCookieOutcome {
    /// A cookie was stored: its name, which hosts it is sent to, and its SameSite.
    Kept { name: Vec<u8>, domain: String, path: Vec<u8>, same_site: Option<Vec<u8>> },
    /// It has ended already, and so has any that it replaces.
    Ended { name: Vec<u8> },
}

/// The cookies of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar {
    stored: HashSet<StoredCookie>,
    last_created: i64,
    /// How many responses have set, at most.
    fresh: usize,
    /// How often cookies were set or sent.
    uses: u64,
    /// By curl's rules: of the cookies of one path those with longer names are sent first, and then
    /// the newest, not the oldest (RFC 6265bis §5.8.3); quotes are no part of a path.
    pub(crate) as_curl: bool,
}

impl Jar {
    /// Takes over the cookies of another jar, which are newer.
    pub(crate) fn join(&mut self, other: Self) {
        for stored in other.stored {
            self.stored.replace(stored);
        }
        self.last_created = self.last_created.max(other.last_created);
        self.fresh += other.fresh;
        self.uses = self.uses.max(other.uses);
    }

    /// Stores what a Set-Cookie field of a response to `asked` says (RFC 6265bis §5.7).
    pub(crate) fn set(
        &mut self,
        field: &[u8],
        asked: &CookieRequest<'_>,
        now: i64,
    ) -> Result<SetCookieOutcome, Refused> {
        let parsed = set::parse(field, now, self.as_curl)?;
        let domain = domain_attribute(parsed.domain, asked.host)?;
        let is_host_only = domain.is_none() || is_address(asked.host);
        let domain = domain.unwrap_or_else(|| asked.host.to_owned());
        let has_root_path = parsed.path == Some(b"/");
        let path = parsed.path.unwrap_or_else(|| default_path(asked.path)).to_vec();
        if path.contains(&b'\t') {
            return Err(Refused::Tab);
        }
        if !asked.is_secure {
            if parsed.is_secure {
                return Err(Refused::SecureOverPlain);
            }
            if self.has_secure(parsed.name, &domain, &path) {
                return Err(Refused::HidesSecure);
            }
        }
        let is_for_host = parsed.domain.is_empty() && has_root_path;
        check_prefix(parsed.name, parsed.is_secure, parsed.is_http_only, is_for_host)?;
        let id = CookieKey { name: parsed.name.to_vec(), domain: Some(domain), is_host_only, path };
        if parsed.expiry.is_some_and(|expiry| expiry <= now) {
            self.stored.remove(&id);
            return Ok(SetCookieOutcome::Ended { name: id.name });
        }
        let (created, used) = self.place_of(&id, now);
        let kept = SetCookieOutcome::Kept {
            name: id.name.clone(),
            domain: id.domain.clone().unwrap_or_default(),
            path: id.path.clone(),
            same_site: parsed.same_site.map(<[u8]>::to_vec),
        };
        let ReceivedCookie { value, expiry, is_secure, is_http_only, .. } = parsed;
        self.put(Cookie { id, value: value.to_vec(), expiry, is_secure, is_http_only, created, used });
        Ok(kept)
    }

    /// The places in the orders of creation and use: created when the cookie was that it replaces
    /// (§5.7 step 23), or now.
    fn place_of(&mut self, id: &CookieKey, now: i64) -> (i64, Option<u64>) {
        self.uses += 1;
        if let Some(old) = self.stored.get(id) {
            return (old.0.created, old.0.used.map(|_| self.uses));
        }
        if self.fresh >= MAX_FRESH {
            self.evict(now);
        }
        self.fresh += 1;
        self.last_created += 1;
        (self.last_created, Some(self.uses))
    }

    /// The pairs that are sent with `asked`, in the order of RFC 6265bis §5.8.3,
    /// behind them `literal`, as the value of a Cookie field; `None` without
    /// any. Pairs that would make it too long stay out.
    pub(crate) fn field(
        &mut self,
        asked: &CookieRequest<'_>,
        now: i64,
        literal: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let literal = literal.unwrap_or_default();
        let mut value = Vec::new();
        let mut received = Vec::new();
        for cookie in self.sent(asked, now, literal.len()) {
            cookie.push_pair(&mut value);
            if cookie.used.is_some() {
                received.push(cookie.id.clone());
            }
        }
        self.note_use(&received);
        if !literal.is_empty() {
            separate(&mut value);
            value.extend_from_slice(literal);
        }
        (!value.is_empty()).then_some(value)
    }

    /// These are sent.
    fn note_use(&mut self, sent: &[CookieKey]) {
        self.uses += 1;
        for id in sent {
            if let Some(StoredCookie(cookie)) = self.stored.take(id) {
                self.put(Cookie { used: Some(self.uses), ..cookie });
            }
        }
    }

    /// The cookies that are sent with `asked`, in their order, in a field that `literal` bytes are in already.
    fn sent(&self, asked: &CookieRequest<'_>, now: i64, literal: usize) -> Vec<&Cookie> {
        let mut cookies: Vec<_> = self.cookies().filter(|cookie| cookie.goes_to(asked, now)).collect();
        match self.as_curl {
            false => sort_by_key(&mut cookies, |cookie| (Reverse(cookie.id.path.len()), cookie.created)),
            true => {
                sort_by_key(&mut cookies, |cookie| cookie.created);
                cookies.truncate(MAX_SENT);
                sort_by_key(&mut cookies, |cookie| Reverse(cookie.rank()));
            }
        }
        // Only what is behind another needs a semicolon and a space before it.
        let mut length = b"Cookie: ".len() + literal - if literal == 0 { b"; ".len() } else { 0 };
        let fitting = cookies.iter().take_while(|cookie| {
            length += b"; ".len() + cookie.id.name.len() + b"=".len() + cookie.value.len();
            length <= MAX_FIELD
        });
        let count = fitting.count();
        cookies.truncate(count);
        cookies
    }

    /// The cookies of the host that are not sent with `asked`, each with the reason, in the
    /// order of creation. Beside them go `literal` bytes; `None`: the user's own field goes alone, or none.
    pub(crate) fn withheld(
        &self,
        asked: &CookieRequest<'_>,
        now: i64,
        literal: Option<usize>,
    ) -> Vec<(&[u8], String)> {
        let sent = literal.map_or_else(Vec::new, |literal| self.sent(asked, now, literal));
        let sent: HashSet<_> = sent.into_iter().map(|cookie| &cookie.id).collect();
        let why = |cookie: &Cookie| match cookie.goes_to(asked, now) {
            true if sent.contains(&cookie.id) => None,
            true if literal.is_none() => Some("-H replaces the Cookie field, or removes it".to_owned()),
            true if sent.len() == MAX_SENT && self.as_curl => {
                Some(format!("as with curl, {MAX_SENT} cookies are sent at most"))
            }
            true => Some(format!("a Cookie field has room for {MAX_FIELD} bytes")),
            false => cookie.withheld(asked, now),
        };
        let mut withheld: Vec<_> = self
            .cookies()
            .filter_map(|cookie| Some((cookie.created, &cookie.id.name[..], why(cookie)?)))
            .collect();
        sort_by_key(&mut withheld, |(created, ..)| *created);
        withheld.into_iter().map(|(_, name, why)| (name, why)).collect()
    }

    /// Whether a cookie that came over TLS would be hidden (§5.7 step 14).
    fn has_secure(&self, name: &[u8], domain: &str, path: &[u8]) -> bool {
        self.cookies().any(|old| {
            let old_domain = old.id.domain.as_deref().unwrap_or_default();
            old.is_secure
                && old.id.name == name
                && (domain_matches(domain, old_domain) || domain_matches(old_domain, domain))
                && path_matches(path, &old.id.path)
        })
    }

    fn put(&mut self, cookie: Cookie) {
        self.stored.replace(StoredCookie(cookie));
    }

    fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        self.stored.iter().map(|stored| &stored.0)
    }
}

impl Cookie {
    /// By which of them curl sends one before another: the greater goes first.
    fn rank(&self) -> (usize, usize, usize, i64) {
        let domain = self.id.domain.as_ref().map_or(0, String::len);
        (self.id.path.len(), domain, self.id.name.len(), self.created)
    }

    fn goes_to(&self, asked: &CookieRequest<'_>, now: i64) -> bool {
        let is_domain_right = match &self.id.domain {
            None => asked.is_users,
            Some(domain) if self.id.is_host_only => domain == asked.host,
            Some(domain) => {
                domain == asked.host
                    || domain_matches(asked.host, domain) && !spans_registries(domain, asked.host)
            }
        };
        is_domain_right
            && path_matches(asked.path, &self.id.path)
            && (asked.is_secure || !self.is_secure)
            && self.expiry.is_none_or(|expiry| expiry > now)
    }

    /// Why it is not sent, if it is of the host or of one above it.
    fn withheld(&self, asked: &CookieRequest<'_>, now: i64) -> Option<String> {
        let domain = self.id.domain.as_deref()?;
        if !domain_matches(asked.host, domain) {
            return None;
        }
        if self.id.is_host_only && domain != asked.host {
            return Some(format!("it is only for {domain}"));
        }
        if self.expiry.is_some_and(|expiry| expiry <= now) {
            return Some("it has expired".to_owned());
        }
        if self.is_secure && !asked.is_secure {
            return Some("it is Secure, but the request uses http".to_owned());
        }
        let path = || String::from_utf8_lossy(&self.id.path[..self.id.path.len().min(60)]);
        (!path_matches(asked.path, &self.id.path)).then(|| format!("it is for the path {}", path()))
    }

    fn push_pair(&self, value: &mut Vec<u8>) {
        separate(value);
        value.extend_from_slice(&self.id.name);
        value.push(b'=');
        value.extend_from_slice(&self.value);
    }
}

fn separate(value: &mut Vec<u8>) {
    if !value.is_empty() {
        value.extend_from_slice(b"; ");
    }
}

/// The domain that a Domain attribute stands for; `None`: the host alone (§5.7
/// steps 6 to 9).
fn domain_attribute(attribute: &[u8], host: &str) -> Result<Option<String>, Refused> {
    let domain = str::from_utf8(attribute).ok().filter(|text| text.is_ascii()).ok_or(Refused::OtherDomain)?;
    let domain = domain.to_ascii_lowercase();
    if domain.is_empty() || (is_public_suffix(&domain) && domain == host) {
        return Ok(None);
    }
    if !domain_matches(host, &domain) {
        return Err(Refused::OtherDomain);
    }
    if spans_registries(&domain, host) {
        return Err(Refused::PublicSuffix);
    }
    Ok(Some(domain))
}

/// Whether `domain` is a public suffix, or above the one that `host` is below: sites
/// of others would be sent its cookies.
fn spans_registries(domain: &str, host: &str) -> bool {
    !is_address(host) && (is_public_suffix(domain) || public_suffix_of(host).len() > domain.len())
}

/// What names that begin with a prefix promise (§5.7, from step 20 on; §4.1.3).
fn check_prefix(name: &[u8], is_secure: bool, is_http_only: bool, is_for_host: bool) -> Result<(), Refused> {
    match NamePrefix::of(name) {
        Some(prefix) if !prefix.holds(is_secure, is_http_only, is_for_host) => Err(Refused::Prefix(prefix)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
