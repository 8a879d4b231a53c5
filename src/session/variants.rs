//! `--vary`: every variant begins with the cookies and HSTS hosts that the first request began with.
//! What a response sets would change the next request, too, and not by its LINE.

use super::Session;
use crate::event::ComparedAs;

impl Session<'_, '_> {
    /// Keeps what the request as given begins with, and gives it to its variants.
    pub(super) fn begin_alike(&mut self, part: &ComparedAs) {
        match part {
            ComparedAs::Base => {
                let jar = self.cookies.as_ref().map(|cookies| cookies.jar.clone());
                let hosts = self.hosts.as_ref().map(|hosts| hosts.hosts.clone());
                self.before_variants = Some((jar, hosts));
            }
            ComparedAs::Variant(_) | ComparedAs::Control => {
                let Some((jar, hosts)) = &self.before_variants else { return };
                if let (Some(cookies), Some(jar)) = (&mut self.cookies, jar) {
                    cookies.jar = jar.clone();
                }
                if let (Some(known), Some(hosts)) = (&mut self.hosts, hosts) {
                    known.hosts = hosts.clone();
                }
            }
            ComparedAs::Alone | ComparedAs::Repeat { .. } => {}
        }
    }
}
