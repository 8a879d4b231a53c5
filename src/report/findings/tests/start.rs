//! The status line and the lines of a head.

pub(super) const CASES: &[(&str, &str, &str)] = &[
    ("", "@200 OK", ""),
    // Nothing that could be a response.
    ("", "", "start-empty"),
    ("", "||\n", "start-empty"),
    ("", "|\r", "start-empty"),
    ("", "||{ok}|Content-Length: 0||", "start-leading-blank"),
    ("", "\n{ok}|Content-Length: 0||", "start-leading-blank"),
    ("", "HTTP/1.1 103 Early||\n{ok}|Content-Length: 0||", "start-leading-blank"),
    ("", "hello", "start-not-http"),
    ("", "|hello|", "start-not-http"),
    ("", "HTT\n", "start-not-http"),
    ("", "SSH-2.0-OpenSSH_9.2|", "start-not-http"),
    ("", "HTTPS/1.1 200 OK||", "start-not-http"),
    ("", "HTTP/1.1 103 Early||garbage|", "start-not-http"),
    // The version.
    ("", "http/1.1 200 OK|{basic}|Content-Length: 0||", "start-version-syntax"),
    ("", "HTTP/1 200 OK|{basic}|Content-Length: 0||", "start-version-syntax"),
    ("", "HTTP/1.10 200 OK|{basic}|Content-Length: 0||", "start-version-syntax"),
    ("", "HTTP/11.1 200 OK|{basic}|Content-Length: 0||", "start-version-syntax start-version-unsupported"),
    ("", "HTTP/2.0 200 OK|{basic}|Content-Length: 0||", "start-version-unsupported"),
    ("", "HTTP/0.9 200 OK|{basic}|Content-Length: 0||", "start-version-unsupported"),
    ("", "HTTP/1.9 200 OK|{basic}|Content-Length: 0||", ""),
    // Whitespace, code and reason.
    ("", " {ok}|Content-Length: 0||", "start-line-whitespace"),
    ("", "HTTP/1.1\t200 OK|{basic}|Content-Length: 0||", "start-line-whitespace"),
    ("", "HTTP/1.1 200\tOK|{basic}|Content-Length: 0||", "start-line-whitespace"),
    ("", "HTTP/1.1 200  OK|{basic}|Content-Length: 0||", ""),
    ("", "HTTP/1.1 2x0 OK|no colon|A : b\n|", "start-status-syntax"),
    ("", "HTTP/1.1 2000 OK||", "start-status-syntax"),
    ("", "HTTP/1.1|A: b", "start-status-syntax"),
    ("", "HTTP/1.1 OK\n\n", "start-status-syntax"),
    ("", "@600 Odd", "start-status-range"),
    ("", "@099 Odd", "start-status-range"),
    ("", "@599 Odd", "start-status-unregistered"),
    ("", "@418 Teapot", "start-status-unregistered"),
    ("", "HTTP/1.1 199 Odd||@", "start-status-unregistered start-not-http"),
    ("", "@208 Already Reported", ""),
    ("", "HTTP/1.1 200|{basic}|Content-Length: 0||", "start-reason-no-space"),
    ("", "HTTP/1.1 200 |{basic}|Content-Length: 0||", ""),
    ("", "@200 O\u{8}K", "start-reason-chars"),
    ("", "@200 \u{fc}", "start-reason-chars"),
    ("", "@200 a\tb", ""),
    // How lines end.
    ("", "{ok}\nContent-Length: 0||", "line-bare-lf"),
    ("", "{ok}|Content-Length: 0|\n", "line-bare-lf"),
    ("", "@200 OK|A: b\rC: d", "line-bare-cr"),
    ("", "@200 OK|A: b\r|C: d", "line-bare-cr"),
    ("", "@200 OK|A: b\0c", "line-nul"),
    ("", "@200 a\0b", "line-nul"),
    // The head's end and size.
    ("", "HTTP/1.1 200 OK|{many}{basic}|A: b||", "head-oversize framing-close-delimited"),
    ("", "HTTP/1.1 200 OK|{many}{basic}||", "framing-close-delimited"),
    ("", "{ok}|Content-Length: 0|", "head-truncated"),
    ("", "HTTP", "head-truncated"),
    ("", "HTTP/1.1 200 OK", "head-truncated"),
    (
        "",
        "|HTTP/1.1 200 OK|A : b|Pragma: x|C: d\n",
        "head-truncated start-leading-blank field-space-before-colon line-bare-lf",
    ),
    ("", "HTTP/1.1 103 Early||HTTP/1.1 200 OK|A: b", "head-truncated"),
];

#[test]
fn large_heads_are_told() {
    let ids = |fields: String| {
        let text = format!("@200 OK|{fields}");
        super::ids(&super::find(&super::exchange_of("", &text)))
    };
    assert_eq!(ids(format!("A: {}", "x".repeat(8189))), Vec::<&str>::new());
    assert_eq!(ids(format!("A: {}", "x".repeat(8190))), ["head-oversize"]);
    assert_eq!(ids(vec!["A: b"; 97].join("|")), Vec::<&str>::new());
    assert_eq!(ids(vec!["A: b"; 98].join("|")), ["head-oversize"]);
    assert_eq!(ids(vec!["A: ".to_owned() + &"x".repeat(4000); 9].join("|")), ["head-oversize"]);
    assert_eq!(ids(vec!["A: b"; 6000].join("|")), ["head-oversize"]);
}

#[test]
fn the_likely_protocol_is_named() {
    for (bytes, name) in [
        (&b"SSH-2.0-OpenSSH\r\n"[..], "SSH"),
        (b"\x15\x03\x01\x00\x02\x02F", "https://"),
        (b"220 mail.example ESMTP\r\n", "SMTP"),
        (b"ICY 200 OK\r\n", "SHOUTcast"),
        (b"RTSP/1.0 200 OK\r\n", "RTSP"),
        (b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80", "HTTP/2"),
        (b"<html>", "HTTP/0.9"),
        (b"hello\r\n", "it is \"hello\""),
    ] {
        let findings = super::find(&super::exchange::build("", bytes));
        assert!(findings[0].message.contains(name), "{}", findings[0].message);
    }
}
