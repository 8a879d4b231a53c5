//! What is done to the arguments before they are read: `-K` puts a file's
//! options in its place, `--next` begins another group, `--expand-OPTION` is
//! OPTION with the variables in its value replaced, and the value of `-d=a` is
//! `=a`.

use std::ffi::{OsStr, OsString};

use clap::{ArgAction, Command};

use super::variable::Variables;
use super::{config, file, usage};
use crate::output::escape::one_line;

/// Most files of options that one run reads: one that names itself must end.
const MAX_FILES: usize = 100;

/// The groups that `--next` makes of `arguments` (without the program's name),
/// with the files of `-K` read; `command` knows which options take a value.
pub(crate) fn groups(
    arguments: Vec<OsString>,
    command: impl FnOnce() -> Command,
) -> anyhow::Result<Vec<Vec<OsString>>> {
    if !arguments.iter().any(|argument| is_ours(argument)) {
        return Ok(vec![arguments]);
    }
    let mut splitter = Splitter {
        options: Options::of(&command()),
        groups: vec![Vec::new()],
        files: 0,
        variables: Variables::default(),
    };
    splitter.take(arguments)?;
    Ok(splitter.groups)
}

/// Whether it may be one that is not clap's to read.
fn is_ours(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    bytes == b"--next"
        || [&b"--config"[..], b"--variable", b"--expand-"].iter().any(|own| bytes.starts_with(own))
        || bytes.starts_with(b"-")
            && !bytes.starts_with(b"--")
            && bytes.iter().any(|byte| b":K=".contains(byte))
}

/// The options that take a value.
struct Options {
    long: Vec<String>,
    short: Vec<char>,
}

impl Options {
    fn of(command: &Command) -> Self {
        let takes = command.get_arguments().filter(|argument| {
            matches!(argument.get_action(), ArgAction::Set | ArgAction::Append)
                && argument.get_num_args().is_none_or(|count| count.min_values() > 0)
        });
        let mut options = Self { long: Vec::new(), short: Vec::new() };
        for argument in takes {
            options.long.extend(
                argument.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(str::to_owned),
            );
            options.short.extend(argument.get_short_and_visible_aliases().unwrap_or_default());
        }
        options
    }
}

struct Splitter {
    options: Options,
    groups: Vec<Vec<OsString>>,
    files: usize,
    variables: Variables,
}

impl Splitter {
    fn take(&mut self, arguments: Vec<OsString>) -> anyhow::Result<()> {
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let bytes = argument.as_encoded_bytes();
            if bytes == b"--" {
                self.push(argument);
                arguments.by_ref().for_each(|argument| self.push(argument));
            } else if let Some(long) = bytes.strip_prefix(b"--") {
                match long {
                    b"next" => self.groups.push(Vec::new()),
                    b"config" => self.config(arguments.next())?,
                    b"variable" => self.variable(arguments.next())?,
                    _ if long.starts_with(b"config=") => {
                        let path = file::path_of(&long[b"config=".len()..]);
                        self.config(Some(path))?;
                    }
                    _ if long.starts_with(b"variable=") => {
                        let setting = file::path_of(&long[b"variable=".len()..]);
                        self.variable(Some(setting))?;
                    }
                    _ if long.starts_with(b"expand-") => {
                        let long = &long[b"expand-".len()..];
                        let expanded = self.expanded(long, &mut arguments)?;
                        self.take(expanded)?;
                    }
                    _ => {
                        let takes = self.options.long.iter().any(|name| name.as_bytes() == long);
                        self.push(argument);
                        if takes {
                            self.groups
                                .last_mut()
                                .into_iter()
                                .for_each(|group| group.extend(arguments.next()));
                        }
                    }
                }
            } else if bytes.len() > 1 && bytes[0] == b'-' {
                self.cluster(&argument, &mut arguments)?;
            } else {
                self.push(argument);
            }
        }
        Ok(())
    }

    /// Short options, of which the last may take a value.
    fn cluster(&mut self, argument: &OsStr, more: &mut dyn Iterator<Item = OsString>) -> anyhow::Result<()> {
        let bytes = argument.as_encoded_bytes();
        for at in 1..bytes.len() {
            match bytes[at] {
                b':' | b'K' => {
                    if at > 1 {
                        self.push(file::path_of(&bytes[..at]));
                    }
                    let rest = (at + 1 < bytes.len()).then(|| &bytes[at + 1..]);
                    if bytes[at] == b'K' {
                        let path = rest.map(file::path_of).or_else(|| more.next());
                        return self.config(path);
                    }
                    self.groups.push(Vec::new());
                    let Some(rest) = rest else { return Ok(()) };
                    return self.cluster(&file::path_of(&[b"-", rest].concat()), more);
                }
                letter if self.options.short.contains(&char::from(letter)) => {
                    if bytes.get(at + 1) == Some(&b'=') {
                        // clap would take the '=' for its own.
                        self.push(file::path_of(&bytes[..=at]));
                        self.push(file::path_of(&bytes[at + 1..]));
                        return Ok(());
                    }
                    self.push(argument.to_owned());
                    if at + 1 == bytes.len() {
                        more.next().into_iter().for_each(|value| self.push(value));
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        self.push(argument.to_owned());
        Ok(())
    }

    fn push(&mut self, argument: OsString) {
        if let Some(group) = self.groups.last_mut() {
            group.push(argument);
        }
    }

    fn variable(&mut self, setting: Option<OsString>) -> anyhow::Result<()> {
        let setting = setting.ok_or_else(|| usage("--variable", "names no variable"))?;
        self.variables.set(setting.as_encoded_bytes())
    }

    /// The option `long`, given as `NAME=VALUE` or with its value in `more`, with
    /// the variables in the value replaced.
    fn expanded(
        &self,
        long: &[u8],
        more: &mut dyn Iterator<Item = OsString>,
    ) -> anyhow::Result<Vec<OsString>> {
        let equals = long.iter().position(|&byte| byte == b'=').unwrap_or(long.len());
        let name = &long[..equals];
        let option = format!("--{}", one_line(name));
        if !self.options.long.iter().any(|known| known.as_bytes() == name) {
            return Err(usage(
                &format!("--expand-{}", one_line(name)),
                "no option of this name takes a value",
            ));
        }
        let value = match long.get(equals + 1..) {
            Some(value) => value.to_vec(),
            None => more.next().ok_or_else(|| usage(&option, "its value is missing"))?.into_encoded_bytes(),
        };
        let value = self.variables.expand(&option, &value)?;
        Ok(vec![file::path_of(&[b"--", name, b"=", &value].concat())])
    }

    fn config(&mut self, path: Option<OsString>) -> anyhow::Result<()> {
        let path = path.ok_or_else(|| usage("--config", "names no file"))?;
        let shown = one_line(path.as_encoded_bytes());
        self.files += 1;
        if self.files > MAX_FILES {
            return Err(usage("--config", format!("{shown}: more than {MAX_FILES} files are named")));
        }
        let text = file::read(&path, "--config")?;
        let arguments = config::arguments(&text).map_err(|line| {
            let help = "a value with spaces needs double quotes around it";
            usage("--config", format!("{shown}, line {line}: {help}"))
        })?;
        self.take(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(arguments: &[&str]) -> Vec<Vec<String>> {
        let arguments = arguments.iter().map(OsString::from).collect();
        let groups = groups(arguments, crate::command).expect("no file");
        let text = |argument: OsString| argument.into_string().expect("text");
        groups.into_iter().map(|group| group.into_iter().map(text).collect()).collect()
    }

    #[test]
    fn next_begins_a_group_where_it_is_no_value() {
        for (arguments, expected) in [
            (&["a", "--next", "b"][..], &[&["a"][..], &["b"]][..]),
            (&["a", "-s:", "b"], &[&["a", "-s"], &["b"]]),
            (&["-:s", "b"], &[&[], &["-s", "b"]]),
            (&["-H", "--next", "a"], &[&["-H", "--next", "a"]]),
            (&["--header", "-:", "a"], &[&["--header", "-:", "a"]]),
            (&["-HA:b", "-sd:K", "x", "-:"], &[&["-HA:b", "-sd:K", "x"], &[]]),
            (&["--", "--next", "-K"], &[&["--", "--next", "-K"]]),
            (&["-XK", "-"], &[&["-XK", "-"]]),
            (&["-F=", "-sd=a", "-da=b"], &[&["-F", "=", "-sd", "=a", "-da=b"]]),
        ] {
            assert_eq!(split(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_not_named_is_an_error() {
        for arguments in [&["-K"][..], &["--config=/nonexistent/file"], &["-sK/nonexistent/file"]] {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert!(groups(arguments, crate::command).is_err());
        }
    }
}
