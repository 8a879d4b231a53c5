//! Proxies: from the options, or from the environment.

use std::env;
use std::ffi::OsString;

use super::credentials::{schemes, user_and_password};
use super::defaults::agent;
use super::fields::{self, LineRules};
use super::usage_error::usage;
use crate::cli::proxy::ProxyOptions;
use crate::failure::Failure;
use crate::http::secret;
use crate::idna;
use crate::net::{Exempt, Proxy, ProxyCredentials, ProxyProtocol, Routes};
use crate::output::escape;
use crate::policy::auth::Allowed;

/// The routes by the options and the environment; `user_agent` is that of `-A`. With a Unix socket, which is the
/// server's own, no proxy is used, as with curl.
pub(super) fn routes(
    options: &ProxyOptions,
    user_agent: Option<&OsString>,
    to_unix_socket: bool,
) -> anyhow::Result<Routes> {
    if to_unix_socket {
        return Ok(Routes::default());
    }
    let user =
        options.proxy_user.as_deref().map(|user| user_and_password("--proxy-user", user)).transpose()?;
    let mut routes = match named(options)? {
        Some(proxy) => {
            let proxy = proxy.map(|proxy| with_user(proxy, user.as_ref()));
            Routes { http: proxy.clone(), https: proxy.clone(), other: proxy, ..Routes::default() }
        }
        None => of_environment(user.as_ref())?,
    };
    if let Some(text) = &options.preproxy {
        let before = parse("--preproxy", text, ProxyProtocol::Socks4)?;
        if before.kind.is_http() {
            return Err(usage("--preproxy", "only a SOCKS proxy can precede another proxy"));
        }
        if routes.http.is_none() && routes.https.is_none() {
            // Alone it is the proxy, as with curl.
            let before = Some(before);
            return Ok(Routes { http: before.clone(), https: before.clone(), other: before, ..routes });
        }
        routes.before = Some(before);
    }
    let exempt = options.noproxy.clone().or_else(|| given("no_proxy")).or_else(|| given("NO_PROXY"));
    routes.exempt = exempt.map(|list| Exempt::parse(&list)).unwrap_or_default();
    routes.tunnels = options.proxytunnel;
    routes.agent = agent(user_agent).to_vec();
    routes.fields = fields::read(&options.proxy_header, "--proxy-header", LineRules::default())?;
    Ok(routes)
}

/// The proxy that an option names; within, `None` where it says that there is none.
fn named(options: &ProxyOptions) -> anyhow::Result<Option<Option<Proxy>>> {
    let all = [
        ("--proxy", &options.proxy, ProxyProtocol::Http),
        ("--proxy1.0", &options.proxy1_0, ProxyProtocol::Http),
        ("--socks4", &options.socks4, ProxyProtocol::Socks4),
        ("--socks4a", &options.socks4a, ProxyProtocol::Socks4a),
        ("--socks5", &options.socks5, ProxyProtocol::Socks5),
        ("--socks5-hostname", &options.socks5_hostname, ProxyProtocol::Socks5h),
    ];
    let Some((option, text, kind)) =
        all.into_iter().find_map(|(option, text, kind)| text.as_ref().map(|text| (option, text, kind)))
    else {
        return Ok(None);
    };
    if text.is_empty() {
        return Ok(Some(None));
    }
    let proxy = parse(option, text, kind)?;
    Ok(Some(Some(Proxy { is_http10: option == "--proxy1.0", ..proxy })))
}

/// `http_proxy` counts in lower case alone: a web server gives a program that
/// it starts a `HTTP_PROXY` of its client's choice.
fn of_environment(user: Option<&ProxyCredentials>) -> anyhow::Result<Routes> {
    let first = |names: &[&str]| -> anyhow::Result<Option<Proxy>> {
        let found = names.iter().find_map(|name| Some((*name, given(name)?)));
        let proxy = found.map(|(name, text)| parse(name, &text, ProxyProtocol::Http)).transpose()?;
        Ok(proxy.map(|proxy| with_user(proxy, user)))
    };
    Ok(Routes {
        http: first(&["http_proxy", "all_proxy", "ALL_PROXY"])?,
        https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
        other: first(&["all_proxy", "ALL_PROXY"])?,
        ..Routes::default()
    })
}

fn given(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

/// `-U` counts before what stands in the proxy's URL.
fn with_user(mut proxy: Proxy, user: Option<&ProxyCredentials>) -> Proxy {
    if user.is_some() {
        proxy.credentials = user.cloned();
    }
    proxy
}

/// The schemes by which one may be known to proxies.
pub(super) fn allowed(options: &ProxyOptions) -> anyhow::Result<Allowed> {
    let named = Allowed { basic: options.proxy_basic, digest: options.proxy_digest, bearer: false };
    schemes(named, options.proxy_anyauth, "--proxy-digest")
}

fn parse(option: &str, text: &str, kind: ProxyProtocol) -> anyhow::Result<Proxy> {
    let parsed = Proxy::parse(text, kind).and_then(|mut proxy| {
        let host = &mut proxy.endpoint.host;
        if !host.is_ascii() {
            *host = idna::to_a_labels(host).map_err(|why| (Failure::ResolveProxy, why.to_owned()))?;
        }
        Ok(proxy)
    });
    parsed.map_err(|(failure, problem)| {
        let shown = escape::value(&secret::quotable(text.as_bytes()));
        failure.error(format!("{option}: {shown}: {problem}"))
    })
}
