//! HTTP that is typed, or that a program writes bit by bit (`--send -`): connected at
//! once, each request is answered when it is whole, or when the server has something to
//! say before.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IsTerminal, Read, stdin};
use std::rc::Rc;
use std::time::Instant;

use super::delivery::Delivery;
use super::exchange_end::ExchangeEnd;
use super::heads::ReceivedResponse;
use super::job::Job;
use super::{News, Session};
use crate::connection::{Beginning, Connection, Linger, Message, SendingRules};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::framing::{Framing, Persistence, persistence};
use crate::http::request_queue::RequestQueue;
use crate::output::body::Printer;
use crate::plan::{PlannedRequest, RequestContent, Wire};
use crate::policy::Next;
use crate::wait::{Input, Live};

/// Most that is shown of what comes to what is left over.
const MAX_LEFTOVER: usize = 1 << 20;

/// What has been typed, and no response has come for.
type Typed = Rc<RefCell<RequestQueue>>;

/// The input, every byte of which is noted.
struct NotedInput {
    input: Box<dyn Input>,
    typed: Typed,
    /// The waiting caller is woken once no more may be held.
    wakes: Rc<Cell<bool>>,
}

impl Read for NotedInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.typed.borrow().is_full() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = self.input.read(buffer)?;
        self.typed.borrow_mut().push(&buffer[..count]);
        Ok(count)
    }
}

impl Input for NotedInput {
    fn live(&self) -> Option<&Live> {
        if self.typed.borrow().is_full() { None } else { self.input.live() }
    }

    fn take_told(&mut self) -> Vec<u8> {
        self.typed.borrow_mut().take_rest()
    }

    fn until(&self) -> Option<Instant> {
        let typed = self.typed.borrow();
        (self.wakes.get() && typed.is_full() && typed.can_take()).then(Instant::now)
    }
}

/// How far a dialogue in HTTP is.
struct TypedDialogue {
    typed: Typed,
    wakes: Rc<Cell<bool>>,
    /// How many requests have had their response.
    answered: usize,
    /// The head of the request under way, once observers have been told of it.
    head: Option<Vec<u8>>,
    /// Every request has its response, not the first one alone.
    awaits_all: bool,
    /// What is read comes from no terminal, so that its end belongs to it.
    is_piped: bool,
}

impl<'e> Session<'e, '_> {
    /// Sends what is typed, as it is, and receives a response to each request in it: at a
    /// terminal one, or with `--keep-alive` as many as the server gives.
    pub(super) fn typed(
        &mut self,
        job: &mut Job,
        mut request: PlannedRequest,
    ) -> anyhow::Result<ExchangeEnd> {
        let RequestContent::Stream(input) =
            std::mem::replace(&mut request.content, RequestContent::Bytes(Vec::new()))
        else {
            return Ok(Ok(Next::Finish).into());
        };
        let connected = self.connect(job, &request).inspect_err(|_| job.attempts.has_sent_nothing());
        let (mut connection, _) = connected?;
        let is_piped = !stdin().is_terminal();
        let awaits_all = is_piped || self.rules.wire.keep_alive;
        let typed = Typed::default();
        let wakes = Rc::new(Cell::new(false));
        let noted = NotedInput { input, typed: Rc::clone(&typed), wakes: Rc::clone(&wakes) };
        let rules = SendingRules { is_silent: true, ..self.sending_rules() };
        connection.tell_late();
        connection.send([Message::dialogue(Box::new(noted))], rules);
        let mut dialogue = TypedDialogue { typed, wakes, answered: 0, head: None, awaits_all, is_piped };
        loop {
            if !self.await_response(&mut connection, job, &mut dialogue)? {
                self.follow_typed(&mut connection, job, &dialogue)?;
                connection.stop_sending();
                connection.close();
                return Ok(Ok(Next::Finish).into());
            }
            let ended = self.answer(connection, job, &mut dialogue)?;
            match self.take_connection(job) {
                Some(open) if matches!(ended.next, Ok(Next::Finish)) => connection = open,
                _ if ended.next.is_ok() => return dialogue.conclude(ended),
                _ => return Ok(ended),
            }
        }
    }

    /// Sends what is typed until a response is due; whether one is.
    fn await_response(
        &mut self,
        connection: &mut Connection<'e>,
        job: &Job,
        dialogue: &mut TypedDialogue,
    ) -> anyhow::Result<bool> {
        loop {
            dialogue.wakes.set(true);
            let beginning = connection.await_beginning()?;
            dialogue.wakes.set(false);
            let has_request = dialogue.typed.borrow().has_request();
            let is_due = match beginning {
                Beginning::Woken => {
                    self.tell_typed(connection, job, dialogue)?;
                    continue;
                }
                // What comes to no request of a pipe is stray, as it is behind a file.
                Beginning::Here => dialogue.answered == 0 || has_request || !dialogue.is_piped,
                Beginning::Over if dialogue.answered == 0 => has_request || connection.ended().is_some(),
                Beginning::Over => dialogue.typed.borrow().whole() > 0,
            };
            if is_due {
                self.tell_typed(connection, job, dialogue)?;
            }
            return Ok(is_due);
        }
    }

    /// Tells observers what has come of the request whose response is next.
    fn tell_typed(
        &mut self,
        connection: &Connection<'e>,
        job: &Job,
        dialogue: &mut TypedDialogue,
    ) -> anyhow::Result<()> {
        let typed = Rc::clone(&dialogue.typed);
        let mut typed = typed.borrow_mut();
        let (head, content) = typed.take();
        if dialogue.head.is_none() {
            let request = PlannedRequest::typed(head.to_vec(), content.clone());
            if dialogue.answered > 0 {
                self.events.emit(&Event::Done(None));
                self.begin(job, &request, Instant::now());
                self.events.emit(&connection.reused());
            }
            self.events.emit(&Event::SentHead(head));
            self.console.request(&request)?;
            dialogue.head = Some(request.head);
        }
        if !content.is_empty() {
            self.events.emit(&Event::SentBody(&content));
        }
        Ok(())
    }

    /// Tells observers of content that was sent without a head.
    fn tell_content(&self, dialogue: &TypedDialogue) {
        let mut typed = dialogue.typed.borrow_mut();
        let (_, content) = typed.take();
        if !content.is_empty() {
            self.events.emit(&Event::SentBody(&content));
        }
    }

    /// What follows the last response.
    fn follow_typed(
        &mut self,
        connection: &mut Connection<'e>,
        job: &mut Job,
        dialogue: &TypedDialogue,
    ) -> anyhow::Result<()> {
        let shows = self.rules.wire.until_eof || self.rules.wire.linger.is_some();
        if !shows {
            self.tell_stray(&job.chain.hop.uri, connection);
        }
        let has_leftover = !dialogue.typed.borrow().is_blank();
        let linger = match self.rules.wire {
            _ if dialogue.answered == 0 => None,
            Wire { until_eof: true, .. } => Some(Linger::FOR_EVER),
            Wire { linger: Some(time), .. } => Some(Linger::lasting(time)),
            Wire { lingers, .. } => (lingers || has_leftover).then(Linger::silence),
        };
        match linger {
            Some(linger) => self.receive_leftover(connection, &mut job.delivery, linger, has_leftover),
            None => Ok(()),
        }
    }

    /// What is left over behind the last whole request awaits no response. One that comes all
    /// the same is shown apart; `is_told`: with a word on what it belongs to.
    pub(super) fn receive_leftover(
        &mut self,
        connection: &mut Connection<'e>,
        delivery: &mut Delivery,
        linger: Linger,
        is_told: bool,
    ) -> anyhow::Result<()> {
        let mut printer = None;
        let mut room = MAX_LEFTOVER;
        while room > 0
            && let Some(bytes) = connection.read_after_end(&linger)?
        {
            room = room.saturating_sub(bytes.len());
            self.events.emit(&Event::After(bytes));
            let printer = match &mut printer {
                Some(printer) => printer,
                empty => {
                    self.console.end_line()?;
                    let text = "data came in response to the bytes after the last complete request:";
                    if is_told {
                        self.tell(&News::Notice(text));
                    }
                    empty.insert(Printer::new(&FieldSection::default(), self.console.style(delivery)?))
                }
            };
            if self.console.shows_body(delivery) {
                printer.push(bytes, self.console.sink(delivery)?)?;
            }
        }
        match printer {
            Some(mut printer) if self.console.shows_body(delivery) => {
                printer.finish(true, self.console.sink(delivery)?)
            }
            _ => Ok(()),
        }
    }

    /// Receives the response to the request under way; the connection becomes the idle one if it is kept.
    fn answer(
        &mut self,
        mut connection: Box<Connection<'e>>,
        job: &mut Job,
        dialogue: &mut TypedDialogue,
    ) -> anyhow::Result<ExchangeEnd> {
        let head = dialogue.head.take().unwrap_or_default();
        let request = &PlannedRequest::typed(head, Vec::new());
        let received = self.receive_heads(&mut connection, request, job);
        dialogue.answered += 1;
        self.tell_content(dialogue);
        dialogue.typed.borrow_mut().answer();
        // Behind such a response nothing else is awaited on the connection.
        let rest = match &received {
            Ok(response) if response.is_switched => Some(dialogue.typed.borrow_mut().switch()),
            Ok(response) if response.framed.framing == Framing::UntilClose => {
                Some(dialogue.typed.borrow_mut().stop())
            }
            _ => None,
        };
        if let Some(rest) = rest.as_ref().filter(|rest| !rest.is_empty()) {
            self.events.emit(&Event::SentBody(rest));
        }
        if rest.is_some() {
            connection.outgoing_mut().tell_all();
        }
        match received {
            Ok(mut response) => {
                let may_follow = !connection.outgoing().is_over() || dialogue.typed.borrow().has_request();
                let may_be_typed = dialogue.awaits_all && (may_follow || !dialogue.is_piped);
                let is_last = rest.is_some() || dialogue.is_ended_by(request, &response);
                response.awaited = usize::from(may_be_typed && !is_last);
                Ok(self.take_response(connection, job, request, response))
            }
            Err(failed) => self.failed(&mut connection, failed, job).map(|next| Ok(next).into()),
        }
    }
}

impl TypedDialogue {
    /// Whether the connection ends with `response`, and no request is left without one.
    fn is_ended_by(&self, request: &PlannedRequest, response: &ReceivedResponse) -> bool {
        let ReceivedResponse { head, framed, .. } = response;
        let persistence = persistence(request.version, request.closes, head, *framed);
        persistence != Persistence::Keep && self.typed.borrow().whole() == 0
    }

    /// The connection is over: whether the input is, too.
    fn conclude(&self, ended: ExchangeEnd) -> anyhow::Result<ExchangeEnd> {
        match self.typed.borrow().whole() {
            unanswered @ 1.. if self.is_piped => {
                let plural = if unanswered == 1 { "" } else { "s" };
                Err(Failure::EmptyReply.error(format!(
                    "the connection ended before the response{plural} to {unanswered} more request{plural} of standard input"
                )))
            }
            _ => Ok(ended),
        }
    }
}
