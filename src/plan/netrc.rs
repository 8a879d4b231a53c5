//! Credentials from a netrc file (`-n`, `--netrc-file`, `--netrc-optional`).
//!
//! The words mean what they mean to curl. The whole file is read into entries
//! before one is looked for, so that none can lend its password to another
//! (CVE-2024-11053, CVE-2025-0167, CVE-2026-8926).

use std::fmt;

/// Most of a netrc file that is read.
const MAX_FILE: usize = 128 * 1024;
/// What editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Longest word in one.
const MAX_WORD: usize = 4096;

/// What a netrc file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Netrc(Vec<Entry>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    /// `None`: `default`, which is any.
    machine: Option<Vec<u8>>,
    login: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
}

/// Which entries may serve a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NetrcScope {
    /// The entries of a machine.
    pub(super) machines: bool,
    /// `default`.
    pub(super) default: bool,
}

impl NetrcScope {
    /// All of them.
    pub(super) const ALL: Self = Self { machines: true, default: true };
}

/// What is wrong in a netrc file, and in which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NetrcProblem {
    TooLarge,
    LongWord(usize),
    OpenQuote(usize),
    NoWord(usize),
}

impl fmt::Display for NetrcProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the file is larger than {} KiB", MAX_FILE / 1024),
            Self::LongWord(line) => write!(f, "line {line}: a word is longer than {MAX_WORD} bytes"),
            Self::OpenQuote(line) => write!(f, "line {line}: unclosed quote"),
            Self::NoWord(line) => write!(f, "line {line}: the last word has no value"),
        }
    }
}

impl Netrc {
    /// Reads a file's bytes.
    pub(super) fn parse(text: &[u8]) -> Result<Self, NetrcProblem> {
        if text.len() > MAX_FILE {
            return Err(NetrcProblem::TooLarge);
        }
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let mut words = Words { text, at: 0, line: 1 };
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(word) = words.next()? {
            match &word.to_ascii_lowercase()[..] {
                b"machine" => {
                    entries.push(Entry { machine: Some(words.value()?), ..Entry::default() });
                }
                b"default" => entries.push(Entry::default()),
                b"macdef" => words.skip_macro(),
                b"login" => {
                    let login = words.value()?;
                    // A second login is another account of the same machine.
                    if let Some(last) = entries.last().filter(|last| last.login.is_some()) {
                        let machine = last.machine.clone();
                        entries.push(Entry { machine, ..Entry::default() });
                    }
                    if let Some(last) = entries.last_mut() {
                        last.login = Some(login);
                    }
                }
                b"password" => {
                    let password = words.value()?;
                    if let Some(last) = entries.last_mut() {
                        last.password = Some(password);
                    }
                }
                _ => {}
            }
        }
        Ok(Self(entries))
    }

    /// User and password for `host`, of `user` where one is given: those of the
    /// first entry of that machine and user that has a password, or else of the first.
    pub(super) fn find(
        &self,
        host: &str,
        port: u16,
        user: Option<&[u8]>,
        scope: NetrcScope,
    ) -> Option<(Vec<u8>, Vec<u8>)> {
        let fits = |entry: &&Entry| {
            let is_host = match &entry.machine {
                Some(machine) => scope.machines && is_machine(machine, host, port),
                None => scope.default,
            };
            let is_user = match (user, &entry.login) {
                (Some(user), Some(login)) => user == login,
                _ => true,
            };
            is_host && is_user
        };
        let mut entries = self.0.iter().filter(fits);
        let whole = entries.clone().find(|entry| entry.password.is_some());
        let entry = whole.or_else(|| entries.find(|entry| entry.login.is_some()))?;
        let login = user.map(<[u8]>::to_vec).or(entry.login.clone());
        Some((login.unwrap_or_default(), entry.password.clone().unwrap_or_default()))
    }
}

/// Whether the word behind `machine` is `host`, or `host` with `port`.
fn is_machine(machine: &[u8], host: &str, port: u16) -> bool {
    let names = [host.to_owned(), format!("{host}:{port}"), format!("[{host}]:{port}")];
    names.iter().any(|name| machine.eq_ignore_ascii_case(name.as_bytes()))
}

/// The words of the file, one by one.
struct Words<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Words<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self) {
        if self.peek() == Some(b'\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip_while(&mut self, holds: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&holds) {
            self.skip();
        }
    }

    /// The next word; a comment is none.
    fn next(&mut self) -> Result<Option<Vec<u8>>, NetrcProblem> {
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace());
            match self.peek() {
                None => return Ok(None),
                Some(b'#') => self.skip_while(|byte| byte != b'\n'),
                Some(_) => return self.word().map(Some),
            }
        }
    }

    /// The word that the one before needs: `#` means nothing in its place.
    fn value(&mut self) -> Result<Vec<u8>, NetrcProblem> {
        self.skip_while(|byte| byte.is_ascii_whitespace());
        if self.peek().is_none() { Err(NetrcProblem::NoWord(self.line)) } else { self.word() }
    }

    fn word(&mut self) -> Result<Vec<u8>, NetrcProblem> {
        let line = self.line;
        let word = if self.peek() == Some(b'"') {
            self.skip();
            self.quoted(line)?
        } else {
            let start = self.at;
            self.skip_while(|byte| !byte.is_ascii_whitespace());
            self.text[start..self.at].to_vec()
        };
        if word.len() > MAX_WORD { Err(NetrcProblem::LongWord(line)) } else { Ok(word) }
    }

    /// Up to the closing quote: `\n`, `\r` and `\t` are those characters, any
    /// other escaped one is itself.
    fn quoted(&mut self, line: usize) -> Result<Vec<u8>, NetrcProblem> {
        let mut word = Vec::new();
        loop {
            let byte = self.peek().ok_or(NetrcProblem::OpenQuote(line))?;
            self.skip();
            match byte {
                b'"' => return Ok(word),
                b'\\' => {
                    let escaped = self.peek().ok_or(NetrcProblem::OpenQuote(line))?;
                    self.skip();
                    word.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        other => other,
                    });
                }
                other => word.push(other),
            }
        }
    }

    /// A macro ends with an empty line.
    fn skip_macro(&mut self) {
        loop {
            self.skip_while(|byte| byte != b'\n');
            self.skip();
            if matches!(self.peek(), None | Some(b'\n')) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, host: &str, user: Option<&str>) -> Option<String> {
        let netrc = Netrc::parse(text.as_bytes()).expect("a netrc file");
        let (user, password) = netrc.find(host, 80, user.map(str::as_bytes), NetrcScope::ALL)?;
        Some(format!("{}:{}", user.escape_ascii(), password.escape_ascii()))
    }

    #[test]
    fn entries_are_found_by_machine_and_login() {
        let two = "machine a login user1 password passwd1\nmachine A login user2 password passwd2\n";
        for (text, host, user, found) in [
            (two, "a", None, Some("user1:passwd1")),
            (two, "A", Some("user2"), Some("user2:passwd2")),
            (two, "a", Some("user3"), None),
            (two, "b", None, None),
            ("machine a login x password y login z password w", "a", Some("z"), Some("z:w")),
            ("machine a password p1 login other machine a password p2", "a", Some("me"), Some("me:p2")),
            ("machine a\npassword p\n\nmachine b", "a", None, Some(":p")),
            ("machine a login l", "a", None, Some("l:")),
            ("# machine a login c\nmachine a login #x password # y", "a", None, Some("#x:#")),
            ("machine a login l\nmachine b\nmachine a login l password p", "a", None, Some("l:p")),
            ("machine a login l\ndefault login d password p", "a", None, Some("d:p")),
            ("machine a login l\ndefault login d password p", "a", Some("l"), Some("l:")),
            ("machine a login l password p password q", "a", None, Some("l:q")),
            ("machine a:81 login l password p\nmachine A:80 login m password q", "a", None, Some("m:q")),
            ("machine a:81 login l password p", "a", None, None),
            ("machine [::1]:80 login l password p", "::1", None, Some("l:p")),
            ("\u{feff}machine a login l password p", "a", None, Some("l:p")),
            ("MACHINE a LOGIN l Password p account x", "a", None, Some("l:p")),
        ] {
            assert_eq!(find(text, host, user).as_deref(), found, "{text} {host} {user:?}");
        }
    }

    #[test]
    fn no_entry_lends_its_password_to_another() {
        for (text, found) in [
            ("machine b login bob\nmachine a login x password secret", Some("bob:")),
            ("machine b\nmachine a login x password secret", None),
            ("machine a login x password secret\nmachine b", None),
            ("machine a login x password secret\ndefault", None),
            ("machine a login x password secret\ndefault login bob", Some("bob:")),
            ("password secret machine b login bob", Some("bob:")),
        ] {
            assert_eq!(find(text, "b", None).as_deref(), found, "{text}");
        }
        assert_eq!(find("machine a login bob password secret", "a", Some("alice")), None);
    }

    #[test]
    fn entries_serve_where_they_may() {
        let netrc =
            Netrc::parse(b"machine a login l password p\ndefault login d password q").expect("a file");
        let find = |machines, default| {
            netrc.find("a", 80, None, NetrcScope { machines, default }).map(|(user, _)| user)
        };
        assert_eq!(find(true, false), Some(b"l".to_vec()));
        assert_eq!(find(false, true), Some(b"d".to_vec()));
        assert_eq!(find(false, false), None);
    }

    #[test]
    fn quoted_words_and_macros() {
        let quoted = "machine a login \"user one\" password \"with spaces and \\\"\\n\\r\\t\\a\"";
        assert_eq!(find(quoted, "a", None).as_deref(), Some("user one:with spaces and \\\"\\n\\r\\ta"));
        let with_macro = "macdef x\nmachine a login no password no\n\nmachine a login l password p";
        assert_eq!(find(with_macro, "a", None).as_deref(), Some("l:p"));
    }

    #[test]
    fn hostile_text_is_an_error_or_nothing() {
        for (text, problem) in [
            ("m".repeat(5000), NetrcProblem::LongWord(1)),
            ("\nmachine".to_owned(), NetrcProblem::NoWord(2)),
            ("machine a login".to_owned(), NetrcProblem::NoWord(1)),
            ("machine a login \"abc\n".to_owned(), NetrcProblem::OpenQuote(1)),
            ("machine a login \"abc\\".to_owned(), NetrcProblem::OpenQuote(1)),
            ("x ".repeat(MAX_FILE), NetrcProblem::TooLarge),
        ] {
            assert_eq!(Netrc::parse(text.as_bytes()), Err(problem));
        }
        for text in [format!("macdef x\n{}", "y".repeat(5000)), "\0\0\0".to_owned(), "\"".repeat(4096)] {
            assert_eq!(Netrc::parse(text.as_bytes()).map(|netrc| netrc.0.len()), Ok(0));
        }
    }
}
