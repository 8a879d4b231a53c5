//! What is done to the arguments before they are read: `-K` puts a file's
//! options in its place, `--next` begins another group, `--expand-OPTION` is
//! OPTION with the variables in its value replaced, a value that begins with a
//! dash joins its option, and the value of `-d=a` is `=a`. With `--curl`, options of
//! other protocols are left out.

use std::ffi::{OsStr, OsString};

use super::config::{self, ConfigLine};
use super::input_file;
use super::origins::Origins;
use super::raw::EXPANDED;
use super::usage_error::usage;
use super::variable::Variables;
use crate::cli::curl_options;
use crate::cli::name::Name;
use crate::cli::names;
use crate::output::escape::one_line;

/// Most files of options that one run reads.
const MAX_FILES: usize = 100;

/// The arguments, ready to be read.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// The arguments of each group that `--next` makes.
    pub(crate) groups: Vec<Vec<OsString>>,
    /// Where each option was given.
    pub(crate) origins: Origins,
    /// What in the files of `-K` is not as it should be, and does no harm.
    pub(crate) notices: Vec<String>,
}

/// The groups that `--next` makes of `arguments` (without the program's name),
/// with the files of `-K` read; `first` is one that is read before all others, if it is there.
pub(crate) fn groups(
    arguments: Vec<OsString>,
    first: Option<OsString>,
    as_curl: bool,
) -> anyhow::Result<Arguments> {
    let mut splitter = Splitter {
        as_curl,
        groups: vec![Vec::new()],
        files: 0,
        reading: Vec::new(),
        variables: Variables::default(),
        place: None,
        origins: Origins::default(),
        notices: Vec::new(),
    };
    if first.is_none() && !as_curl && !need_work(&arguments) {
        splitter.groups = vec![arguments];
    } else {
        first.map_or(Ok(()), |path| splitter.config(Some(path)))?;
        splitter.take(arguments)?;
    }
    let Splitter { groups, origins, mut notices, .. } = splitter;
    notices.extend(typographic(&groups));
    Ok(Arguments { groups, origins, notices })
}

/// A line for the first argument that begins with a quote that no shell knows.
fn typographic(groups: &[Vec<OsString>]) -> Option<String> {
    const QUOTES: [char; 4] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];
    let begins = |argument: &&OsString| argument.to_str().is_some_and(|text| text.starts_with(QUOTES));
    let found = groups.iter().flatten().find(begins)?;
    let shown = one_line(found.as_encoded_bytes());
    Some(format!("the argument {shown} begins with a typographic quote: use \" or ' instead"))
}

/// Whether one of them may not be for clap to read as it is.
fn need_work(arguments: &[OsString]) -> bool {
    let bytes = |argument: &OsString| argument.as_encoded_bytes().first() == Some(&b'-');
    arguments.iter().any(|argument| is_ours(argument))
        || arguments.windows(2).any(|pair| bytes(&pair[0]) && bytes(&pair[1]) && wants_value(&pair[0]))
}

/// Whether it may be one that is not clap's to read.
fn is_ours(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    bytes == b"--next"
        || [&b"--config"[..], b"--variable", b"--expand-", b"--no-"].iter().any(|own| bytes.starts_with(own))
        || bytes.starts_with(b"-")
            && !bytes.starts_with(b"--")
            && bytes.iter().any(|byte| b":K=".contains(byte))
}

/// Whether the argument is one of options that has its value in the next.
pub(super) fn wants_value(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    let is_expanded = bytes.starts_with(b"--expand-") && !bytes.contains(&b'=');
    is_expanded || names::before_value(bytes).is_some()
}

struct Splitter {
    as_curl: bool,
    groups: Vec<Vec<OsString>>,
    files: usize,
    /// The files of `-K` that are being read, each named by the one before.
    reading: Vec<OsString>,
    variables: Variables,
    /// The file and line that is being read.
    place: Option<String>,
    origins: Origins,
    notices: Vec<String>,
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
                self.long(long, &argument, &mut arguments)?;
            } else if bytes.len() > 1 && bytes[0] == b'-' {
                let mut left = match self.as_curl {
                    true => self.effective(&argument, &mut arguments),
                    false => Some(argument),
                };
                while let Some(cluster) = left {
                    left = self.cluster(&cluster, &mut arguments)?;
                }
            } else {
                self.push(argument);
            }
        }
        Ok(())
    }

    fn long(
        &mut self,
        long: &[u8],
        argument: &OsStr,
        more: &mut dyn Iterator<Item = OsString>,
    ) -> anyhow::Result<()> {
        let equals = long.iter().position(|&byte| byte == b'=');
        let (name, own) = match equals {
            Some(at) => (&long[..at], Some(input_file::path_of(&long[at + 1..]))),
            None => (long, None),
        };
        if let Some(takes_value) = self.leaves_out(name) {
            if takes_value && own.is_none() {
                more.next();
            }
            return Ok(());
        }
        if name == b"expand-send" {
            return self.expanded_file(own.or_else(|| more.next()));
        }
        if let Some(expanded) = name.strip_prefix(b"expand-") {
            let expanded = self.expanded(expanded, own.or_else(|| more.next()))?;
            return self.take(expanded);
        }
        match name {
            b"next" if own.is_none() => self.groups.push(Vec::new()),
            b"config" => return self.config(own.or_else(|| more.next())),
            b"variable" => return self.variable(own.or_else(|| more.next())),
            _ => {
                let known = names::long(name);
                self.note(&[b"--", name].concat());
                let takes = own.is_none() && known.is_some_and(|known| known.takes_value);
                self.push_option(argument.to_owned(), takes.then(|| more.next()).flatten());
            }
        }
        Ok(())
    }

    /// Short options, of which the last may take a value; gives those that follow `-:`.
    fn cluster(
        &mut self,
        argument: &OsStr,
        more: &mut dyn Iterator<Item = OsString>,
    ) -> anyhow::Result<Option<OsString>> {
        let bytes = argument.as_encoded_bytes();
        for at in 1..bytes.len() {
            let known = names::short(bytes[at]);
            match bytes[at] {
                b':' | b'K' => {
                    if at > 1 {
                        self.push(input_file::path_of(&bytes[..at]));
                    }
                    let rest = (at + 1 < bytes.len()).then(|| &bytes[at + 1..]);
                    if bytes[at] == b'K' {
                        let path = rest.map(input_file::path_of).or_else(|| more.next());
                        return self.config(path).map(|()| None);
                    }
                    self.groups.push(Vec::new());
                    return Ok(rest.map(|rest| input_file::path_of(&[b"-", rest].concat())));
                }
                _ if known.is_some_and(|known| known.takes_value) => {
                    self.note(&[b'-', bytes[at]]);
                    let value = match &bytes[at + 1..] {
                        [] => more.next(),
                        // clap would take the '=' for its own.
                        rest @ [b'=', ..] => Some(input_file::path_of(rest)),
                        _ => None,
                    };
                    let end = if value.is_some() { at + 1 } else { bytes.len() };
                    self.push_option(input_file::path_of(&bytes[..end]), value);
                    return Ok(None);
                }
                letter => self.note(&[b'-', letter]),
            }
        }
        self.push(argument.to_owned());
        Ok(None)
    }

    /// A cluster without the options that have no effect, and without the value of one; `None` where
    /// nothing is left.
    fn effective(&self, cluster: &OsStr, more: &mut dyn Iterator<Item = OsString>) -> Option<OsString> {
        let bytes = cluster.as_encoded_bytes();
        let mut kept = vec![b'-'];
        for (at, &letter) in bytes.iter().enumerate().skip(1) {
            match self.leaves_out(&[b'-', letter]) {
                Some(false) => {}
                Some(true) => {
                    if at + 1 == bytes.len() {
                        more.next();
                    }
                    break;
                }
                None if letter == b'K' || names::short(letter).is_some_and(|known| known.takes_value) => {
                    kept.extend_from_slice(&bytes[at..]);
                    break;
                }
                None => kept.push(letter),
            }
        }
        (kept.len() > 1).then(|| input_file::path_of(&kept))
    }

    /// Whether an option that is left out as it has no effect takes a value; `None` if it stays.
    fn leaves_out(&self, name: &[u8]) -> Option<bool> {
        let is_met = curl_options::is_met_negation(name).then_some(false);
        is_met.or_else(|| self.as_curl.then(|| curl_options::without_effect(name)).flatten())
    }

    fn note(&mut self, option: &[u8]) {
        self.origins.note(option, self.place.clone());
    }

    /// An option with its value, where that stands apart: to clap one that begins with a dash is none.
    fn push_option(&mut self, option: OsString, value: Option<OsString>) {
        match value {
            Some(value) if value.as_encoded_bytes().starts_with(b"-") => {
                self.push(joined(&option, b"=", &value));
            }
            value => {
                self.push(option);
                value.into_iter().for_each(|value| self.push(value));
            }
        }
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

    /// The option `name` with the variables in its value replaced.
    fn expanded(&mut self, name: &[u8], value: Option<OsString>) -> anyhow::Result<Vec<OsString>> {
        let option = format!("--{}", one_line(name));
        let is_ours = name == b"config" || name == b"variable";
        if !is_ours && !names::long(name).is_some_and(|known| known.takes_value) {
            let expanding = format!("--expand-{}", one_line(name));
            return Err(usage(&expanding, "no option of this name takes a value"));
        }
        let value = value.ok_or_else(|| usage(&option, "its value is missing"))?;
        let value = self.variables.expand(&option, value.as_encoded_bytes(), &mut self.notices)?;
        Ok(vec![input_file::path_of(&[b"--", name, b"=", &value].concat())])
    }

    /// `--expand-send FILE`: `--send FILE`, and the content of the file with the
    /// variables in it replaced.
    fn expanded_file(&mut self, path: Option<OsString>) -> anyhow::Result<()> {
        let option = "--expand-send";
        let path = path.ok_or_else(|| usage(option, "names no file"))?;
        let text = input_file::read(&path, option)?;
        let content = self.variables.filled(option, &text, &mut self.notices)?;
        for (name, value) in [(&b"--send="[..], EXPANDED), (b"--expand-send=", &content)] {
            self.push(input_file::path_of(&[name, value].concat()));
        }
        Ok(())
    }

    fn config(&mut self, path: Option<OsString>) -> anyhow::Result<()> {
        let path = path.ok_or_else(|| usage("--config", "names no file"))?;
        let shown = one_line(path.as_encoded_bytes());
        self.files += 1;
        if self.files > MAX_FILES {
            return Err(usage("--config", format!("{shown}: more than {MAX_FILES} files")));
        }
        if self.reading.contains(&path) {
            return Err(usage("--config", format!("{shown} is being read already")));
        }
        let text = input_file::read(&path, "--config")?;
        self.reading.push(path);
        let before = self.place.take();
        for line in config::lines(&text, self.as_curl) {
            let place = |number| format!("{shown}, line {number}");
            let line =
                line.map_err(|(number, problem)| usage("--config", format!("{}: {problem}", place(number))))?;
            let place = place(line.number);
            if line.is_cut {
                self.notices
                    .push(format!("{place}: only the first word is used, as there are no double quotes"));
            }
            self.place = Some(place.clone());
            self.line(line, &place)?;
        }
        self.reading.pop();
        self.place = before;
        Ok(())
    }

    /// A line of a file: its value is its own, and no line takes that of another.
    fn line(&mut self, line: ConfigLine, place: &str) -> anyhow::Result<()> {
        let ConfigLine { option, value, .. } = line;
        let shown = one_line(option.as_encoded_bytes());
        let arguments = match (value, wants_value(&option)) {
            (None, true) => return Err(usage("--config", format!("{place}: {shown} needs a value"))),
            (None, false) => vec![option],
            (Some(value), true) => vec![option, value],
            (Some(value), false) if is_switch(&option) => {
                let value = one_line(value.as_encoded_bytes());
                self.notices.push(format!("{place}: {shown} takes no value; {value} is ignored"));
                vec![option]
            }
            (Some(value), false) => vec![joined(&option, b"=", &value)],
        };
        self.take(arguments).map_err(|error| error.context(place.to_owned()))
    }
}

/// Whether the argument is known to take no value.
fn is_switch(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    let name = match bytes.strip_prefix(b"--") {
        Some(long) if !long.contains(&b'=') => names::long(long).or_else(|| negated(long)),
        Some(_) => None,
        None => bytes.last().and_then(|&letter| names::short(letter)),
    };
    name.is_some_and(|name| !name.takes_value && !name.has_form)
}

/// The option that `--NAME` undoes.
fn negated(name: &[u8]) -> Option<Name> {
    let opposite = name.strip_prefix(b"no-").map_or_else(|| [b"no-", name].concat(), <[u8]>::to_vec);
    names::long(&opposite)
}

fn joined(option: &OsStr, between: &[u8], value: &OsStr) -> OsString {
    input_file::path_of(&[option.as_encoded_bytes(), between, value.as_encoded_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(arguments: &[&str]) -> Vec<Vec<String>> {
        let arguments = arguments.iter().map(OsString::from).collect();
        let groups = groups(arguments, None, false).expect("no file").groups;
        let text = |argument: OsString| argument.into_string().expect("text");
        groups.into_iter().map(|group| group.into_iter().map(text).collect()).collect()
    }

    #[test]
    fn next_begins_a_group_where_it_is_no_value() {
        for (arguments, expected) in [
            (&["a", "--next", "b"][..], &[&["a"][..], &["b"]][..]),
            (&["a", "-s:", "b"], &[&["a", "-s"], &["b"]]),
            (&["-:s", "b"], &[&[], &["-s", "b"]]),
            (&["-H", "--next", "a"], &[&["-H=--next", "a"]]),
            (&["--header", "-:", "a"], &[&["--header=-:", "a"]]),
            (&["-HA:b", "-sd:K", "x", "-:"], &[&["-HA:b", "-sd:K", "x"], &[]]),
            (&["--", "--next", "-K"], &[&["--", "--next", "-K"]]),
            (&["-XK", "-"], &[&["-XK", "-"]]),
            (&["-F=", "-sd=a", "-da=b"], &[&["-F", "=", "-sd", "=a", "-da=b"]]),
        ] {
            assert_eq!(split(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_value_that_begins_with_a_dash_joins_its_option() {
        for (arguments, expected) in [
            (&["-w", "-- %{http_code}", "a"][..], &["-w=-- %{http_code}", "a"][..]),
            (&["-so", "-x", "-v"], &["-so=-x", "-v"]),
            (&["--resolve", "-h:80", "--noproxy", "-x"], &["--resolve=-h:80", "--noproxy=-x"]),
            (&["--explain", "-v"], &["--explain", "-v"]),
            (&["-o", "-"], &["-o=-"]),
        ] {
            assert_eq!(split(arguments), [expected], "{arguments:?}");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_not_named_is_an_error() {
        for arguments in [&["-K"][..], &["--config=/nonexistent/file"], &["-sK/nonexistent/file"]] {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert!(groups(arguments, None, false).is_err());
        }
    }

    #[test]
    fn a_long_cluster_is_read_without_recursion() {
        let cluster = |letter: &str| vec![OsString::from(format!("-{}s", letter.repeat(50_000)))];
        assert_eq!(groups(cluster("a"), None, true).expect("no file").groups, [["-s"]]);
        assert_eq!(groups(cluster(":"), None, false).expect("no file").groups.len(), 50_001);
    }
}
