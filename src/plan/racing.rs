//! `--race`: what it cannot be used with.

use super::planned::{PlannedRequest, RequestContent};
use super::target::Target;
use super::usage_error::usage;
use crate::cli::Cli;

/// Most requests that race: each has a connection of its own.
pub(crate) const MOST_RACERS: usize = 256;
/// Largest request that races, in bytes: all of them are held until their responses come.
const MOST_CONTENT: u64 = 1 << 20;

/// Refuses what says otherwise of connections, or of the order of requests.
pub(super) fn check(cli: &Cli) -> anyhow::Result<()> {
    if !cli.connecting.race {
        return Ok(());
    }
    let others = [
        (cli.connecting.pipeline, "--pipeline"),
        (cli.connecting.keep_alive, "--keep-alive"),
        (!cli.sending.read.is_empty(), "--read"),
        (!cli.comparing.vary.is_empty(), "--vary"),
        (cli.comparing.every.is_some(), "--every"),
        (cli.connecting.rate.is_some(), "--rate"),
    ];
    if let Some((_, other)) = others.iter().find(|(is_given, _)| *is_given) {
        return Err(usage("--race", format!("cannot be used with {other}")));
    }
    match cli.comparing.repeat {
        Some(times) if times > MOST_RACERS as u64 => Err(usage(
            "--race",
            format!(
                "each request has a connection of its own, {MOST_RACERS} at most: --repeat {times} is too many"
            ),
        )),
        _ => Ok(()),
    }
}

/// Refuses a target whose last byte cannot be held back, or that has no response.
pub(crate) fn check_target(target: &Target) -> anyhow::Result<()> {
    let scheme = target.uri.scheme;
    if !scheme.is_http() || scheme.is_websocket() {
        return Err(usage("--race", "is for http:// and https://, in which each request has one response"));
    }
    let length = match target.raw.as_deref() {
        Some(raw) if raw.is_typed() => None,
        Some(PlannedRequest { head, content: RequestContent::Bytes(bytes), .. }) => {
            Some(head.len().saturating_add(bytes.len()) as u64)
        }
        Some(PlannedRequest { head, content: RequestContent::Pieces { pieces, .. }, .. }) => {
            pieces.length().map(|length| length.saturating_add(head.len() as u64))
        }
        Some(_) => None,
        None => target.recipe.content_length(),
    };
    match length {
        None => Err(usage("--race", "what comes from standard input or a pipe cannot race; a file can")),
        Some(length) if length > MOST_CONTENT => {
            Err(usage("--race", format!("a request of {length} bytes is too large: {MOST_CONTENT} at most")))
        }
        Some(_) => Ok(()),
    }
}

/// The error where there are more than [`MOST_RACERS`] requests.
pub(crate) fn too_many() -> anyhow::Error {
    usage(
        "--race",
        format!("each request has a connection of its own, {MOST_RACERS} at most: these are more"),
    )
}

/// The error where there is only one request.
pub(crate) fn alone() -> anyhow::Error {
    usage("--race", "only one request to race; add a target, or --repeat NUM to make several of it")
}
