//! What is told of an exchange beside its bytes. Nothing here touches a socket.

mod certs;
mod clock;
pub(crate) mod collector;
mod content;
mod exchange;
pub(crate) mod explain;
mod findings;
mod har;
mod held;
pub(crate) mod json;
mod probe;
pub(crate) mod progress;
mod record;
pub(crate) mod redact;
mod request_reading;
mod save;
mod tally;
mod timing;
pub(crate) mod trace;
pub(crate) mod verbose;
pub(crate) mod write_out;

use crate::event::Observer;
use crate::plan::{Report, Show};
use redact::Redaction;

/// What keeps the record that `report` asks for.
pub(crate) fn observer(
    report: Report,
    show: &Show,
    redaction: Redaction,
) -> anyhow::Result<Box<dyn Observer>> {
    Ok(match report {
        Report::Trace { path, dump, with_time } => {
            Box::new(trace::Trace::new(&path, dump, with_time, redaction)?)
        }
        Report::Save(directory) => Box::new(save::Save::new(directory, show.charset, redaction)?),
        Report::Har(path) => Box::new(har::Har::new(&path, show.charset, redaction)?),
        Report::Certs(path) => Box::new(certs::Certs::new(path)),
        Report::Timing => Box::new(timing::Chart::new(show.colour, redaction)?),
        Report::WriteOut(format) => Box::new(write_out::WriteOut::new(format, redaction)?),
    })
}
