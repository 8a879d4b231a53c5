//! Messages of the DNS (RFC 1035 §4): a question for addresses, and those in a response.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most bytes of a label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
/// A header's bytes.
const HEADER: usize = 12;
/// The class of the Internet.
const IN: u16 = 1;

/// What is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordType {
    /// An IPv4 address.
    A,
    /// An IPv6 address (RFC 3596).
    Aaaa,
}

impl RecordType {
    fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Aaaa => 28,
        }
    }
}

/// The question for `record` of `host`; `None` where not a valid DNS name. Its
/// number is 0, so that it can be cached (RFC 8484 §4.1).
pub(super) fn question(host: &str, record: RecordType) -> Option<Vec<u8>> {
    // Recursion is desired; one question.
    let mut message = vec![0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in host.strip_suffix('.').unwrap_or(host).split('.') {
        let length = u8::try_from(label.len()).ok().filter(|_| (1..=MAX_LABEL).contains(&label.len()))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&record.number().to_be_bytes());
    message.extend_from_slice(&IN.to_be_bytes());
    Some(message)
}

/// The addresses in a response; an error says what the server has to say in their place.
pub(super) fn addresses(message: &[u8], record: RecordType) -> Result<Vec<IpAddr>, String> {
    let malformed = || "its response is malformed".to_owned();
    let mut at = HEADER;
    let flags = number(message, 2).ok_or_else(malformed)?;
    let (questions, answers) = number(message, 4).zip(number(message, 6)).ok_or_else(malformed)?;
    match flags & 0xf {
        _ if flags & 0x8000 == 0 => return Err(malformed()),
        0 => {}
        2 => return Err("the server failed".to_owned()),
        3 => return Err("the name does not exist".to_owned()),
        5 => return Err("the server refused the query".to_owned()),
        code => return Err(format!("the server returned the code {code}")),
    }
    for _ in 0..questions {
        at = after_name(message, at).ok_or_else(malformed)? + 4;
    }
    let mut found = Vec::new();
    for _ in 0..answers {
        at = after_name(message, at).ok_or_else(malformed)?;
        let (kind, length) = number(message, at).zip(number(message, at + 8)).ok_or_else(malformed)?;
        let start = at + 10;
        at = start + usize::from(length);
        let data = message.get(start..at).ok_or_else(malformed)?;
        if kind == record.number() {
            found.extend(address(data));
        }
    }
    Ok(found)
}

fn address(data: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(data).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
    v4.or_else(|_| <[u8; 16]>::try_from(data).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)))).ok()
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// Where the name that begins at `at` has ended: behind its root, or a pointer.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            0xc0.. => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = question("a.example", RecordType::A).unwrap();
        message[2] |= 0x80;
        message[3] = code;
        message[7] = u8::try_from(records.len()).unwrap();
        for (kind, data) in records {
            message.extend_from_slice(&[0xc0, 12]);
            message.extend_from_slice(&kind.to_be_bytes());
            message.extend_from_slice(&[0, 1, 0, 0, 0, 60, 0, u8::try_from(data.len()).unwrap()]);
            message.extend_from_slice(data);
        }
        message
    }

    #[test]
    fn questions_are_the_rfcs() {
        let asked = question("www.example.com", RecordType::A).unwrap();
        assert_eq!(asked, b"\0\0\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01");
        assert_eq!(question("a..b", RecordType::A), None);
        assert_eq!(question(&"x".repeat(64), RecordType::Aaaa), None);
    }

    #[test]
    fn responses_give_addresses_of_the_kind() {
        let cname: (u16, &[u8]) = (5, b"\x01b\xc0\x0e");
        let message = response(0, &[cname, (1, &[192, 0, 2, 1]), (28, &[0; 16])]);
        assert_eq!(addresses(&message, RecordType::A), Ok(vec!["192.0.2.1".parse().unwrap()]));
        assert_eq!(addresses(&message, RecordType::Aaaa), Ok(vec!["::".parse().unwrap()]));
        assert_eq!(addresses(&response(3, &[]), RecordType::A), Err("the name does not exist".to_owned()));
    }

    #[test]
    fn cut_responses_are_malformed() {
        let whole = response(0, &[(1, &[192, 0, 2, 1])]);
        for end in 0..whole.len() {
            assert!(addresses(&whole[..end], RecordType::A).is_err(), "{end}");
        }
    }
}
