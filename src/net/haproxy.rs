//! The line that HAProxy puts before what it passes on: who is really asking
//! (PROXY protocol, version 1).

use std::net::{IpAddr, SocketAddr};

/// `--haproxy-protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProxyLine {
    /// `--haproxy-clientip`: both addresses are this one, as curl has it.
    pub(crate) client: Option<IpAddr>,
}

impl ProxyLine {
    /// The line for a connection between these ends.
    pub(crate) fn text(&self, local: Option<SocketAddr>, remote: Option<SocketAddr>) -> String {
        let (Some(local), Some(remote)) = (local, remote) else { return "PROXY UNKNOWN\r\n".to_owned() };
        let from = self.client.unwrap_or(local.ip());
        let to = self.client.unwrap_or(remote.ip());
        let family = if from.is_ipv4() { "TCP4" } else { "TCP6" };
        format!("PROXY {family} {from} {to} {} {}\r\n", local.port(), remote.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_both_ends() {
        let address = |text: &str| text.parse::<SocketAddr>().ok();
        let (local, remote) = (address("10.0.0.1:5000"), address("10.0.0.2:80"));
        let plain = ProxyLine::default();
        assert_eq!(plain.text(local, remote), "PROXY TCP4 10.0.0.1 10.0.0.2 5000 80\r\n");
        assert_eq!(plain.text(address("[::1]:1"), address("[::2]:2")), "PROXY TCP6 ::1 ::2 1 2\r\n");
        assert_eq!(plain.text(None, None), "PROXY UNKNOWN\r\n");
        let line = ProxyLine { client: "2001:db8::7".parse().ok() };
        assert_eq!(line.text(local, remote), "PROXY TCP6 2001:db8::7 2001:db8::7 5000 80\r\n");
    }
}
