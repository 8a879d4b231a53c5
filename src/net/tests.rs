//! Dialling over real sockets on loopback.

use std::io;
use std::net::{IpAddr, TcpListener};

use super::*;
use crate::failure;

fn endpoint(host: &str, port: u16) -> Endpoint {
    Endpoint { host: host.into(), port }
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port without a listener: it was free a moment ago.
fn closed_port() -> u16 {
    listener().1
}

/// What came of dialling, and the events on the way, one a word.
fn dial(dialer: &Dialer, to: &Endpoint) -> (anyhow::Result<Dialed>, Vec<String>) {
    let mut events = Vec::new();
    let result = dialer.dial(to, &mut |event| {
        events.push(match event {
            DialEvent::Resolved { host, addresses } => format!("{host}={}", addresses.len()),
            DialEvent::Trying { address } => format!("try {}", address.ip()),
            DialEvent::Failed { address, .. } => format!("failed {}", address.ip()),
            DialEvent::Connected { address } => format!("connected {}", address.ip()),
        });
    });
    (result, events)
}

fn error(dialer: &Dialer, to: &Endpoint) -> (Option<Failure>, String) {
    let error = dial(dialer, to).0.unwrap_err();
    (failure::of(&error), format!("{error:#}"))
}

#[test]
fn a_numeric_host_is_dialled_without_resolution() {
    let (_listener, port) = listener();
    for host in ["127.0.0.1", "127.1", "0x7f000001"] {
        let (dialed, events) = dial(&Dialer::default(), &endpoint(host, port));
        let dialed = dialed.unwrap();
        assert_eq!(events, ["try 127.0.0.1", "connected 127.0.0.1"]);
        assert_eq!(dialed.address.to_string(), format!("127.0.0.1:{port}"));
        assert_eq!(dialed.stream.peer_addr().unwrap(), dialed.address);
        assert!(dialed.stream.nodelay().unwrap());
    }
}

#[test]
fn localhost_is_both_loopback_addresses() {
    let (_listener, port) = listener();
    let (dialed, events) = dial(&Dialer::default(), &endpoint("www.LOCALHOST.", port));
    let wanted = ["www.LOCALHOST.=2", "try ::1", "failed ::1", "try 127.0.0.1", "connected 127.0.0.1"];
    assert_eq!(events, wanted);
    assert_eq!(dialed.unwrap().address.ip(), IpAddr::from([127, 0, 0, 1]));
}

#[test]
fn a_time_limit_that_does_not_pass_changes_nothing() {
    let (_listener, port) = listener();
    let connect_timeout = Some(Duration::from_secs(600));
    let deadline = Some(Instant::now() + Duration::from_secs(600));
    let dialer = Dialer { connect_timeout, deadline, ..Dialer::default() };
    assert_eq!(dial(&dialer, &endpoint("localhost", port)).1.last().unwrap(), "connected 127.0.0.1");
    let endless = Dialer { connect_timeout: Some(Duration::MAX), ..Dialer::default() };
    assert!(dial(&endless, &endpoint("127.0.0.1", port)).0.is_ok());
}

#[test]
fn each_refusal_is_named() {
    let port = closed_port();
    let resolve = vec![format!("name:{port}:127.0.0.1,127.0.0.1").parse().unwrap()];
    let dialer = Dialer { resolve, ..Dialer::default() };
    let refused = format!("cannot connect to name:{port}: 127.0.0.1:{port}: connection refused");
    assert_eq!(error(&dialer, &endpoint("name", port)), (Some(Failure::Connect), refused));
    let refused = format!("cannot connect to 127.0.0.1:{port}: connection refused");
    assert_eq!(error(&dialer, &endpoint("127.0.0.1", port)), (Some(Failure::Connect), refused));
    let (failure, message) = error(&dialer, &endpoint("localhost", port));
    assert_eq!(failure, Some(Failure::Connect));
    let (start, end) = (format!("cannot connect to localhost:{port}: [::1]:{port}: "), "refused");
    assert!(message.starts_with(&start) && message.ends_with(end), "{message}");
    assert!(message.contains(&format!("; 127.0.0.1:{port}: connection refused")), "{message}");
}

#[test]
fn the_family_chooses_among_the_addresses() {
    let (_listener, port) = listener();
    let v4 = Dialer { family: Family::V4, ..Dialer::default() };
    let events = dial(&v4, &endpoint("localhost", port)).1;
    assert_eq!(events, ["localhost=1", "try 127.0.0.1", "connected 127.0.0.1"]);
    let v6 = Dialer { family: Family::V6, ..Dialer::default() };
    assert_eq!(dial(&v6, &endpoint("localhost", port)).1[..2], ["localhost=1", "try ::1"]);
    let none = format!("cannot connect to 127.0.0.1:{port}: -6 excludes IPv4 addresses");
    assert_eq!(error(&v6, &endpoint("127.0.0.1", port)), (Some(Failure::Connect), none));
    let none = format!("cannot connect to [::1]:{port}: -4 excludes IPv6 addresses");
    assert_eq!(error(&v4, &endpoint("::1", port)), (Some(Failure::Connect), none));
}

#[test]
fn resolve_overrules_resolver_localhost_and_address() {
    let (_listener, port) = listener();
    let dialer =
        Dialer { resolve: vec![format!("*:{port}:127.0.0.1").parse().unwrap()], ..Dialer::default() };
    for host in ["name.invalid", "localhost", "192.0.2.1"] {
        let (dialed, events) = dial(&dialer, &endpoint(host, port));
        assert_eq!(events[0], format!("{host}=1"));
        assert_eq!(dialed.unwrap().address.ip(), IpAddr::from([127, 0, 0, 1]));
    }
}

#[test]
fn connect_to_comes_before_resolve() {
    let (_listener, port) = listener();
    let dialer = Dialer {
        resolve: vec![format!("second.invalid:{port}:127.0.0.1").parse().unwrap()],
        connect_to: vec![
            "other.invalid::third.invalid:1".parse().unwrap(),
            format!("first.invalid:80:second.invalid:{port}").parse().unwrap(),
            "first.invalid:80:fourth.invalid:1".parse().unwrap(),
        ],
        ..Dialer::default()
    };
    assert!(dial(&dialer, &endpoint("first.invalid", 80)).0.is_ok());
}

#[test]
fn a_limit_in_the_past_names_itself() {
    let (_listener, port) = listener();
    let to = endpoint("127.0.0.1", port);
    let now = Dialer { connect_timeout: Some(Duration::ZERO), ..Dialer::default() };
    let (failure, message) = error(&now, &to);
    assert_eq!(failure, Some(Failure::TimedOut));
    let limit = format!("cannot connect to 127.0.0.1:{port} within 0 s (--connect-timeout)");
    assert_eq!(message, limit);
    let past = Dialer { deadline: Some(Instant::now()), ..Dialer::default() };
    let (failure, message) = error(&past, &endpoint("name.invalid", port));
    assert_eq!(failure, Some(Failure::TimedOut));
    assert_eq!(message, "cannot resolve name.invalid before the time limit (--max-time)");
}

#[test]
fn a_foreign_name_is_one_line_of_ascii() {
    let zone = error(&Dialer::default(), &endpoint("fe80::1%\u{1b}[2J\n", 80)).1;
    assert_eq!(zone, "cannot connect to [fe80::1%\\u{1b}[2J\\n]:80: no such network interface");
    let (failure, message) = error(&Dialer::default(), &endpoint("a\0\u{e9}", 80));
    assert_eq!(failure, Some(Failure::ResolveHost));
    assert_eq!(message, "cannot resolve a\\u{0}\\u{e9}: a host name cannot contain NUL");
    let long = error(&Dialer::default(), &endpoint(&"a".repeat(100_000), 80)).1;
    assert!(long.len() < 400 && long.contains("aaa...: a host name cannot be longer than 253"), "{long}");
    assert!(error(&Dialer::default(), &endpoint("", 80)).1.contains("empty"));
}

#[test]
fn a_connection_always_has_a_limit() {
    let start = Instant::now();
    let limit = |connect_timeout: Option<u64>, total: Option<u64>| {
        let seconds = Duration::from_secs;
        let dialer = Dialer {
            connect_timeout: connect_timeout.map(seconds),
            deadline: total.map(|total| start + seconds(total)),
            ..Dialer::default()
        };
        let limit = dialer.whole_limit(start).expect("a limit");
        (limit.at().duration_since(start).as_secs(), limit.to_string())
    };
    let default = || (300, "within 300 s (--connect-timeout sets the limit)".to_owned());
    assert_eq!(limit(None, None), default());
    assert_eq!(limit(None, Some(1000)), default());
    assert_eq!(limit(None, Some(20)), (20, "before the time limit (--max-time)".to_owned()));
    assert_eq!(limit(Some(500), None), (500, "within 500 s (--connect-timeout)".to_owned()));
    assert_eq!(limit(Some(500), Some(20)).0, 20);
    assert!(Dialer::default().limit(start).is_none(), "the system ends what comes before");
}

#[test]
fn slow_and_refused_are_told_apart() {
    let attempt = |text: &str, outcome| TriedAddress {
        address: text.parse().unwrap(),
        began: Duration::ZERO,
        took: Duration::ZERO,
        outcome,
    };
    let failed = |kind: io::ErrorKind| AddressOutcome::Failed(kind.into());
    let refused = || attempt("[::1]:80", failed(io::ErrorKind::ConnectionRefused));
    let slow = || attempt("127.0.0.1:80", failed(io::ErrorKind::TimedOut));
    let to = endpoint("baidu.com", 80);
    let told = |attempts, untried, cut_off, limit| {
        let error = cannot_connect(&to, limit, &Lost { attempts, untried, cut_off });
        (failure::of(&error).unwrap(), error.to_string())
    };
    let mixed = "cannot connect to baidu.com:80: [::1]:80: connection refused; 127.0.0.1:80: timed out";
    assert_eq!(told(vec![refused(), slow()], 0, false, None), (Failure::Connect, mixed.into()));
    let system = "cannot connect to baidu.com:80: 127.0.0.1:80: timed out";
    assert_eq!(told(vec![slow()], 0, false, None), (Failure::TimedOut, system.into()));
    let limit =
        ConnectLimit { at: Instant::now(), set_by: LimitSource::ConnectTimeout(Duration::from_millis(1500)) };
    let lost = told(vec![slow()], 0, true, Some(limit));
    let silent = "cannot connect to baidu.com:80 within 1.5 s (--connect-timeout): 127.0.0.1:80: no response";
    assert_eq!(lost, (Failure::TimedOut, silent.into()));
    let pending = attempt("127.0.0.1:80", AddressOutcome::Abandoned);
    let cut_off = "cannot connect to baidu.com:80 within 1.5 s (--connect-timeout): \
                   [::1]:80: connection refused; 127.0.0.1:80: no response; 3 more not tried";
    let lost = told(vec![refused(), pending], 3, true, Some(limit));
    assert_eq!(lost, (Failure::TimedOut, cut_off.into()));
}
