//! Bytes out and bytes in, both at once, and no HTTP: tcp:// and tls://.

use std::io::{IsTerminal, stdin};

use super::Session;
use super::heads::message;
use super::job::Job;
use super::receiving::{Printing, settle};
use crate::connection::Manner;
use crate::event::Event;
use crate::http::field::FieldSection;
use crate::http::framing::{Framed, Framing};
use crate::http::uri::Scheme;
use crate::plan::PlannedRequest;

impl Session<'_, '_> {
    /// Sends what there is to send, as it comes, and prints what comes until the
    /// peer closes.
    pub(super) fn dialogue(&mut self, job: &mut Job, mut request: PlannedRequest) -> anyhow::Result<()> {
        let mut connection = self.dial(job)?;
        let is_typed = request.is_dialogue && stdin().is_terminal();
        // Ctrl-D says that nothing follows, which TLS has no good way to say.
        let ends_by_key = is_typed && job.chain.hop.uri.scheme == Scheme::Tcp;
        let manner = Manner {
            cutting: self.rules.cutting.clone(),
            half_close: self.rules.wire.half_close || ends_by_key,
            has_no_head: true,
            ..Manner::default()
        };
        connection.send([message(&mut request, self.rules.wire.expect_patience)], manner);
        let fields = FieldSection::default();
        let mut printer = self.console.printer(&fields, &mut job.delivery)?;
        let sink = self.console.sink(&mut job.delivery)?;
        let framed = Framed { framing: Framing::UntilClose, rule: "no HTTP", is_unreliable: false };
        let mut body = connection.body(framed, false);
        let mut printing = Printing { printer: Some(&mut printer), raw: false, sink, events: self.events };
        let ended = printing.all(&mut body);
        self.events.emit(&Event::End(&body.finish()));
        connection.stop_sending();
        let printed = printer.finish(true, sink);
        ended.and(printed).and(settle(&mut connection, sink))
    }
}
