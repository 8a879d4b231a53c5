//! TLS: what was agreed on, and each certificate of the server.

use super::text::Text;
use crate::net::tls::{Certificate, Secured, issuer_words};
use crate::output::escape::one_line;
use crate::report::certificate_verdict::verdict;

/// Explains how the connection is secured.
pub(super) fn explain(text: &mut Text, secured: &Secured) {
    let alpn = secured.alpn.as_ref().map(|name| format!("ALPN {name}"));
    let agreed = [secured.version.map(str::to_owned), secured.cipher.clone(), alpn];
    text.item("tls", &agreed.into_iter().flatten().collect::<Vec<_>>().join(", "));
    for (place, it) in secured.chain.iter().enumerate() {
        certificate(text, it, place);
    }
    text.item("", &one_line(verdict(secured).as_bytes()));
}

fn certificate(text: &mut Text, it: &Certificate, place: usize) {
    let mut item = |name: &str, value: String| text.item(name, &one_line(value.as_bytes()));
    item("certificate", format!("{place}: {}", it.subject));
    item("", format!("issued by {} ({})", it.issuer, issuer_words(it, place)));
    if !it.names.is_empty() {
        item("", format!("for {}", it.names.join(", ")));
    }
    item("", format!("valid from {} to {}", it.not_before, it.not_after));
    item("", format!("key {}, signed by {}", it.key, it.signature));
    item("", format!("SHA-256 {}", it.sha256));
    it.faults.iter().for_each(|fault| item("", format!("wrong: {fault}")));
}
