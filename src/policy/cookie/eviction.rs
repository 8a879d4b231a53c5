//! Which cookies go where responses have set too many (RFC 6265bis §5.7).

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Cookie, CookieKey, Jar, MAX_FRESH};
use crate::sorting::sort_by_key;

/// Most cookies of one domain that are not in excess: what RFC 6265bis §6.1 asks to have room for.
const MAX_OF_DOMAIN: usize = 50;
/// How many are evicted at once, so that not each new cookie has all others looked at.
const EVICTED: usize = 30;

impl Jar {
    /// Makes room for a cookie of a response: those of other responses go that have expired; where
    /// there are none, those in excess of their domain's share; then any. Of these the
    /// least recently used go first. What the user's files hold stays.
    pub(super) fn evict(&mut self, now: i64) {
        let is_expired = |cookie: &Cookie| cookie.expiry.is_some_and(|expiry| expiry <= now);
        self.stored.retain(|stored| stored.0.used.is_none() || !is_expired(&stored.0));
        let mut received: Vec<_> = self.cookies().filter(|cookie| cookie.used.is_some()).collect();
        let left = received.len();
        sort_by_key(&mut received, |cookie| Reverse((cookie.used, cookie.created)));
        let going = match left {
            0..MAX_FRESH => Vec::new(),
            _ => in_excess(&received).unwrap_or(received),
        };
        let going: Vec<CookieKey> =
            going.into_iter().rev().take(EVICTED).map(|cookie| cookie.id.clone()).collect();
        self.fresh = left - going.len();
        for id in &going {
            self.stored.remove(id);
        }
    }
}

/// Those of `cookies` before which enough others of their domain stand.
fn in_excess<'c>(cookies: &[&'c Cookie]) -> Option<Vec<&'c Cookie>> {
    let mut counts = HashMap::new();
    let mut excess = Vec::new();
    for cookie in cookies {
        let count = counts.entry(&cookie.id.domain).or_insert(0_usize);
        *count += 1;
        if *count > MAX_OF_DOMAIN {
            excess.push(*cookie);
        }
    }
    (!excess.is_empty()).then_some(excess)
}
