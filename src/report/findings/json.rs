//! Whether bytes are JSON (RFC 8259); the values are not kept.

/// Whether `bytes` is one JSON text. Nesting is bounded by the length of
/// `bytes`, not by the stack.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    let mut reader = Reader { rest: bytes, open: Vec::new() };
    reader.text().is_some() && reader.rest.is_empty()
}

struct Reader<'a> {
    rest: &'a [u8],
    /// The brackets not yet closed.
    open: Vec<Bracket>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Array,
    Object,
}

impl Reader<'_> {
    /// Takes values until all brackets are closed.
    fn text(&mut self) -> Option<()> {
        loop {
            self.space();
            let opened = self.value()?;
            let mut may_close = opened;
            // After a value: close as many brackets as there are, then a comma or the end.
            loop {
                self.space();
                let Some(&bracket) = self.open.last() else { return Some(()) };
                if self.take(if bracket == Bracket::Array { b']' } else { b'}' }) {
                    self.open.pop();
                    may_close = false;
                    continue;
                }
                if !may_close && !self.take(b',') {
                    return None;
                }
                break;
            }
            if self.open.last() == Some(&Bracket::Object) {
                self.space();
                self.string()?;
                self.space();
                self.take(b':').then_some(())?;
            }
        }
    }

    /// Takes a whole scalar, or the bracket that opens an array or object; says
    /// if it is a bracket.
    fn value(&mut self) -> Option<bool> {
        match self.rest.first()? {
            b'[' => self.open.push(Bracket::Array),
            b'{' => self.open.push(Bracket::Object),
            b'"' => return self.string().map(|()| false),
            b't' => return self.word(b"true"),
            b'f' => return self.word(b"false"),
            b'n' => return self.word(b"null"),
            _ => return self.number().map(|()| false),
        }
        self.rest = &self.rest[1..];
        Some(true)
    }

    fn word(&mut self, word: &[u8]) -> Option<bool> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(false)
    }

    fn number(&mut self) -> Option<()> {
        self.take(b'-');
        let has_zero = self.rest.first() == Some(&b'0');
        let count = self.digits();
        if count == 0 || has_zero && count > 1 {
            return None;
        }
        if self.take(b'.') && self.digits() == 0 {
            return None;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"').then_some(())?;
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                0..=0x1F => return None,
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if byte == b'u' {
            let (digits, rest) = self.rest.split_at_checked(4)?;
            self.rest = rest;
            return digits.iter().all(u8::is_ascii_hexdigit).then_some(());
        }
        b"\"\\/bfnrt".contains(&byte).then_some(())
    }

    fn digits(&mut self) -> usize {
        let count = self.rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest.len());
        self.rest = &self.rest[count..];
        count
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.rest.first() == Some(&wanted);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_what_is_not() {
        for valid in [
            "1",
            " {} ",
            "[]",
            "[[],{}]",
            r#"{"a":1,"b":[true,false,null,-0.5e+3,"\u00e9\n"]}"#,
            r#"[{"a":{}},{"b":[1]}]"#,
        ] {
            assert!(is_json(valid.as_bytes()), "{valid}");
        }
        for invalid in [
            "",
            "{",
            "}",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{'a':1}",
            "{a:1}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "01",
            "1.",
            "-",
            "tru",
            "[]]",
            "[}",
            r#""\x""#,
            "\"a\nb\"",
            "1 1",
            r#"["a":1]"#,
            "{1}",
            "[{]}",
        ] {
            assert!(!is_json(invalid.as_bytes()), "{invalid}");
        }
    }

    #[test]
    fn nesting_is_no_recursion() {
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        assert!(is_json(&deep));
        assert!(!is_json(&deep[1..]));
    }
}
