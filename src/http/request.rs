//! Building a request's head (RFC 9112 §3), byte for byte what the user requested.

use super::response::Version;
use super::syntax::trim_ows;

/// The request line's parts (RFC 9112 §3), sent as they are, whatever bytes they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The method, in the case that the user gave it.
    pub method: Vec<u8>,
    /// The request target, in one of the four forms of RFC 9112 §3.2 or as the user wants it.
    pub target: Vec<u8>,
    /// What stands behind `HTTP/`.
    pub version: Version,
}

/// A field that is sent unless the user says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultField {
    /// The field name, as it is spelt on the wire.
    pub name: &'static str,
    /// The field value, which may hold any bytes.
    pub value: Vec<u8>,
    /// It stands behind the user's own field lines, and not before them.
    pub is_last: bool,
}

impl DefaultField {
    /// A field that stands before the user's own.
    pub fn new(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { name, value: value.into(), is_last: false }
    }

    /// A field that stands behind the user's own.
    pub fn last(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { is_last: true, ..Self::new(name, value) }
    }
}

/// What one `-H` requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserField {
    /// Send this line, in place of a default field of that name.
    Line(Vec<u8>),
    /// Send no default field of this name.
    Remove(Vec<u8>),
}

impl UserField {
    /// Reads `Name: value` (sent as it stands), `Name:` (removes) and `Name;`
    /// (sent without a value). `None` where there is neither.
    pub fn parse(argument: &[u8]) -> Option<Self> {
        match argument.iter().position(|&byte| byte == b':') {
            Some(colon) if trim_ows(&argument[colon + 1..]).is_empty() => {
                Some(Self::Remove(trim_ows(&argument[..colon]).to_vec()))
            }
            Some(_) => Some(Self::Line(argument.to_vec())),
            None => {
                let name = trim_ows(argument).strip_suffix(b";")?;
                Some(Self::Line([name, b":"].concat()))
            }
        }
    }

    /// The argument of `-H` that sends it.
    pub fn argument(&self) -> Vec<u8> {
        match self {
            Self::Line(line) if line.ends_with(b":") => [&line[..line.len() - 1], b";"].concat(),
            Self::Line(line) => line.clone(),
            Self::Remove(name) => [name, &b":"[..]].concat(),
        }
    }

    /// All that stands before the colon: with whitespace in it, it is no name that anybody knows.
    pub fn name(&self) -> &[u8] {
        match self {
            Self::Remove(name) => name,
            Self::Line(line) => {
                let end = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
                &line[..end]
            }
        }
    }

    /// The field's value, whitespace at its ends removed; empty where it is removed.
    pub fn value(&self) -> &[u8] {
        match self {
            Self::Remove(_) => &[],
            Self::Line(line) => {
                let colon = line.iter().position(|&byte| byte == b':').map_or(line.len(), |colon| colon + 1);
                trim_ows(&line[colon..])
            }
        }
    }

    /// Whether this is about the field `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The head's bytes: request line, the default fields that the user neither
/// replaced nor removed, the user's own lines in their order, the default fields
/// that come last, an empty line. Host alone stays first when it is replaced.
pub fn head(line: &RequestLine, defaults: &[DefaultField], user: &[UserField]) -> Vec<u8> {
    // Host is the first of the default fields; where there is none, there is no place to keep.
    let keeps_host_first = defaults.first().is_some_and(|field| field.name == "Host");
    let mut head = Vec::with_capacity(256);
    head.extend_from_slice(&line.method);
    head.push(b' ');
    head.extend_from_slice(&line.target);
    match line.version {
        Version::HTTP_11 => head.extend_from_slice(b" HTTP/1.1\r\n"),
        Version(major, minor) => head.extend_from_slice(format!(" HTTP/{major}.{minor}\r\n").as_bytes()),
    }
    for field in user.iter().filter(|field| keeps_host_first && field.is("host")) {
        push_user(&mut head, field);
    }
    push_defaults(&mut head, defaults.iter().filter(|field| !field.is_last), user);
    for field in user.iter().filter(|field| !(keeps_host_first && field.is("host"))) {
        push_user(&mut head, field);
    }
    push_defaults(&mut head, defaults.iter().filter(|field| field.is_last), user);
    head.extend_from_slice(b"\r\n");
    head
}

fn push_user(head: &mut Vec<u8>, field: &UserField) {
    if let UserField::Line(line) = field {
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
}

/// The default fields that the user has neither given nor removed.
fn push_defaults<'d>(
    head: &mut Vec<u8>,
    defaults: impl Iterator<Item = &'d DefaultField>,
    user: &[UserField],
) {
    for field in defaults {
        if user.iter().any(|own| own.is(field.name)) {
            continue;
        }
        head.extend_from_slice(field.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(&field.value);
        head.extend_from_slice(b"\r\n");
    }
}

/// The method that frames the response to raw bytes: their first token, after
/// empty lines (RFC 9112 §2.2).
pub fn method_of(raw: &[u8]) -> &[u8] {
    let start = raw.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(raw.len());
    let raw = &raw[start..];
    &raw[..raw.iter().position(|byte| b" \t\r\n".contains(byte)).unwrap_or(raw.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(defaults: &[DefaultField], user: &[&str]) -> String {
        let line = RequestLine { method: b"GET".to_vec(), target: b"/".to_vec(), version: Version::HTTP_11 };
        let user: Vec<_> =
            user.iter().map(|own| UserField::parse(own.as_bytes()).expect("a field")).collect();
        String::from_utf8(head(&line, defaults, &user)).expect("text").replace("\r\n", "|")
    }

    #[test]
    fn user_fields_replace_remove_and_stand_in_their_order() {
        let defaults = [
            DefaultField::new("Host", "h"),
            DefaultField::new("User-Agent", "ua"),
            DefaultField::new("Accept", "*/*"),
            DefaultField::last("Connection", "close"),
        ];
        assert_eq!(
            build(&defaults, &[]),
            "GET / HTTP/1.1|Host: h|User-Agent: ua|Accept: */*|Connection: close||"
        );
        assert_eq!(
            build(&defaults, &["x:1", "accept:  a", "X: 2 ", "User-Agent:", "E;"]),
            "GET / HTTP/1.1|Host: h|x:1|accept:  a|X: 2 |E:|Connection: close||"
        );
        assert_eq!(
            build(&defaults, &["A: b", "hOST: other", "Connection:"]),
            "GET / HTTP/1.1|hOST: other|User-Agent: ua|Accept: */*|A: b||"
        );
        assert_eq!(build(&defaults[..1], &["Host:"]), "GET / HTTP/1.1||");
        assert_eq!(UserField::parse(b"word"), None);
    }

    #[test]
    fn the_method_of_raw_bytes_is_their_first_token() {
        assert_eq!(method_of(b"\r\nHEAD / HTTP/1.1\r\n"), b"HEAD");
        assert_eq!(method_of(b"GET"), b"GET");
        assert_eq!(method_of(b""), b"");
    }
}
