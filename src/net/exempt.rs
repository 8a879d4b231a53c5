//! `--noproxy` and `no_proxy`: the hosts that are reached without a proxy.

use std::net::IpAddr;

use super::address::numeric;

/// The hosts that no proxy is used for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exempt(Vec<NoProxyRule>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum NoProxyRule {
    /// `*`, alone.
    All,
    /// This domain, and all below it; no dot at either end.
    Domain(String),
    /// The addresses that have these first bits.
    Network(IpAddr, u32),
}

impl Exempt {
    /// Reads a list of domains, addresses and networks (`10.0.0.0/8`), between
    /// commas or spaces. What is none of these exempts nothing.
    pub(crate) fn parse(list: &str) -> Self {
        if list.trim() == "*" {
            return Self(vec![NoProxyRule::All]);
        }
        Self(list.split([',', ' ', '\t']).filter(|item| !item.is_empty()).filter_map(rule).collect())
    }

    /// Whether `host`, a name or an address without brackets, is reached without a proxy.
    pub(super) fn covers(&self, host: &str) -> bool {
        let address = numeric(host);
        self.0.iter().any(|rule| match rule {
            NoProxyRule::All => true,
            NoProxyRule::Network(network, bits) => {
                address.is_some_and(|address| shares(*network, address, *bits))
            }
            NoProxyRule::Domain(domain) => address.is_none() && is_below(host, domain),
        })
    }
}

fn rule(item: &str) -> Option<NoProxyRule> {
    let (host, bits) = match item.split_once('/') {
        Some((host, bits)) => (host, Some(bits.parse::<u32>().ok()?)),
        None => (item, None),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Some(address) = numeric(bare) {
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(all);
        return (bits <= all).then_some(NoProxyRule::Network(address, bits));
    }
    let domain = host.strip_prefix('.').unwrap_or(host);
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    (bits.is_none() && !domain.is_empty()).then(|| NoProxyRule::Domain(domain.to_ascii_lowercase()))
}

fn shares(network: IpAddr, address: IpAddr, bits: u32) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= bits
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= bits
        }
        _ => false,
    }
}

/// Whether `host` is `domain` or ends in a dot and `domain`, in any case.
fn is_below(host: &str, domain: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_cover_what_is_below_them() {
        let exempt = Exempt::parse("example.com, .Local.,,single");
        for host in ["example.com", "www.EXAMPLE.com", "example.com.", "a.local", "local", "single"] {
            assert!(exempt.covers(host), "{host}");
        }
        for host in ["notexample.com", "example.com.evil", "com", "", "singles", "1.2.3.4"] {
            assert!(!exempt.covers(host), "{host}");
        }
    }

    #[test]
    fn networks_cover_their_addresses() {
        let exempt = Exempt::parse("192.168.0.0/16 10.0.0.1,[::1],fe80::/10,1.2.3.4/33,5.6.7.8/x");
        for host in ["192.168.3.4", "10.0.0.1", "10.1", "::1", "fe80::1%eth0", "0:0::1"] {
            assert!(exempt.covers(host), "{host}");
        }
        for host in ["192.169.0.1", "10.0.0.2", "::2", "1.2.3.4", "5.6.7.8", "192.168.0.0.example"] {
            assert!(!exempt.covers(host), "{host}");
        }
        assert!(Exempt::parse("0.0.0.0/0").covers("8.8.8.8"));
        assert!(!Exempt::parse("0.0.0.0/0").covers("::1"));
    }

    #[test]
    fn the_star_covers_all_and_nothing_covers_none() {
        assert!(Exempt::parse(" * ").covers("any"));
        assert!(!Exempt::parse("*,a").covers("any"));
        assert!(!Exempt::parse("").covers("any"));
        assert!(!Exempt::parse("/ . , /8").covers("any"));
    }
}
