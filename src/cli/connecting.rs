//! "Choosing how it is sent".

use std::time::Duration;

use clap::Args;

use super::names::Names;

use crate::net::{ConnectToRule, ResolveRule};

pub(super) const NAMES: Names = Names {
    long: &[
        "keep-alive",
        "half-close",
        "until-eof",
        "connect-timeout",
        "max-time",
        "ipv4",
        "ipv6",
        "resolve",
        "connect-to",
    ],
    switches: "46",
    valued: "m",
};

#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Choosing how it is sent")]
#[group(skip)]
pub(crate) struct Connecting {
    /// One connection for as many requests as the server lets it
    #[arg(long)]
    pub(crate) keep_alive: bool,

    /// Shut down the sending side after the request
    #[arg(long)]
    pub(crate) half_close: bool,

    /// Read on after the message's end, until the server closes
    #[arg(long)]
    pub(crate) until_eof: bool,

    /// The longest that resolving and connecting may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) connect_timeout: Option<Duration>,

    /// The longest that an exchange may take, in seconds
    #[arg(short = 'm', long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) max_time: Option<Duration>,

    /// IPv4 addresses only
    #[arg(short = '4', long, overrides_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// IPv6 addresses only
    #[arg(short = '6', long, overrides_with = "ipv4")]
    pub(crate) ipv6: bool,

    /// Addresses for a host and port, instead of resolving it
    #[arg(long, value_name = "HOST:PORT:ADDR[,ADDR]...")]
    pub(crate) resolve: Vec<ResolveRule>,

    /// Connect to HOST2:PORT2 where HOST1:PORT1 is asked for
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2")]
    pub(crate) connect_to: Vec<ConnectToRule>,
}

/// Over that, adding to a point in time may fail, and nobody means it.
const MOST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Seconds with or without a fraction; 0 means no limit, as it does to curl.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let limit = Duration::try_from_secs_f64(number).ok().filter(|limit| *limit < MOST);
    limit.ok_or_else(|| "not a number of seconds from 0 to those of a hundred years".to_owned())
}
