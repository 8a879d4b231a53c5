//! `--hsts`: hosts that are known are asked by https alone, responses teach new ones,
//! and in the end they are written down.

use std::path::Path;
use std::rc::Rc;

use super::Session;
use super::redirect_chain::RedirectChain;
use crate::failure::Failure;
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::output::escape::one_line;
use crate::output::replace::replace;
use crate::plan::ResponseSource;
use crate::policy::Hop;

impl Session<'_, '_> {
    /// `uri`, by https where its host is known.
    pub(super) fn by_https(&self, uri: Rc<Uri>) -> Rc<Uri> {
        let upgraded = self.hosts.as_ref().and_then(|known| known.hosts.upgraded(&uri, super::now()));
        let Some(upgraded) = upgraded else { return uri };
        self.note(&format!("Using https for {} (HSTS)", one_line(uri.host.as_bytes())));
        Rc::new(upgraded)
    }

    /// A redirect's `hop`, by https where its host is known, which may lead back to the first origin.
    pub(super) fn hop_by_https(&self, chain: &RedirectChain, hop: Hop) -> Hop {
        let uri = self.by_https(hop.uri);
        let standing = chain.hop.standing.then(&chain.first, &uri, self.rules.redirects.trusted);
        Hop { uri, standing, ..hop }
    }

    /// Takes in what a response says of its host.
    pub(super) fn learn_host(&mut self, chain: &RedirectChain, head: &ResponseHead) {
        let Some(known) = self.hosts.as_mut().filter(|known| known.learns) else { return };
        if let Some(value) = head.fields.value("strict-transport-security") {
            known.hosts.learn(&chain.hop.uri, value, super::now());
        }
    }

    /// Writes the hosts to the file of `--hsts`.
    pub(super) fn save_hosts(&self) -> anyhow::Result<()> {
        let Some(known) = &self.hosts else { return Ok(()) };
        let Some(path) = known
            .save_to
            .as_ref()
            .filter(|_| self.has_heard && matches!(self.source, ResponseSource::Network))
        else {
            return Ok(());
        };
        let text = known.hosts.to_text(super::now());
        replace(Path::new(path), text.as_bytes()).map_err(|error| {
            let name = one_line(path.as_encoded_bytes());
            Failure::Write.because(format!("--hsts: cannot write {name}"), error)
        })
    }
}
