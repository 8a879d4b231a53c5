//! Cache-Control (RFC 9111 §5.2): its directives, with what is wrong in them.

use super::digits::saturating;
use super::field::{FieldLine, FieldSection};
use super::parameter::Parameter;
use super::syntax::{is_token, list_members, split_at_unquoted};

/// Most seconds that caches must be able to count (RFC 9111 §1.2.2).
pub const MAX_SECONDS: u64 = 1 << 31;

/// A member of the list that is not empty.
#[derive(Clone, Copy, Debug)]
pub struct CacheDirective<'a> {
    /// The line it stands on.
    pub line: FieldLine<'a>,
    /// Offset of its first byte in the line's value.
    pub at: usize,
    /// Name and value.
    pub parameter: Parameter<'a>,
}

/// The directives of all lines, in order.
#[derive(Clone, Debug)]
pub struct CacheControl<'a>(Vec<CacheDirective<'a>>);

/// What kind of value a directive has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A number of seconds.
    Seconds {
        /// It may stand without a value.
        is_optional: bool,
    },
    /// None.
    Flag,
    /// A list of field names in a quoted string, or none.
    Names,
}

impl<'a> CacheControl<'a> {
    /// The directives in `fields`.
    pub fn of(fields: &'a FieldSection) -> Self {
        let mut all = Vec::new();
        for line in fields.all("cache-control") {
            let members = split_at_unquoted(line.value, b',').filter(|(_, member)| !member.is_empty());
            all.extend(members.map(|(at, member)| CacheDirective {
                line,
                at,
                parameter: Parameter::of(member),
            }));
        }
        Self(all)
    }

    /// All of them, malformed ones too.
    pub fn iter(&self) -> impl Iterator<Item = &CacheDirective<'a>> {
        self.0.iter()
    }

    /// The first well-formed directive `name`: it counts where there are several (RFC 9111 §4.2.1).
    pub fn get(&self, name: &str) -> Option<&CacheDirective<'a>> {
        self.0.iter().find(|directive| directive.parameter.is(name) && directive.is_directive())
    }

    /// Whether there is a directive `name`.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether `name` is there without a value.
    pub fn has_plain(&self, name: &str) -> bool {
        let mut all = self.0.iter().filter(|directive| directive.is_directive());
        all.any(|directive| directive.parameter.is(name) && directive.parameter.value.is_none())
    }

    /// The seconds that the first directive `name` says, quoted or not.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        saturating(&self.get(name)?.parameter.text())
    }
}

impl CacheDirective<'_> {
    /// Whether it matches `token [ "=" ( token / quoted-string ) ]`.
    pub fn is_directive(&self) -> bool {
        self.parameter.is_valid() && !self.parameter.is_spaced
    }

    /// Whether it matches the grammar, and has the value that a response directive
    /// of its name has (RFC 9111 §5.2.2, RFC 5861, RFC 8246).
    pub fn is_valid_in_response(&self) -> bool {
        self.is_directive() && self.has_value_of(response_kind(&self.parameter.name.to_ascii_lowercase()))
    }

    /// Whether a request may have it, with such a value (RFC 9111 §5.2.1). A directive of responses
    /// is held against what it means there.
    pub fn is_valid_in_request(&self) -> bool {
        let name = self.parameter.name.to_ascii_lowercase();
        let kind = match name.as_slice() {
            b"max-stale" => Some(ArgumentKind::Seconds { is_optional: true }),
            b"min-fresh" => Some(ArgumentKind::Seconds { is_optional: false }),
            b"only-if-cached" => Some(ArgumentKind::Flag),
            // Unknown arguments are ignored.
            b"no-cache" => None,
            name => response_kind(name),
        };
        self.is_directive() && self.has_value_of(kind)
    }

    /// Whether the value is a quoted list of field names (RFC 9111 §5.2.2.4).
    fn has_names(&self) -> bool {
        let is_name = |name: &[u8]| name.is_empty() || is_token(name);
        self.parameter.is_quoted() && list_members(&self.parameter.text()).all(is_name)
    }

    fn has_value_of(&self, kind: Option<ArgumentKind>) -> bool {
        let value = self.parameter.value;
        match kind {
            // No sender may write the quoted form (RFC 9111 §5.2.2.1).
            Some(ArgumentKind::Seconds { is_optional }) => value
                .map_or(is_optional, |value| saturating(value).is_some_and(|seconds| seconds <= MAX_SECONDS)),
            Some(ArgumentKind::Flag) => value.is_none(),
            Some(ArgumentKind::Names) => value.is_none() || self.has_names(),
            None => true,
        }
    }
}

/// What kind of value the response directive `name`, in lower case, has; `None` where it is unknown.
pub fn response_kind(name: &[u8]) -> Option<ArgumentKind> {
    Some(match name {
        b"max-age" | b"s-maxage" | b"stale-while-revalidate" | b"stale-if-error" => {
            ArgumentKind::Seconds { is_optional: false }
        }
        b"no-store" | b"must-revalidate" | b"proxy-revalidate" | b"public" | b"must-understand"
        | b"no-transform" | b"immutable" => ArgumentKind::Flag,
        b"no-cache" | b"private" => ArgumentKind::Names,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Deviations;
    use crate::http::field::SectionKind;

    fn fields(value: &str) -> FieldSection {
        let raw = format!("Cache-Control: {value}\r\n\r\n");
        crate::http::field::parse(raw.as_bytes(), 0, 0, SectionKind::Header, &mut Deviations::default())
    }

    fn judged(value: &str) -> Vec<(bool, bool)> {
        let fields = fields(value);
        CacheControl::of(&fields)
            .iter()
            .map(|one| (one.is_valid_in_response(), one.is_valid_in_request()))
            .collect()
    }

    #[test]
    fn values_are_held_against_names() {
        for valid in ["max-age=5", "Private=\"a, b\"", "no-cache", "no-store", "x=y", "x=\"y\""] {
            assert_eq!(judged(valid), [(true, true)], "{valid}");
        }
        for invalid in [
            "max-age",
            "max-age=\"5\"",
            "max-age=-1",
            "no-store=1",
            "a b",
            "\"a\"",
            "private=\"@\"",
            "=5",
            "a=",
            "a = 5",
        ] {
            assert_eq!(judged(invalid), [(false, false)], "{invalid}");
        }
        assert_eq!(judged("max-age=2147483648, max-age=2147483649"), [(true, true), (false, false)]);
        assert_eq!(
            judged("max-stale, min-fresh, min-fresh=\"1\""),
            [(true, true), (true, false), (true, false)]
        );
        assert_eq!(judged("no-cache=x, private=x, ,"), [(false, true), (false, false)]);
    }
    #[test]
    fn the_first_well_formed_directive_of_a_name_counts() {
        let fields = fields("max-age = 1, max-age=\"2\", max-age=3, private=\"a\", no-cache, no-cache=\"b\"");
        let control = CacheControl::of(&fields);
        assert_eq!(control.seconds("max-age"), Some(2));
        assert!(control.has("Private") && !control.has_plain("private"));
        assert!(control.has_plain("no-cache") && !control.has("no-store"));
    }
}
