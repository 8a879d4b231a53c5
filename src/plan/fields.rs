//! The field lines that the user gives: read, refused, and what of them goes
//! along with a redirect.

use std::ffi::{OsStr, OsString};

use super::input_file;
use super::usage_error::usage;
use crate::cli::sending::SendingOptions;
use crate::http::request::UserField;
pub(super) use crate::http::secret::is_secret;
use crate::policy::{Hop, Sends};

/// How the field lines of an option are read.
#[derive(Clone, Copy, Default)]
pub(super) struct LineRules {
    /// `Name:` is a field with an empty value: there is no default field that it could take away.
    pub(super) keeps_empty: bool,
    /// Lines of a file without a colon, or without a name before it, are passed over.
    pub(super) skips_incomplete: bool,
}

/// The field lines of `option`, with those that `@FILE` stands for.
pub(super) fn read(arguments: &[OsString], option: &str, rules: LineRules) -> anyhow::Result<Vec<UserField>> {
    let mut fields = Vec::new();
    for argument in arguments {
        match argument.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(path) => {
                let content = input_file::read(OsStr::new(path), option)?;
                let lines = content.split(|&byte| byte == b'\n');
                for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
                    let is_skipped = rules.skips_incomplete
                        && (UserField::parse(line).is_none() || line.starts_with(b":"));
                    if !line.is_empty() && !is_skipped {
                        fields.push(read_line(option, line, rules)?);
                    }
                }
            }
            // An empty variable of a script.
            None if argument.is_empty() => {}
            None => fields.push(read_line(option, argument.as_encoded_bytes(), rules)?),
        }
    }
    Ok(fields)
}

/// Drops the lines of `arguments` that have no colon, or no name before it, and warns of each.
pub(super) fn drop_incomplete(arguments: &mut Vec<OsString>, option: &str, tell: &mut dyn FnMut(String)) {
    arguments.retain(|argument| {
        let line = argument.as_encoded_bytes();
        let is_field = UserField::parse(line).is_some() && (line.contains(&b':') || line.ends_with(b";"));
        let has_name = !line.starts_with(b":");
        let is_kept = line.is_empty() || line.starts_with(b"@") || is_field && has_name;
        if !is_kept {
            let lacks = if has_name { "colon" } else { "name" };
            tell(format!("{option}: {} has no {lacks}: it is not sent", shown(line)));
        }
        is_kept
    });
}

fn read_line(option: &str, line: &[u8], rules: LineRules) -> anyhow::Result<UserField> {
    refuse_controls(option, line)?;
    match UserField::parse(line) {
        Some(UserField::Remove(_)) if rules.keeps_empty => Ok(UserField::Line(line.to_vec())),
        Some(field) => Ok(field),
        None => {
            let help = "has no colon; use --send to send a line without one";
            Err(usage(option, format!("{} {help}", shown(line))))
        }
    }
}

/// `line` in a message: what may be a secret is left out.
fn shown(line: &[u8]) -> String {
    name_alone(line).map_or("a line".to_owned(), |name| format!("{name} …"))
}

/// The word that `line` begins with, where it looks like a name and more follows:
/// all else may be a secret.
fn name_alone(line: &[u8]) -> Option<&str> {
    let name = line.split(|byte| b" \t=".contains(byte)).next().filter(|name| name.len() < line.len())?;
    let looks_like_name = name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    str::from_utf8(name).ok().filter(|name| looks_like_name && !name.is_empty())
}

/// No option's value may end a line; `--send` is the way to send such bytes.
pub(super) fn refuse_line_ends(options: &SendingOptions) -> anyhow::Result<()> {
    let single = [
        ("--request", &options.request),
        ("--user-agent", &options.user_agent),
        ("--referer", &options.referer),
        ("--range", &options.range),
        ("--request-target", &options.request_target),
    ];
    for (name, value) in single.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?))) {
        refuse_controls(name, value.as_encoded_bytes())?;
    }
    Ok(())
}

/// Refuses a value that would end a line on the wire.
pub(super) fn refuse_controls(name: &str, value: &[u8]) -> anyhow::Result<()> {
    if value.iter().any(|byte| b"\r\n\0".contains(byte)) {
        let help = "a value contains CR, LF or NUL; use --send to send them";
        return Err(usage(name, help));
    }
    Ok(())
}

/// Whether `field` is sent to `hop`: Host belongs to its origin, a secret
/// to the first one's, and what describes content (RFC 9110 §15.4) to content.
/// What takes a default field away always does.
pub(super) fn goes_along(field: &UserField, hop: &Hop, lost_content: bool) -> bool {
    if matches!(field, UserField::Remove(_)) {
        return true;
    }
    let name = field.name();
    let describes_content = name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
        || ["transfer-encoding", "trailer", "expect", "digest"].iter().any(|name| field.is(name));
    !(hop.standing.is_elsewhere && field.is("host")
        || !hop.standing.has_secrets && is_secret(name)
        || lost_content && hop.sends == Sends::Nothing && describes_content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::uri::{Scheme, Uri};
    use crate::policy::boundary::OriginTrust;

    #[test]
    fn what_goes_along_with_a_redirect() {
        let uri = Uri::parse(b"http://h/", Scheme::Http).expect("a URL");
        let standing = OriginTrust { is_elsewhere: true, has_secrets: false, ..OriginTrust::FIRST };
        let elsewhere = Hop { standing, ..Hop::first(uri, Sends::Nothing) };
        let goes = |line: &str, hop: &Hop| {
            goes_along(&UserField::parse(line.as_bytes()).expect("a field"), hop, true)
        };
        for line in ["Accept: a", "Cookie:", "Host:"] {
            assert!(goes(line, &elsewhere), "{line}");
        }
        for line in ["Host: x", "X-Token: y", "content-type: a", "Transfer-Encoding: chunked"] {
            assert!(!goes(line, &elsewhere), "{line}");
        }
        let trusted = Hop { standing: OriginTrust { has_secrets: true, ..standing }, ..elsewhere };
        assert!(goes("X-Token: y", &trusted) && !goes("Host: x", &trusted));
        let sending = Hop { sends: Sends::Data, ..trusted };
        assert!(goes("Content-Type: a", &sending));
    }
}
