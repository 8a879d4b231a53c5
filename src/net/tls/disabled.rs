use std::io;

use super::{Secured, Settings};
use crate::failure::Failure;
use crate::net::Limit;
use crate::stream::Stream;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-tls";

/// Nothing: this build has no TLS.
#[derive(Debug)]
pub(crate) struct Tls;

impl Tls {
    pub(crate) fn new(_settings: Settings) -> Self {
        Self
    }

    /// Refuses.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        Err(Failure::Protocol.error("this build has no TLS (feature `tls`)"))
    }

    /// Refuses.
    pub(crate) fn wrap_speaking(
        &self,
        _is_http: bool,
        stream: Box<dyn Stream>,
        host: &str,
        limit: Option<Limit>,
        on: &mut dyn FnMut(&Secured),
    ) -> anyhow::Result<Box<dyn Stream>> {
        self.wrap(stream, host, limit, on)
    }

    /// Refuses.
    pub(crate) fn wrap(
        &self,
        _stream: Box<dyn Stream>,
        _host: &str,
        _limit: Option<Limit>,
        _on: &mut dyn FnMut(&Secured),
    ) -> anyhow::Result<Box<dyn Stream>> {
        self.prepare()?;
        Err(io::Error::from(io::ErrorKind::Unsupported).into())
    }
}
