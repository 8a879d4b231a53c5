//! From arguments to what is requested: which is a target, which a path on the
//! one before, which a sequence. Made one by one, when its turn comes, so that
//! one that is wrong stops only itself and a long sequence costs nothing.

use std::collections::VecDeque;

use super::positional::{PlainTarget, TargetReader};
use super::raw::RawRequests;
use super::repeating::Multiples;
use super::{Recipe, Target, follow, refuse_useless, usage};
use crate::cli::modes::Mode;
use crate::cli::saving::Resume;
use crate::http::uri::{Scheme, Uri};
use crate::http::websocket::messages::MessageKind;
use crate::policy::redirect::Schemes;

/// What is requested, in order.
pub(crate) struct Targets {
    arguments: TargetReader,
    recipe: Recipe,
    raw: Option<RawRequests>,
    multiples: Multiples,
    terms: Terms,
    /// Those that have been made and not been given yet.
    ready: VecDeque<anyhow::Result<Target>>,
}

/// What every target is held to.
pub(super) struct Terms {
    /// The schemes that may be requested.
    pub(super) schemes: Schemes,
    /// Where a partly saved file continues.
    pub(super) resume: Option<Resume>,
    /// `--starttls`: only tcp:// can be requested.
    pub(super) needs_tcp: bool,
    /// The options that were given, by their names for clap.
    pub(super) given: Vec<String>,
    /// What messages over WebSocket are.
    pub(super) message_kind: MessageKind,
}

impl Targets {
    pub(super) fn new(
        arguments: TargetReader,
        recipe: Recipe,
        raw: Option<RawRequests>,
        multiples: Multiples,
        terms: Terms,
    ) -> Self {
        Self { arguments, recipe, raw, multiples, terms, ready: VecDeque::new() }
    }

    /// The next one, if it is one that `is_wanted`.
    pub(crate) fn next_if(&mut self, is_wanted: impl FnOnce(&Target) -> bool) -> Option<Target> {
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

    /// The targets: `--send` may have several requests for one.
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

/// `--starttls` speaks a protocol's words, and of those http and tls have none.
fn not_tcp(uri: &Uri) -> anyhow::Error {
    let (host, scheme) = (uri.host_in_brackets(), uri.scheme.name());
    usage("--starttls", format!("works only with tcp:// targets, as in tcp://{host}:25, not {scheme}://"))
}
