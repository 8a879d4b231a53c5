//! Forwarded: which way a request came (RFC 7239 §4, §6).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::digits::is_digits;
use super::parameter::{Parameter, parameters};
use super::reference::Authority;

/// Whether a member is pairs with semicolons between them, each name once, `for` and `by` a node and
/// `host` a host. Whitespace behind a semicolon, which senders may not write, is let pass.
pub fn is_member(member: &[u8]) -> bool {
    let mut names = Vec::new();
    parameters(member).all(|pair| {
        let name = pair.name.to_ascii_lowercase();
        let is_value = match name.as_slice() {
            b"for" | b"by" => is_node(&pair.text()),
            b"host" => is_host(&pair.text()),
            _ => true,
        };
        let is_new = !names.contains(&name);
        names.push(name);
        is_new && is_value && is_pair(&pair)
    })
}

fn is_pair(pair: &Parameter<'_>) -> bool {
    pair.is_valid() && pair.value.is_some() && !pair.is_spaced
}

fn is_host(text: &[u8]) -> bool {
    let authority = Authority::parse(text);
    authority.is_valid() && authority.userinfo.is_none()
}

/// An address, `unknown` or a name that begins with `_`, and perhaps a port.
fn is_node(text: &[u8]) -> bool {
    let Authority { userinfo: None, host, port } = Authority::parse(text) else { return false };
    let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
    let is_name = match host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")) {
        Some(literal) => text(literal).parse::<Ipv6Addr>().is_ok(),
        None => {
            host.eq_ignore_ascii_case(b"unknown")
                || is_obscured(host)
                || text(host).parse::<Ipv4Addr>().is_ok()
        }
    };
    is_name && port.is_none_or(|port| is_digits(port) && port.len() <= 5 || is_obscured(port))
}

/// `"_" 1*( ALPHA / DIGIT / "." / "_" / "-" )`.
fn is_obscured(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    text.strip_prefix(b"_").is_some_and(|name| !name.is_empty() && name.iter().all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_pairs_with_nodes() {
        for valid in [
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            "For=\"[2001:db8:cafe::17]:4711\"",
            "for=\"_gazonk\"",
            "for=unknown; host=\"a.example:80\"",
            "for=_SEVKISEK",
            "for=\"192.0.2.1:_p\"",
            "host=\"\"",
            "secret=x;;",
            "",
        ] {
            assert!(is_member(valid.as_bytes()), "{valid}");
        }
        for bad in [
            "for=[2001:db8::1]",
            "for=192.0.2.1:80",
            "for=\"2001:db8::1\"",
            "for=a.example",
            "for=_",
            "for=192.0.2.1;for=192.0.2.2",
            "for = unknown",
            "192.0.2.1",
            "for=",
            "for=\"192.0.2.1:123456\"",
            "host=\"a b\"",
        ] {
            assert!(!is_member(bad.as_bytes()), "{bad}");
        }
    }
}
