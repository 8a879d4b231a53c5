//! From options, environment and files to what is to be done.
//!
//! One file for each destination, so that no function knows all options:
//! [`targets`] groups the arguments, [`request`] makes the bytes, [`data`] the
//! bodies, [`fields`] reads the field lines, [`follow`] says what is followed,
//! [`show`] what is printed where. Everything that can be refused is
//! refused here, before anything is connected to.

mod arguments;
mod body;
mod chunking;
mod comparing;
mod condition;
mod config;
mod connecting;
mod contradictions;
mod credentials;
mod curl;
mod curl_line;
pub(crate) mod curl_request;
mod data;
mod defaults;
mod destination;
mod encoder;
mod etag;
mod fields;
mod fix_length;
mod follow;
mod form;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod input_file;
mod messages;
mod misread;
mod netrc;
mod no_target;
mod origins;
mod pieces;
mod planned;
mod positional;
mod proxy;
pub(crate) mod racing;
mod range;
mod raw;
mod recipe;
mod repeating;
mod request;
mod requested_reports;
mod response_source;
mod run;
mod saved;
mod saving;
mod sequence;
mod show;
mod standard_input;
mod target;
mod target_arguments;
mod targets;
mod template;
mod tls;
mod usage_error;
mod variable;
mod waiting;
mod written;

use std::ffi::OsString;
use std::rc::Rc;
use std::time::Duration;

pub(crate) use arguments::{Arguments, groups};
pub(crate) use curl::{Manners, is_asked_for as is_curl, is_curls_name, startup_file};
pub(crate) use curl_line::CurlLine;
pub(crate) use data::escaped;
pub(crate) use destination::Destination;
pub(crate) use follow::{PlannedCookies, PlannedHosts};
pub(crate) use messages::{MessageSource, OutgoingMessages};
pub(crate) use misread::refuse as refuse_misread;
pub(crate) use origins::Origins;
pub(crate) use planned::{Expectation, PlannedRequest, RequestContent};
pub(crate) use recipe::Recipe;
pub(crate) use request::Extras;
pub(crate) use response_source::ResponseSource;
pub(crate) use run::{Run, Telling};
pub(crate) use saved::SavedResponse;
pub(crate) use saving::{Saving, has_remote_name, remote_name};
pub(crate) use show::Show;
pub(crate) use target::Target;
pub(crate) use targets::Targets;
use targets::Terms;
pub(crate) use waiting::PlannedGroup;

use connecting::dialer;
use credentials::KnownCredentials;
use usage_error::usage;

use crate::cli::Cli;
use crate::cli::connecting::ConnectingOptions;
use crate::connection::{Cutting, Pace, SpeedLimit};
use crate::failure::Failure;
use crate::http::websocket::messages::MessageKind;
use crate::net::tls::{Settings, Tls};
use crate::net::{Dialer, Routes};
use crate::policy::auth::Allowed;
use crate::policy::redirect::Redirects;
use crate::policy::retry::Retries;
use crate::report::write_out::Format;
use crate::sorting::sort_by_key;

/// Between pieces, where `--pause` says nothing: as short as still keeps a server
/// that is not too busy from reading two of them as one.
const PAUSE: Duration = Duration::from_millis(10);
/// How long content waits for the server's consent where `--expect100-timeout` does not say: as by curl.
const EXPECT_PATIENCE: Duration = Duration::from_secs(1);

/// What one group of options requests.
pub(crate) struct Plan {
    /// What is requested, in order. It is large, as the rules are: a run that moved them would use more of the stack.
    pub(crate) targets: Box<Targets>,
    /// What holds for all of them.
    pub(crate) rules: Box<Rules>,
    /// The cookies, where they are turned on.
    pub(crate) cookies: Option<PlannedCookies>,
    /// The hosts that are asked by https alone, where that is turned on.
    pub(crate) hosts: Option<PlannedHosts>,
    /// What is printed, and where.
    pub(crate) show: Show,
    /// Where the bytes of the response come from.
    pub(crate) source: ResponseSource,
    /// `-w`.
    pub(crate) write_out: Option<Format>,
    /// The files that are written besides contents, each with the option that names it.
    pub(crate) written: Vec<(&'static str, OsString)>,
}

/// What the options of one group say of each of its requests. Nothing in it
/// changes while they are made.
pub(crate) struct Rules {
    /// When another request follows a response.
    pub(crate) redirects: Redirects,
    /// How names become connections.
    pub(crate) dialer: Dialer,
    /// Which way connections go.
    pub(crate) routes: Rc<Routes>,
    /// The authentication schemes that may be used towards proxies.
    pub(crate) proxy_allowed: Allowed,
    /// TLS settings.
    pub(crate) tls: Tls,
    /// TLS settings for https proxies.
    pub(crate) proxy_tls: Tls,
    /// How a connection is used.
    pub(crate) wire: Wire,
    /// How requests are cut into pieces on their way out.
    pub(crate) cutting: Option<Cutting>,
    /// When a request is retried.
    pub(crate) retries: Retries,
    /// What fails, and how files are made.
    pub(crate) saving: Saving,
    /// The response comes from a server, which another request can be sent to.
    pub(crate) can_ask_again: bool,
    /// By whose rules the run goes.
    pub(crate) manners: Manners,
    /// `--as-curl`.
    pub(crate) curl: Option<Rc<CurlLine>>,
}

/// How a connection is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// `-m`: the longest that an exchange may take.
    pub(crate) max_time: Option<Duration>,
    /// `--limit-rate`, `--speed-limit`, `--speed-time`.
    pub(crate) pace: Pace,
    /// `--keep-alive`.
    pub(crate) keep_alive: bool,
    /// `--pipeline`.
    pub(crate) pipelines: bool,
    /// `--race`.
    pub(crate) races: bool,
    /// `--rate`, `--every`: the least time between the beginnings of two targets.
    pub(crate) interval: Option<Duration>,
    /// `--half-close`.
    pub(crate) half_close: bool,
    /// `--until-eof`.
    pub(crate) until_eof: bool,
    /// `--linger`.
    pub(crate) linger: Option<Duration>,
    /// `--ignore-content-length`.
    pub(crate) ignores_length: bool,
    /// `--http0.9`.
    pub(crate) http09: bool,
    /// `--expect100-timeout`: how long the server may take to say that it wants content.
    pub(crate) expect_patience: Duration,
    /// What follows the end of a message is waited for, for a moment.
    pub(crate) lingers: bool,
}

impl Plan {
    /// The plan of a command line; `now` is in seconds since 1970.
    pub(crate) fn new(mut cli: Cli, as_curl: bool, now: i64) -> anyhow::Result<Self> {
        let manners = Manners::apply(&mut cli, as_curl);
        cli.sending.dry_run |= cli.showing.as_curl;
        contradictions::refuse(&cli)?;
        written::refuse_unnamed(&cli)?;
        let notices: Vec<_> = contradictions::notices(&cli).collect();
        let given = std::mem::take(&mut cli.given);
        let demo = if cli.showing.demo { Some(serve_demo()?) } else { None };
        let scheme = follow::default_scheme(&cli.following)?;
        let source = source(&mut cli)?;
        let mut arguments = positional::TargetReader::new(&mut cli, scheme, demo, manners)?;
        if let ResponseSource::Saved(responses) = &source {
            arguments.fit_responses(responses.count())?;
        }
        notices.into_iter().for_each(|notice| arguments.tell(notice));
        manners.adapt(&mut cli, &mut |notice| arguments.tell(notice))?;
        let redirects = follow::redirects(&cli, manners);
        let cookies = follow::cookies(&cli.following, manners, now)?;
        let multiples = repeating::Multiples::new(&cli)?;
        let saving = Saving::new(&cli, manners, &mut |notice| arguments.tell(notice))?;
        let show = Show::planned(&cli, &saving, manners)?;
        let wire = wire(&cli);
        let write_out = requested_reports::write_out(&cli.recording, &source)?;
        let curl = CurlLine::new(&cli)?.map(Rc::new);
        let written = written::files(&cli, write_out.as_ref());
        let terms = terms(&cli, given);
        let numbers = write_out.as_ref().is_some_and(Format::tells_certificates);
        let tls = Settings { numbers, ..tls::settings(cli.tls)? };
        let dialer = dialer(&cli.connecting, &tls)?;
        let hosts = follow::hosts(&cli.following, !tls.insecure)?;
        let raw = raw::RawRequests::new(&cli.sending);
        let literal = follow::literal_cookies(&cli.following, manners)?;
        let known = KnownCredentials::new(&cli.credentials)?;
        let proxy_allowed = proxy::allowed(&cli.proxy)?;
        let proxies = proxy::routes(&cli.proxy, cli.sending.user_agent.as_ref(), dialer.unix.is_some())?;
        let routes = Rc::new(Routes { connect_to: cli.connecting.connect_to.clone(), ..proxies });
        let uses_etag = cli.sending.etag_compare.is_some() || cli.saving.etag_save.is_some();
        let recipe = Recipe::new(cli.sending, wire.keep_alive, literal, known, Rc::clone(&routes), manners)?;
        recipe.notices().for_each(|notice| arguments.tell(notice));
        etag::refuse_several(uses_etag && arguments.are_several())?;
        let proxy_tls = Tls::new(Settings { numbers, ..tls::proxy_settings(&cli.proxy) });
        let targets = Box::new(Targets::new(arguments, recipe, raw, multiples, terms));
        let rules = Box::new(Rules {
            redirects,
            dialer,
            routes,
            proxy_allowed,
            tls: Tls::new(tls),
            proxy_tls,
            wire,
            cutting: cutting(&cli.connecting)?,
            retries: retries(&cli.connecting, &source)?,
            saving,
            can_ask_again: !matches!(source, ResponseSource::Saved(_)),
            manners,
            curl,
        });
        Ok(Self { targets, rules, cookies, hosts, show, source, write_out, written })
    }

    /// Whether its requests race, with those of the groups after it.
    pub(crate) fn races(&self) -> bool {
        self.rules.wire.races
    }

    /// Whether there is something to do at the end of a run, however it ends.
    pub(crate) fn has_to_finish(&self) -> bool {
        let saves_cookies = self.cookies.as_ref().is_some_and(|cookies| cookies.save_to.is_some());
        let saves_hosts = self.hosts.as_ref().is_some_and(|hosts| hosts.save_to.is_some());
        let saving = &self.rules.saving;
        let saves = saves_cookies || saves_hosts || saving.etag_save.is_some();
        saves || saving.removes_on_error || self.rules.dialer.via.is_some()
    }
}

fn terms(cli: &Cli, given: Vec<String>) -> Terms {
    Terms {
        schemes: cli.following.proto.unwrap_or_default(),
        resume: cli.saving.continue_at,
        needs_tcp: cli.connecting.starttls.is_some(),
        message_kind: if cli.sending.ws_binary { MessageKind::Binary } else { MessageKind::Text },
        given,
    }
}

fn wire(cli: &Cli) -> Wire {
    let sends_several = cli.sending.send.len() > 1 && cli.sending.read.is_empty();
    Wire {
        max_time: cli.connecting.max_time.filter(|limit| !limit.is_zero()),
        pace: pace(&cli.connecting),
        keep_alive: cli.connecting.keep_alive
            || cli.connecting.pipeline
            || sends_several && !cli.connecting.race,
        pipelines: cli.connecting.pipeline,
        races: cli.connecting.race && !cli.sending.dry_run,
        interval: cli.comparing.every.max(cli.connecting.rate),
        half_close: cli.connecting.half_close,
        until_eof: cli.connecting.until_eof,
        linger: cli.connecting.linger,
        ignores_length: cli.showing.ignore_content_length,
        http09: cli.showing.http0_9,
        expect_patience: cli.sending.expect100_timeout.unwrap_or(EXPECT_PATIENCE),
        lingers: cli.showing.explains(),
    }
}

/// How requests are cut: `--split`, `--segment`, `--pause`.
fn cutting(options: &ConnectingOptions) -> anyhow::Result<Option<Cutting>> {
    let ConnectingOptions { split, segment, pause, .. } = options;
    if split.is_empty() && segment.is_none() {
        return match pause {
            None => Ok(None),
            Some(_) => Err(usage("--pause", "needs --split or --segment")),
        };
    }
    let mut offsets = split.clone();
    sort_by_key(&mut offsets, |offset| *offset);
    offsets.dedup();
    Ok(Some(Cutting { offsets, size: *segment, pause: pause.unwrap_or(PAUSE) }))
}

/// Where one of the two numbers of a speed limit is not given, it is curl's.
fn pace(options: &ConnectingOptions) -> Pace {
    let (rate, within) = (options.speed_limit, options.speed_time);
    let limit = SpeedLimit { rate: rate.unwrap_or(1), within: within.unwrap_or(Duration::from_secs(30)) };
    let is_limited = (rate.is_some() || within.is_some()) && limit.rate > 0 && !limit.within.is_zero();
    Pace { rate: options.limit_rate.filter(|&rate| rate > 0), speed_limit: is_limited.then_some(limit) }
}

fn serve_demo() -> anyhow::Result<std::net::SocketAddr> {
    crate::demo::serve()
        .map_err(|error| Failure::Connect.because("cannot serve the demo site on loopback", error))
}

fn source(cli: &mut Cli) -> anyhow::Result<ResponseSource> {
    if cli.sending.dry_run {
        return Ok(ResponseSource::Nothing);
    }
    match cli.sending.read.is_empty() {
        false => Ok(ResponseSource::Saved(saved::responses(cli)?)),
        true => Ok(ResponseSource::Network),
    }
}

/// When to retry: never for a saved response.
fn retries(options: &ConnectingOptions, source: &ResponseSource) -> anyhow::Result<Retries> {
    let limit = options.retry.filter(|_| matches!(source, ResponseSource::Network)).unwrap_or(0);
    if options.pipeline && limit > 0 {
        return Err(usage("--pipeline", "cannot be used with --retry"));
    }
    Ok(Retries {
        limit,
        delay: options.retry_delay.filter(|delay| !delay.is_zero()),
        max_time: options.retry_max_time.filter(|limit| !limit.is_zero()),
        max_attempt: options.max_time.filter(|limit| !limit.is_zero()),
        when_refused: options.retry_connrefused,
        all_errors: options.retry_all_errors,
    })
}
