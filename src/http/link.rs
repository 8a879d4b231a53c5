//! The Link field (RFC 8288 §3): its members, with what is wrong in them.

use super::language;
use super::media_type::MediaType;
use super::parameter::{ExtendedValue, Parameter, parameters};
use super::reference::Reference;
use super::syntax::{find_unquoted, token_len, trim_ows, trim_ows_start};

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// It does not begin with a target in angle brackets.
    NoTarget,
    /// What follows the target, or one of its parameters, does not parse.
    Parameter,
    /// The `rel` names no relation type, or what is none.
    Relation,
    /// There is no `rel`.
    NoRelation,
    /// There is a `rev`, which is no longer in use.
    Reverse,
    /// A parameter that may stand there once stands there twice.
    Repeated,
    /// The `type` is no media type, or one with parameters.
    Type,
    /// The `anchor` is no URI reference.
    Anchor,
    /// The `hreflang` is no language tag.
    Language,
    /// The value of a `name*` is not in UTF-8 and percent-encoded.
    Extended,
}

impl LinkProblem {
    /// The problem in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoTarget => "no target in <...>",
            Self::Parameter => "a parameter that does not parse",
            Self::Relation => "rel is not a list of relation types",
            Self::NoRelation => "no rel",
            Self::Reverse => "rev is deprecated",
            Self::Repeated => "a parameter that may occur once occurs twice",
            Self::Type => "type is not a media type",
            Self::Anchor => "anchor is not a URI reference",
            Self::Language => "hreflang is not a language tag",
            Self::Extended => "a parameter with * whose value is not in UTF-8 and percent-encoded",
        }
    }
}

/// The parameters that may stand in a link once (§3.3, §3.4.1).
const ONCE: [&str; 5] = ["rel", "media", "title", "title*", "type"];

/// The members of one line, empty ones included: a comma inside `<...>` or a
/// quoted string separates nothing.
pub fn members(value: &[u8]) -> Vec<&[u8]> {
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
pub fn target(member: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = trim_ows_start(member).strip_prefix(b"<")?;
    let end = inside.iter().position(|&byte| byte == b'>')?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// Whether a member has `relation` among its relation types, in any case.
pub fn has_relation(member: &[u8], relation: &str) -> bool {
    let Some((_, rest)) = target(member) else { return false };
    let Some(found) = parameters(rest).find(|parameter| parameter.is("rel")) else { return false };
    let is_it = |name: &[u8]| name.eq_ignore_ascii_case(relation.as_bytes());
    found.text().split(u8::is_ascii_whitespace).any(is_it)
}

/// Judges a member that is not empty; the first problem counts.
pub fn check(member: &[u8]) -> Result<(), LinkProblem> {
    let (_, rest) = target(member).ok_or(LinkProblem::NoTarget)?;
    let rest = trim_ows(rest);
    if !rest.is_empty() && !rest.starts_with(b";") {
        return Err(LinkProblem::Parameter);
    }
    let mut seen = [false; ONCE.len()];
    for parameter in parameters(rest) {
        check_parameter(&parameter)?;
        if let Some(at) = ONCE.iter().position(|name| parameter.is(name))
            && std::mem::replace(&mut seen[at], true)
        {
            return Err(LinkProblem::Repeated);
        }
    }
    if seen[0] { Ok(()) } else { Err(LinkProblem::NoRelation) }
}

fn check_parameter(parameter: &Parameter<'_>) -> Result<(), LinkProblem> {
    let text = parameter.text();
    let problem = match parameter.name.to_ascii_lowercase().as_slice() {
        _ if !parameter.is_valid() => LinkProblem::Parameter,
        b"rev" => LinkProblem::Reverse,
        b"rel" if !is_relations(&text) => LinkProblem::Relation,
        b"type" if !is_bare_type(&text) => LinkProblem::Type,
        b"anchor" if !Reference::parse(&text).is_valid() => LinkProblem::Anchor,
        b"hreflang" if !language::is_tag(&text) => LinkProblem::Language,
        _ if parameter.is_extended() && !is_extended(parameter) => LinkProblem::Extended,
        _ => return Ok(()),
    };
    Err(problem)
}

/// Relation types with spaces between: registered names, in any case, or URIs (§3.3).
fn is_relations(text: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        name[0].is_ascii_alphabetic()
            && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    let is_uri = |name| {
        let reference = Reference::parse(name);
        reference.scheme.is_some() && reference.is_valid()
    };
    let mut names = text.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty()).peekable();
    names.peek().is_some() && names.all(|name| is_name(name) || is_uri(name))
}

/// `type-name "/" subtype-name`: no parameters (§3.4.1).
fn is_bare_type(text: &[u8]) -> bool {
    let slash = token_len(text);
    MediaType::parse(text).is_some() && token_len(&text[slash + 1..]) == text.len() - slash - 1
}

fn is_extended(parameter: &Parameter<'_>) -> bool {
    parameter.value.and_then(ExtendedValue::parse).is_some_and(|value| value.is_valid)
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
            "<a>;rel=x;hreflang=de;hreflang=\"en-GB\";title*=UTF-8'de'%c3%bc;title=u",
        ] {
            assert_eq!(check(valid.as_bytes()), Ok(()), "{valid}");
        }
        for (member, problem) in [
            ("/a; rel=next", LinkProblem::NoTarget),
            ("</a; rel=next", LinkProblem::NoTarget),
            ("</a> rel=next", LinkProblem::Parameter),
            ("</a>; rel=", LinkProblem::Parameter),
            ("</a>; rel=\"next", LinkProblem::Parameter),
            ("</a>; rel=http://x", LinkProblem::Parameter),
            ("</a>; a b; rel=x", LinkProblem::Parameter),
            ("</a>", LinkProblem::NoRelation),
            ("</a>; rel=\"\"", LinkProblem::Relation),
            ("</a>; rel=\"next !\"", LinkProblem::Relation),
            ("</a>; rel=\"http://[\"", LinkProblem::Relation),
            ("</a>; title=x", LinkProblem::NoRelation),
            ("</a>; rev=x; rel=y", LinkProblem::Reverse),
            ("</a>; rel=x; media=y; Rel=z", LinkProblem::Repeated),
            ("</a>; rel=x; type=\"a/b\"; type=\"a/b\"", LinkProblem::Repeated),
            ("</a>; rel=x; type=html", LinkProblem::Type),
            ("</a>; rel=x; type=\"text/html;charset=utf-8\"", LinkProblem::Type),
            ("</a>; rel=x; anchor=\"a b\"", LinkProblem::Anchor),
            ("</a>; rel=x; hreflang=en_US", LinkProblem::Language),
            ("</a>; rel=x; title*=Editor", LinkProblem::Extended),
            ("</a>; rel=x; title*=windows-1250''%B3", LinkProblem::Extended),
        ] {
            assert_eq!(check(member.as_bytes()), Err(problem), "{member}");
        }
    }

    #[test]
    fn relations_are_found() {
        assert!(has_relation(b"<a>; rel=\"next Blocked-By\"", "blocked-by"));
        assert!(!has_relation(b"<a>; rel=next; x=blocked-by", "blocked-by"));
    }
}
