//! Hosts that are to be asked by https alone (RFC 6797): which ones, until when, and
//! the file in which curl keeps them. Pure: the time is an argument.

use std::collections::HashSet;

use crate::http::date::CivilTime;
use crate::http::hsts::{Policy, is_address};
use crate::http::uri::{Scheme, Uri};

/// Most hosts that responses of one run add. Those of the file are all kept, since it is
/// written anew.
const MAX_LEARNED: usize = 10_000;
/// What stands in the file for a policy that does not end.
const UNLIMITED: &str = "unlimited";
const HEAD: &str = "# Hosts to be requested by https only: HOST \"YYYYMMDD HH:MM:SS\" (the time in UTC at which\n\
                    # that ends); a dot before HOST means its subdomains too.\n";

/// The hosts that are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    known: Vec<KnownHost>,
    /// How many of them responses have added.
    learned: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownHost {
    /// In lower case, without a dot at its end.
    host: String,
    has_subdomains: bool,
    /// In seconds since 1970; `None`: never.
    ends: Option<i64>,
}

impl Hosts {
    /// Reads the lines of a file; what is no such line is passed over.
    pub(crate) fn read(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let Some((host, time)) = line.split_once(char::is_whitespace) else { continue };
            let time = time.trim().trim_matches('"');
            let ends = if time == UNLIMITED { Some(None) } else { seconds(time).map(Some) };
            if let Some(ends) = ends {
                let has_subdomains = host.starts_with('.');
                self.known.push(KnownHost { host: bare(host.trim_start_matches('.')), has_subdomains, ends });
            }
        }
        self.keep_the_last_of_each();
    }

    /// Drops lines whose host a later one names again.
    fn keep_the_last_of_each(&mut self) {
        let mut later = HashSet::new();
        self.known.reverse();
        self.known.retain(|known| !known.host.is_empty() && later.insert(known.host.clone()));
        self.known.reverse();
    }

    /// The file, at the time `now`.
    pub(crate) fn to_text(&self, now: i64) -> String {
        let line = |known: &KnownHost| {
            let dot = if known.has_subdomains { "." } else { "" };
            let time = known.ends.map_or_else(|| UNLIMITED.to_owned(), written);
            format!("{dot}{} \"{time}\"\n", known.host)
        };
        let lines = self.known.iter().filter(|known| known.ends.is_none_or(|ends| ends > now)).map(line);
        std::iter::once(HEAD.to_owned()).chain(lines).collect()
    }

    /// Takes in the field of a response of `uri` (RFC 6797 §8.1).
    pub(crate) fn learn(&mut self, uri: &Uri, value: &[u8], now: i64) {
        let policy = Policy::parse(value);
        let is_faulty = policy.is_unparsable || policy.is_contradictory;
        let Some(seconds) = policy.seconds().filter(|_| !is_faulty) else { return };
        if uri.scheme != Scheme::Https || is_address(&uri.host) {
            return;
        }
        let host = bare(&uri.host);
        self.known.retain(|known| known.host != host);
        if seconds > 0 && self.learned < MAX_LEARNED {
            let ends = i64::try_from(seconds).ok().and_then(|seconds| now.checked_add(seconds));
            self.known.push(KnownHost { host, has_subdomains: policy.has_subdomains, ends });
            self.learned += 1;
        }
    }

    /// `uri`, by https if its host is known (RFC 6797 §8.3); `None` where it stays as it is.
    pub(crate) fn upgraded(&self, uri: &Uri, now: i64) -> Option<Uri> {
        if uri.scheme != Scheme::Http || is_address(&uri.host) || !self.know(&bare(&uri.host), now) {
            return None;
        }
        let port = if uri.port == 80 { 443 } else { uri.port };
        Some(Uri { scheme: Scheme::Https, port, ..uri.clone() })
    }

    fn know(&self, host: &str, now: i64) -> bool {
        let is_below = |known: &KnownHost| {
            host.strip_suffix(known.host.as_str()).is_some_and(|before| before.ends_with('.'))
        };
        let holds = |known: &&KnownHost| known.ends.is_none_or(|ends| ends > now);
        self.known
            .iter()
            .filter(holds)
            .any(|known| known.host == host || known.has_subdomains && is_below(known))
    }
}

fn bare(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Reads `YYYYMMDD HH:MM:SS`.
fn seconds(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse().ok();
    let is_whole = digits.len() == 14 && text.len() == "YYYYMMDD HH:MM:SS".len();
    let time = CivilTime {
        year: number(0..4)?,
        month: number(4..6)?,
        day: number(6..8)?,
        hour: number(8..10)?,
        minute: number(10..12)?,
        second: number(12..14)?,
    };
    time.seconds().filter(|_| is_whole)
}

fn written(seconds: i64) -> String {
    let CivilTime { year, month, day, hour, minute, second } = CivilTime::of(seconds);
    format!("{year:04}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn uri(text: &str) -> Uri {
        Uri::parse(text.as_bytes(), Scheme::Http).unwrap()
    }

    fn upgraded(hosts: &Hosts, text: &str) -> Option<String> {
        let uri = hosts.upgraded(&uri(text), NOW)?;
        Some(format!("{}://{}", uri.scheme.name(), uri.authority()))
    }

    #[test]
    fn known_hosts_are_asked_by_https() {
        let mut hosts = Hosts::default();
        hosts.read("# no line\n.a.example \"20991231 00:00:00\"\nb.example. unlimited\nold \"20011231 00:00:00\"\nx\n");
        assert_eq!(upgraded(&hosts, "http://A.example/x").as_deref(), Some("https://A.example"));
        assert_eq!(
            upgraded(&hosts, "http://x.a.example.:8080/").as_deref(),
            Some("https://x.a.example.:8080")
        );
        assert_eq!(upgraded(&hosts, "b.example").as_deref(), Some("https://b.example"));
        for other in
            ["http://x.b.example", "http://xa.example", "http://old", "https://a.example", "http://1.2.3.4"]
        {
            assert_eq!(upgraded(&hosts, other), None, "{other}");
        }
    }

    #[test]
    fn a_long_file_loses_no_host() {
        let line = |number: usize| format!("h{number}.example \"20991231 00:00:00\"\n");
        let file: String = (0..=MAX_LEARNED).map(line).collect();
        let mut hosts = Hosts::default();
        hosts.read(&(file + "h1.example unlimited\n"));
        hosts.learn(&uri("https://new"), b"max-age=9", NOW);
        assert_eq!(hosts.known.len(), MAX_LEARNED + 2);
        assert!(hosts.to_text(NOW).contains("h1.example \"unlimited\""));
    }

    #[test]
    fn responses_teach_hosts() {
        let mut hosts = Hosts::default();
        hosts.learn(&uri("http://plain"), b"max-age=9", NOW);
        hosts.learn(&uri("https://1.2.3.4"), b"max-age=9", NOW);
        hosts.learn(&uri("https://faulty"), b"max-age=9; max-age=8", NOW);
        hosts.learn(&uri("https://Good"), b"max-age=9; includeSubDomains", NOW);
        hosts.learn(&uri("https://gone"), b"max-age=9", NOW);
        hosts.learn(&uri("https://gone"), b"max-age=0", NOW);
        assert_eq!(hosts.to_text(NOW).lines().last(), Some(".good \"20231114 22:13:29\""));
        assert_eq!(hosts.known.len(), 1);
        let mut again = Hosts::default();
        again.read(&hosts.to_text(NOW));
        assert_eq!(again.known, hosts.known);
        assert_eq!(hosts.to_text(NOW + 9), HEAD);
    }
}
