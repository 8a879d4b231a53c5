//! `--doh-url`: the addresses of a host by DNS over HTTPS (RFC 8484), each question on a
//! connection of its own.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;

use super::Dialer;
use super::connect_limit::ConnectLimit;
use super::dial_event::DialEvent;
use super::dns::{self, RecordType};
use super::endpoint::Endpoint;
use super::family::Family;
use super::tls::{Handshake, Tls};
use super::wording::reason;
use crate::http::chunked::{ChunkedDecoder, Progress};
use crate::http::framing::{Framing, response_framing};
use crate::http::response::{HeadScanner, MAX_HEAD, ResponseHead, parse_whole};
use crate::http::uri::Uri;
use crate::stream::{Stream, Timed};

/// Most bytes of a response: a message of the DNS has at most 64 KiB.
const MAX_RESPONSE: usize = MAX_HEAD + 128 * 1024;
const MESSAGE: &str = "application/dns-message";

/// A server of DNS over HTTPS.
#[derive(Clone, Debug)]
pub(crate) struct Doh {
    /// Where questions are sent.
    pub(crate) uri: Uri,
    /// The TLS settings for its connection.
    pub(crate) tls: Rc<Tls>,
}

/// Identifies the resolver: two with the same URL are the same.
impl PartialEq for Doh {
    fn eq(&self, other: &Self) -> bool {
        self.uri == other.uri
    }
}

impl Eq for Doh {}

impl Doh {
    /// The addresses of `to` of the dialer's family; an error says why there are none.
    pub(super) fn addresses(
        &self,
        dialer: &Dialer,
        to: &Endpoint,
        limit: Option<ConnectLimit>,
        on: &mut dyn FnMut(&DialEvent<'_>),
    ) -> Result<Vec<SocketAddr>, String> {
        let records: &[RecordType] = match dialer.family {
            Family::Any => &[RecordType::Aaaa, RecordType::A],
            Family::V4 => &[RecordType::A],
            Family::V6 => &[RecordType::Aaaa],
        };
        let dialer = Dialer { doh: None, connect_to: Vec::new(), family: Family::Any, ..dialer.clone() };
        let (mut found, mut problem) = (Vec::new(), None);
        for &record in records {
            let question =
                dns::question(&to.host, record).ok_or_else(|| "not a valid DNS name".to_owned())?;
            let response = self.ask(&dialer, &question, limit, on);
            match response.and_then(|message| dns::addresses(&message, &question, record)) {
                Ok(addresses) => found.extend(addresses.into_iter().map(|ip| SocketAddr::new(ip, to.port))),
                Err(why) => problem = Some(why),
            }
        }
        match problem {
            Some(why) if found.is_empty() => Err(format!("{why} (--doh-url {})", self.uri.authority())),
            _ => Ok(found),
        }
    }

    /// The content of the response to one question.
    fn ask(
        &self,
        dialer: &Dialer,
        question: &[u8],
        limit: Option<ConnectLimit>,
        on: &mut dyn FnMut(&DialEvent<'_>),
    ) -> Result<Vec<u8>, String> {
        let host = &self.uri.host;
        let server = Endpoint { host: host.clone(), port: self.uri.port };
        let dialed = dialer.dial(&server, on).map_err(|error| format!("{error:#}"))?;
        let below: Box<dyn Stream> = Box::new(dialed.stream);
        let mut stream = self
            .tls
            .wrap(below, Handshake::http(host, limit), &mut |_| {})
            .map_err(|error| format!("{error:#}"))?;
        let until = limit.map(|limit| limit.at());
        let exchanged = Timed::new(&mut *stream, until).and_then(|mut stream| {
            stream.write_all(&self.request(question))?;
            stream.flush()?;
            receive(&mut stream)
        });
        let (head, content) = exchanged.map_err(|error| reason(&error))?;
        match head.status() {
            200..=299 => Ok(content),
            status => Err(format!("the server responded with {status}")),
        }
    }

    fn request(&self, question: &[u8]) -> Vec<u8> {
        let target = String::from_utf8_lossy(self.uri.origin_form()).into_owned();
        let (host, length) = (self.uri.authority(), question.len());
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: {host}\r\nAccept: {MESSAGE}\r\nContent-Type: {MESSAGE}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        [head.as_bytes(), question].concat()
    }
}

/// A response's head and its content.
fn receive(stream: &mut dyn Read) -> io::Result<(ResponseHead, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head = final_head(stream, &mut bytes)?;
    match response_framing(b"POST", &head).framing {
        Framing::NoBody => bytes.clear(),
        Framing::Length(length) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            while bytes.len() < length {
                more(stream, &mut bytes)?;
            }
            bytes.truncate(length);
        }
        Framing::Chunked => bytes = unchunked(stream, bytes)?,
        Framing::UntilClose => while more_or_end(stream, &mut bytes)? {},
    }
    Ok((head, bytes))
}

/// The head of the final response, which is taken off `bytes`; it and those of interim responses
/// have [`MAX_HEAD`] bytes together.
fn final_head(stream: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<ResponseHead> {
    let not_http = || io::Error::new(ErrorKind::InvalidData, "the response is not HTTP/1");
    let mut room = MAX_HEAD;
    loop {
        let mut scanner = HeadScanner::within(room);
        let length = loop {
            match scanner.scan(bytes).map_err(|_| not_http())? {
                Some(length) => break length,
                None => more(stream, bytes)?,
            }
        };
        let head = parse_whole(&bytes[..length], 0).map_err(|_| not_http())?;
        bytes.drain(..length);
        room = room.saturating_sub(length);
        if !head.status_line.is_interim() {
            return Ok(*head);
        }
    }
}

fn unchunked(stream: &mut dyn Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut decoder = ChunkedDecoder::new(0, false);
    let mut content = Vec::new();
    loop {
        let decoded = decoder.decode(&mut bytes);
        content.extend_from_slice(&bytes[..decoded.data]);
        bytes.drain(..decoded.consumed);
        match decoded.progress {
            Progress::End => return Ok(content),
            Progress::Failed(..) => return Err(ErrorKind::InvalidData.into()),
            _ if content.len() > MAX_RESPONSE => return Err(ErrorKind::InvalidData.into()),
            _ => more(stream, &mut bytes)?,
        }
    }
}

fn more(stream: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    if more_or_end(stream, bytes)? { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Reads once; false at the end.
fn more_or_end(stream: &mut dyn Read, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 4096];
    let count = stream.read(&mut piece)?;
    bytes.extend_from_slice(&piece[..count]);
    if bytes.len() > MAX_RESPONSE {
        return Err(io::Error::new(ErrorKind::InvalidData, "the response is too long"));
    }
    Ok(count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_responses_share_the_room_for_heads() {
        let hint = b"HTTP/1.1 103 Early Hints\r\n\r\n".as_slice();
        let last = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".as_slice();
        let few = [&hint.repeat(9), last].concat();
        let (head, content) = receive(&mut &few[..]).expect("a response");
        assert_eq!((head.status(), &content[..]), (200, b"hi".as_slice()));
        let many = [&hint.repeat(MAX_HEAD / hint.len() + 1), last].concat();
        assert_eq!(receive(&mut &many[..]).err().map(|error| error.kind()), Some(ErrorKind::InvalidData));
    }
}
