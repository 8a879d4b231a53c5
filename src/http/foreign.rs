//! Protocols that are not HTTP/1, by the first bytes that their servers send.

/// A protocol, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What the bytes look like.
    pub name: &'static str,
    /// What may help; empty where nothing does.
    pub help: &'static str,
}

const fn foreign(name: &'static str, help: &'static str) -> Foreign {
    Foreign { name, help }
}

const LIVE: &str = "tcp:// shows what such a server says";
const TLS: &str = "the port speaks TLS, as https:// does";
const BARE: &str = "--http0.9 accepts it as is";

/// What a response that begins so looks like.
const PREFIXES: [(&[u8], Foreign); 21] = [
    (b"SSH-", foreign("an SSH server", LIVE)),
    (b"\x15\x03", foreign("a TLS alert", TLS)),
    (b"\x16\x03", foreign("a TLS handshake", TLS)),
    (b"PRI * HTTP/2.0", foreign("the preface of HTTP/2", "the port speaks HTTP/2 alone")),
    (b"220 ", foreign("the greeting of a mail (SMTP) or FTP server", LIVE)),
    (b"220-", foreign("the greeting of a mail (SMTP) or FTP server", LIVE)),
    (b"421 ", foreign("the refusal of a mail (SMTP) or FTP server", LIVE)),
    (b"500 ", foreign("the refusal of a mail (SMTP) or FTP server", LIVE)),
    (b"554 ", foreign("the refusal of a mail (SMTP) server", LIVE)),
    (b"+OK", foreign("a mail (POP3) server", LIVE)),
    (b"* OK", foreign("a mail (IMAP) server", LIVE)),
    (b"ICY", foreign("a SHOUTcast or Icecast stream", BARE)),
    (b"RTSP/", foreign("RTSP, the streaming protocol", LIVE)),
    (b"SIP/", foreign("SIP, the telephony protocol", LIVE)),
    (b"RFB ", foreign("a VNC server", LIVE)),
    (b"AMQP", foreign("an AMQP message broker", LIVE)),
    (b"-ERR", foreign("a Redis server", LIVE)),
    (b"-DENIED", foreign("a Redis server", LIVE)),
    (b"@RSYNCD:", foreign("an rsync server", LIVE)),
    (b"\x05\xFF", foreign("a SOCKS proxy", "-x socks5://HOST:PORT goes by it")),
    (b"<", foreign("HTML or XML without a head, as HTTP/0.9 sends it", BARE)),
];

/// What may help where nothing is known of a server's protocol.
pub const UNKNOWN_HELP: &str = BARE;

impl Foreign {
    /// What may help where a proxy is spoken to.
    pub fn proxy_help(self) -> &'static str {
        match self.help {
            TLS => "the proxy speaks TLS: try -x https://HOST:PORT",
            BARE => "",
            help => help,
        }
    }

    /// The protocol whose server likely sent `bytes` first.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        // A frame of HTTP/2 (RFC 9113 §4.1): length, type, flags, stream 0. A connection
        // opens with SETTINGS (type 4) and, where it is refused, ends with GOAWAY (type 7).
        if matches!(bytes, [0, _, _, 4 | 7, 0, 0, 0, 0, 0, ..]) {
            return Some(foreign("HTTP/2", "the port speaks HTTP/2 alone"));
        }
        // A greeting of MySQL: length, sequence number 0, protocol version 10.
        if matches!(bytes, [_, 0, 0, 0, 10, ..]) {
            return Some(foreign("a MySQL server", ""));
        }
        PREFIXES.iter().find(|(prefix, _)| bytes.starts_with(prefix)).map(|&(_, protocol)| protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::Foreign;

    #[test]
    fn protocols_are_known_by_their_first_bytes() {
        let name = |bytes: &[u8]| Foreign::of(bytes).map(|protocol| protocol.name);
        assert_eq!(name(b"\x15\x03\x01\0\x02\x02F"), Some("a TLS alert"));
        assert_eq!(name(b"\0\0\x12\x04\0\0\0\0\0\0"), Some("HTTP/2"));
        assert_eq!(name(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0"), Some("HTTP/2"));
        assert_eq!(name(b"\x4a\0\0\0\x0a8.0"), Some("a MySQL server"));
        assert_eq!(name(b"\0\0\x12\x04\0\0\0\0"), None);
        assert_eq!(name(b"hello"), None);
        assert_eq!(name(b""), None);
    }
}
