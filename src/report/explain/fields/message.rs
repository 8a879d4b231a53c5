//! The message itself: its framing, its content, its connection, credentials, CORS.

use super::super::span::span;
use super::item::{bare, items, joined, shown};
use crate::failure::{self, counted};
use crate::http::challenge::{self, Challenge};
use crate::http::content_range::ContentRange;
use crate::http::digits::saturating;
use crate::http::disposition;
use crate::http::field::FieldSection;
use crate::http::framing::Framing;
use crate::http::parameter::Parameter;
use crate::http::reference;
use crate::http::structured;
use crate::http::syntax::{list_members, token_len, trim_ows};
use crate::http::weight::Weighted;
use crate::output::media::Media;
use crate::report::exchange::Exchange;
use crate::sorting::sort_by_key;

/// `before` and the members of a list.
pub(super) fn listed(before: &str, value: &[u8]) -> Option<String> {
    let members = list_members(value).filter(|member| !member.is_empty());
    let told = joined(members.map(shown), ", ");
    (!told.is_empty()).then(|| format!("{before}{told}"))
}

/// Trailer; only chunked content has trailers (RFC 9112 §7.1.2).
pub(super) fn trailer(value: &[u8], exchange: &Exchange) -> Option<String> {
    match exchange.framing() {
        Framing::Chunked | Framing::NoBody => listed("after the content come ", value),
        Framing::Length(_) | Framing::UntilClose => {
            Some("ignored: only chunked content has trailers".to_owned())
        }
    }
}

pub(super) fn content_length(exchange: &Exchange) -> String {
    match exchange.framing() {
        Framing::Length(length) => format!("the content ends after {}", failure::bytes(length)),
        Framing::Chunked => "overridden by Transfer-Encoding".to_owned(),
        Framing::NoBody => "of the content that GET would give; none follows".to_owned(),
        Framing::UntilClose => "does not decide: see framing below".to_owned(),
    }
}

pub(super) fn transfer_encoding(exchange: &Exchange) -> String {
    match exchange.framing() {
        Framing::Chunked => "the content comes in chunks and ends with one of size 0".to_owned(),
        _ => "does not decide: see framing below".to_owned(),
    }
}

fn has_option(value: &[u8], option: &str) -> bool {
    list_members(value).any(|member| member.eq_ignore_ascii_case(option.as_bytes()))
}

/// Connection in a request. That rawget itself sends `close` is no news.
pub(super) fn own_connection(value: &[u8]) -> Option<String> {
    if value.eq_ignore_ascii_case(b"close") { None } else { connection(value) }
}

/// Connection in a response: what the request has said already is not told again.
pub(super) fn other_connection(value: &[u8], exchange: &Exchange) -> Option<String> {
    let mut request = exchange.request.fields.iter();
    let asked = request.any(|line| line.is("connection") && has_option(line.value, "close"));
    if asked && value.eq_ignore_ascii_case(b"close") { None } else { connection(value) }
}

pub(super) fn connection(value: &[u8]) -> Option<String> {
    let has = |option: &str| has_option(value, option);
    if has("close") {
        Some("the connection ends with this exchange".to_owned())
    } else if has("upgrade") {
        Some(String::new())
    } else if has("keep-alive") {
        Some("the connection may serve more requests".to_owned())
    } else {
        listed("only for the next hop: ", value)
    }
}

/// Keep-Alive: how long the connection stays, and for how many requests.
pub(super) fn keep_alive(value: &[u8]) -> Option<String> {
    let parameters: Vec<_> = list_members(value).map(Parameter::of).collect();
    let number = |name: &str| saturating(&parameters.iter().find(|one| one.is(name))?.text());
    let told = [
        number("timeout")
            .map(|seconds| format!("the connection stays open for {} without a request", span(seconds))),
        number("max").map(|most| format!("it serves {}", counted(most, "more request"))),
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}

pub(super) fn content_encoding(value: &[u8]) -> Option<String> {
    listed("the content is coded: ", value)
}

/// Content-Disposition: whether to show or to save, and as what.
pub(super) fn disposition(value: &[u8], fields: &FieldSection) -> String {
    let kind = &value[..token_len(value)];
    let what = if kind.eq_ignore_ascii_case(b"inline") { "to be shown" } else { "to be saved" };
    match disposition::file_name(value).filter(|name| !name.is_empty()) {
        Some(name) => {
            let name = Media::of(fields).file_name(&name);
            format!("{what}, under the name {}", shown(name.as_bytes()))
        }
        None => format!("{what}, no name given"),
    }
}

pub(super) fn content_range(value: &[u8]) -> Option<String> {
    match ContentRange::parse(value) {
        ContentRange::Part { first, last, total } => {
            let of = total.map_or_else(|| "a whole of unknown length".to_owned(), |total| total.to_string());
            Some(format!("bytes {first} to {last} of {of}"))
        }
        ContentRange::Unsatisfied(total) => {
            Some(format!("the range is not there: the whole has {}", failure::bytes(total)))
        }
        ContentRange::OtherUnit | ContentRange::Invalid => None,
    }
}

pub(super) fn accept_ranges(value: &[u8]) -> Option<String> {
    let has = |unit: &str| list_members(value).any(|member| member.eq_ignore_ascii_case(unit.as_bytes()));
    match (has("bytes"), has("none")) {
        (true, _) => Some("byte ranges can be requested".to_owned()),
        (_, true) => Some("ranges cannot be requested".to_owned()),
        _ => listed("ranges can be requested, in ", value),
    }
}

pub(super) fn allow(value: &[u8]) -> Option<String> {
    listed("allowed here: ", value).or_else(|| Some("no method is allowed here".to_owned()))
}

/// Upgrade, whose meaning depends on the status.
pub(super) fn upgrade(value: &[u8], status: u16) -> Option<String> {
    let before = match status {
        101 => "the connection now speaks ",
        426 => "the server wants ",
        _ => "the server also speaks ",
    };
    listed(before, value)
}

/// Location, resolved against the URL requested.
pub(super) fn location(value: &[u8], exchange: &Exchange) -> Option<String> {
    let target = reference::resolve(&exchange.url.to_bytes(), value);
    match exchange.status()? {
        201 | 300..=303 | 307 | 308 if target == value => Some(String::new()),
        201 | 300..=303 | 307 | 308 => Some(format!("resolved: {}", shown(&target))),
        _ => Some("ignored: it has no effect with this status".to_owned()),
    }
}

/// Refresh: what browsers load next, and when.
pub(super) fn refresh(value: &[u8]) -> Option<String> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let seconds = if value.starts_with(b".") { 0 } else { saturating(&value[..digits])? };
    let fraction = value[digits..].iter().take_while(|byte| b"0123456789.".contains(byte)).count();
    let rest = &value[digits + fraction..];
    if !rest.is_empty()
        && !rest.starts_with(b";")
        && !rest.starts_with(b",")
        && !rest[0].is_ascii_whitespace()
    {
        return None;
    }
    let rest = trim_ows(rest);
    let rest = trim_ows(rest.strip_prefix(b";").or_else(|| rest.strip_prefix(b",")).unwrap_or(rest));
    let named = rest.split_at_checked(3).filter(|(name, _)| name.eq_ignore_ascii_case(b"url"));
    let target = named.and_then(|(_, rest)| trim_ows(rest).strip_prefix(b"=")).map_or(rest, trim_ows);
    let target = match target {
        [quote @ (b'"' | b'\''), inside @ ..] => {
            inside.split(|byte| byte == quote).next().unwrap_or_default()
        }
        _ => target,
    };
    let what = if target.is_empty() { "the same again".to_owned() } else { shown(target) };
    let when = if seconds == 0 { "at once".to_owned() } else { format!("after {}", span(seconds)) };
    Some(format!("browsers load {what} {when}"))
}

/// Accept-Query: the types of content that QUERY takes.
pub(super) fn accept_query(value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let are_types =
        list.iter().all(|member| member.is(structured::Type::Token) || member.is(structured::Type::String));
    let types = joined(items(&list).map(|item| bare(&item.bare)), ", ");
    (are_types && !types.is_empty()).then(|| format!("QUERY takes {types}"))
}

/// Timing-Allow-Origin.
pub(super) fn timing_origin(value: &[u8]) -> Option<String> {
    match list_members(value).any(|member| member == b"*") {
        true => Some("scripts of any origin may read how loading went".to_owned()),
        false => listed("these may read how loading went: ", value),
    }
}

/// WWW-Authenticate and Proxy-Authenticate: what is accepted as proof.
pub(super) fn challenges(value: &[u8]) -> Option<String> {
    let challenges = challenge::parse(value).ok()?;
    Some(joined(challenges.iter().map(one_challenge), "; or "))
}

fn one_challenge(challenge: &Challenge) -> String {
    let what = if challenge.is("Basic") {
        "Basic: user and password, not encrypted except by TLS".to_owned()
    } else if challenge.is("Digest") {
        let algorithm = challenge.parameter("algorithm").map_or_else(|| "MD5".to_owned(), shown);
        format!("Digest: a hash ({algorithm}) of the password")
    } else if challenge.is("Bearer") {
        "Bearer: a token".to_owned()
    } else if challenge.is("Negotiate") || challenge.is("NTLM") {
        format!("{}: the login of a Windows or Kerberos domain", shown(&challenge.scheme))
    } else {
        shown(&challenge.scheme)
    };
    let about = [
        ("realm", "for the realm"),
        ("scope", "with the scope"),
        ("error", "refused:"),
        ("error_description", "since"),
    ];
    let about = about.iter().filter_map(|(name, word)| {
        let value = challenge.parameter(name).filter(|value| !value.is_empty())?;
        Some(format!(", {word} {}", shown(value)))
    });
    let stale = challenge.parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case(b"true"));
    what + &about.collect::<String>() + if stale { ", the nonce is stale" } else { "" }
}

/// Access-Control-Allow-Origin.
pub(super) fn cors_origin(value: &[u8]) -> Option<String> {
    Some(match value {
        b"*" => "scripts of any origin may read it, without credentials".to_owned(),
        b"null" => "scripts of pages without an origin may read it".to_owned(),
        _ if reference::is_origin(value) => format!("scripts of {} may read it", shown(value)),
        _ => "unreadable: scripts of no other origin may read it".to_owned(),
    })
}

/// Access-Control-Allow-Credentials.
pub(super) fn cors_credentials(value: &[u8]) -> Option<String> {
    let told = match value {
        b"true" => "with cookies and other credentials too",
        _ => "ignored: true alone has an effect",
    };
    Some(told.to_owned())
}

/// Access-Control-Max-Age.
pub(super) fn cors_max_age(value: &[u8]) -> Option<String> {
    let (is_negative, digits) = value.strip_prefix(b"-").map_or((false, value), |digits| (true, digits));
    let seconds = saturating(digits)?;
    Some(match seconds {
        _ if is_negative => "the preflight is never reused".to_owned(),
        0 => "the preflight is never reused".to_owned(),
        seconds => format!("the preflight holds for {}", span(seconds)),
    })
}

/// The items of a list with weights, in the order wanted.
pub(super) fn by_weight(value: &[u8]) -> Option<String> {
    let mut members: Vec<_> =
        list_members(value).filter(|member| !member.is_empty()).map(Weighted::of).collect();
    sort_by_key(&mut members, |member| std::cmp::Reverse(member.weight));
    let name = |member: &Weighted<'_>| match member.item {
        b"*" | b"*/*" => "any other".to_owned(),
        item => shown(item),
    };
    let names = |alike: &[Weighted<'_>]| joined(alike.iter().map(name), " or ");
    let (wanted, refused) = members.split_at(members.partition_point(|member| member.weight > 0));
    // What has the same weight is wanted as much.
    let mut told = joined(wanted.chunk_by(|one, other| one.weight == other.weight).map(names), ", then ");
    if !refused.is_empty() {
        told += if told.is_empty() { "not " } else { ", but not " };
        told += &names(refused);
    }
    (!told.is_empty()).then_some(told)
}
