//! HTTP that somebody types: connected at once, each request is answered when it
//! is whole, or when the server has something to say before.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;
use std::time::Instant;

use super::delivery::Delivery;
use super::heads::NoResponse;
use super::job::Job;
use super::{Ended, News, Session};
use crate::connection::{Connection, Linger, Message, SendingRules};
use crate::event::Event;
use crate::http::field::FieldSection;
use crate::http::requests::ends;
use crate::plan::{Content, PlannedRequest};
use crate::policy::Next;
use crate::wait::{Input, Live};

/// Most that is kept of what is typed to one request.
const MAX_TYPED: usize = 1 << 20;

/// What has been typed, and no response has come for.
type Typed = Rc<RefCell<Vec<u8>>>;

/// The input, every byte of which is noted.
struct Noted {
    input: Box<dyn Input>,
    typed: Typed,
}

impl Read for Noted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let mut typed = self.typed.borrow_mut();
        let room = MAX_TYPED.saturating_sub(typed.len());
        typed.extend_from_slice(&buffer[..count.min(room)]);
        Ok(count)
    }
}

impl Input for Noted {
    fn live(&self) -> Option<&Live> {
        self.input.live()
    }
}

impl<'e> Session<'e, '_> {
    /// Sends what is typed, as it is, and receives a response to each request in it:
    /// one, or with `--keep-alive` as many as the server gives.
    pub(super) fn typed(&mut self, job: &mut Job, request: PlannedRequest) -> anyhow::Result<Ended> {
        let typed = Typed::default();
        let Content::Stream(input) = request.content else { return Ok(Ok(Next::Finish).into()) };
        let dialed = self.dial(job).inspect_err(|_| job.attempts.has_sent_nothing());
        let mut connection = dialed?;
        let noted = Noted { input, typed: Rc::clone(&typed) };
        let message =
            Message { input: Some(Box::new(noted)), is_dialogue: true, ..Message::bare(Vec::new()) };
        let manner = SendingRules {
            cutting: self.rules.cutting.clone(),
            half_close: self.rules.wire.half_close,
            is_silent: true,
            ..SendingRules::default()
        };
        connection.send([message], manner);
        let mut answered = 0;
        loop {
            let has_begun = connection.await_beginning()?;
            if !has_begun && is_done(&connection, &typed.borrow(), answered) {
                if typed.borrow().iter().any(|byte| !byte.is_ascii_whitespace()) {
                    self.receive_leftover(&mut connection, &mut job.delivery)?;
                }
                connection.stop_sending();
                connection.close();
                return Ok(Ok(Next::Finish).into());
            }
            let request = take_request(&typed);
            if answered > 0 {
                self.events.emit(&Event::Done(None));
                self.begin(job, &request, Instant::now());
                let (local, remote) = connection.addresses();
                self.events.emit(&Event::Reused { local, remote });
            }
            self.events.emit(&Event::SentHead(&request.head));
            self.console.request(&request)?;
            let ended = self.answer(connection, job, &request)?;
            answered += 1;
            match self.idle.take() {
                Some((_, open)) if matches!(ended.next, Ok(Next::Finish)) => connection = open,
                _ => return Ok(ended),
            }
        }
    }

    /// What is left over behind the last whole request awaits no response. One that comes all
    /// the same is shown apart.
    pub(super) fn receive_leftover(
        &mut self,
        connection: &mut Connection<'e>,
        delivery: &mut Delivery,
    ) -> anyhow::Result<()> {
        let linger = Linger::silence();
        let mut printer = None;
        let mut room = MAX_TYPED;
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
                    (self.tell)(&News::Notice(text));
                    empty.insert(self.console.printer(&FieldSection::default(), delivery)?)
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

    /// Receives the response to `request`; the connection is the idle one if it goes on.
    fn answer(
        &mut self,
        mut connection: Connection<'e>,
        job: &mut Job,
        request: &PlannedRequest,
    ) -> anyhow::Result<Ended> {
        match self.receive_heads(&mut connection, request, &mut job.delivery) {
            Ok(mut response) => {
                response.awaited = usize::from(self.rules.wire.keep_alive);
                Ok(self.take_response(connection, job, request, response))
            }
            Err(NoResponse::Failed(error)) => Err(error),
            Err(NoResponse::NoHead(failure, had_interim)) => {
                self.events.emit(&Event::BadHead(&failure.bad));
                self.no_head(&mut connection, failure, had_interim, &mut job.delivery)?;
                Ok(Ok(Next::Finish).into())
            }
        }
    }
}

/// Whether no response is awaited, all being sent or the connection having ended:
/// what is left over behind a whole request awaits none.
fn is_done(connection: &Connection<'_>, typed: &[u8], answered: usize) -> bool {
    match answered {
        0 => typed.is_empty() && connection.ended().is_none(),
        _ => ends(typed).is_empty(),
    }
}

/// The first whole request that was typed, or all that was.
fn take_request(typed: &Typed) -> PlannedRequest {
    let mut typed = typed.borrow_mut();
    let end = ends(&typed).first().copied().unwrap_or(typed.len());
    let rest = typed.split_off(end);
    PlannedRequest::typed(std::mem::replace(&mut *typed, rest))
}
