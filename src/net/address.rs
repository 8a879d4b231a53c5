//! Hosts that are addresses already, so that no resolver is asked: plain IPv4
//! and IPv6, the short, octal and hexadecimal IPv4 forms of `inet_aton`, and
//! IPv6 zones (RFC 4007 §11).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::path::Path;

/// The address that `host` is, if it is one: without brackets, its zone (`%eth0`) passed over.
///
/// As curl and browsers do (WHATWG URL, "IPv4 parser"), `127.1`, `0x7f000001`,
/// `017700000001` and `2130706433` are taken for 127.0.0.1.
pub(crate) fn numeric(host: &str) -> Option<IpAddr> {
    if host.contains(':') {
        let (address, zone) = split_zone(host);
        let address = address.parse::<Ipv6Addr>().ok()?;
        return (zone != Some("")).then_some(address.into());
    }
    host.parse::<Ipv4Addr>().ok().or_else(|| inet_aton(host)).map(IpAddr::from)
}

/// The address and port to connect to when `host` is an address, with the
/// number of its zone's interface. `None`: it is a name; `Err`: the zone is unknown.
pub(super) fn socket_address(host: &str, port: u16) -> Option<Result<SocketAddr, UnknownZone>> {
    let address = match (numeric(host)?, split_zone(host).1) {
        (IpAddr::V6(address), Some(zone)) => match scope_id(zone) {
            Some(scope) => SocketAddrV6::new(address, port, 0, scope).into(),
            None => return Some(Err(UnknownZone)),
        },
        (address, _) => SocketAddr::new(address, port),
    };
    Some(Ok(address))
}

/// No network interface has the name, or number, in the zone of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownZone;

fn split_zone(host: &str) -> (&str, Option<&str>) {
    host.split_once('%').map_or((host, None), |(address, zone)| (address, Some(zone)))
}

/// The number of a network interface: given as such, or looked up by name.
fn scope_id(zone: &str) -> Option<u32> {
    if zone.bytes().all(|byte| byte.is_ascii_digit()) {
        return zone.parse().ok();
    }
    // The zone becomes part of a path, and a redirect may have brought it.
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte);
    if zone.starts_with('.') || !zone.bytes().all(safe) {
        return None;
    }
    let interfaces = Path::new("/sys/class/net");
    if let Ok(index) = std::fs::read_to_string(interfaces.join(zone).join("ifindex")) {
        return index.trim_end().parse().ok();
    }
    if interfaces.is_dir() {
        return None;
    }
    // Not Linux. The resolver knows the interfaces, and asks no server about an address.
    match (format!("fe80::%{zone}").as_str(), 0).to_socket_addrs().ok()?.next()? {
        SocketAddr::V6(address) => Some(address.scope_id()),
        SocketAddr::V4(_) => None,
    }
}

/// One to four numbers, decimal, octal (`0…`) or hexadecimal (`0x…`); the last
/// fills all the bytes that are left.
fn inet_aton(host: &str) -> Option<Ipv4Addr> {
    let parts = host.split('.').take(5).map(number).collect::<Option<Vec<u32>>>()?;
    let (&last, first) = parts.split_last().filter(|(_, first)| first.len() < 4)?;
    let mut address = last.to_be_bytes();
    // The numbers before the last take a byte each, which the last must leave empty.
    for (index, &part) in first.iter().enumerate() {
        let byte = address.get_mut(index).filter(|byte| **byte == 0)?;
        *byte = u8::try_from(part).ok()?;
    }
    Some(address.into())
}

/// A number as C writes it; nothing but digits.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // from_str_radix takes a sign, and this is none of its places.
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(host: &str) -> Option<String> {
        numeric(host).map(|address| address.to_string())
    }

    #[test]
    fn every_spelling_of_an_ipv4_address() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f000001",
            "0X7F.1",
            "2130706433",
            "017700000001",
            "0177.0.0.01",
            "127.0x0.0.0x1",
            "127.0.0.01",
        ] {
            assert_eq!(v4(host).as_deref(), Some("127.0.0.1"), "{host}");
        }
        assert_eq!(v4("0").as_deref(), Some("0.0.0.0"));
        assert_eq!(v4("4294967295").as_deref(), Some("255.255.255.255"));
        assert_eq!(v4("1.2.65535").as_deref(), Some("1.2.255.255"));
        assert_eq!(v4("1.16777215").as_deref(), Some("1.255.255.255"));
    }

    #[test]
    fn names_that_resemble_an_ipv4_address() {
        for host in [
            "",
            ".",
            "1.",
            "1..2",
            "127.0.0.1.",
            "256.1.1.1",
            "1.2.3.256",
            "1.2.65536",
            "1.16777216",
            "4294967296",
            "1.2.3.4.5",
            "1.2.3.4.",
            "0x",
            "0xg",
            "08",
            "+1",
            "-1",
            "1.2.3.+4",
            "1 ",
            "1.2.3.4 x",
            "a",
            "1e3",
            "١٢٧.1",
        ] {
            assert_eq!(numeric(host), None, "{host}");
        }
    }

    #[test]
    fn ipv6_addresses_and_zones() {
        assert_eq!(v4("::1").as_deref(), Some("::1"));
        assert_eq!(v4("fe80::1%eth0").as_deref(), Some("fe80::1"));
        assert_eq!(v4("::ffff:1.2.3.4").as_deref(), Some("::ffff:1.2.3.4"));
        for host in ["::g", "[::1]", ":", "fe80::1%", "fe80%eth0", "127.0.0.1%1", "::1::"] {
            assert_eq!(numeric(host), None, "{host}");
        }
    }

    #[test]
    fn a_numeric_zone_is_the_number_of_an_interface() {
        let address = socket_address("fe80::1%7", 80).unwrap().unwrap();
        assert_eq!(address.to_string(), "[fe80::1%7]:80");
        assert_eq!(socket_address("name", 80), None);
        assert_eq!(socket_address("::1", 80).unwrap().unwrap().to_string(), "[::1]:80");
    }

    #[test]
    fn a_zone_is_no_way_out_of_its_folder() {
        for zone in ["..", ".", "../lo", "lo/../lo", "nosuchinterface", "99999999999", "a\0b"] {
            let host = format!("fe80::1%{zone}");
            assert_eq!(socket_address(&host, 80), Some(Err(UnknownZone)), "{zone:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_named_zone_is_looked_up() {
        let address = socket_address("fe80::1%lo", 80).unwrap().unwrap();
        assert_eq!(address.to_string(), "[fe80::1%1]:80");
    }
}
