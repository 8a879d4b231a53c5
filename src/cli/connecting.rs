//! "Choosing how it is sent".

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;

use super::saving::size;
use crate::http::digits;
use crate::net::{ConnectToRule, ResolveRule, StartTls, Via};

options! {
    pub(crate) struct ConnectingOptions {
        /// Use one connection for as many requests as the server allows
        ///
        /// A server may close a kept connection just when a request is sent. The request is then retried once on a
        /// new connection, if its method is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) or its head was not
        /// sent completely. Any other request, such as a POST, fails, since the server may have acted on it (RFC
        /// 9110 section 9.2.2); curl sends it again.
        #[arg(long)]
        pub(crate) keep_alive: bool,

        /// Write all requests to one host before reading the first response
        ///
        /// Consecutive requests on the command line to one host share a connection. Those that the server leaves
        /// without a response are retried on another connection if that is safe. Redirects and challenges are
        /// followed after the last response. A request whose content is over 64 KiB or read from standard input
        /// is sent alone, in its turn. Each group of options has its own pipelines.
        #[arg(long)]
        pub(crate) pipeline: bool,

        /// Send the last bytes of all requests together, each on its own connection
        ///
        /// Connect for one request after the other, send all but the last byte of each (through TLS, all but the last
        /// record), then the last bytes right after each other, and show the responses in the order in which they come. For several targets, --send with
        /// several requests, or --repeat; 256 at most. Redirects, challenges and --retry are followed after the last
        /// response. Groups of options after this one take part too.
        #[arg(long)]
        pub(crate) race: bool,

        /// Write the request in pieces that end at these offsets
        ///
        /// Offsets count from the first byte of each request, head and content alike. Each piece is one write. It
        /// leaves as a segment of its own, and over TLS as a record of its own.
        #[arg(long, value_name = "OFFSET[,OFFSET]...", value_delimiter = ',', value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
        pub(crate) split: Vec<u64>,

        /// Write the request in pieces of this many bytes
        #[arg(long, value_name = "BYTES", value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
        pub(crate) segment: Option<u64>,

        /// Wait this many milliseconds between pieces (default: 10)
        #[arg(long, value_name = "MS", value_parser = milliseconds)]
        pub(crate) pause: Option<Duration>,

        /// Shut down the sending side after the request, or at the end of the input
        ///
        /// Over WebSocket, send Close at the end of the input and keep reading until the server closes. On a
        /// terminal, Ctrl-D does the same without this option, over tcp:// and WebSocket.
        /// Over tcp:// and tls://, piped input is still sent after the server has shut down its side: with this option
        /// until none arrives for 5 s, without it for 250 ms.
        #[arg(long)]
        pub(crate) half_close: bool,

        /// Keep reading after the end of the message, until the server closes
        #[arg(long)]
        pub(crate) until_eof: bool,

        /// Keep reading for SECONDS after the end of the message, and show what arrives
        ///
        /// Over WebSocket, send Close once the input has ended and nothing has arrived for SECONDS.
        #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "until_eof")]
        pub(crate) linger: Option<Duration>,

        /// Allow at most this many seconds to resolve and connect
        ///
        /// The limit includes the handshakes with proxies and TLS. By default these must end within 300 s, and the
        /// system limits how long resolving and connecting take.
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) connect_timeout: Option<Duration>,

        /// Allow at most this many seconds for each target, redirects included
        #[arg(short = 'm', long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) max_time: Option<Duration>,

        /// Retry up to NUM times after a transient failure
        ///
        /// A transient failure is a timeout, a name that does not resolve, one of the statuses 408, 429, 500,
        /// 502, 503, 504, 522 and 524, or a lost connection if the method is idempotent, as GET, PUT and DELETE
        /// are and POST is not. The wait before the first retry is one second and doubles for each further one,
        /// up to ten minutes; Retry-After can ask for more. A partly written file of -o or -O is resumed if the
        /// server sent a strong ETag or date, and started over otherwise. A body that was partly printed is not
        /// printed again: the run ends there, unless --retry-all-errors is given.
        #[arg(long, value_name = "NUM")]
        pub(crate) retry: Option<u64>,

        /// Wait this many seconds before each retry, instead of doubling the wait; 0 doubles it
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) retry_delay: Option<Duration>,

        /// Stop retrying once this many seconds have passed since the first request
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) retry_max_time: Option<Duration>,

        /// With --retry: also retry after a refused connection
        #[arg(long)]
        pub(crate) retry_connrefused: bool,

        /// With --retry: retry after any failure
        #[arg(long)]
        pub(crate) retry_all_errors: bool,

        /// Start at most this many requests per time: 2/s, 30/m, 100/h (same as 100), 5/2d
        #[arg(long, value_name = "NUMBER[/TIME]", value_parser = interval)]
        pub(crate) rate: Option<Duration>,

        /// Send or receive at most this many bytes per second, such as 500k or 1.5M
        ///
        /// The head of a request is sent at once, whatever the rate.
        #[arg(long, value_name = "SPEED", value_parser = size)]
        pub(crate) limit_rate: Option<u64>,

        /// Exit 28 if slower than BYTES per second for --speed-time seconds (default: 30)
        #[arg(short = 'Y', long, value_name = "BYTES", value_parser = size)]
        pub(crate) speed_limit: Option<u64>,

        /// Exit 28 if slower than --speed-limit (default: 1 byte per second) for SECONDS
        #[arg(short = 'y', long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) speed_time: Option<Duration>,

        /// Connect from this address or device
        ///
        /// A name is a device if there is one of this name, else a host. if!DEVICE and host!HOST say which;
        /// ifhost!DEVICE!HOST is an address of HOST on this device.
        #[arg(long, value_name = "ADDRESS|DEVICE")]
        pub(crate) interface: Option<String>,

        /// Connect from this port, or from the first free one of a range
        #[arg(long, value_name = "PORT[-PORT]", value_parser = ports)]
        pub(crate) local_port: Option<(u16, u16)>,

        /// Connect to this Unix socket, whatever the host, without any proxy
        #[arg(long, value_name = "PATH", overrides_with = "abstract_unix_socket")]
        pub(crate) unix_socket: Option<OsString>,

        /// Connect to this abstract Unix socket, whatever the host, without any proxy
        #[arg(long, value_name = "NAME", overrides_with = "unix_socket")]
        pub(crate) abstract_unix_socket: Option<OsString>,

        /// Connect through the standard input and output of COMMAND, such as 'ssh -W %h:%p bastion'
        ///
        /// COMMAND is split into words as a shell would, but run without one. In its words, %h stands for the
        /// host (or the address that --resolve gives it), %p for the port and %% for a percent sign. Its standard
        /// error is rawget's. COMMAND ends with the connection, and so does what it has started (Linux). A response
        /// that ends when the server closes is complete only once COMMAND exits; ncat does not exit then.
        #[arg(long, value_name = "COMMAND", value_parser = Via::parse, conflicts_with_all = ["unix_socket", "abstract_unix_socket", "interface", "local_port"])]
        pub(crate) via: Option<Via>,

        /// With tcp://: start TLS after the plain dialogue of smtp, imap, pop3, ftp or postgres
        ///
        /// Greet the server and request TLS as PROTOCOL does, then start TLS. -v shows the dialogue. If the
        /// server does not offer TLS, or refuses it, the exit code is 64. Bytes between the server's go-ahead and
        /// TLS, which anyone on the path may have injected, are the finding starttls-injected (--check, --explain).
        #[arg(long, value_name = "PROTOCOL")]
        pub(crate) starttls: Option<StartTls>,

        /// Begin each connection with the line of HAProxy's PROXY protocol, version 1
        #[arg(long)]
        pub(crate) haproxy_protocol: bool,

        /// Like --haproxy-protocol, but with IP as both addresses
        #[arg(long, value_name = "IP")]
        pub(crate) haproxy_clientip: Option<IpAddr>,

        /// Send TCP keepalive probes on a connection that is silent for SECONDS (default: 60; 0 means the default)
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32))]
        pub(crate) keepalive_time: Option<u32>,

        /// Give up a connection after this many probes without a response (default: 9; 0 means the default)
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(..=127))]
        pub(crate) keepalive_cnt: Option<u32>,

        /// Send no TCP keepalive probes
        #[arg(long)]
        pub(crate) no_keepalive: bool,

        /// Mark packets with this type of service: 0 to 255, or a name such as AF21, CS5, EF
        #[arg(long, value_name = "TOS", value_parser = type_of_service)]
        pub(crate) ip_tos: Option<u8>,

        /// Set the priority of frames in a VLAN, from 0 to 7
        #[arg(long, value_name = "PRIORITY", value_parser = clap::value_parser!(u32).range(0..=7))]
        pub(crate) vlan_priority: Option<u32>,

        /// Use Multipath TCP if this system and the server support it
        #[arg(long)]
        pub(crate) mptcp: bool,

        /// Try the next address after this many milliseconds without a connection (default: 250)
        #[arg(long, value_name = "MS")]
        pub(crate) happy_eyeballs_timeout_ms: Option<u64>,

        /// Wait to fill packets (Nagle's algorithm)
        #[arg(long, overrides_with = "tcp_nodelay")]
        pub(crate) no_tcp_nodelay: bool,

        /// Send data at once (the default)
        #[arg(long, overrides_with = "no_tcp_nodelay", hide_short_help = true)]
        tcp_nodelay: bool,

        /// Use only IPv4 addresses
        #[arg(short = '4', long, overrides_with = "ipv6")]
        pub(crate) ipv4: bool,

        /// Use only IPv6 addresses
        #[arg(short = '6', long, overrides_with = "ipv4")]
        pub(crate) ipv6: bool,

        /// Use these addresses for a host and port, instead of resolving the host
        #[arg(long, value_name = "HOST:PORT:ADDR[,ADDR]...")]
        pub(crate) resolve: Vec<ResolveRule>,

        /// Resolve names by DNS over HTTPS (RFC 8484) with this server
        #[arg(long, value_name = "URL")]
        pub(crate) doh_url: Option<OsString>,

        /// Trust any certificate of the --doh-url server
        #[arg(long)]
        pub(crate) doh_insecure: bool,

        /// Connect to HOST2:PORT2 instead of HOST1:PORT1
        #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2")]
        pub(crate) connect_to: Vec<ConnectToRule>,
    }
}

/// Over that, adding to a point in time may fail, and no such value is meant.
const MOST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Seconds with or without a fraction; 0 means no limit, as it does to curl.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number = decimal(text).ok_or("not a number of seconds, such as 0.5")?;
    let limit = number.filter(|limit| *limit < MOST);
    limit.ok_or_else(|| "not a number of seconds from 0 to 3162240000, a hundred years".to_owned())
}

/// Milliseconds with or without a fraction.
fn milliseconds(text: &str) -> Result<Duration, String> {
    let number = decimal(text).ok_or("not a number of milliseconds")?;
    number.map(|number| number / 1000).ok_or_else(|| "not a number of milliseconds from 0 up".to_owned())
}

/// The number that `text` is, one standing for a second; within, `None` where it is below 0.
fn decimal(text: &str) -> Option<Option<Duration>> {
    let positive = text.strip_prefix('-');
    let (whole, billionths) = digits::decimal(positive.unwrap_or(text).as_bytes())?;
    Some(positive.is_none().then(|| Duration::new(whole, billionths)))
}

/// Reads `N` or `N-M`.
fn ports(text: &str) -> Result<(u16, u16), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if 0 < first && first <= last => Ok((first, last)),
        (Ok(1..), Ok(1..)) => Err("the range ends before it begins".to_owned()),
        _ => Err("a port is a number from 1 to 65535, and a range two of them, as in 4000-4100".to_owned()),
    }
}

/// Names of types of service (RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622), as curl has them.
const TYPES_OF_SERVICE: [(&str, u8); 29] = [
    ("AF11", 0x28),
    ("AF12", 0x30),
    ("AF13", 0x38),
    ("AF21", 0x48),
    ("AF22", 0x50),
    ("AF23", 0x58),
    ("AF31", 0x68),
    ("AF32", 0x70),
    ("AF33", 0x78),
    ("AF41", 0x88),
    ("AF42", 0x90),
    ("AF43", 0x98),
    ("CS0", 0x00),
    ("CS1", 0x20),
    ("CS2", 0x40),
    ("CS3", 0x60),
    ("CS4", 0x80),
    ("CS5", 0xa0),
    ("CS6", 0xc0),
    ("CS7", 0xe0),
    ("ECT0", 0x02),
    ("ECT1", 0x01),
    ("EF", 0xb8),
    ("LE", 0x04),
    ("LOWCOST", 0x02),
    ("LOWDELAY", 0x10),
    ("MINCOST", 0x02),
    ("RELIABILITY", 0x04),
    ("THROUGHPUT", 0x08),
];

fn type_of_service(text: &str) -> Result<u8, String> {
    let named = TYPES_OF_SERVICE.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    let number = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let wrong =
        || "a type of service is a number from 0 to 255, or a name such as AF21, CS5 or EF".to_owned();
    named.map(|(_, value)| *value).or(number).ok_or_else(wrong)
}

/// Reads `NUMBER/[NUMBER]UNIT`: the time between the beginnings of two requests.
fn interval(text: &str) -> Result<Duration, String> {
    let (number, time) = text.split_once('/').unwrap_or((text, "h"));
    let digits = time.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &time[digits.len()..] {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let count =
        if digits.is_empty() { Some(1) } else { digits.parse::<u32>().ok().filter(|&count| count > 0) };
    let number = number.parse::<u32>().ok().filter(|&number| number > 0);
    match (number, count, unit) {
        (Some(number), Some(count), Some(unit)) => {
            Ok(Duration::from_secs(unit).saturating_mul(count) / number)
        }
        _ => Err("a rate is a number, and s, m, h or d behind a slash, as in 30/m".to_owned()),
    }
}
