//! Content-Length, Transfer-Encoding, and what follows a message.

pub(super) const CASES: &[(&str, &str, &str)] = &[
    // Content-Length.
    ("", "{ok}|Content-Length: +5||hello", "framing-content-length-invalid"),
    ("", "{ok}|Content-Length:||hello", "framing-content-length-invalid"),
    ("", "{ok}|Content-Length: 5|Content-Length: x||hello", "framing-content-length-invalid"),
    ("", "{ok}|Content-Length: 5|Content-Length: 6||hello", "framing-content-length-conflict"),
    (
        "",
        "{ok}|Content-Length: 05, 6||hello",
        "framing-content-length-conflict framing-content-length-leading-zero",
    ),
    ("", "{ok}|Content-Length: 5, 5||hello", "framing-content-length-repeated"),
    ("", "{ok}|Content-Length: 005||hello", "framing-content-length-leading-zero"),
    ("", "{ok}|Content-Length: 0||", ""),
    (
        "",
        "{ok}|Content-Length: 9223372036854775808||hello",
        "framing-content-length-overflow framing-body-truncated",
    ),
    ("", "{ok}|Content-Length: 9223372036854775807||hello", "framing-body-truncated"),
    ("HEAD", "{ok}|Content-Length: 99999999999999999999||", "framing-content-length-overflow"),
    // Where there is no body.
    ("", "HTTP/1.1 204 No Content|{basic}|Content-Length: 0||", "framing-length-on-1xx-204"),
    (
        "",
        "HTTP/1.1 103 Early|Transfer-Encoding: chunked||HTTP/1.1 204 No Content|{basic}||",
        "framing-length-on-1xx-204",
    ),
    ("CONNECT", "{ok}|Content-Length: 5||hello", "framing-length-on-1xx-204"),
    ("HEAD", "{ok}|Content-Length: 5||", ""),
    ("HEAD", "{chunked}|", ""),
    (
        "",
        "HTTP/1.1 103 Early|Content-Length: x||HTTP/1.1 204 No Content|{basic}||",
        "framing-length-on-1xx-204 framing-content-length-invalid",
    ),
    // Transfer-Encoding.
    (
        "",
        "{ok}|Content-Length: x|Transfer-Encoding: chunked||5|hello|0||",
        "framing-content-length-and-transfer-encoding framing-content-length-invalid",
    ),
    ("", "{chunked}|5|hello|0||", ""),
    ("", "{ok}|Transfer-Encoding: ,chunked||5|hello|0||", "framing-transfer-encoding-syntax"),
    ("", "{ok}|Transfer-Encoding: chunked;q=1||5|hello|0||", "framing-transfer-encoding-syntax"),
    (
        "",
        "{ok}|Transfer-Encoding: \"chunked\"||hello",
        "framing-transfer-encoding-syntax framing-close-delimited",
    ),
    ("", "{ok}|Transfer-Encoding:||hello", "framing-transfer-encoding-syntax framing-close-delimited"),
    (
        "",
        "{ok}|Transfer-Encoding: xchunked||hello",
        "framing-transfer-encoding-unknown framing-close-delimited",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: br, chunked||5|hello|0||",
        "framing-transfer-encoding-corrupt framing-transfer-encoding-unknown",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: gzip, chunked||5|hello|0||",
        "framing-transfer-encoding-corrupt framing-transfer-encoding-unwanted",
    ),
    (
        "TE: deflate, gzip",
        "{ok}|Transfer-Encoding: x-gzip, chunked||5|hello|0||",
        "framing-transfer-encoding-corrupt",
    ),
    (
        "TE: gzip;q=0",
        "{ok}|Transfer-Encoding: gzip, chunked||5|hello|0||",
        "framing-transfer-encoding-corrupt framing-transfer-encoding-unwanted",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: Identity|Content-Length: 5||hello",
        "framing-transfer-encoding-identity framing-content-length-and-transfer-encoding",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: identity||hello",
        "framing-transfer-encoding-identity framing-close-delimited",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: chunked|Transfer-Encoding: CHUNKED||5|hello|0||",
        "framing-transfer-encoding-chunked-repeated",
    ),
    (
        "",
        "{ok}|Transfer-Encoding: chunked, identity||hello",
        "framing-transfer-encoding-chunked-not-final framing-transfer-encoding-identity",
    ),
    (
        "",
        "HTTP/1.0 200 OK|{basic}|Transfer-Encoding: chunked||5|hello|0||",
        "framing-transfer-encoding-http10",
    ),
    ("HTTP/1.0", "{chunked}|5|hello|0||", "framing-transfer-encoding-http10"),
    ("", "HTTP/1.0 200 OK|{basic}|Content-Length: 5||hello", ""),
    // The body's end and what follows.
    ("", "{ok}||hello", "framing-close-delimited"),
    ("", "{ok}|Content-Length: 6||hello", "framing-body-truncated"),
    ("HEAD", "{ok}|Content-Length: 5||hello", "framing-body-forbidden"),
    ("", "HTTP/1.1 204 No Content|{basic}||\r\nhello", "framing-body-forbidden"),
    ("If-None-Match: \"a\"", "HTTP/1.1 304 Not Modified|{date}||hello", "framing-body-forbidden"),
    ("", "@200 OK|A: b||hello, world", "framing-trailing-bytes"),
    ("", "{ok}|Content-Length: 2||hello", "framing-trailing-bytes"),
    ("", "{chunked}|0||HTT", "framing-trailing-bytes"),
    ("", "{ok}|Content-Length: 5||hello|\n", "framing-trailing-crlf"),
    ("HEAD", "{ok}|Content-Length: 5||\n", "framing-trailing-crlf"),
    ("", "{ok}|Content-Length: 5||hello|HTTP/1.1 200 OK||", "framing-unsolicited-response"),
    ("", "HTTP/1.1 204 No Content|{basic}||HTTP/1.1 200 OK||", "framing-unsolicited-response"),
    ("Upgrade: a|Connection: Upgrade", "HTTP/1.1 101 Switching|Upgrade: a|Connection: Upgrade||\n\n", ""),
    ("CONNECT", "{ok}||HTTP/1.1", ""),
];
