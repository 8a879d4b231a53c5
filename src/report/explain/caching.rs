//! What caches may do with the response, in words.

use super::span::span;
use crate::http::caching::{
    Age, CachingVerdict, Leave, Lifetime, LifetimeSource, Obstacle, StoredAs, Validation, Validator, Vary,
    Why,
};
use crate::http::request_line::is_safe;
use crate::output::escape::one_line;
use crate::report::exchange::Exchange;

/// The verdict in a sentence: who may store the response, for how long, what then.
pub(super) fn words(exchange: &Exchange, received: Option<i64>) -> Option<String> {
    let verdict = exchange.caching(received)?;
    let context = Context { verdict: &verdict, method: &exchange.request.method, status: exchange.status()? };
    let mut parts = vec![context.storing()];
    if let Some(leave) = context.leave() {
        parts.extend(context.reuse(leave));
    } else if context.invalidates() {
        parts.push("caches drop what they have stored for this target".to_owned());
    }
    if let Some(targeted) = &verdict.targeted {
        parts.push(context.targeted(targeted));
    }
    Some(parts.join("; "))
}

/// Why a cache may not store a response, in words.
pub(crate) fn obstacle(obstacle: Obstacle, method: &[u8], status: u16) -> String {
    let method = one_line(&method[..method.len().min(20)]);
    match obstacle {
        Obstacle::Method => format!("responses to {method} are not cacheable"),
        Obstacle::NotForGet => {
            format!("a response to {method} needs a lifetime, and a Content-Location that is the target")
        }
        Obstacle::Interim => "it is not a final response".to_owned(),
        Obstacle::Incomplete => "it was cut short, and is not 200 to GET".to_owned(),
        Obstacle::Discarded => "its length cannot be relied on, so recipients discard it".to_owned(),
        Obstacle::Status => format!("responses with {status} must not be stored"),
        Obstacle::NotUnderstood => format!("must-understand, and {status} is not registered"),
        Obstacle::AskedNoStore => "the request says no-store".to_owned(),
        Obstacle::NoStore => "no-store".to_owned(),
        Obstacle::Private => "private".to_owned(),
        Obstacle::Authorization => {
            "the request has Authorization, and no directive lets the response be shared".to_owned()
        }
        Obstacle::NothingAllows => {
            format!("no lifetime is given, and for {status} caches may not choose one")
        }
    }
}

/// What says how long a response stays fresh, as its field or directive is called.
pub(crate) fn source(source: LifetimeSource) -> &'static str {
    match source {
        LifetimeSource::SharedMaxAge => "s-maxage",
        LifetimeSource::MaxAge => "max-age",
        LifetimeSource::Expires => "Expires",
        LifetimeSource::Malformed => "malformed",
        LifetimeSource::Stored => "stored response",
        LifetimeSource::Heuristic => "heuristic",
        LifetimeSource::Nothing => "none",
    }
}

/// What demands validation, as its field or directive is called.
pub(crate) fn why(why: Why) -> &'static str {
    match why {
        Why::NoCache => "no-cache",
        Why::VaryStar => "Vary: *",
        Why::NeverFresh => "no lifetime",
        Why::MustRevalidate => "must-revalidate",
        Why::ProxyRevalidate => "proxy-revalidate",
        Why::SharedMaxAge => "s-maxage",
    }
}

struct Context<'a> {
    verdict: &'a CachingVerdict,
    method: &'a [u8],
    status: u16,
}

impl Context<'_> {
    /// What the least restricted cache may do, where one may store the response.
    fn leave(&self) -> Option<&Leave> {
        let CachingVerdict { private, shared, .. } = self.verdict;
        [private, shared].into_iter().find(|leave| leave.storing.is_ok())
    }

    fn why_not(&self, why: Obstacle) -> String {
        obstacle(why, self.method, self.status)
    }

    fn storing(&self) -> String {
        let CachingVerdict { private, shared, role, .. } = self.verdict;
        let (who, why) = match (private.storing, shared.storing) {
            (Err(why), Err(_)) => return format!("no cache may store it: {}", self.why_not(why)),
            (Ok(()), Ok(())) => ("any cache", None),
            (Ok(()), Err(why)) => ("a private cache, not a shared one,", Some(why)),
            (Err(why), Ok(())) => ("a shared cache, not a private one,", Some(why)),
        };
        let who = match private.must_understand {
            true => format!("{who} that understands {} (must-understand)", self.status),
            false => who.to_owned(),
        };
        let what = match role {
            StoredAs::Stored => format!("{who} may store it"),
            StoredAs::StoredForGet => format!("{who} may store it for GET"),
            StoredAs::StoredForContent => format!("{who} may store it for QUERY with the same content"),
            StoredAs::Part => format!("{who} that can combine parts may store it"),
            StoredAs::Incomplete => format!("{who} that can fetch the rest may store it, as incomplete"),
            StoredAs::Freshens => format!("{who} may freshen its stored response with it"),
        };
        match why {
            Some(why) => format!("{what}: {}", self.why_not(why)),
            None => what,
        }
    }

    /// For what, for how long, and what then.
    fn reuse(&self, leave: &Leave) -> Vec<String> {
        let CachingVerdict { private, shared, .. } = self.verdict;
        let mut parts = Vec::new();
        let left_out = if shared.storing.is_ok() { &shared.left_out[..] } else { &[] };
        if !left_out.is_empty() {
            parts.push(format!("shared caches leave out {} (private)", names(left_out)));
        }
        if let Vary::Fields(fields) = &self.verdict.vary {
            parts.push(format!("reused for requests with the same {} (Vary)", names(fields)));
        }
        if let Validation::Always(demand) = leave.validation {
            parts.push(format!("validated before each use ({}){}", why(demand), self.means()));
            return parts;
        }
        let both = private.storing.is_ok() && shared.storing.is_ok();
        let mut fresh = freshness(&leave.lifetime, self.verdict.age);
        if both && shared.lifetime != private.lifetime {
            fresh += &format!(", in shared caches {}", freshness(&shared.lifetime, self.verdict.age));
        }
        parts.push(fresh);
        if !leave.withheld.is_empty() {
            parts.push(format!("{} given out only after validation (no-cache)", names(&leave.withheld)));
        }
        parts.extend(self.once_stale(leave, both));
        parts.extend(
            leave
                .is_immutable
                .then(|| "not validated while fresh, by a reload either (immutable)".to_owned()),
        );
        parts
    }

    fn once_stale(&self, leave: &Leave, both: bool) -> Vec<String> {
        let mut parts = Vec::new();
        match (leave.validation, self.verdict.shared.validation) {
            (Validation::OnceStale(demand), _) => {
                parts.push(format!(
                    "once stale, never used without validation ({}){}",
                    why(demand),
                    self.means()
                ));
            }
            (_, Validation::OnceStale(demand)) if both => parts.push(format!(
                "once stale, never used by shared caches without validation ({}){}",
                why(demand),
                self.means()
            )),
            _ => {
                let overdue = self.overdue(leave);
                let left = |seconds: Option<u64>| seconds?.checked_sub(overdue).filter(|left| *left > 0);
                if let Some(seconds) = left(leave.while_revalidating) {
                    parts.push(format!(
                        "used stale for {} more while it is validated (stale-while-revalidate)",
                        span(seconds)
                    ));
                }
                if let Some(seconds) = left(leave.if_error) {
                    parts.push(format!(
                        "used stale for {} more where the server fails (stale-if-error)",
                        span(seconds)
                    ));
                }
            }
        }
        parts
    }

    /// For how long it was stale when it came.
    fn overdue(&self, leave: &Leave) -> u64 {
        let age = self.verdict.age;
        let counted = older(age).or(age.said).unwrap_or(0);
        leave.lifetime.seconds.map_or(0, |lifetime| counted.saturating_sub(lifetime))
    }

    /// With what it is validated.
    fn means(&self) -> &'static str {
        match self.verdict.validator {
            Validator::EntityTag => ", by If-None-Match",
            Validator::LastModified => ", by If-Modified-Since",
            // Of what a 304 lacks, the stored response may have it.
            Validator::Nothing if self.verdict.role == StoredAs::Freshens => "",
            Validator::Nothing => ", which fetches it whole: it has no validator",
        }
    }

    /// RFC 9111 §4.4.
    fn invalidates(&self) -> bool {
        let is_connect = self.method == b"CONNECT";
        !is_safe(self.method) && !is_connect && (200..400).contains(&self.status)
    }

    fn targeted(&self, leave: &Leave) -> String {
        let told = match (leave.storing, leave.validation) {
            (Err(why), _) => format!("may not store it: {}", self.why_not(why)),
            (Ok(()), Validation::Always(demand)) => {
                format!("may store it, validated before each use ({})", why(demand))
            }
            (Ok(()), _) => format!("may store it, {}", freshness(&leave.lifetime, self.verdict.age)),
        };
        format!("content delivery networks {told} (CDN-Cache-Control)")
    }
}

/// How long a response stays fresh, and what of that is used up.
fn freshness(lifetime: &Lifetime, age: Age) -> String {
    let told = match (lifetime.source, lifetime.seconds) {
        (LifetimeSource::Malformed, _) => return "stale at once: its lifetime is malformed".to_owned(),
        (LifetimeSource::Nothing, _) => return "never fresh: no lifetime is given".to_owned(),
        (LifetimeSource::Expires, None) => return "fresh until its Expires".to_owned(),
        (LifetimeSource::Stored, _) => return "its lifetime is the one that was stored".to_owned(),
        (LifetimeSource::Heuristic, None) => return "no lifetime is given: caches choose one".to_owned(),
        (source, Some(0)) if source != LifetimeSource::Heuristic => {
            return format!("stale at once ({})", self::source(source));
        }
        (LifetimeSource::Heuristic, Some(seconds)) => {
            format!(
                "no lifetime is given: caches choose one, usually {} (a tenth of the time since Last-Modified)",
                span(seconds)
            )
        }
        (LifetimeSource::Expires, Some(seconds)) => {
            format!("fresh for {} (Expires less Date)", span(seconds))
        }
        (source, seconds) => format!("fresh for {} ({})", span(seconds.unwrap_or(0)), self::source(source)),
    };
    told + &used_up(lifetime.seconds.unwrap_or(0), age)
}

/// RFC 9111 §4.2.3. What Age says stands in the message; Date is held against this
/// machine's clock.
fn used_up(lifetime: u64, age: Age) -> String {
    let mut told = String::new();
    if let Some(said) = age.said.filter(|&said| said > 0) {
        told += &match lifetime.checked_sub(said) {
            Some(left) if left > 0 => {
                format!(", of which {} are used up (Age) and {} left", span(said), span(left))
            }
            _ => format!(", all of it used up: it is stale, {} old (Age)", span(said)),
        };
    }
    if let Some(apparent) = older(age) {
        let left = if apparent >= lifetime { ": stale" } else { "" };
        told += &format!(", {} old by Date and this machine's clock{left}", span(apparent));
    }
    told
}

/// The age by Date, where it is more than Age says and more than clocks differ by.
fn older(age: Age) -> Option<u64> {
    age.apparent.filter(|apparent| *apparent > age.said.unwrap_or(0) + CLOCKS_DIFFER)
}

/// Seconds by which clocks that are in order may differ.
const CLOCKS_DIFFER: u64 = 5;

fn names(names: &[Vec<u8>]) -> String {
    let shown: Vec<_> =
        names.iter().take(SHOWN_NAMES).map(|name| one_line(&name[..name.len().min(40)])).collect();
    let more = names.len() - shown.len();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many field names are shown.
const SHOWN_NAMES: usize = 8;
