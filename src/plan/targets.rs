//! From arguments to what is requested: which is a target, which a path on the
//! one before, which a sequence. Made one by one, when its turn comes, so that
//! one that is wrong stops only itself and a long sequence costs nothing.

use std::collections::VecDeque;
use std::rc::Rc;

use super::contradictions::refuse_useless;
use super::destination::Destination;
use super::follow;
use super::positional::{PlainTarget, TargetReader};
use super::raw::RawRequests;
use super::recipe::Recipe;
use super::repeating::Multiples;
use super::target::Target;
use super::target_arguments::Saved;
use super::usage_error::usage;
use crate::cli::modes::Mode;
use crate::cli::saving::Resume;
use crate::event::ComparedAs;
use crate::http::uri::{Scheme, Uri};
use crate::http::websocket::messages::MessageKind;
use crate::policy::redirect::Schemes;

/// What is requested, in order.
pub(crate) struct Targets {
    arguments: TargetReader,
    recipe: Rc<Recipe>,
    raw: Option<RawRequests>,
    multiples: Multiples,
    terms: Terms,
    /// Targets that have been made and not been given yet.
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

impl Terms {
    /// Refuses a target whose scheme options do not fit.
    fn refuse_unfit(&self, uri: &Uri) -> anyhow::Result<()> {
        let mode = match uri.scheme {
            scheme if scheme.is_websocket() => Some(Mode::WebSocket),
            scheme => (!scheme.is_http()).then_some(Mode::Tcp),
        };
        mode.map_or(Ok(()), |mode| refuse_useless(mode, &self.given))?;
        if self.needs_tcp && uri.scheme != Scheme::Tcp {
            return Err(not_tcp(uri));
        }
        Ok(())
    }
}

impl Targets {
    pub(super) fn new(
        arguments: TargetReader,
        recipe: Recipe,
        raw: Option<RawRequests>,
        multiples: Multiples,
        terms: Terms,
    ) -> Self {
        let recipe = Rc::new(recipe);
        Self { arguments, recipe, raw, multiples, terms, ready: VecDeque::new() }
    }

    /// How many requests there will be, where that can be told before the first; those of `--vary` and
    /// `--repeat` are not counted.
    pub(super) fn request_count(&self) -> Option<u64> {
        self.raw.is_none().then(|| self.arguments.count())
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

    /// The first target of what is asked, if it has one; others are ready then.
    fn make(&mut self, asked: PlainTarget) -> anyhow::Result<Option<Target>> {
        let PlainTarget { uri, typed, destination, saved, upload, is_sibling } = asked;
        follow::refuse_forbidden(self.terms.schemes, &uri)?;
        self.terms.refuse_unfit(&uri)?;
        let is_as_typed = upload.is_none() && self.recipe.leaves_query();
        let typed = if is_as_typed { typed } else { Vec::new() };
        let named_by = Rc::clone(&uri);
        let (recipe, uri) = self.recipe.for_target(upload.as_deref(), uri, self.terms.resume)?;
        let part = ComparedAs::Alone;
        let single = Target {
            recipe,
            uri,
            typed,
            part,
            raw: None,
            messages: None,
            is_joined: false,
            is_sibling,
            destination,
            named_by,
        };
        if self.raw.is_some() {
            return self.raw_requests(single, saved);
        }
        if self.multiples.variants.are_none() {
            return Ok(Some(single));
        }
        let arguments = &mut self.arguments;
        let take_file = |target: &mut Target| target.destination = arguments.destination(saved);
        let targets = self.multiples.variants.of(single, take_file)?;
        Ok(self.first_of(targets))
    }

    /// `--send`: the first of the requests to `single`'s server, or `single` with its messages.
    fn raw_requests(&mut self, single: Target, saved: Saved) -> anyhow::Result<Option<Target>> {
        let Some(raw) = &mut self.raw else { return Ok(Some(single)) };
        if single.uri.scheme.is_websocket() {
            let messages = Some(raw.messages(self.terms.message_kind)?);
            return Ok(Some(Target { messages, ..single }));
        }
        if self.terms.message_kind == MessageKind::Binary {
            return Err(usage("--ws-binary", "works only with ws:// and wss:// targets"));
        }
        let requests = raw.next(single.uri.scheme.is_http())?;
        let targets = requests.into_iter().enumerate().map(|(number, (is_joined, raw))| {
            let destination = match number {
                0 => single.destination.clone(),
                _ => self.arguments.destination(saved),
            };
            Target { raw: Some(Box::new(raw)), is_joined, ..single.alike(destination) }
        });
        let targets: Vec<_> = targets.collect();
        Ok(self.first_of(targets))
    }

    /// The first of `targets`; the others are ready then.
    fn first_of(&mut self, targets: Vec<Target>) -> Option<Target> {
        let mut targets = targets.into_iter();
        let first = targets.next();
        self.ready.extend(targets.map(Ok));
        first
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
        let made = match self.ready.pop_front() {
            Some(ready) => ready,
            None => loop {
                match self.arguments.next()?.and_then(|asked| self.make(asked)) {
                    Ok(None) => {}
                    Ok(Some(target)) => break Ok(target),
                    Err(error) => break Err(error),
                }
            },
        };
        if !self.multiples.repetitions.are_any() {
            return Some(made);
        }
        Some(made.and_then(|target| self.multiples.repetitions.begin(target)))
    }
}

impl Target {
    /// Another request of the same kind to the same URL, whose content goes to `destination`.
    pub(super) fn alike(&self, destination: Destination) -> Self {
        Self {
            recipe: Rc::clone(&self.recipe),
            uri: Rc::clone(&self.uri),
            typed: self.typed.clone(),
            part: self.part.clone(),
            raw: None,
            messages: None,
            is_joined: false,
            is_sibling: false,
            destination,
            named_by: Rc::clone(&self.named_by),
        }
    }
}

/// `--starttls` speaks a protocol's words, and of those http and tls have none.
fn not_tcp(uri: &Uri) -> anyhow::Error {
    let (host, scheme) = (uri.host_in_brackets(), uri.scheme.name());
    usage("--starttls", format!("works only with tcp:// targets, as in tcp://{host}:25, not {scheme}://"))
}
