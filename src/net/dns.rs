//! Messages of the DNS (RFC 1035 §4): a question for addresses, and those in a response.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most bytes of a label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
/// Most bytes of a name (RFC 1035 §2.3.4).
const MAX_NAME: usize = 255;
/// Most aliases on the way from a name to its addresses; resolvers take some 10.
const MAX_CHAIN: usize = 16;
/// A header's bytes.
const HEADER: usize = 12;
/// The class of the Internet.
const IN: u16 = 1;
/// The type of a record that says of which name its owner is an alias.
const CNAME: u16 = 5;

const MALFORMED: &str = "the server's response is malformed";

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

/// The addresses in the response to `question`; an error says what the server has to say in their place.
///
/// Only records of the Internet count that belong to the name that was asked for, or to the one
/// that its CNAME records lead to (RFC 1034 §4.3.2): a server that adds others, for whatever name, answers
/// a question that was not asked (RFC 5452 §6).
pub(super) fn addresses(message: &[u8], question: &[u8], record: RecordType) -> Result<Vec<IpAddr>, String> {
    let flags = number(message, 2).ok_or(MALFORMED)?;
    if flags & 0x8000 == 0 || message.get(..2) != question.get(..2) {
        return Err(MALFORMED.to_owned());
    }
    match flags & 0xf {
        0 => Ok(answers(message, question, record)?),
        2 => Err("the server failed".to_owned()),
        3 => Err("the name does not exist".to_owned()),
        5 => Err("the server refused the query".to_owned()),
        code => Err(format!("the server returned the code {code}")),
    }
}

fn answers(message: &[u8], question: &[u8], record: RecordType) -> Result<Vec<IpAddr>, &'static str> {
    let (questions, answers) = number(message, 4).zip(number(message, 6)).ok_or(MALFORMED)?;
    let (asked, kind) = name(question, HEADER).ok_or(MALFORMED)?;
    let (repeated, end) = name(message, HEADER).ok_or(MALFORMED)?;
    let rest = message.get(end..end + 4).ok_or(MALFORMED)?;
    if questions != 1 || repeated != asked || Some(rest) != question.get(kind..) {
        return Err("the server answered another question");
    }
    let records = records(message, end + 4, answers).ok_or(MALFORMED)?;
    let mut owner = asked;
    for _ in 0..MAX_CHAIN {
        let of_owner = || records.iter().filter(|found| found.owner == owner);
        let found: Vec<_> = of_owner().filter_map(|found| found.address(record)).collect();
        let alias = of_owner().find(|found| found.kind == CNAME);
        match alias {
            Some(alias) if found.is_empty() => owner = name(message, alias.data_at).ok_or(MALFORMED)?.0,
            _ => return Ok(found),
        }
    }
    Err("the name has too many aliases")
}

/// A record of the Internet in a response.
struct ResourceRecord<'a> {
    owner: Vec<u8>,
    kind: u16,
    data: &'a [u8],
    data_at: usize,
}

impl ResourceRecord<'_> {
    fn address(&self, record: RecordType) -> Option<IpAddr> {
        if self.kind != record.number() {
            return None;
        }
        match record {
            RecordType::A => <[u8; 4]>::try_from(self.data).ok().map(|bytes| Ipv4Addr::from(bytes).into()),
            RecordType::Aaaa => {
                <[u8; 16]>::try_from(self.data).ok().map(|bytes| Ipv6Addr::from(bytes).into())
            }
        }
    }
}

/// The `count` records from `at` on, those of other classes left out; `None` where they are malformed.
fn records(message: &[u8], mut at: usize, count: u16) -> Option<Vec<ResourceRecord<'_>>> {
    let mut records = Vec::new();
    for _ in 0..count {
        let (owner, end) = name(message, at)?;
        let (kind, class) = number(message, end).zip(number(message, end + 2))?;
        let data_at = end + 10;
        at = data_at + usize::from(number(message, end + 8)?);
        let data = message.get(data_at..at)?;
        if class == IN {
            records.push(ResourceRecord { owner, kind, data, data_at });
        }
    }
    Some(records)
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// The name that begins at `at`, its labels in lower case each behind its length (RFC 1035 §3.1), and
/// where it has ended: behind its root, or its first pointer (§4.1.4), each of which leads back.
fn name(message: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut end, mut before) = (Vec::new(), None, at);
    loop {
        let length = *message.get(at)?;
        match length {
            0 => return Some((name, end.unwrap_or(at + 1))),
            0xC0.. => {
                end = end.or(Some(at + 2));
                at = usize::from(number(message, at)? & 0x3FFF);
                if at >= before {
                    return None;
                }
                before = at;
            }
            _ if usize::from(length) > MAX_LABEL => return None,
            _ => {
                let next = at + 1 + usize::from(length);
                name.extend(message.get(at..next)?.iter().map(u8::to_ascii_lowercase));
                at = next;
            }
        }
        if name.len() >= MAX_NAME {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u16 = 1;
    /// Where the question's name stands.
    const ASKED: &[u8] = &[0xC0, 12];

    fn asked() -> Vec<u8> {
        question("a.example", RecordType::A).unwrap()
    }

    /// A response with records of an owner, a type and data each.
    fn response(code: u8, records: &[(&[u8], u16, &[u8])]) -> Vec<u8> {
        let mut message = asked();
        message[2] |= 0x80;
        message[3] = code;
        message[7] = u8::try_from(records.len()).unwrap();
        for (owner, kind, data) in records {
            message.extend_from_slice(owner);
            message.extend_from_slice(&kind.to_be_bytes());
            message.extend_from_slice(&[0, 1, 0, 0, 0, 60, 0, u8::try_from(data.len()).unwrap()]);
            message.extend_from_slice(data);
        }
        message
    }

    fn read(message: &[u8]) -> Result<Vec<String>, String> {
        let found = addresses(message, &asked(), RecordType::A)?;
        Ok(found.iter().map(ToString::to_string).collect())
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
        let message =
            response(0, &[(ASKED, A, &[192, 0, 2, 1]), (ASKED, 28, &[0; 16]), (ASKED, A, &[0; 16])]);
        assert_eq!(read(&message), Ok(vec!["192.0.2.1".to_owned()]));
        let mut message = response(0, &[(ASKED, 28, &[0; 16])]);
        let question = question("A.example.", RecordType::Aaaa).unwrap();
        message[HEADER..question.len()].copy_from_slice(&question[HEADER..]);
        assert_eq!(addresses(&message, &question, RecordType::Aaaa), Ok(vec!["::".parse().unwrap()]));
        assert_eq!(read(&response(3, &[])), Err("the name does not exist".to_owned()));
        assert_eq!(read(&response(9, &[])), Err("the server returned the code 9".to_owned()));
    }

    #[test]
    fn aliases_lead_to_addresses() {
        let (b, c): (&[u8], &[u8]) = (b"\x01b\xC0\x0E", b"\x01C\x07exAmple\0");
        let [one, two, last] = [(ASKED, CNAME, b), (b, CNAME, c), (b"\x01c\xC0\x0E", A, &[192, 0, 2, 1][..])];
        let found = Ok(vec!["192.0.2.1".to_owned()]);
        assert_eq!(read(&response(0, &[one, two, last])), found);
        assert_eq!(read(&response(0, &[last, two, one])), found);
        assert_eq!(read(&response(0, &[one, last])), Ok(vec![]));
        let many = Err("the name has too many aliases".to_owned());
        assert_eq!(read(&response(0, &[(ASKED, CNAME, ASKED)])), many);
        assert_eq!(read(&response(0, &[one, (b, CNAME, ASKED), last])), many);
    }

    #[test]
    fn records_of_other_names_and_classes_do_not_count() {
        let own: (&[u8], u16, &[u8]) = (ASKED, A, &[192, 0, 2, 1]);
        let others: [&[u8]; 4] = [b"\x01b\xC0\x0E", b"\0", b"\xC0\x0E", b"\x09a.example\0"];
        for other in others {
            let message = response(0, &[(other, A, &[203, 0, 113, 9]), own]);
            assert_eq!(read(&message), Ok(vec!["192.0.2.1".to_owned()]));
        }
        let mut chaos = response(0, &[own]);
        chaos[asked().len() + 5] = 3;
        assert_eq!(read(&chaos), Ok(vec![]));
    }

    #[test]
    fn the_question_is_repeated() {
        let message = response(0, &[(ASKED, A, &[192, 0, 2, 1])]);
        let other = |at: usize, byte: u8| {
            let mut message = message.clone();
            message[at] = byte;
            read(&message)
        };
        assert_eq!(other(13, b'A'), read(&message));
        let another = Err("the server answered another question".to_owned());
        // The name, the type, the class, the number of questions.
        for (at, byte) in [(13, b'x'), (24, 28), (26, 3), (5, 2), (5, 0)] {
            assert_eq!(other(at, byte), another, "{at}");
        }
        for (at, byte) in [(0, 1), (2, 1)] {
            assert_eq!(other(at, byte), Err(MALFORMED.to_owned()), "{at}");
        }
    }

    #[test]
    fn names_do_not_go_in_circles() {
        let pointer = |to: &[u8]| read(&response(0, &[(to, A, &[192, 0, 2, 1])]));
        // To itself, forward, a label that is too long, and one of a kind that never came to be.
        let start = u8::try_from(asked().len()).unwrap();
        for to in [&[0xC0, start][..], &[0xC0, start + 2], &[1, b'a', 0xC0, start], &[0x40, 0], &[0x80, 0]] {
            assert_eq!(pointer(to), Err(MALFORMED.to_owned()), "{to:?}");
        }
        let long = [&[63; 64].repeat(4)[..], &[0]].concat();
        assert_eq!(pointer(&long), Err(MALFORMED.to_owned()));
    }

    #[test]
    fn cut_responses_are_malformed() {
        let whole = response(0, &[(ASKED, A, &[192, 0, 2, 1])]);
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{end}");
        }
    }
}
