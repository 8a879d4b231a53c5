//! rawget shows and controls every byte of an HTTP/1.1 exchange.
//!
//! ```text
//!  argv ─► cli ─► plan ─┬─ recipe      exact bytes for each hop, and the method that frames the response
//!                       ├─ redirects, cookies
//!                       ├─ dialer      names to connections
//!                       └─ show        what is printed, and where
//!                              │
//!            ┌──────── session ┴ perform, exchange, retry     ◄─ Next ─ policy (pure)
//!            │ dial             │ ▲
//!            ▼                  ▼ │ head
//!           net ─ Stream ─► connection ─► Body ─► output::body ─► Sink
//!                               │  ▲           (coding, charset, escape)
//!                               ▼  │
//!           http (pure): uri request response field framing chunked
//!                               ┊
//!                             event ┄► report: verbose, explain, trace, har, -w
//! ```
//!
//! Data flows one way. `http` knows no sockets, files, clocks or terminals; the
//! session knows no bytes; reports listen to events, and nothing knows them.
//!
//! # Where things live
//!
//! | to find | look in |
//! |---|---|
//! | an option: its name and help | `cli/sending.rs`, `cli/credentials.rs`, `cli/connecting.rs`, `cli/following.rs`, `cli/showing.rs`, `cli/saving.rs`, `cli/recording.rs`, `cli/tls.rs` by the help's headings |
//! | what becomes of each option of curl | `cli/curl_options.txt`; what to use instead of those of wget, HTTPie and xh, `cli/foreign_options.rs`; which name a misspelt one is near to, `output/spelling.rs` |
//! | `-h`, `--help CATEGORY`, what is wrong with arguments | `cli/help.rs`, `cli/refusal.rs`; which option needs another, `cli/needed.rs`; which has taken the target for its value, `cli/swallowed.rs`; options without effect in `cli/compatibility.rs` |
//! | `--man`, `--completions` | `manual/` |
//! | arguments that are read without clap; which options it is told of in a run, and which need all of them | `cli/plain.rs`; `cli/names.rs` (an option's spelling in `name.rs`, of all in few bytes in `packed_names.rs`), `cli/whole.rs` |
//! | what an option does to the request's bytes | `plan/recipe.rs` reads it once, `plan/request.rs` makes the request for a hop; bodies in `plan/body.rs`, `data.rs`, an uploaded part in `form/part.rs`; which argument is a target or a path in `plan/positional.rs`, from `target_arguments.rs`, and why one is neither in `no_target.rs`; what is no option though it was meant as one in `misread.rs` |
//! | requests that differ in their target alone | `plan/request.rs`, `plan/template.rs` |
//! | what the session is given of one target, and of one request | `plan/target.rs`, `plan/planned.rs`; what holds for all of them in `plan/mod.rs` |
//! | the order of default fields, `-H`, `--bare` | `plan/defaults.rs`, then [`http::request`]; `--range` in `plan/range.rs` |
//! | what is another origin, and what of the user's secrets goes there | `policy/boundary.rs` |
//! | what makes a connection another one; which ones wait for another request | `session/connection_key.rs`, `session/idle.rs` |
//! | which field lines are sent after a redirect | `plan/fields.rs`; which names speak of a secret in `http/secret.rs` |
//! | which options have effect with `--send`, `--read`, `tcp://` and `ws://` | `cli/modes.rs`; which contradict each other, `plan/contradictions.rs` |
//! | `--curl`: all that it changes; URL sequences (`--glob`) | `plan/curl.rs`, `plan/sequence.rs` |
//! | `--send`, `--crlf`, `--read`: files, standard input, folders of `--save` | `plan/raw.rs`, `plan/input_file.rs`, `plan/standard_input.rs`, `plan/saved.rs` |
//! | `--as-curl` | `plan/curl_request.rs`; options apart from the request in `plan/curl_line.rs`, quoting in `output/shell.rs` |
//! | `--fix-length`, `--expand-send` | `plan/fix_length.rs`, `plan/arguments.rs` |
//! | `--chunk-size`, `--chunk-ext`, `--trailer` | `plan/chunking.rs` |
//! | `-K`, `--next`, `--no-OPTION` | `plan/config.rs`, `plan/arguments.rs`; what groups share in `cli/mod.rs`, what is the run's alone in `plan/run.rs`; which group reads its files only when it begins in `plan/waiting.rs`; where each option stands in `plan/origins.rs` |
//! | `--variable`, `--expand-OPTION` | `plan/variable.rs` |
//! | credentials: `-u`, netrc files, what is sent where | `plan/credentials.rs`, `plan/netrc.rs` |
//! | challenges: Basic, Digest, Bearer, how often one asks | `policy/auth.rs`, `policy/digest_auth.rs` |
//! | `Expect`, a response before all is sent | `session/heads.rs` |
//! | `--retry` and its kin | `policy/retry.rs`; what has come in part, `policy/resume.rs`; the attempts in `session/retry.rs`, what one knows of those before in `session/attempt_state.rs` |
//! | `-z`, `--etag-compare` and `--etag-save` | `plan/condition.rs`, `plan/etag.rs`, `session/etag.rs` |
//! | what is printed where: `--body`, `--print`, `-o`, `-D`, `-i` | `plan/show.rs`, then `session/console.rs`; the target's own file in `session/delivery.rs`, content that is printed as it is sent in `report/sent_content.rs` |
//! | URLs, hosts, ports, what is refused in them | [`http::uri`]; A-labels in `idna/` |
//! | resolving, `--resolve`, `--connect-to`, `-4`, `-6` | `net/resolve.rs`, `net/overruling.rs`, `net/address.rs` |
//! | proxies: which one, exemptions, the route as a list of hops | `plan/proxy.rs`, `net/proxy.rs`, `net/exempt.rs`, `net/route.rs` |
//! | CONNECT, a refusing proxy, SOCKS, credentials for proxies | `session/tunnel.rs`, `net/socks.rs`, `session/proxies.rs` |
//! | `--interface`, `--local-port`, `--unix-socket`, `--haproxy-protocol` and the like | `net/socket/`, `net/unix.rs`, `net/haproxy.rs`; the options in `plan/connecting.rs` |
//! | `--via`, `--starttls` | `net/command.rs`, `net/starttls.rs`; what a command has started in `net/children/`, what came before TLS in `report/findings/starttls.rs` |
//! | `--stderr` | `output/errors.rs` |
//! | standard input or output that was closed at the start | `standard_streams/` |
//! | `--doh-url` | `net/doh.rs`, the messages in `net/dns.rs` |
//! | racing addresses (RFC 8305), the errors of connecting | `net/happy_eyeballs.rs`; what is said of a lost race in `net/mod.rs`, of a system's error in `wording.rs`, of a limit in `connect_limit.rs` |
//! | `--ciphers`, `--curves`, `--sigalgs`; `--crlfile` | `net/tls/enabled/offer.rs`, `revoked.rs` |
//! | TLS: the handshake, who is trusted, pins, close_notify; the client's certificate and key; what `-k` still checks; OpenSSL's numbers for `%{ssl_verify_result}` in `enabled/openssl.rs` | `net/tls/`; the options in `plan/tls.rs`; what a connection is made of in `session/connect.rs` |
//! | the order of an exchange, interim responses, keep-alive, retries | `session/mod.rs`, `session/exchange.rs`; whether the connection is kept in `session/leaving.rs`, what may be sent once more in `session/resending.rs` |
//! | what follows a response: redirects, challenges | `session/next_request.rs`, how far a target has led in `session/redirect_chain.rs`; cookies and `-c` in `session/cookies.rs` |
//! | the groups of `--next`, one after the other, and the reports on them | `groups.rs` |
//! | what lives how long: group, target, exchange | `session/mod.rs`, `session/job.rs`; what a group leaves to the next, `session/carried_over.rs` |
//! | redirects: whether, to where, method and content, `--proto` | `policy/redirect.rs`; the options in `plan/follow.rs` |
//! | `--hsts` | `policy/hsts.rs`, `session/hsts.rs` |
//! | cookies: kept or not, sent or not | `policy/cookie/`; public suffixes in `public_suffix/` |
//! | `--split`, `--segment`, `--pause` | `connection/cutting.rs`, then `connection/outgoing.rs` |
//! | `--pipeline` | `session/pipeline.rs` |
//! | small responses on one connection written together; `-N` | `session/idle.rs`, `output/gathered.rs` |
//! | `--race` | `plan/racing.rs`, then `session/race.rs`; the byte held back in `connection/holding.rs`, what is told later in `event/kept.rs` |
//! | `tcp://` | `session/dialogue.rs`; `--explain` of it in `report/explain/dialogue.rs` |
//! | HTTP that is typed or piped (`--send -`), what is left over behind the last request | `session/typed.rs`; the requests told apart in `http/request_queue.rs` |
//! | several requests in one file of `--send` | [`http::request_ends`], then `session/pipeline.rs` |
//! | what follows a 101, and whether it was asked for | `session/heads.rs`, [`http::upgrade`] |
//! | what a run waits for | `wait/`; the loop that does in `connection/turn.rs` |
//! | an interrupt (^C) that reports outlive | `interrupt/` |
//! | sending: what goes out next, and when | `connection/outgoing.rs`, `connection/outgoing/filling.rs` (pure), of a pipe in `connection/outgoing/chunk.rs`; who writes it, or has the kernel move a file: `connection/sending.rs`, `pipe/`; what, and by which rules: `connection/message.rs` |
//! | receiving: the buffer, heads, what is not HTTP | `connection/incoming.rs`, `connection/head.rs` |
//! | printing content as it comes, what is held of it when the run ends | `session/body_printing.rs`; what follows a message's end, `session/receiving.rs`, for how long, `connection/linger.rs` |
//! | `-m`, `--limit-rate`, `--speed-limit` | `connection/limits.rs`, the arithmetic in `connection/pace.rs` |
//! | a body piece by piece, cut bodies | `connection/body.rs` |
//! | a body moved by the kernel; with a copy for `--save` | `connection/body/relay.rs`, `connection/body/copied.rs`, `pipe/`; blocks reserved for a large file in `pipe/reserve.rs` |
//! | large chunks moved by the kernel | `connection/body/chunks.rs`, `pipe/` |
//! | the head parser and its limits | [`http::response`], [`http::field`] |
//! | what ends a body (RFC 9112 §6.3), whether a connection lives on (§9.3) | [`http::framing`], from [`http::content_length`] and [`http::transfer_codings`] |
//! | chunks, their extensions and trailers, their limits | [`http::chunked`] |
//! | what makes exit 8 of a head | [`http::doubt`] |
//! | text or not, which charset is declared | `output/media.rs`; the deciding and converting in `charset/` |
//! | content codings | `coding/` |
//! | what may reach a terminal | `output.rs` asks each sink whether it is one, `output/escape.rs` says what does harm; colour in `output/head.rs`, how wide text is in `output/columns.rs` |
//! | how messages quote what a peer sends | `http/excerpt.rs`; URLs in them lose their secrets in `http/secret.rs` |
//! | text, or a hex view of what is not text | `output/text.rs`, `output/hex.rs`, the window's width in `output/window/`; codings undone before in `output/body.rs` |
//! | the question for a password | `prompt/` |
//! | what came in place of HTTP/1, by its first bytes | [`http::foreign`]; hints on names and zones in `session/connect_hint.rs` |
//! | exit codes | [`failure`] |
//! | `-f` and its kin, `--max-filesize`, `-O`, `-J`, `-R`, resuming | `plan/saving.rs`, then `session/verdict.rs` for what is kept, `session/saved_file.rs` for the file |
//! | whether a 206 is the part that was asked for | [`http::content_range`], then `session/range.rs` |
//! | names that contents are not saved under | `plan/written.rs`, `output/taken.rs` |
//! | `--xattr` | `session/file_attributes.rs`, then `output/attributes/` |
//! | making files, the names that servers give | `output/file.rs`; opening what is written to in `opening.rs` |
//! | `-v` | `report/verbose.rs`; the lines that scripts expect of curl, `report/curl_notes.rs` |
//! | `--explain`, `--check` | `report/explain/` (the verdict in `summary.rs`, `--check` and its formats in `check.rs`), the record behind it in `report/draft.rs` |
//! | what a field line or a status code means, in words | `report/explain/fields/` (words for single values in `meanings.txt`), `report/explain/status.txt` |
//! | what caches may do with a response | [`http::caching`]; its words in `report/explain/caching.rs` |
//! | one finding | `report/findings/`, a file for each part of a message; what a rule is in `rule.rs`, what it finds in `finding.rs` |
//! | the grammar of a field, each once | [`http`], whose table names the files |
//! | `--explain=json` | `report/json/` |
//! | `--vary`, `--diff` | `plan/comparing.rs`, then `report/compare/`; what each variant begins with in `session/variants.rs`; lines in `diff/`, JSON by path in [`http::json_tree`] |
//! | `--repeat`, `--every` | `plan/repeating.rs`, `session/mod.rs` for when each begins, then `report/repeat/` |
//! | `--pretty` | `output/pretty.rs` |
//! | files that are read whole, and how much of them | `whole_file.rs` |
//! | `--certs` | `report/certs.rs`; what a certificate says in `net/tls/enabled/certificate.rs`, `certificate_chain.rs` |
//! | WebSocket: handshake, frames, messages | [`http::websocket`]; what is sent in `plan/messages.rs` |
//! | WebSocket: what is sent and received, `--linger`, Close | `session/websocket/`; compressed messages in `coding/permessage_deflate.rs` |
//! | WebSocket: frames as `-v` and reports tell them | `report/frames.rs`; the record of them in `report/websocket.rs` |
//! | `--trace`, `--save`, `--har`, `--timing` | `report/trace.rs`, `save.rs`, `har.rs` (its JSON in `json/har.rs`), `timing.rs`; which are asked for in `plan/requested_reports.rs` |
//! | `--trace-time`, `--trace-ids` | `report/prefix.rs` |
//! | `-w`: its variables, one table | `report/write_out/values.rs`; the format's grammar in `format.rs`, the parts of URLs in `parts.rs` |
//! | the progress meter | `report/progress/` |
//! | `--redact` | `report/redact.rs` |
//! | what the fuzz targets reach | `fuzzing.rs`, and the file of that name in each part |
//! | sorting, compiled once | `sorting.rs` |
//! | `--demo` | `demo/` |
//!
//! What a cargo feature switches has a folder with `mod.rs`, `enabled.rs` and
//! `disabled.rs`; nothing else knows features.

mod chance;
mod charset;
mod cli;
mod coding;
mod connection;
mod demo;
mod diff;
mod event;
pub mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod groups;
mod hash;
pub mod http;
mod idna;
mod interrupt;
mod manual;
mod net;
mod output;
mod pipe;
mod plan;
mod policy;
mod prompt;
mod public_suffix;
mod report;
mod session;
mod sorting;
mod standard_streams;
mod stream;
mod wait;
mod whole_file;

use std::ffi::OsString;

pub use cli::command;

use event::Events;
use failure::Failure;
use groups::perform;
use http::secret;
use output::errors;
use output::escape::one_line;
use output::{ReaderGone, Sink};
use report::progress::Meter;
use report::verbose::Verbose;
use session::News;

/// The features of this build, as `--version` lists them.
const FEATURES: &[&str] = &[
    coding::NAME,
    charset::DETECTION,
    diff::NAME,
    hash::NAME,
    idna::NAME,
    report::json::NAME,
    manual::NAME,
    pipe::NAME,
    wait::NAME,
    report::progress::NAME,
    prompt::NAME,
    public_suffix::NAME,
    net::socket::NAME,
    net::tls::NAME,
];

/// Runs the command line `arguments`, the program's name first, and gives the
/// process's exit code. Prints everything there is to print, errors too.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    standard_streams::refuse_where_closed();
    interrupt::outlive_file_limit();
    let mut arguments = arguments.into_iter();
    let program = arguments.next().unwrap_or_else(|| "rawget".into());
    let arguments: Vec<_> = arguments.collect();
    let as_curl = plan::is_curl(&program, &arguments);
    if plan::is_curls_name(&program) {
        errors::set_program("curl");
    }
    if arguments.is_empty() && !as_curl {
        return cli::usage();
    }
    if !as_curl && let Err(error) = plan::refuse_misread(&arguments) {
        return fail(&error);
    }
    let first = if as_curl { plan::startup_file(&arguments) } else { None };
    let plan::Arguments { groups, origins, notices } = match plan::groups(arguments, first, as_curl) {
        Ok(arguments) => arguments,
        Err(error) => return fail(&error),
    };
    let groups = match cli::parse(&program, &groups) {
        Ok(groups) => groups,
        Err(error) => return cli::report(&error, &groups.concat(), as_curl, |message| origins.of(message)),
    };
    if let Some(text) = groups.iter().find_map(|group| manual::text(&group.help_options)) {
        return text.and_then(|text| Sink::print(&text)).map_or_else(|error| fail(&error), |()| 0);
    }
    carry_out(groups, &origins, &notices, as_curl)
}

/// Makes the requests of `groups`, and tells the user `notices` and the news; gives the exit code.
/// `origins` says where in the arguments and files an option that is wrong stands.
fn carry_out(groups: Vec<cli::Cli>, origins: &plan::Origins, notices: &[String], as_curl: bool) -> u8 {
    let Some(telling) = plan::Telling::new(&groups) else { return 0 };
    set_up(&telling);
    let meter = Meter::new(telling.drawing);
    let mut tell = |news: &News<'_>| {
        if !hides(&telling, news) {
            meter.hide();
            print_from(origins, news);
        }
    };
    let events = Events::default();
    meter.observer().into_iter().for_each(|observer| events.add(observer));
    let reports_on_errors = telling.verbose.is_some() || telling.times;
    if let Some((prefixes, colour, charset)) = telling.verbose {
        events.add(Box::new(Verbose::new(telling.redaction, prefixes, colour, charset, as_curl)));
    }
    notices.iter().for_each(|notice| tell(&News::Notice(notice)));
    let run = match plan::Run::new(groups, as_curl, session::now()) {
        Ok(run) => run,
        Err(error) => {
            print_from(origins, &News::Error(&error));
            return failure::of(&error).map_or(Failure::Usage.code(), Failure::code);
        }
    };
    match perform(run, as_curl, &events, &mut tell) {
        // What -v or --timing had to say is lost.
        Ok(None) if reports_on_errors && errors::has_failed() => Failure::Write.code(),
        Ok(first) => first.map_or(0, Failure::code),
        Err(error) if error.is::<ReaderGone>() => 0,
        Err(error) if failure::of(&error) == Some(Failure::Interrupted) => {
            interrupt::die();
            Failure::Interrupted.code()
        }
        Err(error) => {
            tell(&if failure::is_refusal(&error) { News::Refusal(&error) } else { News::Error(&error) });
            failure::of(&error).map_or(Failure::Receive.code(), Failure::code)
        }
    }
}

/// Directs and guards the standard streams.
fn set_up(telling: &plan::Telling) {
    if let Some(path) = &telling.stderr
        && let Err(error) = errors::redirect(path)
    {
        print(&News::Notice(&format!("{error:#}: errors still go to standard error")));
    }
    if telling.escapes {
        output::guard_standard_output();
    }
}

/// Whether the options keep `news` from being printed.
fn hides(telling: &plan::Telling, news: &News<'_>) -> bool {
    match news {
        News::Refusal(_) => false,
        News::Progress(_) | News::Notice(_) => telling.is_silent,
        News::Error(_) => telling.is_quiet,
    }
}

/// An error before anything is sent: prints it and gives its exit code.
fn fail(error: &anyhow::Error) -> u8 {
    print(&News::Error(error));
    failure::of(error).map_or(Failure::Usage.code(), Failure::code)
}

fn print(news: &News<'_>) {
    print_from(&plan::Origins::default(), news);
}

/// One line on standard error, with no byte in it that could harm a terminal and
/// no secret of a URL; an error in an option says where the option stands.
fn print_from(origins: &plan::Origins, news: &News<'_>) {
    let line = match news {
        News::Error(error) | News::Refusal(error) => {
            let code = failure::of(error).map_or(Failure::Receive.code(), Failure::code);
            let place = origins.of(&error.to_string()).map(|place| format!("{place}: ")).unwrap_or_default();
            format!("({code}) {}", one_line(format!("{place}{error:#}").as_bytes()))
        }
        News::Notice(text) | News::Progress(text) => one_line(text.as_bytes()),
    };
    let mut line = format!("{}: {line}\n", errors::program()).into_bytes();
    secret::star_urls(&mut line);
    errors::write(&line);
}
