//! The Link field (RFC 8288 §3).

use super::lists::directive;
use crate::http::media_type::MediaType;
use crate::http::reference::Reference;
use crate::http::syntax::{find_unquoted, split_unquoted, trim_ows, trim_ows_start, unquote};

/// What is wrong with a member of a Link field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It does not begin with a target in angle brackets.
    NoTarget,
    /// What follows the target, or one of its parameters, does not parse.
    Parameter,
    /// There is no `rel`.
    NoRelation,
    /// There is a `rev`, which is no longer in use.
    Reverse,
    /// The `type` is no media type.
    Type,
    /// The `anchor` is no URI reference.
    Anchor,
}

impl Problem {
    /// It in words.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::NoTarget => "no target in <...>",
            Self::Parameter => "a parameter that does not parse",
            Self::NoRelation => "no rel",
            Self::Reverse => "rev is deprecated",
            Self::Type => "type is no media type",
            Self::Anchor => "anchor is no URI reference",
        }
    }
}

/// The members of one line, empty ones included: a comma inside `<...>` or a
/// quoted string separates nothing.
pub(super) fn members(value: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    let mut rest = value;
    // Not looked for again and again where there is none, so that this stays linear.
    let mut has_end = true;
    loop {
        let found = if has_end { target(rest) } else { None };
        let from = found.map_or(0, |(_, after)| rest.len() - after.len());
        has_end &= found.is_some() || !trim_ows_start(rest).starts_with(b"<");
        let Some(comma) = find_unquoted(&rest[from..], b',') else { break };
        members.push(trim_ows(&rest[..from + comma]));
        rest = &rest[from + comma + 1..];
    }
    members.push(trim_ows(rest));
    members
}

/// The target that a member begins with, and what follows its `>`.
pub(super) fn target(member: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = trim_ows_start(member).strip_prefix(b"<")?;
    let end = inside.iter().position(|&byte| byte == b'>')?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// Judges a member that is not empty; the first problem counts.
pub(super) fn check(member: &[u8]) -> Result<(), Problem> {
    let (_, rest) = target(member).ok_or(Problem::NoTarget)?;
    let mut parameters = split_unquoted(rest, b';');
    if parameters.next().is_some_and(|before| !before.is_empty()) {
        return Err(Problem::Parameter);
    }
    let mut has_relation = false;
    for parameter in parameters.filter(|parameter| !parameter.is_empty()) {
        let (name, value) = split(parameter).ok_or(Problem::Parameter)?;
        let value = unquote(value.unwrap_or_default());
        match name.to_ascii_lowercase().as_slice() {
            b"rel" => has_relation = true,
            b"rev" => return Err(Problem::Reverse),
            b"type" if MediaType::parse(&value).is_none() => return Err(Problem::Type),
            b"anchor" if !Reference::parse(&value).is_valid() => return Err(Problem::Anchor),
            _ => {}
        }
    }
    if has_relation { Ok(()) } else { Err(Problem::NoRelation) }
}

/// Splits `token BWS [ "=" BWS ( token / quoted-string ) ]`.
fn split(parameter: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let Some(equals) = parameter.iter().position(|&byte| byte == b'=') else { return directive(parameter) };
    let (name, _) = directive(trim_ows(&parameter[..equals]))?;
    let value = trim_ows(&parameter[equals + 1..]);
    super::lists::is_token_or_quoted(value).then_some((name, Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_split_outside_targets_and_quotes() {
        let split = members(b"</a,b>; rel=\"x, y\", <c> ;rel=z,, d, <e, f");
        let expected: [&[u8]; 6] = [b"</a,b>; rel=\"x, y\"", b"<c> ;rel=z", b"", b"d", b"<e", b"f"];
        assert_eq!(split, expected);
        assert_eq!(members(b""), [b""]);
    }

    #[test]
    fn members_are_judged() {
        for valid in [
            "</a>; rel=next",
            "<>;rel=\"a b\"; type=\"text/html\" ;anchor=\"#x\"",
            "<a>; REL = x;",
            "<a>;rel=x;crossorigin",
        ] {
            assert_eq!(check(valid.as_bytes()), Ok(()), "{valid}");
        }
        for (member, problem) in [
            ("/a; rel=next", Problem::NoTarget),
            ("</a; rel=next", Problem::NoTarget),
            ("</a> rel=next", Problem::Parameter),
            ("</a>; rel=", Problem::Parameter),
            ("</a>; rel=\"next", Problem::Parameter),
            ("</a>; rel=http://x", Problem::Parameter),
            ("</a>; a b; rel=x", Problem::Parameter),
            ("</a>", Problem::NoRelation),
            ("</a>; title=x", Problem::NoRelation),
            ("</a>; rev=x; rel=y", Problem::Reverse),
            ("</a>; rel=x; type=html", Problem::Type),
            ("</a>; rel=x; anchor=\"a b\"", Problem::Anchor),
        ] {
            assert_eq!(check(member.as_bytes()), Err(problem), "{member}");
        }
    }
}
