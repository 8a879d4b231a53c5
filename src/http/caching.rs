//! What a cache may do with a response (RFC 9111): store it, in which caches, reuse it for how
//! long, and what it must revalidate.
//!
//! One function, [`verdict`]. Nothing here knows what time it is: the time of receipt is
//! an argument.

mod freshness;
mod storing;

use std::collections::BTreeSet;

use super::cache_directives::{DirectiveScope, Directives, Seconds};
use super::date;
use super::entity_tag::EntityTag;
use super::field::FieldSection;
pub use freshness::said_age;
use freshness::{age, lifetime};
use storing::storing;

/// The parts of an exchange that caches look at.
#[derive(Clone, Copy, Debug)]
pub struct Exchanged<'a> {
    /// The request's method.
    pub method: &'a [u8],
    /// The URI requested, absolute.
    pub target: &'a [u8],
    /// The request's field lines.
    pub request: &'a FieldSection,
    /// The final response's status code.
    pub status: u16,
    /// Its field lines.
    pub response: &'a FieldSection,
    /// The response came to its end.
    pub is_whole: bool,
    /// Its length is unknown, so that recipients discard it (RFC 9112 §6.3 item 5).
    pub is_discarded: bool,
    /// When it was received, in seconds since 1970; `None` if unknown.
    pub received: Option<i64>,
}

/// The caches that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheKind {
    /// One user's, as a browser has it.
    Private,
    /// One that serves several users.
    Shared,
    /// A content delivery network's, which CDN-Cache-Control alone is for (RFC 9213).
    Targeted,
}

/// What the caches may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachingVerdict {
    /// What becomes of a response that may be stored.
    pub role: StoredAs,
    /// For a private cache.
    pub private: Leave,
    /// For a shared cache.
    pub shared: Leave,
    /// For a content delivery network that has a field of its own.
    pub targeted: Option<Leave>,
    /// How old it was when it came.
    pub age: Age,
    /// The request fields that a stored response is only good for.
    pub vary: Vary,
    /// What a cache can validate it with.
    pub validator: Validator,
}

impl CachingVerdict {
    /// Whether any cache may store the response.
    pub fn is_stored(&self) -> bool {
        [Some(&self.private), Some(&self.shared), self.targeted.as_ref()]
            .into_iter()
            .flatten()
            .any(|leave| leave.storing.is_ok())
    }
}

/// What becomes of a response that may be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredAs {
    /// Stored for requests like this one.
    Stored,
    /// To POST or PATCH: it is stored for GET of the same target (RFC 9110 §9.3.3).
    StoredForGet,
    /// To QUERY: it is stored for the same content alone (RFC 10008).
    StoredForContent,
    /// 206: it is stored as a part, by caches that can combine parts (§3.3, §3.4).
    Part,
    /// 200 to GET that was cut short: it is stored as incomplete, by caches that can fetch the
    /// rest (§3.3, §3.4).
    Incomplete,
    /// 304: it freshens the stored response that it is about (§3.2, §4.3.4).
    Freshens,
}

/// What one kind of cache may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Whether it may store the response; if not, why.
    pub storing: Result<(), Obstacle>,
    /// Only if it knows what the status code asks of caches (must-understand).
    pub must_understand: bool,
    /// How long it stays fresh, counted from when it was made.
    pub lifetime: Lifetime,
    /// When it must be validated before it is reused.
    pub validation: Validation,
    /// Fields that are left out of what is stored (`private="…"`).
    pub left_out: Vec<Vec<u8>>,
    /// Fields that are not given out without validation (`no-cache="…"`).
    pub withheld: Vec<Vec<u8>>,
    /// Seconds for which it may be given out stale while it is validated (RFC 5861 §3).
    pub while_revalidating: Option<u64>,
    /// Seconds for which it may be given out stale where validating fails (RFC 5861 §4).
    pub if_error: Option<u64>,
    /// A reload does not validate it while it is fresh (RFC 8246 §2): only where TLS
    /// vouches for who said so (§3).
    pub is_immutable: bool,
}

/// Why a cache may not store a response (§3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Responses to the method are not cacheable.
    Method,
    /// A response to POST or PATCH that has no lifetime, or whose Content-Location is
    /// not the target.
    NotForGet,
    /// The response is not the final one.
    Interim,
    /// It was cut short, and is not 200 to GET (§3.3).
    Incomplete,
    /// Its Content-Length cannot be relied on, so that recipients discard it.
    Discarded,
    /// No cache may store a response with the status code.
    Status,
    /// must-understand, and the status code is not registered.
    NotUnderstood,
    /// The request said no-store.
    AskedNoStore,
    /// The response says no-store.
    NoStore,
    /// The cache is shared, and the response says private.
    Private,
    /// The cache is shared, the request had Authorization, and nothing says that the
    /// response is for others too (§3.5).
    Authorization,
    /// It gives neither a lifetime nor an audience, and its status code does not
    /// let caches choose a lifetime.
    NothingAllows,
}

/// How long a response stays fresh (§4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The seconds; `None` where they are not said.
    pub seconds: Option<u64>,
    /// What says so.
    pub source: LifetimeSource,
}

/// What says how long a response stays fresh, or why nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifetimeSource {
    /// `s-maxage`.
    SharedMaxAge,
    /// `max-age`.
    MaxAge,
    /// Expires less Date, or less the time of receipt.
    Expires,
    /// A freshness value that is no number of seconds, or Expires that is no date:
    /// caches take the response for stale.
    Malformed,
    /// The stored response that a 304 freshens, unless the 304 says another (§3.2, §4.3.4).
    Stored,
    /// Caches choose one: a tenth of the time since Last-Modified is usual (§4.2.2).
    Heuristic,
    /// None is said, and caches may not choose one.
    Nothing,
}

/// When a stored response must be validated before it is reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// Each time.
    Always(Why),
    /// Once it is stale; the cache may not give it out stale even where the server
    /// cannot be reached.
    OnceStale(Why),
    /// Once it is stale, as far as the server can be reached (§4.2.4).
    Usually,
}

/// What demands validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `no-cache`.
    NoCache,
    /// `Vary: *`: no request is like this one (§4.1).
    VaryStar,
    /// The response is never fresh.
    NeverFresh,
    /// `must-revalidate`.
    MustRevalidate,
    /// `proxy-revalidate`.
    ProxyRevalidate,
    /// `s-maxage`, which means the same as proxy-revalidate.
    SharedMaxAge,
}

/// How old a response was when it came (§4.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// What Age says.
    pub said: Option<u64>,
    /// Receipt less Date, where both are known and Date is the earlier one.
    pub apparent: Option<u64>,
}

impl Age {
    /// The seconds that count: the larger of both.
    pub fn seconds(self) -> u64 {
        self.said.unwrap_or(0).max(self.apparent.unwrap_or(0))
    }
}

/// Which request fields choose among stored responses (§4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vary {
    /// None.
    Nothing,
    /// These, as they are written.
    Fields(Vec<Vec<u8>>),
    /// `*`: things that no cache can see.
    Anything,
}

/// What a conditional request can ask with (§4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// An entity tag.
    EntityTag,
    /// Last-Modified.
    LastModified,
    /// Nothing: the whole response is fetched anew.
    Nothing,
}

/// What caches may do with the response of `exchanged`.
pub fn verdict(exchanged: &Exchanged<'_>) -> CachingVerdict {
    let fields = exchanged.response;
    let general = Directives::of(fields);
    let targeted = Directives::targeted(fields);
    let vary = vary(fields);
    let leave = |kind, directives: &Directives| leave(exchanged, kind, directives, &vary);
    CachingVerdict {
        role: role(exchanged),
        private: leave(CacheKind::Private, &general),
        shared: leave(CacheKind::Shared, &general),
        targeted: targeted.map(|directives| leave(CacheKind::Targeted, &directives)),
        age: age(exchanged),
        validator: validator(fields),
        vary: vary.clone(),
    }
}

fn role(exchanged: &Exchanged<'_>) -> StoredAs {
    match (exchanged.method, exchanged.status) {
        (b"POST" | b"PATCH", _) => StoredAs::StoredForGet,
        (_, 206) => StoredAs::Part,
        (b"GET", 200) if !exchanged.is_whole => StoredAs::Incomplete,
        (_, 304) => StoredAs::Freshens,
        (b"QUERY", _) => StoredAs::StoredForContent,
        _ => StoredAs::Stored,
    }
}

fn leave(exchanged: &Exchanged<'_>, kind: CacheKind, directives: &Directives, vary: &Vary) -> Leave {
    let lifetime = lifetime(exchanged, kind, directives);
    let validation = validation(kind, directives, vary, &lifetime);
    let may_be_stale = validation == Validation::Usually;
    let of_shared =
        |scope: &DirectiveScope| if kind == CacheKind::Private { Vec::new() } else { scope.fields() };
    Leave {
        storing: storing(exchanged, kind, directives),
        must_understand: directives.must_understand,
        lifetime,
        validation,
        left_out: of_shared(&directives.private),
        withheld: directives.no_cache.fields(),
        // What must be validated once stale is never given out stale (§4.2.4).
        while_revalidating: directives.while_revalidating.known().filter(|_| may_be_stale),
        if_error: directives.if_error.known().filter(|_| may_be_stale),
        is_immutable: directives.immutable && exchanged.target.starts_with(b"https:"),
    }
}

fn validation(kind: CacheKind, directives: &Directives, vary: &Vary, lifetime: &Lifetime) -> Validation {
    let is_shared = kind != CacheKind::Private;
    if directives.no_cache == DirectiveScope::All {
        return Validation::Always(Why::NoCache);
    }
    if *vary == Vary::Anything {
        return Validation::Always(Why::VaryStar);
    }
    if directives.must_revalidate {
        Validation::OnceStale(Why::MustRevalidate)
    } else if is_shared && directives.proxy_revalidate {
        Validation::OnceStale(Why::ProxyRevalidate)
    } else if is_shared && directives.shared_max_age != Seconds::Absent {
        Validation::OnceStale(Why::SharedMaxAge)
    } else if lifetime.source == LifetimeSource::Nothing {
        Validation::Always(Why::NeverFresh)
    } else {
        Validation::Usually
    }
}

fn vary(fields: &FieldSection) -> Vary {
    let mut seen = BTreeSet::new();
    let named = fields.members("vary").filter(|name| !name.is_empty());
    let names: Vec<_> =
        named.filter(|name| seen.insert(name.to_ascii_lowercase())).map(<[u8]>::to_vec).collect();
    if names.iter().any(|name| name == b"*") {
        Vary::Anything
    } else if names.is_empty() {
        Vary::Nothing
    } else {
        Vary::Fields(names)
    }
}

/// The validator that a cache can use; a malformed ETag or Last-Modified is none.
fn validator(fields: &FieldSection) -> Validator {
    if fields.value("etag").and_then(EntityTag::parse).is_some() {
        Validator::EntityTag
    } else if fields.value("last-modified").and_then(date::parse).is_some() {
        Validator::LastModified
    } else {
        Validator::Nothing
    }
}

#[cfg(test)]
#[path = "caching_tests.rs"]
mod tests;
