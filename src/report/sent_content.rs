//! `--print B` of content that cannot be read in advance, such as that of a pipe: it is printed
//! while it is sent.

use std::time::Instant;

use crate::event::{Event, LineEnd, Observer, RequestBegins};
use crate::output::Sink;

/// Prints content on standard output while it is sent.
pub(crate) struct SentContent {
    stdout: Sink,
    /// What follows the content under way; `None` where it is not printed here.
    end: Option<LineEnd>,
}

impl SentContent {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { stdout: Sink::standard_output()?, end: None })
    }
}

impl Observer for SentContent {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::RequestBegins(RequestBegins { prints_content, .. }) => self.end = *prints_content,
            Event::SentBody(bytes) if self.end.is_some() => self.stdout.write(bytes)?,
            Event::Interim(_) | Event::Head(..) | Event::BadHead(_)
                if self.end == Some(LineEnd::Added) && !self.stdout.is_at_line_start() =>
            {
                self.stdout.write(b"\n")?;
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_content(&self) -> bool {
        self.end.is_some()
    }
}
