//! Bytes out and bytes in, both at once, and no HTTP: tcp:// and tls://.

use std::io::{IsTerminal, stdin};
use std::time::{Duration, Instant};

use super::body_printing::{Printing, settle};
use super::job::Job;
use super::{News, Session};
use crate::connection::{Connection, STANDSTILL, SendingRules};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::field::FieldSection;
use crate::http::framing::Framed;
use crate::http::uri::{Scheme, Uri};
use crate::output::body::Printer;
use crate::plan::{PlannedRequest, RequestContent};

/// How long input may take to come once the peer has ended: what comes at once may be on its way.
const A_MOMENT: Duration = Duration::from_millis(250);

impl Session<'_, '_> {
    /// Sends what there is to send, as it comes, and prints what comes until the
    /// peer closes.
    pub(super) fn dialogue(&mut self, job: &mut Job, mut request: PlannedRequest) -> anyhow::Result<()> {
        let replay = self.replay()?;
        let is_live = replay.is_none();
        let dialed = match replay {
            Some(replay) => Ok(replay),
            None => self.dial(job).inspect_err(|_| job.attempts.has_sent_nothing()),
        };
        let mut connection = dialed?;
        self.events.emit(&Event::Switched);
        let has_no_content = matches!(&request.content, RequestContent::Bytes(bytes) if bytes.is_empty());
        let says_nothing = is_live && request.head.is_empty() && has_no_content;
        self.tell_how_to_type(&job.chain.hop.uri, says_nothing);
        let is_typed = request.is_dialogue && stdin().is_terminal();
        // Ctrl-D says that nothing follows, which TLS has no good way to say.
        let ends_by_key = is_typed && job.chain.hop.uri.scheme == Scheme::Tcp;
        let half_close = self.rules.wire.half_close || ends_by_key;
        let rules = SendingRules { half_close, has_no_head: true, ..self.sending_rules() };
        connection.send([self.message(&mut request)], rules);
        let fields = FieldSection::default();
        let mut printer = Printer::new(&fields, self.console.style(&mut job.delivery)?);
        if !self.console.shows_body(&job.delivery) || self.console.is_told(&job.delivery) {
            printer.discard();
        }
        let sink = self.console.sink(&mut job.delivery)?;
        sink.enlarge_pipe();
        let framed = Framed::until_close("no HTTP");
        let mut body = connection.body(framed, false);
        let mut printing = Printing {
            printer: Some(&mut printer),
            raw: false,
            sink,
            events: self.events,
            linger: self.rules.wire.linger,
            failed: None,
        };
        let ended = printing.all(&mut body);
        self.events.emit(&Event::End(&body.finish()));
        let sends_on = !is_typed && ended.is_ok();
        if !sends_on {
            connection.stop_sending();
        }
        if ended.is_err() {
            printer.cut_off();
        }
        let printed = printer.finish(true, sink);
        let settled = settle(&mut connection, sink);
        let sent = if sends_on { self.send_rest(&mut connection) } else { Ok(()) };
        connection.close();
        ended.and(printed).and(settled).and(sent)
    }

    /// Tells a user at a terminal how to type to the server.
    pub(super) fn tell_how_to_type(&mut self, uri: &Uri, says_nothing: bool) {
        if says_nothing && stdin().is_terminal() {
            let what = format!("connected to {}; add --send - to type to it", uri.authority());
            self.tell(&News::Notice(&what));
        }
    }

    /// Sends what the input still holds to a peer that has shut down its sending side: all with `--half-close`, otherwise
    /// until there is nothing for a moment, since the run ends when the peer closes.
    fn send_rest(&mut self, connection: &mut Connection<'_>) -> anyhow::Result<()> {
        let half_close = self.rules.wire.half_close;
        let (patience, until) = match half_close {
            true => (Some(STANDSTILL), None),
            false => (None, Instant::now().checked_add(A_MOMENT)),
        };
        match connection.send_rest("the input", "its end", patience, until) {
            // A command of --via may print something and read nothing.
            Ok(true) if self.rules.dialer.via.is_some() => Ok(()),
            Ok(true) => match connection.closed_before_all("the input") {
                Some(problem) => Err(Failure::Send.error(problem)),
                None => Ok(()),
            },
            Ok(false) if half_close => {
                let what = "the server has ended, and no input came for 5 s: what follows is not sent";
                self.tell(&News::Notice(what));
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(error) if failure::trouble(&error).is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }
}
