//! The way to a server: a connection, and what has to be said on it before the
//! request may go out.

use std::time::Instant;

use super::Session;
use crate::connection::{Connection, Deadline};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::uri::{Scheme, Uri};
use crate::net::Endpoint;
use crate::stream::Stream;

impl<'e> Session<'e, '_> {
    /// A new connection to `uri`'s host.
    pub(super) fn dial(&self, uri: &Uri, deadline: Option<Deadline>) -> anyhow::Result<Connection<'e>> {
        let is_secure = matches!(uri.scheme, Scheme::Https | Scheme::Tls);
        if is_secure {
            self.tls.prepare()?;
        }
        let mut dialer = self.dialer.clone();
        dialer.deadline = deadline.map(|deadline| deadline.at);
        let limit = dialer.limit(Instant::now());
        let endpoint = Endpoint { host: uri.host.clone(), port: uri.port };
        let dialed = dialer
            .dial(&endpoint, &mut |event| self.events.emit(&Event::Dial(event)))
            .map_err(|error| with_path_hint(error, uri))?;
        let local = dialed.stream.local_addr().ok();
        self.events.emit(&Event::Connected { local, remote: Some(dialed.address) });
        let mut stream: Box<dyn Stream> = Box::new(dialed.stream);
        if is_secure {
            let on = &mut |secured: &_| self.events.emit(&Event::Secured(secured));
            stream = self.tls.wrap(stream, &uri.host, limit, on)?;
        }
        let mut connection = Connection::new(stream, deadline, self.events);
        connection.set_pace(self.wire.pace);
        Ok(connection)
    }
}

/// A name that does not resolve may have been meant as a path.
fn with_path_hint(error: anyhow::Error, uri: &Uri) -> anyhow::Error {
    let looks_like_file = uri.host.rsplit_once('.').is_none_or(|(_, extension)| {
        ["html", "htm", "php", "txt", "json", "xml", "js", "css", "png", "jpg"].contains(&extension)
    });
    if failure::of(&error) == Some(Failure::ResolveHost) && looks_like_file {
        let message = format!("{error:#} (a path on the target before begins with a slash: /{})", uri.host);
        return Failure::ResolveHost.error(message);
    }
    error
}
