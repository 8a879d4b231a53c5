use super::*;

fn head(bytes: &[u8]) -> ResponseHead {
    let (length, head) = parse_head(bytes).expect("a head").expect("a whole head");
    assert_eq!(length, bytes.len());
    head
}

fn problem(bytes: &[u8]) -> HeadProblem {
    parse_head(bytes).expect_err("no head").problem
}

fn kinds(deviations: &Deviations) -> Vec<(Deviation, u64, u64)> {
    deviations.iter().map(|noted| (noted.kind, noted.offset, noted.count)).collect()
}

#[test]
fn a_valid_head_has_no_deviation() {
    let head = head(b"HTTP/1.1 404 Not Found\r\nServer: x\r\nEmpty:\r\n\r\n");
    assert_eq!(head.status_line, StatusLine { version: Version::HTTP_11, status: 404 });
    assert_eq!(head.reason(), b"Not Found");
    assert_eq!(head.fields.value("server"), Some(&b"x"[..]));
    assert_eq!(head.fields.value("EMPTY"), Some(&b""[..]));
    assert_eq!(kinds(&head.deviations), []);
    let lines: Vec<_> = head.fields.iter().map(|line| line.offset).collect();
    assert_eq!(lines, [24, 35]);
}

#[test]
fn every_line_may_end_in_lf() {
    let head = head(b"HTTP/1.0 200 OK\nA: b\n\n");
    assert_eq!(head.fields.value("a"), Some(&b"b"[..]));
    assert_eq!(kinds(&head.deviations), [(Deviation::BareLf, 15, 3)]);
}

#[test]
fn empty_lines_before_the_status_line_are_skipped_and_counted() {
    let head = head(b"\r\n\nHTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(head.status_line_offset(), 3);
    assert_eq!(kinds(&head.deviations), [(Deviation::LeadingBlank, 0, 2)]);
}

#[test]
fn cr_and_nul_inside_a_line_become_spaces() {
    let head = head(b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\nN: a\0b\r\n\r\n");
    assert_eq!(head.fields.len(), 2);
    assert_eq!(head.fields.value("a"), Some(&b"b C: d"[..]));
    assert_eq!(head.fields.value("n"), Some(&b"a b"[..]));
    assert_eq!(kinds(&head.deviations), [(Deviation::BareCr, 21, 1), (Deviation::Nul, 32, 1)]);
}

#[test]
fn whitespace_before_the_first_field_is_dropped_and_later_folded() {
    let head = head(b"HTTP/1.1 200 OK\r\n lost: 1\r\nA: b\r\n c\r\n\td\r\nE: f\r\n\r\n");
    assert_eq!(head.fields.len(), 2);
    assert_eq!(head.fields.value("a"), Some(&b"b c d"[..]));
    assert_eq!(head.fields.value("e"), Some(&b"f"[..]));
    let expected = [(Deviation::LeadingWhitespace, 17, 1), (Deviation::ObsFold, 33, 2)];
    assert_eq!(kinds(&head.deviations), expected);
}

#[test]
fn a_line_without_colon_is_skipped_with_what_is_folded_to_it() {
    let head = head(b"HTTP/1.1 200 OK\r\nword\r\n more: x\r\nA : b\r\n: c\r\n\r\n");
    let names: Vec<_> = head.fields.iter().map(|line| line.name.to_vec()).collect();
    assert_eq!(names, [b"A".to_vec(), Vec::new()]);
    assert!(head.deviations.has(Deviation::NoColon));
    assert_eq!(head.deviations.get(Deviation::SpaceBeforeColon).map(|noted| noted.offset), Some(34));
    assert!(head.deviations.has(Deviation::NameInvalid));
}

#[test]
fn status_lines_are_split_at_runs_of_whitespace() {
    for (line, status, kind) in [
        (&b"HTTP/1.1  200 OK"[..], 200, Some(Deviation::StatusLineWhitespace)),
        (b"HTTP/1.1 200\tOK", 200, Some(Deviation::StatusLineWhitespace)),
        (b" HTTP/1.1 200 OK", 200, Some(Deviation::StatusLineWhitespace)),
        (b"HTTP/1.1 200", 200, Some(Deviation::ReasonNoSpace)),
        (b"HTTP/1.1 200 ", 200, None),
        (b"HTTP/1.1 600 OK", 600, Some(Deviation::StatusRange)),
        (b"HTTP/1.1 200 \xC3\xBC", 200, Some(Deviation::ReasonChars)),
        (b"http/1.1 200 OK", 200, Some(Deviation::VersionSyntax)),
        (b"HTTP/2.0 200 OK", 200, Some(Deviation::VersionUnsupported)),
        (b"HTTP/1.7 200 OK", 200, None),
    ] {
        let head = head(&[line, b"\r\n\r\n"].concat());
        assert_eq!(head.status(), status);
        let found: Vec<_> = head.deviations.iter().map(|noted| noted.kind).collect();
        assert_eq!(found, kind.into_iter().collect::<Vec<_>>(), "{}", line.escape_ascii());
    }
}

#[test]
fn versions_are_read_as_far_as_they_go() {
    for (token, version) in [
        (&b"HTTP/1"[..], Version(1, 0)),
        (b"HTTP/01.1", Version(1, 1)),
        (b"HTTP/1.x", Version(1, 1)),
        (b"HTTP/0.9", Version(0, 9)),
        (b"HTTP/99999999999.1", Version(1, 1)),
    ] {
        assert_eq!(head(&[token, b" 200 OK\r\n\r\n"].concat()).status_line.version, version);
    }
}

#[test]
fn what_is_not_http_is_known_as_soon_as_it_can_be() {
    assert_eq!(problem(b"SSH-2.0-x"), HeadProblem::NotHttp);
    assert_eq!(problem(b"HTTX"), HeadProblem::NotHttp);
    assert_eq!(problem(b"HTTP/1.1 20x OK\r\n\r\n"), HeadProblem::StatusSyntax);
    assert_eq!(problem(b"HTTP/1.1\r\n\r\n"), HeadProblem::StatusSyntax);
    assert!(parse_head(b"\r\n HTT").is_ok_and(|head| head.is_none()));
}

#[test]
fn the_end_of_the_connection_names_the_problem() {
    assert_eq!(problem_at_eof(b""), HeadProblem::Empty);
    assert_eq!(problem_at_eof(b"\r\n\n"), HeadProblem::Empty);
    assert_eq!(problem_at_eof(b"HT"), HeadProblem::Truncated);
    assert_eq!(problem_at_eof(b"HTTP/1.1 200 OK\r\nA: b"), HeadProblem::Truncated);
    assert_eq!(problem_at_eof(b"hello"), HeadProblem::NotHttp);
    assert_eq!(problem_at_eof(b"HTTP\n"), HeadProblem::NotHttp);
    let bad = bad_head(b"HTTP/1.1 200 OK\r\nA : b\r\nC: d", 7, HeadProblem::Truncated);
    assert_eq!(bad.status_line.map(|line| line.status), Some(200));
    assert_eq!(bad.fields.len(), 1);
    assert_eq!(bad.deviations.get(Deviation::SpaceBeforeColon).map(|noted| noted.offset), Some(25));
}

#[test]
fn limits_hold_without_an_end() {
    let mut scanner = HeadScanner::default();
    let many = b"HTTP/1.1 200 OK\r\n".iter().chain(b"a: b\r\n".iter().cycle().take(6 * MAX_LINES)).copied();
    assert_eq!(scanner.scan(&many.collect::<Vec<_>>()), Err(HeadProblem::TooManyLines));
    let mut long = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
    long.resize(long.len() + MAX_LINE, b'a');
    let mut scanner = HeadScanner::default();
    assert_eq!(scanner.scan(&long), Ok(None));
    long.push(b'\n');
    assert_eq!(scanner.scan(&long), Err(HeadProblem::LineTooLong));
    long.resize(MAX_HEAD + 1, b'a');
    assert_eq!(HeadScanner::default().scan(&long), Err(HeadProblem::LineTooLong));
    long.truncate(40);
    long.resize(MAX_HEAD + 1, b'a');
    assert_eq!(HeadScanner::default().scan(&long), Err(HeadProblem::TooLarge));
}

/// Heads that between them take every branch of the scanner and the parser.
const SAMPLES: [&[u8]; 6] = [
    b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
    b"\r\n\nHTTP/1.1 200 OK\nA: b\r\n c\n\r\n",
    b"http/1.1  299\r\nA\0 : b\rx\r\nnocolon\r\n\r\n",
    b" HTTP/1 200 OK\r\n\r\n",
    b"HTTP/1.1 2x0 OK\r\nA: b\r\n\r\n",
    b"220 mail.example ESMTP\r\n\r\n",
];

#[test]
fn any_split_gives_the_same_result() {
    for sample in SAMPLES {
        let whole = HeadScanner::default().scan(sample);
        for cut in 0..=sample.len() {
            let mut scanner = HeadScanner::default();
            let first = scanner.scan(&sample[..cut]);
            let result = if first == Ok(None) { scanner.scan(sample) } else { first };
            assert_eq!(result, whole, "{} cut at {cut}", sample.escape_ascii());
        }
    }
}

#[test]
fn no_prefix_or_mutation_panics() {
    for sample in SAMPLES {
        for end in 0..=sample.len() {
            let _ = parse_head(&sample[..end]);
            let _ = bad_head(&sample[..end], 0, problem_at_eof(&sample[..end]));
        }
        for at in 0..sample.len() {
            for byte in [0, b'\r', b'\n', b' ', b'\t', b':', b'a', 0xFF] {
                let mut mutated = sample.to_vec();
                mutated[at] = byte;
                let _ = parse_head(&mutated);
                let _ = bad_head(&mutated, 0, HeadProblem::Truncated);
            }
        }
    }
}

/// On heads that are valid, we and httparse see the same.
#[test]
fn agrees_with_httparse_on_valid_heads() {
    let reasons = ["OK", "", "Not Found", "a  b"];
    let names = ["A", "content-type", "X-_~!#$%&'*+.^`|", "0"];
    let values = ["", "v", "a b", "\"q\\\"\"", "text/html; charset=utf-8", "\u{fc}"];
    for (index, reason) in reasons.iter().enumerate() {
        let mut bytes = format!("HTTP/1.{} {} {reason}\r\n", index % 2, 200 + index).into_bytes();
        for (nth, name) in names.iter().enumerate() {
            for value in values {
                bytes.extend_from_slice(name.as_bytes());
                bytes.extend_from_slice([&b":"[..], b": ", b":\t", b":  "][nth]);
                bytes.extend_from_slice(value.as_bytes());
                bytes.extend_from_slice([&b"\r\n"[..], b" \r\n"][nth % 2]);
            }
        }
        bytes.extend_from_slice(b"\r\n");
        let mut storage = [httparse::EMPTY_HEADER; 64];
        let mut theirs = httparse::Response::new(&mut storage);
        assert_eq!(theirs.parse(&bytes), Ok(httparse::Status::Complete(bytes.len())));
        let ours = head(&bytes);
        assert_eq!(Some(ours.status()), theirs.code);
        assert_eq!(ours.fields.len(), theirs.headers.len());
        for (our, their) in ours.fields.iter().zip(theirs.headers.iter()) {
            assert_eq!((our.name, our.value), (their.name.as_bytes(), their.value));
        }
    }
}
