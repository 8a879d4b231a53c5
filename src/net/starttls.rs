//! `--starttls`: the plain dialogue of a protocol, up to where TLS begins.
//!
//! What the server says after its go-ahead and before TLS was said by anybody on
//! the way (CVE-2011-0411): it is told, and goes nowhere.

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::str::FromStr;

use super::wording::printable;

/// Most bytes of the plain dialogue: far more than any greeting or list of capabilities.
const MAX_DIALOGUE: usize = 64 * 1024;
/// PostgreSQL's SSLRequest: its length, and a version that is none.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

/// A protocol in which TLS begins after a plain dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartTls {
    /// RFC 3207.
    Smtp,
    /// RFC 9051 §6.2.1.
    Imap,
    /// RFC 2595 §4.
    Pop3,
    /// RFC 4217.
    Ftp,
    /// PostgreSQL's frontend protocol.
    Postgres,
}

impl FromStr for StartTls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "smtp" => Self::Smtp,
            "imap" => Self::Imap,
            "pop3" => Self::Pop3,
            "ftp" => Self::Ftp,
            "postgres" => Self::Postgres,
            _ => return Err("not one of smtp, imap, pop3, ftp and postgres".to_owned()),
        })
    }
}

/// What is reported of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// By us.
    Sent(&'a [u8]),
    /// By the server.
    Received(&'a [u8]),
    /// After the go-ahead, before TLS.
    Injected(&'a [u8]),
}

/// Why TLS can't begin.
#[derive(Debug)]
pub(crate) enum NoStart {
    /// Reading or writing failed when this was due.
    Io(io::Error, String),
    /// The server does not offer it, or refuses it; in words.
    Refused(String),
    /// The connection was closed when this was due.
    Closed(String),
}

/// Speaks `protocol` over `stream` up to where TLS begins; `local` is our end's
/// address. `on` hears the dialogue.
pub(crate) fn start(
    protocol: StartTls,
    stream: &mut (impl Read + Write + ?Sized),
    local: Option<IpAddr>,
    on: &mut dyn FnMut(Said<'_>),
) -> Result<(), NoStart> {
    let (due, received) = ("the greeting".to_owned(), Vec::new());
    let mut talk = LineDialogue { stream, on, received, read: 0, due, reply_start: 0 };
    match protocol {
        StartTls::Smtp => talk.smtp(local),
        StartTls::Imap => talk.imap(),
        StartTls::Pop3 => talk.pop3(),
        StartTls::Ftp => talk.ftp(),
        StartTls::Postgres => talk.postgres(),
    }?;
    let rest = &talk.received[talk.read..];
    if !rest.is_empty() {
        (talk.on)(Said::Injected(rest));
    }
    Ok(())
}

struct LineDialogue<'a, S: ?Sized> {
    stream: &'a mut S,
    on: &'a mut dyn FnMut(Said<'_>),
    /// All that came.
    received: Vec<u8>,
    /// How much of it was looked at.
    read: usize,
    /// What the server is to say next.
    due: String,
    /// Where that begins in what came.
    reply_start: usize,
}

impl<S: Read + Write + ?Sized> LineDialogue<'_, S> {
    fn smtp(&mut self, local: Option<IpAddr>) -> Result<(), NoStart> {
        self.reply("220", "greets with")?;
        let name = match local {
            Some(IpAddr::V4(address)) => format!("[{address}]"),
            Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            None => "localhost".to_owned(),
        };
        self.send("EHLO", format!("EHLO {name}\r\n").as_bytes())?;
        let capabilities = self.reply("250", "replied to EHLO with")?;
        // Some servers leave out their name, which is to stand in the first line.
        let offers = capabilities.iter().any(|line| {
            line.get(4..).is_some_and(|word| word.trim_ascii().eq_ignore_ascii_case(b"STARTTLS"))
        });
        offered(offers, "STARTTLS")?;
        self.send("STARTTLS", b"STARTTLS\r\n")?;
        self.reply("220", "replied to STARTTLS with").map(|_| ())
    }

    fn ftp(&mut self) -> Result<(), NoStart> {
        self.reply("220", "greets with")?;
        self.send("AUTH TLS", b"AUTH TLS\r\n")?;
        self.reply("234", "replied to AUTH TLS with").map(|_| ())
    }

    fn imap(&mut self) -> Result<(), NoStart> {
        let greeting = self.line()?;
        if !starts_with(&greeting, b"* OK") {
            return Err(refused("greets with", &greeting));
        }
        let mut offers = false;
        self.tagged("a1", "CAPABILITY", &mut |line| {
            offers |= line
                .split(|byte| b" []\r\n".contains(byte))
                .any(|word| word.eq_ignore_ascii_case(b"STARTTLS"));
        })?;
        offered(offers, "STARTTLS")?;
        self.tagged("a2", "STARTTLS", &mut |_| {})
    }

    /// An IMAP command and the lines up to its completion.
    fn tagged(&mut self, tag: &str, command: &str, on: &mut dyn FnMut(&[u8])) -> Result<(), NoStart> {
        self.send(command, format!("{tag} {command}\r\n").as_bytes())?;
        loop {
            let line = self.line()?;
            match line.strip_prefix(tag.as_bytes()).and_then(|rest| rest.strip_prefix(b" ")) {
                Some(rest) if starts_with(rest, b"OK") => return Ok(()),
                Some(_) => {
                    return Err(refused(&format!("replied to {command} with"), &line));
                }
                None => on(&line),
            }
        }
    }

    fn pop3(&mut self) -> Result<(), NoStart> {
        let greeting = self.line()?;
        if !starts_with(&greeting, b"+OK") {
            return Err(refused("greets with", &greeting));
        }
        self.send("CAPA", b"CAPA\r\n")?;
        // A server that knows no CAPA may know STLS all the same.
        if starts_with(&self.line()?, b"+OK") {
            let mut offers = false;
            loop {
                let line = self.line()?;
                match line.trim_ascii_end() {
                    b"." => break,
                    capability => offers |= capability.eq_ignore_ascii_case(b"STLS"),
                }
            }
            offered(offers, "STLS")?;
        }
        self.send("STLS", b"STLS\r\n")?;
        let line = self.line()?;
        if starts_with(&line, b"+OK") { Ok(()) } else { Err(refused("replied to STLS with", &line)) }
    }

    fn postgres(&mut self) -> Result<(), NoStart> {
        self.send("SSLRequest", &SSL_REQUEST)?;
        while self.received.is_empty() {
            self.fill()?;
        }
        self.read = 1;
        (self.on)(Said::Received(&self.received[..1]));
        match self.received[0] {
            b'S' => Ok(()),
            b'N' => Err(NoStart::Refused(
                "the server does not support TLS (it replied to SSLRequest with N)".to_owned(),
            )),
            other => Err(refused("replied to SSLRequest with", &[other])),
        }
    }

    /// The lines of a reply that begins with `code` (RFC 5321 §4.2, RFC 959 §4.2).
    fn reply(&mut self, code: &str, verb: &str) -> Result<Vec<Vec<u8>>, NoStart> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            let first = lines.first().unwrap_or(&line);
            let is_same = line.get(..3) == first.get(..3);
            let is_last = is_same && line.get(3) != Some(&b'-') || !first.starts_with(code.as_bytes());
            lines.push(line);
            if is_last {
                break;
            }
        }
        match lines.first() {
            Some(first) if first.starts_with(code.as_bytes()) => Ok(lines),
            first => Err(refused(verb, first.map_or(&[][..], |line| line))),
        }
    }

    fn send(&mut self, command: &str, bytes: &[u8]) -> Result<(), NoStart> {
        (self.due, self.reply_start) = (format!("the reply to {command}"), self.read);
        let sent = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
        sent.map_err(|error| NoStart::Io(error, self.due.clone()))?;
        (self.on)(Said::Sent(bytes));
        Ok(())
    }

    /// The next line, its end included.
    fn line(&mut self) -> Result<Vec<u8>, NoStart> {
        let mut looked_at = self.read;
        loop {
            if let Some(length) = self.received[looked_at..].iter().position(|&byte| byte == b'\n') {
                let line = self.received[self.read..looked_at + length + 1].to_vec();
                self.read += line.len();
                (self.on)(Said::Received(&line));
                return Ok(line);
            }
            looked_at = self.received.len();
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), NoStart> {
        if self.received.len() >= MAX_DIALOGUE {
            let message = format!("the server sent more than {MAX_DIALOGUE} bytes before TLS");
            return Err(NoStart::Refused(message));
        }
        let mut piece = [0; 4096];
        match self.stream.read(&mut piece) {
            Ok(0) => Err(NoStart::Closed(self.still_due())),
            Ok(count) => {
                self.received.extend_from_slice(&piece[..count]);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(NoStart::Io(error, self.still_due())),
        }
    }
}

impl<S: ?Sized> LineDialogue<'_, S> {
    /// What the server has not said, or not said to its end.
    fn still_due(&self) -> String {
        let due = &self.due;
        if self.received.len() > self.reply_start { format!("the end of {due}") } else { due.clone() }
    }
}

/// An error unless the server offers what was requested.
fn offered(offers: bool, command: &str) -> Result<(), NoStart> {
    if offers {
        return Ok(());
    }
    Err(NoStart::Refused(format!(
        "the server does not offer {command}: it does not support TLS here, or somebody on the path removed the offer"
    )))
}

fn refused(verb: &str, line: &[u8]) -> NoStart {
    let line = printable(String::from_utf8_lossy(line).trim_end());
    NoStart::Refused(format!("the server {verb} \"{line}\""))
}

fn starts_with(line: &[u8], start: &[u8]) -> bool {
    line.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server whose words are written down; each read gives `size` bytes at most.
    struct Scripted {
        says: Vec<u8>,
        size: usize,
        heard: Vec<u8>,
    }

    impl Read for Scripted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.size.min(self.says.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.says[..count]);
            self.says.drain(..count);
            Ok(count)
        }
    }

    impl Write for Scripted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.heard.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What was sent, what was injected, and how it ended.
    fn run(protocol: StartTls, says: &str, size: usize) -> (String, String, Result<(), String>) {
        let mut server = Scripted { says: says.as_bytes().to_vec(), size, heard: Vec::new() };
        let mut injected = String::new();
        let done = start(protocol, &mut server, Some([127, 0, 0, 1].into()), &mut |said| {
            if let Said::Injected(bytes) = said {
                injected = String::from_utf8_lossy(bytes).into_owned();
            }
        });
        let done = done.map_err(|error| match error {
            NoStart::Refused(why) => why,
            NoStart::Closed(due) => format!("closed before {due}"),
            NoStart::Io(error, _) => error.to_string(),
        });
        (String::from_utf8_lossy(&server.heard).replace("\r\n", "|"), injected, done)
    }

    #[test]
    fn each_protocol_asks_in_its_own_words() {
        for (protocol, says, sent) in [
            (
                "smtp",
                "220-hello\r\n220 there\r\n250-me\r\n250-SIZE 1\r\n250 starttls\r\n220 go\r\n",
                "EHLO [127.0.0.1]|STARTTLS|",
            ),
            ("ftp", "220-a\r\n 220 not yet\r\n220 b\r\n234 go\r\n", "AUTH TLS|"),
            (
                "imap",
                "* OK hi\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\na2 OK go\r\n",
                "a1 CAPABILITY|a2 STARTTLS|",
            ),
            ("pop3", "+OK hi\r\n+OK list\r\nUSER\r\nSTLS\r\n.\r\n+OK go\r\n", "CAPA|STLS|"),
            ("pop3", "+OK hi\r\n-ERR what\r\n+OK go\r\n", "CAPA|STLS|"),
            ("postgres", "S", "\0\0\0\u{8}\u{4}\u{fffd}\u{16}/"),
        ] {
            for size in [1, 7, 4096] {
                // What comes in one read with the go-ahead is seen; what comes later is TLS's.
                let (heard, injected, done) = run(protocol.parse().unwrap(), says, size);
                assert_eq!((heard.as_str(), injected.as_str(), done), (sent, "", Ok(())), "{protocol}");
            }
        }
    }

    #[test]
    fn what_stands_between_the_go_ahead_and_tls_is_told() {
        let says = "220 a\r\n250 STARTTLS\r\n220 go\r\n250 evil\r\n";
        assert_eq!(run(StartTls::Smtp, says, 4096).1, "250 evil\r\n");
        let says = "220 a\r\n250-b\r\n250 STARTTLS\r\n220 go\r\n250 evil\r\n";
        assert_eq!(run(StartTls::Smtp, says, 4096).1, "250 evil\r\n");
        assert_eq!(run(StartTls::Postgres, "Sx", 4096).1, "x");
    }

    #[test]
    fn a_server_without_it_is_told_of() {
        for (protocol, says, why) in [
            ("smtp", "554 no\r\n", "greets with \"554 no\""),
            ("smtp", "220 a\r\n250-b\r\n250 SIZE\r\n", "does not offer STARTTLS"),
            ("smtp", "220 a\r\n250-b\r\n250 STARTTLS\r\n454 later\r\n", "\"454 later\""),
            ("imap", "* OK\r\n* CAPABILITY IMAP4rev1\r\na1 OK\r\n", "does not offer STARTTLS"),
            ("imap", "* BYE\r\n", "greets with \"* BYE\""),
            ("pop3", "+OK\r\n+OK\r\nUSER\r\n.\r\n", "does not offer STLS"),
            ("ftp", "220 a\r\n530 no\r\n", "replied to AUTH TLS with \"530 no\""),
            ("postgres", "N", "does not support TLS"),
            ("smtp", "220 a", "closed"),
            ("smtp", "", "closed"),
        ] {
            let found = run(protocol.parse().unwrap(), says, 3).2.unwrap_err();
            assert!(found.contains(why), "{protocol}: {found}");
        }
        let endless = "220-a\r\n".repeat(20_000);
        assert!(run(StartTls::Smtp, &endless, 4096).2.unwrap_err().contains("more than 65536 bytes"));
    }
}
