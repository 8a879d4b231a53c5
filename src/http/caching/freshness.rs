//! For how long a stored response is fresh, and how old it is (RFC 9111 §4.2).

use super::{Age, CacheKind, Exchanged, Lifetime, LifetimeSource};
use crate::http::cache_control::MAX_SECONDS;
use crate::http::cache_directives::{Directives, Seconds};
use crate::http::date;
use crate::http::digits::saturating;
use crate::http::field::FieldSection;
use crate::http::status::is_heuristically_cacheable;
use crate::http::syntax::list_members;

/// §4.2.1, in its order.
pub(super) fn lifetime(exchanged: &Exchanged<'_>, kind: CacheKind, directives: &Directives) -> Lifetime {
    let said = |seconds, source| match seconds {
        Seconds::Absent => None,
        Seconds::Is(seconds) => Some(Lifetime { seconds: Some(seconds), source }),
        Seconds::Malformed => Some(MALFORMED),
    };
    let of_shared = if kind == CacheKind::Private { Seconds::Absent } else { directives.shared_max_age };
    // A cache with a field of its own takes no notice of Expires (RFC 9213 §2.2).
    let expires = || if kind == CacheKind::Targeted { None } else { expires(exchanged) };
    said(of_shared, LifetimeSource::SharedMaxAge)
        .or_else(|| said(directives.max_age, LifetimeSource::MaxAge))
        .or_else(expires)
        .unwrap_or_else(|| unsaid(exchanged, directives))
}

const MALFORMED: Lifetime = Lifetime { seconds: Some(0), source: LifetimeSource::Malformed };

fn expires(exchanged: &Exchanged<'_>) -> Option<Lifetime> {
    let value = exchanged.response.value("expires")?;
    let Some(expires) = date::parse(value) else { return Some(MALFORMED) };
    let made = made(exchanged);
    let seconds = made.map(|made| u64::try_from(expires.seconds - made).unwrap_or(0));
    Some(Lifetime { seconds, source: LifetimeSource::Expires })
}

/// When the response was made: Date, or where it has none the time of receipt (RFC 9110 §6.6.1).
fn made(exchanged: &Exchanged<'_>) -> Option<i64> {
    date_of(exchanged.response, "date").or(exchanged.received)
}

fn date_of(fields: &FieldSection, name: &str) -> Option<i64> {
    date::parse(fields.value(name)?).map(|date| date.seconds)
}

/// What holds where no lifetime is said (§4.2.2).
fn unsaid(exchanged: &Exchanged<'_>, directives: &Directives) -> Lifetime {
    if exchanged.status == 304 {
        return Lifetime { seconds: None, source: LifetimeSource::Stored };
    }
    if !is_heuristically_cacheable(exchanged.status) && !directives.public {
        return Lifetime { seconds: None, source: LifetimeSource::Nothing };
    }
    let modified = date_of(exchanged.response, "last-modified");
    let since =
        modified.zip(made(exchanged)).and_then(|(modified, made)| u64::try_from(made - modified).ok());
    Lifetime { seconds: since.map(|since| since / 10), source: LifetimeSource::Heuristic }
}

/// How old the response was when it came, by what it says and by the clock (§4.2.3).
pub(super) fn age(exchanged: &Exchanged<'_>) -> Age {
    let date = date_of(exchanged.response, "date");
    let apparent =
        exchanged.received.zip(date).and_then(|(received, date)| u64::try_from(received - date).ok());
    Age { said: exchanged.response.value("age").and_then(said_age), apparent }
}

/// The seconds that Age says: of a list its first member counts (§5.1).
pub fn said_age(value: &[u8]) -> Option<u64> {
    let said = list_members(value).next().and_then(saturating)?;
    Some(said.min(MAX_SECONDS))
}
