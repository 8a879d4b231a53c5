//! The arguments that name targets, taken one by one: sequences, paths on the target
//! before, and where the response to each goes.

mod counting;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::rc::Rc;

use super::curl::Manners;
use super::destination::Destination;
use super::misread;
use super::no_target::{
    LEFT_QUOTE, path_alone, refuse_dash, refuse_detached_values, refuse_habits, refuse_misplaced, refused,
};
use super::sequence::{Sequence, SequenceMember};
use super::target_arguments::{Argument, Saved, arguments};
use super::usage_error::usage;
use super::{input_file, saving};
use crate::cli::Cli;
use crate::failure::{self, Failure};
use crate::http::uri::{Scheme, Uri, UriProblem, without_glob_escapes};
use crate::idna;
use crate::output::escape::one_line;

/// What is requested once.
pub(super) struct PlainTarget {
    pub(super) uri: Rc<Uri>,
    /// The URL as it was typed; empty where only a path was.
    pub(super) typed: Vec<u8>,
    pub(super) destination: Destination,
    pub(super) saved: Saved,
    /// The file of `-T`.
    pub(super) upload: Option<OsString>,
    /// It belongs to the same URL sequence as the target before.
    pub(super) is_sibling: bool,
}

/// What becomes of `[1-9]` and `{a,b}`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Globs {
    /// Sequences (`--glob`).
    Sequences,
    /// They go out as they are, without the backslashes that browsers write before them.
    Literal,
    /// They and their backslashes go out as they are (`--globoff`).
    Off,
}

/// The target that paths are on.
enum Base {
    None,
    Uri(Uri),
    /// The target was refused: its paths are passed over.
    Refused,
}

/// The arguments that have not been read yet.
pub(super) struct TargetReader {
    left: VecDeque<Argument>,
    scheme: Scheme,
    base: Base,
    takes_paths_only: bool,
    allows_user: bool,
    globs: Globs,
    manners: Manners,
    uploads: std::vec::IntoIter<OsString>,
    destinations: Box<dyn Iterator<Item = Destination>>,
    /// Where a body goes that no option saves.
    printed: Destination,
    /// `-o` and `-O` that no target has taken yet.
    files_left: usize,
    running: Option<Expanding>,
    /// The target read last, as it was typed.
    pub(super) typed: Vec<u8>,
    pub(super) notices: Vec<String>,
}

/// The members of one argument that have not been given yet.
struct Expanding {
    sequence: Sequence,
    is_path: bool,
    uploads: Option<Sequence>,
    upload: u64,
    member: u64,
    destination: Destination,
    saved: Saved,
}

impl TargetReader {
    /// What the user is to be told before the next target.
    pub(super) fn tell(&mut self, notice: String) {
        self.notices.push(notice);
    }

    /// The targets of the command line; `demo` is the site that serves paths without a target,
    /// `scheme` the one of targets that name none.
    pub(super) fn new(
        cli: &mut Cli,
        scheme: Scheme,
        demo: Option<SocketAddr>,
        manners: Manners,
    ) -> anyhow::Result<Self> {
        refuse_habits(&cli.targets)?;
        refuse_dash(&cli.targets)?;
        if !manners.as_curl {
            refuse_misplaced(cli)?;
        }
        refuse_detached_values(cli)?;
        let left = arguments(cli, demo.is_some())?;
        // Nothing that follows can be meant as it stands.
        if demo.is_none()
            && let Some(path) = left.front().filter(|first| first.is_path())
        {
            return Err(path_alone(&path.text));
        }
        Ok(Self {
            left,
            scheme,
            base: demo.map_or(Base::None, |demo| Base::Uri(demo_uri(demo, scheme))),
            takes_paths_only: demo.is_some(),
            allows_user: !cli.credentials.disallow_username_in_url,
            globs: match (cli.sending.glob, cli.sending.globoff) {
                (_, true) => Globs::Off,
                (true, false) => Globs::Sequences,
                (false, false) => Globs::Literal,
            },
            manners,
            uploads: cli.sending.upload_file.clone().into_iter(),
            destinations: Box::new(saving::destinations(&cli.saving)),
            printed: if manners.prints_bytes { Destination::Standard } else { Destination::Print },
            files_left: files_needed(&cli.saving.files),
            running: None,
            typed: Vec::new(),
            notices: misread::notices(cli, manners.as_curl),
        })
    }

    /// The next target, members of sequences one by one; `None` after the last.
    pub(super) fn next(&mut self) -> Option<anyhow::Result<PlainTarget>> {
        loop {
            if let Some(running) = &mut self.running {
                if let Some((member, upload)) = running.next() {
                    let Expanding { is_path, saved, ref destination, .. } = *running;
                    let destination = destination.clone();
                    let is_sibling = running.member > 1 || running.upload > 0;
                    let asked = self.asked(member, is_path, destination, saved, upload);
                    let asked = asked.map(|target| PlainTarget { is_sibling, ..target });
                    if asked.as_ref().is_err_and(|error| failure::of(error) == Some(Failure::Unsendable)) {
                        // The name of the file speaks of no part of the URL, whichever its member.
                        self.running = None;
                    }
                    return Some(asked);
                }
                self.running = None;
            }
            let Some(argument) = self.left.pop_front() else {
                if std::mem::take(&mut self.files_left) > 0 {
                    self.notices.push("more -o and -O options than targets".to_owned());
                }
                return None;
            };
            if let Some(begun) = self.begin(argument).transpose() {
                return Some(begun);
            }
        }
    }

    /// Begins with an argument. Gives its target, if it is a single one; those of a sequence follow.
    fn begin(&mut self, argument: Argument) -> anyhow::Result<Option<PlainTarget>> {
        let (is_path, saved) = (argument.is_path(), argument.saved);
        let typed = argument.text.as_encoded_bytes();
        self.typed.clear();
        self.typed.extend_from_slice(typed);
        match (&self.base, is_path) {
            (Base::Refused, true) => return Ok(None),
            (Base::None, true) => {
                return Err(path_alone(&argument.text));
            }
            (_, false) if self.takes_paths_only => {
                return Err(usage(
                    "--demo",
                    format!("takes only paths, such as /plain, not \"{}\"", one_line(typed)),
                ));
            }
            _ => {}
        }
        let sequence = self.sequence(argument.text.into_encoded_bytes());
        if !is_path && self.is_base_alone(sequence.as_ref().ok(), saved)? {
            return Ok(None);
        }
        let destination = self.destination(saved);
        let upload = self.uploads.next().filter(|path| !path.is_empty());
        let uploads = upload.map(|path| self.upload_sequence(&path)).transpose()?;
        let mut sequence = sequence?;
        if uploads.is_none()
            && let Some(only) = sequence.take_text()
        {
            return self.asked(only, is_path, destination, saved, None).map(Some);
        }
        self.running =
            Some(Expanding { sequence, is_path, uploads, upload: 0, member: 0, destination, saved });
        Ok(None)
    }

    /// Takes a target that begins, unless it is wrong, for the base of the paths behind it. Whether it is
    /// nothing else: it has no path of its own, and one follows.
    fn is_base_alone(&mut self, sequence: Option<&Sequence>, saved: Saved) -> anyhow::Result<bool> {
        self.base = Base::Refused;
        let is_base = self.left.front().is_some_and(|next| next.is_on(saved));
        let Some(sequence) = sequence.filter(|_| is_base) else { return Ok(false) };
        let uri = self.read(&sequence.member(0).unwrap_or_default().text)?;
        let is_whole = uri.path_and_query.is_empty();
        self.base = Base::Uri(uri);
        Ok(is_whole)
    }

    /// Where the next body goes.
    pub(super) fn destination(&mut self, saved: Saved) -> Destination {
        if saved == Saved::Listed {
            return Destination::Remote;
        }
        self.files_left = self.files_left.saturating_sub(1);
        let rest = || if saved == Saved::Named { Destination::Remote } else { self.printed.clone() };
        self.destinations.next().unwrap_or_else(rest)
    }

    fn sequence(&mut self, typed: Vec<u8>) -> anyhow::Result<Sequence> {
        let has_marks = typed.iter().any(|byte| matches!(byte, b'[' | b']' | b'{' | b'}'));
        match self.globs {
            Globs::Sequences if has_marks => Sequence::parse(&typed).map_err(|problem| {
                let shown = one_line(&typed[..typed.len().min(200)]);
                Failure::MalformedUrl.error(format!("{shown}: {problem}"))
            }),
            Globs::Literal if has_marks => {
                if Sequence::parse(&typed).is_ok_and(|sequence| sequence.has_choice()) {
                    self.notices.push(format!(
                        "{} is sent as typed; use --glob to expand it to several URLs, --globoff to silence this note",
                        one_line(&typed[..typed.len().min(200)])
                    ));
                }
                Ok(Sequence::of_text(without_glob_escapes(&typed)))
            }
            _ => Ok(Sequence::of_text(typed)),
        }
    }

    fn upload_sequence(&self, path: &OsStr) -> anyhow::Result<Sequence> {
        let bytes = path.as_encoded_bytes();
        match self.globs {
            Globs::Sequences => Sequence::parse(bytes)
                .map_err(|problem| usage("--upload-file", format!("{}: {problem}", one_line(bytes)))),
            _ => Ok(Sequence::of_text(bytes.to_vec())),
        }
    }

    /// The request of one member.
    fn asked(
        &mut self,
        member: SequenceMember,
        is_path: bool,
        destination: Destination,
        saved: Saved,
        upload: Option<OsString>,
    ) -> anyhow::Result<PlainTarget> {
        self.typed.clone_from(&member.text);
        let uri = match (&self.base, is_path) {
            (Base::Uri(base), true) => {
                base.with_path(&member.text).map_err(|it| refused(&member.text, &it))?
            }
            _ => self.read(&member.text)?,
        };
        let destination = match destination {
            Destination::File(name) if self.globs == Globs::Sequences => {
                Destination::File(filled(&name, &member)?)
            }
            other => other,
        };
        let typed = if is_path { Vec::new() } else { member.text };
        if !is_path && self.left.front().is_some_and(Argument::is_path) {
            self.base = Base::Uri(uri.clone());
        }
        let uri = Rc::new(self.manners.normalised(uri));
        Ok(PlainTarget { uri, typed, destination, saved, upload, is_sibling: false })
    }

    /// The URI of a target.
    fn read(&self, text: &[u8]) -> anyhow::Result<Uri> {
        let refuse = |problem: UriProblem| refused(text, &problem);
        if let [b'\'' | b'"', ..] = text {
            return Err(refuse(UriProblem::Host(LEFT_QUOTE)));
        }
        let mut uri = Uri::parse(text, self.scheme).map_err(refuse)?;
        self.manners.refuse_user(&uri)?;
        if !uri.host.is_ascii() {
            uri.host = idna::to_a_labels(&uri.host).map_err(|why| refuse(UriProblem::Host(why)))?;
        }
        if uri.userinfo.is_some() && !self.allows_user {
            let message = "the URL has a user name or password, which --disallow-username-in-url forbids";
            return Err(Failure::Login.error(message));
        }
        Ok(uri)
    }
}

impl Expanding {
    /// The next member, and the file that goes to it: all members for the first
    /// file, then all for the second.
    fn next(&mut self) -> Option<(SequenceMember, Option<OsString>)> {
        loop {
            let upload = match &self.uploads {
                None => None,
                Some(uploads) => Some(uploads.member(self.upload)?),
            };
            if let Some(mut member) = self.sequence.member(self.member) {
                self.member += 1;
                let path = upload.map(|upload| {
                    member.of_upload = upload.chosen;
                    input_file::path_of(&upload.text)
                });
                return Some((member, path));
            }
            self.uploads.as_ref()?;
            (self.member, self.upload) = (0, self.upload + 1);
        }
    }
}

/// How many targets there must be for each of `files` to be used; standard output may be left over.
fn files_needed(files: &[Option<OsString>]) -> usize {
    let is_file = |file: &Option<OsString>| file.as_deref() != Some(OsStr::new("-"));
    files.iter().rposition(is_file).map_or(0, |last| last + 1)
}

/// The name of a file, with what a member has chosen put in.
fn filled(name: &OsStr, member: &SequenceMember) -> anyhow::Result<OsString> {
    let filled = member.fill(name.as_encoded_bytes()).map_err(|name| {
        let message = format!("--output: no part of the URL or of -T has the name {}", one_line(&name));
        Failure::Unsendable.error(message)
    })?;
    Ok(input_file::path_of(&filled))
}

/// The site speaks no TLS.
fn demo_uri(address: SocketAddr, scheme: Scheme) -> Uri {
    Uri {
        scheme: if scheme.is_websocket() { Scheme::Ws } else { Scheme::Http },
        userinfo: None,
        host: address.ip().to_string(),
        port: address.port(),
        path_and_query: Vec::new(),
        fragment: None,
    }
}
