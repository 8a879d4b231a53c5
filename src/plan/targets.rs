//! From arguments to what is asked for: which is a target, which a path on the
//! one before, which a sequence. Made one by one, when its turn comes, so that
//! one that is wrong stops only itself and a long sequence costs nothing.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;

use super::curl::Manners;
use super::raw::RawRequests;
use super::repeating::Multiples;
use super::sequence::{Sequence, SequenceMember};
use super::{Destination, Recipe, Target, file, follow, refuse_useless, saving, usage};
use crate::cli::Cli;
use crate::cli::modes::Mode;
use crate::cli::saving::Resume;
use crate::failure::{self, Failure};
use crate::http::secret;
use crate::http::uri::{Scheme, Uri, UriProblem, without_glob_escapes};
use crate::http::websocket::messages::MessageKind;
use crate::idna;
use crate::output::escape::one_line;
use crate::policy::redirect::Schemes;

/// Methods that other programs take as their first argument.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// What is asked for, in order.
pub(crate) struct Targets {
    arguments: Arguments,
    recipe: Recipe,
    raw: Option<RawRequests>,
    multiples: Multiples,
    terms: Terms,
    /// Those that have been made and not been given yet.
    ready: VecDeque<anyhow::Result<Target>>,
}

/// What every target is held to.
pub(super) struct Terms {
    /// The schemes that may be asked for.
    pub(super) schemes: Schemes,
    /// Where a partly saved file goes on.
    pub(super) resume: Option<Resume>,
    /// `--starttls`: only tcp:// can be asked for.
    pub(super) needs_tcp: bool,
    /// The options that were given, by their names for clap.
    pub(super) given: Vec<String>,
    /// What messages over WebSocket are.
    pub(super) message_kind: MessageKind,
}

impl Targets {
    pub(super) fn new(
        arguments: Arguments,
        recipe: Recipe,
        raw: Option<RawRequests>,
        multiples: Multiples,
        terms: Terms,
    ) -> Self {
        Self { arguments, recipe, raw, multiples, terms, ready: VecDeque::new() }
    }

    /// The next one, if it is one that `is_wanted`.
    pub(crate) fn next_if(&mut self, is_wanted: impl Fn(&Target) -> bool) -> Option<Target> {
        match self.next() {
            Some(Ok(target)) if is_wanted(&target) => Some(target),
            other => {
                other.into_iter().for_each(|other| self.ready.push_front(other));
                None
            }
        }
    }

    /// Whether the next one goes out together with the one before.
    pub(crate) fn continues(&self) -> bool {
        matches!(self.ready.front(), Some(Ok(next)) if next.is_joined)
    }

    /// The one read last, as it was typed.
    pub(crate) fn typed(&self) -> &[u8] {
        &self.arguments.typed
    }

    /// What the user is to be told of those so far.
    pub(crate) fn notices(&mut self) -> Vec<String> {
        let mut notices = std::mem::take(&mut self.arguments.notices);
        notices.extend(self.raw.iter_mut().flat_map(RawRequests::take_notices));
        notices
    }

    /// The targets of what is asked for: `--send` may have several requests for it.
    fn make(&mut self, asked: PlainTarget) -> anyhow::Result<Vec<Target>> {
        let PlainTarget { uri, typed, destination, is_listed, upload } = asked;
        follow::refuse_forbidden(self.terms.schemes, &uri)?;
        let mode = match uri.scheme {
            scheme if scheme.is_websocket() => Some(Mode::WebSocket),
            scheme => (!scheme.is_http()).then_some(Mode::Tcp),
        };
        mode.map_or(Ok(()), |mode| refuse_useless(mode, &self.terms.given))?;
        if self.terms.needs_tcp && uri.scheme != Scheme::Tcp {
            return Err(not_tcp(&uri));
        }
        let (recipe, uri) = self.recipe.for_target(upload.as_deref(), uri, &typed, self.terms.resume)?;
        let single = Target { recipe, raw: None, messages: None, is_joined: false, uri, destination };
        let Some(raw) = &mut self.raw else {
            if self.multiples.variants.are_none() {
                return Ok(vec![single]);
            }
            let arguments = &mut self.arguments;
            let take_file = |target: &mut Target| target.destination = arguments.destination(is_listed);
            return self.multiples.variants.of(single, take_file);
        };
        if single.uri.scheme.is_websocket() {
            let messages = Some(raw.messages(self.terms.message_kind)?);
            return Ok(vec![Target { messages, ..single }]);
        }
        if self.terms.message_kind == MessageKind::Binary {
            return Err(usage("--ws-binary", "works only with ws:// and wss:// targets"));
        }
        let Target { recipe, uri, destination, .. } = single;
        let requests = raw.next(uri.scheme.is_http())?;
        let targets = requests.into_iter().enumerate().map(|(number, (is_joined, raw))| {
            let destination = match number {
                0 => destination.clone(),
                _ => self.arguments.destination(is_listed),
            };
            let (recipe, uri) = (recipe.clone(), uri.clone());
            Target { recipe, raw: Some(raw), messages: None, is_joined, uri, destination }
        });
        Ok(targets.collect())
    }
}

impl Iterator for Targets {
    type Item = anyhow::Result<Target>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty()
            && let Some(again) = self.multiples.repetitions.next()
        {
            return Some(Ok(again));
        }
        while self.ready.is_empty() {
            match self.arguments.next()?.and_then(|asked| self.make(asked)) {
                Ok(targets) => self.ready.extend(targets.into_iter().map(Ok)),
                Err(error) => return Some(Err(error)),
            }
        }
        Some(self.ready.pop_front()?.and_then(|target| self.multiples.repetitions.begin(target)))
    }
}

/// One line for each wish that cannot be met, and does no harm.
fn wishes(cli: &Cli) -> Vec<String> {
    let all = [
        (cli.sending.http2, "--http2"),
        (cli.sending.http3, "--http3"),
        (cli.proxy.proxy_http2, "--proxy-http2"),
        (cli.proxy.proxy_http3, "--proxy-http3"),
    ];
    let wished = all.into_iter().filter(|(is_given, _)| *is_given && !cli.showing.silent);
    wished.map(|(_, name)| format!("{name}: using HTTP/1.1, the only supported version")).collect()
}

/// What is asked for once.
pub(super) struct PlainTarget {
    uri: Uri,
    /// The URL as it was typed; empty where only a path was.
    typed: Vec<u8>,
    destination: Destination,
    is_listed: bool,
    /// The file of `-T`.
    upload: Option<OsString>,
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

struct Argument {
    text: OsString,
    /// It is from a list of URLs, and goes to a file of its name.
    is_listed: bool,
}

impl Argument {
    fn is_path(&self) -> bool {
        self.text.as_encoded_bytes().first().is_some_and(|first| b"/?*".contains(first))
    }
}

/// The target that paths are on.
enum Base {
    None,
    Uri(Uri),
    /// One that has been refused, and its paths with it.
    Refused,
}

/// The arguments that have not been read yet.
pub(super) struct Arguments {
    left: VecDeque<Argument>,
    scheme: Scheme,
    base: Base,
    takes_paths_only: bool,
    allows_user: bool,
    globs: Globs,
    manners: Manners,
    uploads: std::vec::IntoIter<OsString>,
    destinations: Box<dyn Iterator<Item = Destination>>,
    /// `-o` and `-O` that no target has taken yet.
    files_left: usize,
    running: Option<Running>,
    /// The target read last, as it was typed.
    typed: Vec<u8>,
    notices: Vec<String>,
}

/// The members of one argument that have not been given yet.
struct Running {
    sequence: Sequence,
    is_path: bool,
    uploads: Option<Sequence>,
    upload: u64,
    member: u64,
    destination: Destination,
    is_listed: bool,
}

impl Arguments {
    /// What the user is to be told before the next target.
    pub(super) fn tell(&mut self, notice: String) {
        self.notices.push(notice);
    }

    /// Those of the command line; `demo` is the site that serves paths without a
    /// target, `scheme` the one of targets that name none.
    pub(super) fn new(
        cli: &Cli,
        scheme: Scheme,
        demo: Option<SocketAddr>,
        manners: Manners,
    ) -> anyhow::Result<Self> {
        let globs = match (cli.sending.glob, cli.sending.globoff) {
            (_, true) => Globs::Off,
            (true, false) => Globs::Sequences,
            (false, false) => Globs::Literal,
        };
        let mut left = VecDeque::new();
        for argument in &cli.sending.url {
            match argument.to_str().and_then(|text| text.strip_prefix('@')) {
                Some(path) => left.extend(list(path)?),
                None => left.push_back(Argument { text: argument.clone(), is_listed: false }),
            }
        }
        refuse_habits(&cli.targets)?;
        left.extend(cli.targets.iter().map(|text| Argument { text: text.clone(), is_listed: false }));
        if left.is_empty() {
            let only = match (demo, &cli.sending.read) {
                (Some(_), _) => "/",
                (None, Some(_)) => "localhost",
                (None, None) => return Err(no_target()),
            };
            left.push_back(Argument { text: only.into(), is_listed: false });
        }
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
            globs,
            manners,
            uploads: cli.sending.upload_file.clone().into_iter(),
            destinations: Box::new(saving::destinations(&cli.saving, manners)),
            files_left: files_needed(&cli.saving.files),
            running: None,
            typed: Vec::new(),
            notices: wishes(cli),
        })
    }

    /// Whether one request at most is asked for.
    pub(super) fn is_single(&self) -> bool {
        match self.left.len() {
            0 | 1 => true,
            2 => {
                self.left[1].is_path()
                    && matches!(self.read(self.left[0].text.as_encoded_bytes()), Ok(uri) if uri.path_and_query.is_empty())
            }
            _ => false,
        }
    }

    fn next(&mut self) -> Option<anyhow::Result<PlainTarget>> {
        loop {
            if let Some(running) = &mut self.running {
                if let Some((member, upload)) = running.next() {
                    let asked = self.asked(&member, upload);
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
            if let Err(error) = self.begin(argument) {
                return Some(Err(error));
            }
        }
    }

    /// Begins with an argument.
    fn begin(&mut self, argument: Argument) -> anyhow::Result<()> {
        let typed = argument.text.as_encoded_bytes();
        self.typed = typed.to_vec();
        let is_path = argument.is_path();
        match (&self.base, is_path) {
            (Base::Refused, true) => return Ok(()),
            (Base::None, true) => {
                return Err(path_alone(&argument.text));
            }
            (_, false) if self.takes_paths_only => {
                return Err(usage("--demo", format!("takes only paths, and {} is not one", one_line(typed))));
            }
            _ => {}
        }
        let sequence = self.sequence(typed);
        if !is_path {
            self.base = Base::Refused;
            let is_base =
                self.left.front().is_some_and(|next| next.is_path() && next.is_listed == argument.is_listed);
            let first = sequence.as_ref().ok().and_then(|sequence| sequence.member(0)).unwrap_or_default();
            if sequence.is_ok() && is_base {
                let uri = self.read(&first.text)?;
                let is_whole = uri.path_and_query.is_empty();
                self.base = Base::Uri(uri);
                if is_whole {
                    return Ok(());
                }
            }
        }
        let is_listed = argument.is_listed;
        let destination = self.destination(is_listed);
        let upload = self.uploads.next().filter(|path| !path.is_empty());
        let uploads = upload.map(|path| self.upload_sequence(&path)).transpose()?;
        let sequence = sequence?;
        self.running =
            Some(Running { sequence, is_path, uploads, upload: 0, member: 0, destination, is_listed });
        Ok(())
    }

    /// Where the next body goes.
    fn destination(&mut self, is_listed: bool) -> Destination {
        if is_listed {
            return Destination::Remote;
        }
        self.files_left = self.files_left.saturating_sub(1);
        self.destinations.next().unwrap_or_default()
    }

    fn sequence(&mut self, typed: &[u8]) -> anyhow::Result<Sequence> {
        let has_marks = typed.iter().any(|byte| b"[]{}".contains(byte));
        match self.globs {
            Globs::Sequences if has_marks => Sequence::parse(typed).map_err(|problem| {
                let shown = one_line(&typed[..typed.len().min(200)]);
                Failure::MalformedUrl.error(format!("{shown}: {problem}"))
            }),
            Globs::Literal if has_marks => {
                if Sequence::parse(typed).is_ok_and(|sequence| sequence.has_choice()) {
                    self.notices.push(format!(
                        "{} is sent as typed; use --glob to expand it to several URLs, --globoff to silence this note",
                        one_line(&typed[..typed.len().min(200)])
                    ));
                }
                Ok(Sequence::of_text(&without_glob_escapes(typed)))
            }
            _ => Ok(Sequence::of_text(typed)),
        }
    }

    fn upload_sequence(&self, path: &OsStr) -> anyhow::Result<Sequence> {
        let bytes = path.as_encoded_bytes();
        match self.globs {
            Globs::Sequences => Sequence::parse(bytes)
                .map_err(|problem| usage("--upload-file", format!("{}: {problem}", one_line(bytes)))),
            _ => Ok(Sequence::of_text(bytes)),
        }
    }

    /// What one member asks for.
    fn asked(&mut self, member: &SequenceMember, upload: Option<OsString>) -> anyhow::Result<PlainTarget> {
        let Some(running) = &self.running else { return Err(no_target()) };
        let typed = if running.is_path { Vec::new() } else { member.text.clone() };
        self.typed.clone_from(&member.text);
        let uri = match (&self.base, running.is_path) {
            (Base::Uri(base), true) => {
                base.with_path(&member.text).map_err(|it| refused(&member.text, &it))?
            }
            _ => self.read(&member.text)?,
        };
        let destination = match &running.destination {
            Destination::File(name) if self.globs == Globs::Sequences => {
                Destination::File(filled(name, member)?)
            }
            other => other.clone(),
        };
        let is_listed = running.is_listed;
        if !running.is_path {
            self.base = Base::Uri(uri.clone());
        }
        Ok(PlainTarget { uri: self.manners.normalised(uri), typed, destination, is_listed, upload })
    }

    /// The URI of a target.
    fn read(&self, text: &[u8]) -> anyhow::Result<Uri> {
        let refuse = |problem: UriProblem| refused(text, &problem);
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

impl Running {
    /// The next member, and the file that goes to it: all members for the first
    /// file, then all for the second.
    fn next(&mut self) -> Option<(SequenceMember, Option<OsString>)> {
        loop {
            let upload = match &self.uploads {
                None => None,
                Some(uploads) => Some(file::path_of(&uploads.member(self.upload)?.text)),
            };
            if let Some(member) = self.sequence.member(self.member) {
                self.member += 1;
                return Some((member, upload));
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
        let message = format!("--output: no part of the URL has the name {}", one_line(&name));
        Failure::Unsendable.error(message)
    })?;
    Ok(file::path_of(&filled))
}

/// `--url @FILE`: a URL on each line; empty lines and those that begin with `#` are none.
fn list(path: &str) -> anyhow::Result<Vec<Argument>> {
    let text = file::read(OsStr::new(path), "--url")?;
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let urls = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    Ok(urls.map(|line| Argument { text: file::path_of(line), is_listed: true }).collect())
}

fn path_alone(path: &OsStr) -> anyhow::Error {
    let help = "a path needs a target before it, as in rawget example.com /path";
    usage(&one_line(path.as_encoded_bytes()), help)
}

fn no_target() -> anyhow::Error {
    Failure::Usage.error("no target: name a host, as in rawget example.com /, or try rawget --demo")
}

/// Refuses what other programs take: `POST host a=b`.
fn refuse_habits(targets: &[OsString]) -> anyhow::Result<()> {
    let Some((method, rest)) = targets.split_first() else { return Ok(()) };
    let (Some(method), false) = (method.to_str().filter(|method| METHODS.contains(method)), rest.is_empty())
    else {
        return Ok(());
    };
    let data = |argument: &OsString| {
        let text = one_line(argument.as_encoded_bytes());
        let is_data = text.contains('=') && !text.contains('/');
        if is_data { format!(" -d '{text}'") } else { format!(" {text}") }
    };
    let rest: String = rest.iter().map(data).collect();
    let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
    Err(Failure::Usage.error(format!("the method is not an argument; write: rawget{method}{rest}")))
}

/// `--starttls` speaks a protocol's words, and of those http and tls have none.
fn not_tcp(uri: &Uri) -> anyhow::Error {
    let (host, scheme) = (uri.host_in_brackets(), uri.scheme.name());
    usage("--starttls", format!("works only with tcp:// targets, as in tcp://{host}:25, not {scheme}://"))
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

fn refused(typed: &[u8], problem: &UriProblem) -> anyhow::Error {
    let shown = one_line(&shortened(&secret::quotable(typed)));
    let failure = match problem {
        UriProblem::UnsupportedScheme(_) => Failure::Protocol,
        _ => Failure::MalformedUrl,
    };
    failure.error(format!("{shown}: {problem}"))
}

/// The beginning of a text that is long.
fn shortened(text: &[u8]) -> Vec<u8> {
    const MAX: usize = 200;
    if text.len() <= MAX { text.to_vec() } else { [&text[..MAX], b"..."].concat() }
}
