//! What happens during an exchange, told to observers.
//!
//! The seam between doing and telling: the session emits, reports observe, and
//! neither knows the other. With no observer nothing is recorded, and the clock
//! is not read.

mod body_end;
mod compared_as;
mod connection;
mod ended;
mod kept;

use std::cell::{Cell, RefCell};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::coding::CodingChain;
use crate::failure::Failure;
use crate::http::chunked::ChunkLine;
use crate::http::framing::Framed;
use crate::http::response::{BadHead, ResponseHead};
use crate::http::uri::Uri;
use crate::http::websocket::handshake::{Agreement, Disagreement};
use crate::http::websocket::messages::Heard;
use crate::net::starttls::Said;
use crate::net::tls::Secured;
use crate::net::{DialEvent, Endpoint};

pub(crate) use body_end::BodyEnd;
pub(crate) use compared_as::{ComparedAs, SeriesId};
pub(crate) use connection::ConnectionFacts;
pub(crate) use ended::{By, ConnectionEnd, How};
pub(crate) use kept::KeptEvents;

/// One thing that happened.
pub(crate) enum Event<'a> {
    /// The last bytes of the requests for these URLs, in the order of the command line, went out within this time
    /// (`--race`); their exchanges follow.
    Raced(Duration, &'a [(&'a Uri, &'a ComparedAs)]),
    /// A target, typed so, is refused: no exchange begins.
    Refused {
        typed: &'a [u8],
        error: &'a anyhow::Error,
    },
    /// An exchange begins.
    Begin(&'a Uri),
    /// The request that the exchange will send; nothing is connected to yet.
    RequestBegins(RequestBegins<'a>),
    /// A connection is going to be made, the run's n-th, counted from 0.
    Connecting(u64),
    /// On the way to a connection.
    Dial(&'a DialEvent<'a>),
    /// A connection is there.
    Connected {
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    },
    /// A TLS handshake came so far that the server showed its certificate.
    Secured(&'a Secured),
    /// What is said before TLS begins (`--starttls`).
    BeforeTls(Said<'a>),
    /// The way to the server leads by this proxy.
    Proxy(&'a Endpoint),
    /// As [`Event::Secured`], of a proxy.
    ProxySecured(&'a Secured),
    /// A request for a tunnel was sent to a proxy.
    ProxySent(&'a [u8]),
    /// The proxy's response to it.
    ProxyHead(&'a ResponseHead),
    /// Bytes behind the head of a proxy's response that opens no tunnel, as they came.
    ProxyContent(&'a [u8]),
    /// What came in place of the head of a proxy's response to CONNECT.
    ProxyBadHead(&'a BadHead),
    /// The whole of a proxy's refusal to open a tunnel.
    ProxyRefused(&'a ProxyRefusal<'a>),
    /// A proxy has made the way free to there.
    Passed(&'a Endpoint),
    /// A connection that has served an exchange serves this one too.
    Reused {
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
        facts: &'a ConnectionFacts,
    },
    /// Bytes of the request's head were sent.
    SentHead(&'a [u8]),
    /// Bytes of the request's content were sent.
    SentBody(&'a [u8]),
    /// This many bytes of the request's content were sent unseen, moved by the kernel.
    SentUnseen(u64),
    /// The rest of the request is not sent: what came made it useless.
    Unsent,
    /// Nothing of the request is sent: it is only looked at (`--dry-run`).
    DryRun,
    /// Bytes came in, whatever they are.
    Received(&'a [u8]),
    /// An interim response's head.
    Interim(&'a ResponseHead),
    /// The final response's head, and how its content is framed.
    Head(&'a ResponseHead, Framed),
    /// The bytes that came are no head.
    BadHead(&'a BadHead),
    /// A chunk's size line.
    Chunk(&'a ChunkLine),
    /// This status is reported in place of the response's.
    Status(u16),
    /// How many bytes the content has after decoding.
    Delivered(u64),
    /// What is sent and received from now on is no HTTP; what is received comes as [`Event::Content`].
    Switched,
    /// The content is saved under this name, behind so many bytes that are there.
    SavedAs {
        path: &'a OsStr,
        there: u64,
    },
    /// The content goes to standard output.
    Printing,
    /// So many codings of the content that follows, transfer codings first, are undone where it is
    /// shown: [`Event::Decoded`] brings the result.
    Undoing(usize),
    /// Content whose codings are undone; the [`Event::Content`] that it was made of follows.
    Decoded(&'a [u8]),
    /// How far that came.
    Undone(&'a CodingChain),
    /// The response agrees to WebSocket: what follows are frames, both ways.
    Agreed(&'a Agreement),
    /// The response does not agree to it, though its status is 101.
    Disagreed(&'a Disagreement),
    /// What a frame means.
    Heard(Heard<'a>),
    /// Content, transfer decoding done.
    Content(&'a [u8]),
    /// The kernel moved so many bytes of content, unseen.
    Relayed(u64),
    /// The content has ended, well or not.
    End(&'a BodyEnd),
    /// The content that follows is neither printed nor saved.
    Unwanted,
    /// Bytes that follow the end of the message.
    After(&'a [u8]),
    Ended(ConnectionEnd),
    /// What becomes of the connection, and why.
    Left(&'a str),
    /// A cookie of the host is not sent, and why.
    Withheld {
        name: &'a [u8],
        why: &'a str,
    },
    /// Anything else worth a line of `-v`.
    Note(&'a str),
    /// The response comes from the file of this name (`--read`).
    Replays {
        name: &'a OsStr,
        /// When it was saved, the rest of the request was not sent ([`Event::Unsent`]).
        is_left_off: bool,
    },
    /// The exchange that ends now leads to another one for the same target: a
    /// redirect is followed, or a challenge is answered.
    GoesOn,
    /// The exchange that ends now was in vain, and the target is requested again.
    Again,
    /// The exchange is over; what went wrong, if something did.
    Done(Option<&'a anyhow::Error>),
}

/// A proxy's response that is not the one wished for.
pub(crate) struct ProxyRefusal<'a> {
    pub(crate) head: &'a ResponseHead,
    /// How its content is framed.
    pub(crate) framed: Framed,
    /// The content, as far as it is shown.
    pub(crate) content: &'a [u8],
    /// The content's end.
    pub(crate) end: &'a BodyEnd,
}

/// A request that is about to be sent.
#[derive(Clone, Copy)]
pub(crate) struct RequestBegins<'a> {
    /// Its head, or the beginning of raw bytes.
    pub(crate) head: &'a [u8],
    /// The method that frames the response.
    pub(crate) method: &'a [u8],
    /// The response was saved before (`--read`): nothing is really sent.
    pub(crate) is_replayed: bool,
    /// The content goes into a file and no one types, so that progress may be drawn.
    pub(crate) is_unattended: bool,
    /// The file that content is to be saved in, as far as its name is known by now.
    pub(crate) path: Option<&'a OsStr>,
    /// What the request is to others of the run.
    pub(crate) part: &'a ComparedAs,
    /// An exchange before led to it ([`Event::GoesOn`], [`Event::Again`]).
    pub(crate) is_continued: bool,
    /// The URL before any redirect.
    pub(crate) first: &'a Uri,
    /// The URL as it was typed; empty where options have changed it.
    pub(crate) typed: &'a [u8],
    /// It belongs to the same URL sequence as the target before.
    pub(crate) is_sibling: bool,
    /// Its content is printed while it is sent, and what follows it then; `None` where it is not
    /// printed, or could be read and printed before.
    pub(crate) prints_content: Option<LineEnd>,
}

/// What is done behind printed content whose last line has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// Nothing.
    AsItIs,
    /// The line is ended, since a head is printed behind it.
    Added,
}

/// Listens to events.
pub(crate) trait Observer {
    /// `event` happened at `at`. After an error nothing more is told to it, and
    /// the run ends with the error.
    fn on(&mut self, at: Instant, event: &Event<'_>) -> anyhow::Result<()>;

    /// Whether it looks at the content. If no observer does, the kernel may move
    /// it by itself, and [`Event::Received`], [`Event::Content`] and [`Event::SentBody`]
    /// leave it out.
    fn wants_content(&self) -> bool {
        true
    }

    /// Whether it has to see more of the content being received. When no observer has to, the
    /// kernel may move the rest, and [`Event::Relayed`] tells how much.
    fn must_see_content(&self) -> bool {
        self.wants_content()
    }

    /// Whether it has to see more of the content being sent. When no observer has to, the kernel
    /// may move the rest, and [`Event::SentUnseen`] tells how much.
    fn must_see_sent_content(&self) -> bool {
        self.wants_content()
    }

    /// The file that gets a copy of all received bytes, even of those that it is not told of.
    fn copy(&self) -> Option<&File> {
        None
    }

    /// Whether it looks at how much has come, so that [`Event::Relayed`] has to
    /// tell of it often.
    fn wants_counts(&self) -> bool {
        false
    }

    /// The run is over: what is still to be written is written. A failure makes
    /// the exit code where nothing else does.
    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        Ok(None)
    }
}

/// The observers of a run.
#[derive(Default)]
pub(crate) struct Events {
    observers: RefCell<Vec<UntilFailure<dyn Observer>>>,
    are_heard: Cell<bool>,
    /// What observers are to be told later.
    kept: RefCell<Option<KeptEvents>>,
    /// How many connections the run has begun to make.
    connections: Cell<u64>,
}

impl Events {
    /// Adds `observer`, which is told after those added before.
    pub(crate) fn add(&self, observer: Box<dyn Observer>) {
        self.observers.borrow_mut().push(UntilFailure::new(observer));
        self.are_heard.set(true);
    }

    /// Whether there are observers at all.
    pub(crate) fn are_heard(&self) -> bool {
        self.are_heard.get()
    }

    /// Whether an observer looks at the content, so that it must pass through here.
    pub(crate) fn want_content(&self) -> bool {
        self.observers.borrow().iter().any(|observer| observer.inner.wants_content())
    }

    /// Whether an observer still has to see the content that is received now.
    pub(crate) fn must_see_content(&self) -> bool {
        self.observers.borrow().iter().any(|observer| observer.inner.must_see_content())
    }

    /// Whether an observer still has to see the content that is sent now.
    pub(crate) fn must_see_sent_content(&self) -> bool {
        self.observers.borrow().iter().any(|observer| observer.inner.must_see_sent_content())
    }

    /// The file that gets a copy of what the kernel moves, if an observer keeps one.
    pub(crate) fn copy(&self) -> Option<io::Result<File>> {
        let observers = self.observers.borrow();
        let file = observers.iter().filter(|each| each.failed.is_none()).find_map(|each| each.inner.copy());
        file.map(File::try_clone)
    }

    /// Whether an observer looks at how much has come.
    pub(crate) fn want_counts(&self) -> bool {
        self.observers.borrow().iter().any(|observer| observer.inner.wants_counts())
    }

    /// Tells all observers.
    pub(crate) fn emit(&self, event: &Event<'_>) {
        if self.are_heard() {
            self.emit_at(Instant::now(), event);
        }
    }

    /// Tells that another connection is going to be made; gives its number in the run.
    pub(crate) fn connecting(&self) -> u64 {
        let number = self.connections.get();
        self.connections.set(number + 1);
        self.emit(&Event::Connecting(number));
        number
    }

    /// Does `step`, and gives what observers are to be told of it later.
    pub(crate) fn keep<T>(&self, step: impl FnOnce() -> T) -> (T, KeptEvents) {
        *self.kept.borrow_mut() = Some(KeptEvents::default());
        let done = step();
        (done, self.kept.take().unwrap_or_default())
    }

    /// Tells all observers of what happened at `at`, some time ago.
    pub(crate) fn emit_at(&self, at: Instant, event: &Event<'_>) {
        if let Some(kept) = &mut *self.kept.borrow_mut() {
            return kept.push(at, event);
        }
        for observer in self.observers.borrow_mut().iter_mut() {
            observer.attempt(|observer| observer.on(at, event));
        }
    }

    /// Ends all observers, and gives the first failure.
    pub(crate) fn finish(&self) -> anyhow::Result<Option<Failure>> {
        UntilFailure::finish_all(&mut self.observers.borrow_mut(), |observer| observer.finish())
    }
}

/// One of several that take part until they fail, each without regard to the others.
pub(crate) struct UntilFailure<T: ?Sized> {
    failed: Option<anyhow::Error>,
    inner: Box<T>,
}

impl<T: ?Sized> UntilFailure<T> {
    pub(crate) fn new(inner: Box<T>) -> Self {
        Self { failed: None, inner }
    }

    /// Does `step`, unless an earlier one has failed.
    pub(crate) fn attempt(&mut self, step: impl FnOnce(&mut T) -> anyhow::Result<()>) {
        if self.failed.is_none() {
            self.failed = step(&mut self.inner).err();
        }
    }

    /// Ends all of `them`, those too that come after a failed one. Gives the
    /// first error, else the first failure that one of them makes of the run; that something
    /// differs is outranked by each other one.
    pub(crate) fn finish_all(
        them: &mut [Self],
        finish: impl Fn(&mut T) -> anyhow::Result<Option<Failure>>,
    ) -> anyhow::Result<Option<Failure>> {
        let mut error = None;
        let mut first = None;
        for one in them {
            match one.failed.take().map_or_else(|| finish(&mut one.inner), Err) {
                Ok(Some(failure)) if first.is_none_or(|first| first == Failure::Differs) => {
                    first = Some(failure);
                }
                Ok(_) => {}
                Err(failed) => error = error.or(Some(failed)),
            }
        }
        error.map_or(Ok(first), Err)
    }
}
