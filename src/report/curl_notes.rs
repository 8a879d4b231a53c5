//! What `-v` says of connections and certificates under `--curl`: the lines of curl that scripts look
//! for, such as `expire date:`.

use super::certificate_verdict::verdict;
use crate::event::Event;
use crate::http::date::MONTHS;
use crate::net::tls::{Certificate, PeerVerdict, Secured};

/// What is known from earlier events, and named in later lines.
#[derive(Default)]
pub(super) struct CurlNotes {
    /// The host that is connected to.
    host: String,
    /// The connection's number in the run, from 0.
    number: u64,
}

impl CurlNotes {
    /// Gives the lines for `event` to `note`; whether they replace our own.
    pub(super) fn tell(&mut self, event: &Event<'_>, note: &mut dyn FnMut(&str)) -> bool {
        match event {
            Event::Begin(uri) => self.host.clone_from(&uri.host),
            Event::Proxy(proxy) => self.host.clone_from(&proxy.host),
            Event::Connecting(number) => self.number = *number,
            Event::Connected { remote: Some(remote), .. } => {
                let (host, number) = (&self.host, self.number);
                note(&format!("Connected to {host} ({}) port {} (#{number})", remote.ip(), remote.port()));
                return true;
            }
            Event::Secured(secured) => {
                tell_tls(secured, "Server", note);
                return true;
            }
            Event::ProxySecured(secured) => {
                tell_tls(secured, "Proxy", note);
                return true;
            }
            _ => {}
        }
        false
    }
}

fn tell_tls(secured: &Secured, whose: &str, note: &mut dyn FnMut(&str)) {
    if let (Some(version), Some(cipher)) = (secured.version, &secured.cipher) {
        note(&format!("SSL connection using {version} / {cipher}"));
        match &secured.alpn {
            Some(protocol) => note(&format!("ALPN: server accepted {protocol}")),
            None => note("ALPN: server did not agree on a protocol. Uses default."),
        }
    }
    let Some(certificate) = secured.chain.first() else { return };
    note(&format!("{whose} certificate:"));
    note(&format!(" subject: {}", certificate.subject));
    note(&format!(" start date: {}", date(&certificate.not_before)));
    note(&format!(" expire date: {}", date(&certificate.not_after)));
    if let Some(name) = matching(certificate, &secured.host) {
        note(&format!(" subjectAltName: host \"{}\" matched cert's \"{name}\"", secured.host));
    }
    note(&format!(" issuer: {}", certificate.issuer));
    match &secured.verdict {
        PeerVerdict { refusal: None, is_unpinned: false, is_checked: true, .. } => {
            note(" SSL certificate verify ok.");
        }
        _ => note(&verdict(secured)),
    }
}

/// The name of the certificate that is `host`'s (RFC 9525 §6.3).
fn matching<'a>(certificate: &'a Certificate, host: &str) -> Option<&'a str> {
    let is_of = |name: &str| match name.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(host),
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
    };
    certificate.names.iter().map(String::as_str).find(|name| is_of(name))
}

/// `2026-01-09T10:11:12Z` as OpenSSL writes it: `Jan  9 10:11:12 2026 GMT`.
fn date(text: &str) -> String {
    let parts = || {
        let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
        let (year, rest) = day.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{month} {:>2} {time} {year} GMT", day.trim_start_matches('0')))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_openssl_writes_them() {
        assert_eq!(date("2026-01-09T10:11:12Z"), "Jan  9 10:11:12 2026 GMT");
        assert_eq!(date("2026-12-27T22:13:12Z"), "Dec 27 22:13:12 2026 GMT");
        assert_eq!(date("unknown"), "unknown");
    }
}
