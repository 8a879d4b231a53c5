//! How lengths of time are spread: least, median, quantiles, most.

use std::time::Duration;

use crate::report::millis::millis;
use crate::sorting::sort_by_key;

/// The lengths of each phase.
#[derive(Default)]
pub(in crate::report) struct Phases(Vec<(&'static str, Vec<Duration>)>);

impl Phases {
    /// Adds those of one exchange.
    pub(super) fn push(&mut self, phases: impl Iterator<Item = (&'static str, Option<Duration>)>) {
        let phases: Vec<_> = phases.collect();
        for &(name, length) in &phases {
            let Some(length) = length else { continue };
            match self.0.iter_mut().find(|(known, _)| *known == name) {
                Some((_, lengths)) => lengths.push(length),
                None => self.0.push((name, vec![length])),
            }
        }
        // A phase that the first exchange did not have stands in its place all the same.
        let order = |name: &str| phases.iter().position(|(known, _)| *known == name);
        sort_by_key(&mut self.0, |(name, _)| order(name));
    }

    /// The spread of each phase by its name.
    pub(in crate::report) fn spreads(&self) -> impl Iterator<Item = (&'static str, Spread)> {
        self.0.iter().filter_map(|(name, lengths)| Some((*name, Spread::of(lengths)?)))
    }

    /// The whole lengths in the order in which they came.
    pub(super) fn totals(&self) -> &[Duration] {
        self.0.iter().find(|(name, _)| *name == "total").map_or(&[], |(_, lengths)| lengths)
    }
}

/// A spread in milliseconds; a quantile is the least length that so many of all do not exceed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Spread {
    pub(in crate::report) count: usize,
    pub(in crate::report) min: f64,
    pub(in crate::report) median: f64,
    pub(in crate::report) p90: f64,
    pub(in crate::report) p99: f64,
    pub(in crate::report) max: f64,
}

impl Spread {
    /// The spread of `lengths`; `None` where there are none.
    pub(super) fn of(lengths: &[Duration]) -> Option<Self> {
        let mut sorted = lengths.to_vec();
        sort_by_key(&mut sorted, |length| *length);
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).copied().map(millis)
        };
        Some(Self {
            count: sorted.len(),
            min: at(0)?,
            median: at(50)?,
            p90: at(90)?,
            p99: at(99)?,
            max: at(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_lengths_that_took_place() {
        let lengths: Vec<_> = (1..=10).rev().map(Duration::from_millis).collect();
        let spread = Spread::of(&lengths).expect("lengths");
        let expected = Spread { count: 10, min: 1.0, median: 5.0, p90: 9.0, p99: 10.0, max: 10.0 };
        assert_eq!(spread, expected);
        let one = Spread::of(&lengths[..1]).expect("a length");
        assert_eq!((one.min, one.median, one.max), (10.0, 10.0, 10.0));
        assert_eq!(Spread::of(&[]), None);
    }
}
