use std::io;

use super::{Secured, Settings};
use crate::failure::Failure;
use crate::net::connect_limit::ConnectLimit;
use crate::stream::Stream;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-tls";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// What no handshake is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handshake;

impl Handshake {
    pub(crate) fn http(_host: &str, _limit: Option<ConnectLimit>) -> Self {
        Self
    }

    pub(crate) fn before(self, _is_http: bool, _shows_certificate: bool) -> Self {
        self
    }
}

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

    /// None: there is no connection with TLS.
    pub(crate) fn identity(&self) -> Settings {
        Settings::default()
    }

    /// Never.
    pub(crate) fn shows_certificate(&self) -> bool {
        false
    }

    /// Refuses.
    pub(crate) fn wrap(
        &self,
        _stream: Box<dyn Stream>,
        _handshake: Handshake,
        _on: &mut dyn FnMut(&Secured),
    ) -> anyhow::Result<Box<dyn Stream>> {
        self.prepare()?;
        Err(io::Error::from(io::ErrorKind::Unsupported).into())
    }
}
