//! Response heads: any split of the input gives the same result, what follows
//! a head does not matter, and where httparse takes a head too, both read the
//! same in it. Run with `tests/fuzz/run head`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::framing::{persistence, response_framing};
use rawget::http::response::{HeadProblem, HeadScanner, ResponseHead, Version, parse_head};

fuzz_target!(|data: &[u8]| {
    let Some((&step, input)) = data.split_first() else { return };
    let parsed = parse_head(input);
    let whole = match &parsed {
        Ok(Some((length, _))) => Ok(Some(*length)),
        Ok(None) => Ok(None),
        Err(bad) => Err(bad.problem),
    };
    // Only the scanner knows of pieces; a status line that is none is seen after it.
    if whole != Err(HeadProblem::StatusSyntax) {
        assert_eq!(whole, in_pieces(input, usize::from(step) + 1));
    }
    let Ok(Some((length, head))) = parsed else { return };
    assert_eq!(head.raw(), &input[..length]);
    assert!(matches!(parse_head(&input[..length - 1]), Ok(None)));
    for line in head.fields.iter() {
        assert!(line.offset < length as u64);
        assert!(!line.value.contains(&b'\n') && !line.name.contains(&b':'));
    }
    for method in [&b"GET"[..], b"HEAD", b"CONNECT"] {
        let framed = response_framing(method, &head);
        persistence(Version::HTTP_11, false, &head, framed);
    }
    like_httparse(input, length, &head);
});

/// What a connection sees that brings `step` bytes at a time.
fn in_pieces(input: &[u8], step: usize) -> Result<Option<usize>, HeadProblem> {
    let mut scanner = HeadScanner::default();
    let mut end = 0;
    loop {
        end = input.len().min(end + step);
        let found = scanner.scan(&input[..end])?;
        if found.is_some() || end == input.len() {
            return Ok(found);
        }
    }
}

fn like_httparse(input: &[u8], length: usize, head: &ResponseHead) {
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut other = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(end)) = other.parse(input) else { return };
    assert_eq!(end, length);
    assert_eq!(other.code, Some(head.status()));
    assert_eq!(other.version.map(u32::from), Some(head.status_line.version.1));
    let ours: Vec<_> = head.fields.iter().map(|line| (line.name, line.value)).collect();
    let theirs: Vec<_> = other.headers.iter().map(|field| (field.name.as_bytes(), field.value)).collect();
    assert_eq!(ours, theirs);
}
