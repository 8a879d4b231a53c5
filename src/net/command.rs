//! `--via`: a connection that is a command's standard input and output.
//!
//! The command is run without a shell, and ends with the connection.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::children;
use super::endpoint::Endpoint;
use super::wording::{printable, reason};
use crate::failure::Failure;
use crate::output::errors;
use crate::stream::Stream;
use crate::wait::Ends;

/// How long a command may take to end once its output has ended, or once nothing
/// is wanted of it any more.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// A command, with `%h` and `%p` for the host and the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    words: Vec<String>,
}

impl Via {
    /// Splits `text` into words as a shell does, by whitespace outside quotes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let words = split(text)?;
        if words.first().is_none_or(String::is_empty) {
            return Err("it names no command".to_owned());
        }
        words.iter().try_for_each(|word| replaced(word, "", "").map(|_| ()))?;
        Ok(Self { words })
    }

    /// Runs the command for a connection to `to`.
    pub(crate) fn connect(&self, to: &Endpoint) -> anyhow::Result<Piped> {
        refuse_strange(&to.host)?;
        let name = printable(&self.words[0]);
        let failed = |error: io::Error| {
            Failure::Connect.error(format!("--via: cannot run {name}: {}", reason(&error)))
        };
        let (stream, theirs) = UnixStream::pair().map_err(failed)?;
        let port = to.port.to_string();
        let words = self.words.iter().filter_map(|word| replaced(word, &to.host, &port).ok());
        let mut words = words.map(OsString::from);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).stdin(OwnedFd::from(theirs.try_clone().map_err(failed)?));
        command.stdout(OwnedFd::from(theirs));
        if let Some(place) = errors::place() {
            errors::begin().map_err(failed)?;
            command.stderr(Stdio::from(place.try_clone().map_err(failed)?));
        }
        // Our copies of its ends close with `command`, so that its end is seen.
        let child = command.spawn().map_err(failed)?;
        Ok(Piped { stream, child, name })
    }
}

/// A host that a redirect or a user names goes into a command's words, where it
/// must neither be an option nor mean anything to what the command starts.
fn refuse_strange(host: &str) -> anyhow::Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_".contains(&byte);
    if host.starts_with('-') || !host.bytes().all(is_plain) {
        return Err(Failure::MalformedUrl.error(format!(
            "--via: the host {} cannot be passed to a command: only letters, digits and . : - _ are allowed, and no leading dash",
            printable(host)
        )));
    }
    Ok(())
}

/// The words of `text`: quotes and backslashes as in a shell (POSIX.1-2017 §2.2).
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => {
                let next = rest.next().ok_or("it ends in a backslash")?;
                word.get_or_insert_default().push(next);
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match rest.next() {
            Some('\'') => return Ok(()),
            Some(other) => word.push(other),
            None => return Err("unclosed single quote".to_owned()),
        }
    }
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match rest.next() {
            Some('"') => return Ok(()),
            Some('\\') => match rest.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => return Err("unclosed double quote".to_owned()),
            },
            Some(other) => word.push(other),
            None => return Err("unclosed double quote".to_owned()),
        }
    }
}

/// `word` with host, port and percent sign in place of `%h`, `%p` and `%%`.
fn replaced(word: &str, host: &str, port: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = word.chars();
    while let Some(character) = rest.next() {
        match character {
            '%' => match rest.next() {
                Some('h') => text.push_str(host),
                Some('p') => text.push_str(port),
                Some('%') => text.push('%'),
                other => {
                    let shown = other.map(|other| other.escape_default().to_string()).unwrap_or_default();
                    return Err(format!("unknown %{shown}; use %h (host), %p (port) or %%"));
                }
            },
            other => text.push(other),
        }
    }
    Ok(text)
}

/// The command's standard input and output.
#[derive(Debug)]
pub(crate) struct Piped {
    stream: UnixStream,
    child: Child,
    name: String,
}

impl Piped {
    /// What messages call the command.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How the command has ended, if it does so in time.
    fn status(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(LOOK),
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
    }

    /// How the command has failed, if it has ended, and not well.
    fn failure(&mut self) -> Option<String> {
        let status = self.status().filter(|status| !status.success())?;
        Some(format!("the command {} ended with {}", self.name, words(status)))
    }
}

impl Read for Piped {
    /// The end of a command that failed is an error, whatever had come.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.stream.read(buffer) {
            // It ended with input unread.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            other => other?,
        };
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        self.failure().map_or(Ok(0), |failure| Err(io::Error::other(failure)))
    }
}

fn words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => {
                self.failure().map_or(error, |failure| io::Error::new(ErrorKind::BrokenPipe, failure))
            }
            _ => error,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Piped {
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        self.stream.set_nonblocking(is_nonblocking)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    fn ends(&self) -> Option<Ends<'_>> {
        Some(Ends::unix(&self.stream))
    }
}

impl Drop for Piped {
    /// The command sees the end of its input; where that does not end it, it is ended, with
    /// all that it has started.
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        if self.status().is_some() {
            return;
        }
        children::terminate(&self.child);
        if self.status().is_none() {
            children::kill(&mut self.child);
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (text, words) in [
            ("ssh -W %h:%p  bastion", &["ssh", "-W", "%h:%p", "bastion"][..]),
            (r#"a 'b c' "d \"e\" \n" f\ g '' h"i"'j'"#, &["a", "b c", r#"d "e" \n"#, "f g", "", "hij"]),
            ("a $HOME `b` *", &["a", "$HOME", "`b`", "*"]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
        for text in ["", " ", "''", "a 'b", "a \"b", "a \\", "a %n", "a %"] {
            assert!(Via::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn host_and_port_stand_inside_words() {
        assert_eq!(replaced("%h:%p%%h", "example.com", "80").unwrap(), "example.com:80%h");
        for host in ["-oProxyCommand=x", "a b", "a;b", "a%b", "a/b", "$a"] {
            assert!(refuse_strange(host).is_err(), "{host}");
        }
        for host in ["example.com", "::1", "127.0.0.1", "a_b-c"] {
            assert!(refuse_strange(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_command_is_talked_to_and_its_exit_code_told() {
        let to = Endpoint { host: "h".to_owned(), port: 1 };
        let mut piped = Via::parse("cat").unwrap().connect(&to).unwrap();
        piped.write_all(b"both ways").unwrap();
        piped.shutdown_write().unwrap();
        let mut text = String::new();
        piped.read_to_string(&mut text).unwrap();
        assert_eq!(text, "both ways");
        let mut piped = Via::parse("sh -c 'exit 7'").unwrap().connect(&to).unwrap();
        let error = piped.read_to_string(&mut text).unwrap_err();
        assert!(error.to_string().contains("exit code 7"), "{error}");
        let error = Via::parse("/nowhere/nothing").unwrap().connect(&to).unwrap_err();
        assert_eq!(crate::failure::of(&error), Some(Failure::Connect));
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let to = Endpoint { host: "h".to_owned(), port: 1 };
        let piped = Via::parse("sleep 1000").unwrap().connect(&to).unwrap();
        let path = format!("/proc/{}", piped.child.id());
        drop(piped);
        assert!(!std::path::Path::new(&path).exists());
    }
}
