//! Exchanges for tests: what a real connection receives over a scripted stream,
//! recorded as in a run.

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::Rc;

use super::RecorderObserver;
#[cfg(test)]
use super::exchange::Exchange;
#[cfg(test)]
use super::record::Record;
use super::recorder::{ExchangeReport, Recorder};
use super::redact::Redaction;
use super::request_reading;
#[cfg(test)]
use super::wants::Wants;
use crate::connection::{BodyPiece, Connection, HeadBudget, Limits, Linger};
use crate::event::{ComparedAs, Event, Events, RequestBegins};
use crate::http::framing::response_framing;
use crate::http::request_line::head_length;
use crate::http::response::ResponseHead;
use crate::http::uri::{Scheme, Uri};
use crate::stream::Replay;

/// The exchange in which `request` was sent for `url`, and `response` came; then
/// the connection ended.
#[cfg(test)]
pub(super) fn exchange(url: &str, request: &[u8], response: &[u8]) -> Exchange {
    let kept = Rc::new(RefCell::new(None));
    tell(url, request, response, Box::new(Keeper(Rc::clone(&kept))));
    kept.take().expect("a record")
}

/// Tells `report` of such an exchange.
pub(super) fn tell(url: &str, request: &[u8], response: &[u8], report: Box<dyn ExchangeReport>) {
    let uri = Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL");
    let recorder =
        Rc::new(RefCell::new(Recorder::new(vec![report], None, Redaction(false), Default::default())));
    let events = Events::default();
    events.add(Box::new(RecorderObserver(recorder)));
    let method = request_reading::read(request).method;
    let (head, content) = request.split_at(head_length(request));
    events.emit(&Event::Begin(&uri));
    let part = &ComparedAs::Alone;
    let asking = RequestBegins {
        head,
        method: &method,
        is_replayed: false,
        is_continued: false,
        first: &uri,
        is_unattended: false,
        path: None,
        part,
        typed: b"",
        prints_content: None,
        is_sibling: false,
    };
    events.emit(&Event::RequestBegins(asking));
    events.emit(&Event::SentHead(head));
    events.emit(&Event::SentBody(content));
    let stream = Box::new(Replay(Cursor::new(response.to_vec())));
    receive(Connection::new(stream, Limits::default(), &events), &events, &method);
    events.emit(&Event::Done(None));
}

fn receive(mut connection: Connection<'_>, events: &Events, method: &[u8]) {
    let Some(head) = final_head(&mut connection, events) else { return };
    let framed = response_framing(method, &head);
    events.emit(&Event::Head(&head, framed));
    let mut body = connection.body(framed, true);
    while let Ok(BodyPiece::Data(bytes)) = body.next(None) {
        events.emit(&Event::Content(bytes));
    }
    events.emit(&Event::End(&body.finish()));
    while let Ok(Some(bytes)) = connection.read_after_end(&Linger::FOR_EVER) {
        events.emit(&Event::After(bytes));
    }
}

fn final_head(connection: &mut Connection<'_>, events: &Events) -> Option<ResponseHead> {
    let mut budget = HeadBudget::default();
    loop {
        match connection.receive_head(&mut budget) {
            Ok(head) if head.status_line.is_interim() => events.emit(&Event::Interim(&head)),
            Ok(head) => return Some(*head),
            Err(failure) => {
                events.emit(&Event::BadHead(&failure.bad));
                return None;
            }
        }
    }
}

/// Keeps the exchange of the last record.
#[cfg(test)]
struct Keeper(Rc<RefCell<Option<Exchange>>>);

#[cfg(test)]
impl ExchangeReport for Keeper {
    fn wants(&self) -> Wants {
        Wants { content: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        *self.0.borrow_mut() = Some(record.exchange.clone());
        Ok(())
    }
}
