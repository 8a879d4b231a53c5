//! The two options by which a user overrules where a connection goes: the
//! syntax of `--resolve` and `--connect-to`, which is curl's, and what fits.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::address::socket_address;
use super::endpoint::Endpoint;

/// `--resolve [+]HOST:PORT:ADDRESS[,ADDRESS]...` or `--resolve -HOST:PORT`; `*` is any host, or any port.
///
/// curl's `+` makes an entry expire in its cache; here nothing outlives the
/// run, and it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResolveRule {
    /// `*`: any host.
    host: String,
    /// `None`: any port.
    port: Option<u16>,
    /// `None`: the entries before for this host and port are taken back.
    addresses: Option<Vec<SocketAddr>>,
}

impl ResolveRule {
    /// The addresses that the rules give for a host, as a name or as an
    /// address: those for its name come before those for `*`, and later ones
    /// before earlier ones.
    pub(super) fn find(rules: &[Self], to: &Endpoint) -> Option<Vec<SocketAddr>> {
        let found = [to.host.as_str(), "*"].into_iter().find_map(|host| {
            let has_port = |rule: &&Self| rule.port.is_none_or(|port| port == to.port);
            let fits = |rule: &&Self| has_port(rule) && same_host(&rule.host, host);
            rules.iter().rev().find(fits)?.addresses.as_deref()
        })?;
        let with_port = |&address: &SocketAddr| {
            let mut address = address;
            address.set_port(to.port);
            address
        };
        Some(found.iter().map(with_port).collect())
    }

    /// The rule with its host as `write` writes it.
    pub(crate) fn with_host<E>(self, write: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        Ok(Self { host: write(&self.host)?, ..self })
    }
}

impl fmt::Display for ResolveRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port.map_or_else(|| "*".to_owned(), |port| port.to_string());
        let Some(addresses) = &self.addresses else {
            return write!(f, "-{}:{port}", in_brackets(&self.host));
        };
        write!(f, "{}:{port}:", in_brackets(&self.host))?;
        for (number, address) in addresses.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            write!(f, "{comma}{}", in_brackets(&address.ip().to_string()))?;
        }
        Ok(())
    }
}

/// An IPv6 address in brackets, other hosts as they are.
fn in_brackets(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

impl fmt::Display for ConnectToRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |host: &Option<String>| host.as_deref().map(in_brackets).unwrap_or_default();
        let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
        let (from, to) = (host(&self.from_host), host(&self.to_host));
        write!(f, "{from}:{}:{to}:{}", port(self.from_port), port(self.to_port))
    }
}

impl FromStr for ResolveRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let removed = text.strip_prefix('-');
        let rule = removed.or_else(|| text.strip_prefix('+')).unwrap_or(text);
        let (host, rest) = host_and_rest(rule)?;
        let rest = rest.filter(|_| !host.is_empty()).ok_or("HOST:PORT is missing")?;
        let (number, list) = match rest.split_once(':') {
            Some((number, list)) => (number, Some(list)),
            None => (rest, None),
        };
        let port = if number == "*" { None } else { Some(port(number)?) };
        let addresses = match list {
            None if removed.is_some() => None,
            Some(_) if removed.is_some() => return Err("-HOST:PORT takes no address".into()),
            None => return Err("the address after HOST:PORT is missing".into()),
            Some(list) => Some(addresses(list, port.unwrap_or_default())?),
        };
        Ok(Self { host: host.to_owned(), port, addresses })
    }
}

/// `--connect-to HOST1:PORT1:HOST2:PORT2`: connections for the first go to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectToRule {
    /// `None`: any host.
    from_host: Option<String>,
    /// `None`: any port.
    from_port: Option<u16>,
    /// `None`: the host stays.
    to_host: Option<String>,
    /// `None`: the port stays.
    to_port: Option<u16>,
}

impl ConnectToRule {
    /// The rule with its hosts as `write` gives them.
    pub(crate) fn with_hosts<E>(self, write: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let written = |host: Option<String>| host.as_deref().map(&write).transpose();
        Ok(Self { from_host: written(self.from_host)?, to_host: written(self.to_host)?, ..self })
    }

    /// Whether the rule speaks of connections to `to`.
    pub(super) fn fits(&self, to: &Endpoint) -> bool {
        self.from_host.as_ref().is_none_or(|host| same_host(host, &to.host))
            && self.from_port.is_none_or(|port| port == to.port)
    }

    /// Whether connections to `to` go there all the same.
    pub(super) fn leaves(&self, to: &Endpoint) -> bool {
        self.to_host.as_ref().is_none_or(|host| same_host(host, &to.host))
            && self.to_port.is_none_or(|port| port == to.port)
    }

    /// Where they go.
    pub(super) fn apply(&self, to: &Endpoint) -> Endpoint {
        Endpoint {
            host: self.to_host.as_ref().unwrap_or(&to.host).clone(),
            port: self.to_port.unwrap_or(to.port),
        }
    }
}

impl FromStr for ConnectToRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // An empty value, as an unset variable of a script leaves it, redirects nothing.
        let text = if text.is_empty() { ":::" } else { text };
        let shape = "not of the form HOST1:PORT1:HOST2:PORT2";
        let (from_host, rest) = host_and_rest(text)?;
        let (from_port, rest) = rest.and_then(|rest| rest.split_once(':')).ok_or(shape)?;
        let (to_host, to_port) = host_and_rest(rest)?;
        Ok(Self {
            from_host: given(from_host).map(str::to_owned),
            from_port: given(from_port).map(port).transpose()?,
            to_host: given(to_host).map(str::to_owned),
            to_port: to_port.and_then(given).map(port).transpose()?,
        })
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The host before the next colon, its brackets removed, and what comes after that colon.
fn host_and_rest(text: &str) -> Result<(&str, Option<&str>), String> {
    let Some(bracketed) = text.strip_prefix('[') else {
        return Ok(text.split_once(':').map_or((text, None), |(host, rest)| (host, Some(rest))));
    };
    let (host, rest) = bracketed.split_once(']').ok_or("unclosed bracket")?;
    match rest.strip_prefix(':') {
        Some(after) => Ok((host, Some(after))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err("a colon is missing after the bracket".into()),
    }
}

fn port(text: &str) -> Result<u16, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits);
    port.ok_or_else(|| format!("{text} is not a port number (up to 65535)"))
}

fn addresses(list: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    list.split(',')
        .map(|text| {
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            match socket_address(bare.unwrap_or(text), port) {
                Some(Ok(address)) => Ok(address),
                Some(Err(_)) => Err(format!("{text}: no such network interface")),
                None if text.is_empty() => Err("an address is missing".to_owned()),
                None => Err(format!("{text} is not an IP address")),
            }
        })
        .collect()
}

/// Names compare without regard to case, or to the dot that ends a name of the DNS.
fn same_host(one: &str, other: &str) -> bool {
    let bare = |host| str::strip_suffix(host, ".").unwrap_or(host).as_bytes();
    bare(one).eq_ignore_ascii_case(bare(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(rules: &[&str], host: &str, port: u16) -> Option<Vec<String>> {
        let rules: Vec<ResolveRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let found = ResolveRule::find(&rules, &Endpoint { host: host.into(), port })?;
        Some(found.iter().map(ToString::to_string).collect())
    }

    fn mapped(rule: &str, host: &str, port: u16) -> Option<String> {
        let rule: ConnectToRule = rule.parse().unwrap();
        let to = Endpoint { host: host.into(), port };
        rule.fits(&to).then(|| rule.apply(&to).to_string())
    }

    #[test]
    fn resolve_gives_addresses_for_a_host_and_port() {
        let rule = ["Example.com:80:192.0.2.1,[2001:db8::1],2001:db8::2"];
        let all = ["192.0.2.1:80", "[2001:db8::1]:80", "[2001:db8::2]:80"];
        assert_eq!(resolved(&rule, "exAMPLE.COM", 80).unwrap(), all);
        assert_eq!(resolved(&rule, "example.com.", 80).unwrap(), all);
        assert_eq!(resolved(&rule, "example.com", 81), None);
        assert_eq!(resolved(&rule, "www.example.com", 80), None);
        assert_eq!(resolved(&["+a:1:127.1"], "a", 1).unwrap(), ["127.0.0.1:1"]);
        assert_eq!(resolved(&["a:*:127.0.0.1"], "a", 7).unwrap(), ["127.0.0.1:7"]);
        assert_eq!(resolved(&["[::1]:1:127.0.0.1"], "::1", 1).unwrap(), ["127.0.0.1:1"]);
    }

    #[test]
    fn a_name_comes_before_the_wildcard_and_a_later_rule_before_an_earlier() {
        let rules = ["a:1:127.0.0.1", "a:1:127.0.0.2", "*:1:127.0.0.3"];
        assert_eq!(resolved(&rules, "a", 1).unwrap(), ["127.0.0.2:1"]);
        assert_eq!(resolved(&rules, "b", 1).unwrap(), ["127.0.0.3:1"]);
        assert_eq!(resolved(&rules, "b", 2), None);
        assert_eq!(resolved(&["a:1:127.0.0.1", "-a:1"], "a", 1), None);
        assert_eq!(resolved(&["-a:1", "a:1:127.0.0.1"], "a", 1).unwrap(), ["127.0.0.1:1"]);
        assert_eq!(resolved(&["*:1:127.0.0.1", "-a:1"], "a", 1).unwrap(), ["127.0.0.1:1"]);
    }

    #[test]
    fn what_is_no_resolve_rule() {
        for text in [
            "",
            "a",
            "a:",
            "a:1",
            "a:1:",
            "a:1:b",
            "a:1:127.0.0.1,",
            "a:1:,127.0.0.1",
            ":1:1.1.1.1",
            "a:65536:127.0.0.1",
            "a:+1:127.0.0.1",
            "a::127.0.0.1",
            "-a",
            "-a:1:127.0.0.1",
            "[::1:1:127.0.0.1",
            "[::1]1:127.0.0.1",
            "a:1:[127.0.0.1",
            "a:1:::g",
            "a:b:127.0.0.1",
        ] {
            assert!(text.parse::<ResolveRule>().is_err(), "{text}");
        }
    }

    #[test]
    fn connect_to_replaces_what_it_names() {
        assert_eq!(mapped("a:80:b:8080", "A", 80).unwrap(), "b:8080");
        assert_eq!(mapped("a:80:b:8080", "a", 81), None);
        assert_eq!(mapped("a:80:b:8080", "c", 80), None);
        assert_eq!(mapped("::b:", "a", 80).unwrap(), "b:80");
        assert_eq!(mapped(":::8080", "a", 80).unwrap(), "a:8080");
        assert_eq!(mapped(":80:b", "a", 80).unwrap(), "b:80");
        assert_eq!(mapped(":::", "a", 80).unwrap(), "a:80");
        assert_eq!(mapped("[::1]:80:[::2]:81", "::1", 80).unwrap(), "[::2]:81");
    }

    #[test]
    fn what_is_no_connect_to_rule() {
        for text in ["a", "a:1", "a:x:b:1", "a:1:b:x", "a:1:b:65536", "a:1:[b:1", "a:1:b:1:2"] {
            assert!(text.parse::<ConnectToRule>().is_err(), "{text}");
        }
    }
}
