//! What the directives of a response mean together, whichever field says them:
//! Cache-Control (RFC 9111 §5.2.2) or CDN-Cache-Control (RFC 9213).

use super::cache_control::{CacheControl, MAX_SECONDS};
use super::digits::saturating;
use super::field::FieldSection;
use super::structured::{self, BareItem, Member, Type};
use super::syntax::{list_members, unquote};

/// The directives that RFC 9111, RFC 5861 and RFC 8246 define.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// `no-store`.
    pub no_store: bool,
    /// `no-cache`.
    pub no_cache: DirectiveScope,
    /// `private`.
    pub private: DirectiveScope,
    /// `public`.
    pub public: bool,
    /// `must-understand`.
    pub must_understand: bool,
    /// `must-revalidate`.
    pub must_revalidate: bool,
    /// `proxy-revalidate`.
    pub proxy_revalidate: bool,
    /// `immutable`.
    pub immutable: bool,
    /// `max-age`.
    pub max_age: Seconds,
    /// `s-maxage`.
    pub shared_max_age: Seconds,
    /// `stale-while-revalidate`.
    pub while_revalidating: Seconds,
    /// `stale-if-error`.
    pub if_error: Seconds,
}

/// What `no-cache` or `private` is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DirectiveScope {
    /// The directive is not there.
    #[default]
    Nothing,
    /// These fields, in lower case.
    Fields(Vec<Vec<u8>>),
    /// The whole response.
    All,
}

/// A number of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seconds {
    /// The directive is not there.
    #[default]
    Absent,
    /// Its value is not 1*DIGIT.
    Malformed,
    /// A number.
    Is(u64),
}

impl DirectiveScope {
    /// The fields, where it is about some.
    pub fn fields(&self) -> Vec<Vec<u8>> {
        if let Self::Fields(names) = self { names.clone() } else { Vec::new() }
    }

    /// Of two directives of one name the stricter counts.
    fn and(&mut self, other: Self) {
        *self = match (std::mem::take(self), other) {
            (Self::Fields(mut names), Self::Fields(others)) => {
                names.extend(others);
                Self::Fields(names)
            }
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, scope) | (scope, Self::Nothing) => scope,
        };
    }
}

impl Seconds {
    /// The number, where there is one.
    pub fn known(self) -> Option<u64> {
        if let Self::Is(seconds) = self { Some(seconds) } else { None }
    }
}

impl Directives {
    /// The directives of Cache-Control.
    pub fn of(fields: &FieldSection) -> Self {
        let mut all = Self::default();
        for directive in CacheControl::of(fields).iter() {
            let parameter = &directive.parameter;
            let value = parameter.value.map(unquote);
            // Not all caches read a value with spaces before it: freshness is not to be had from it.
            let value = value.map(|value| if parameter.is_spaced { Vec::new() } else { value });
            all.take(&parameter.name.to_ascii_lowercase(), value.as_deref());
        }
        all
    }

    /// The directives of CDN-Cache-Control; `None` where it is absent, empty, or no dictionary: then
    /// the caches it is for go by Cache-Control (RFC 9213 §2.1).
    pub fn targeted(fields: &FieldSection) -> Option<Self> {
        let lines: Vec<_> = fields.all("cdn-cache-control").map(|line| line.value).collect();
        let value = lines.join(&b", "[..]);
        let dictionary = structured::dictionary(&value)?.value;
        let mut all = Self::default();
        // Of a repeated key the last counts.
        for (name, member) in dictionary.iter().rev() {
            if let Member::Item(item) = member {
                all.take_typed(name, item.bare);
            }
        }
        (!dictionary.is_empty()).then_some(all)
    }

    /// Whether a shared cache may store a response to a request with Authorization
    /// (RFC 9111 §3.5).
    pub fn lets_share(&self) -> bool {
        self.public || self.must_revalidate || self.shared_max_age != Seconds::Absent
    }

    /// A value of another type than the directive has is no value (RFC 9213 §2.1).
    fn take_typed(&mut self, name: &[u8], bare: BareItem<'_>) {
        let is_list = matches!(name, b"no-cache" | b"private");
        match bare.kind {
            Type::Boolean if bare.text == b"?0" => {}
            Type::Boolean => self.take(name, None),
            Type::Integer => self.take(name, Some(bare.text)),
            Type::String if is_list => self.take(name, Some(&unquote(bare.text))),
            _ => self.take(name, Some(&[])),
        }
    }

    fn take(&mut self, name: &[u8], value: Option<&[u8]>) {
        match name {
            b"no-store" => self.no_store = true,
            b"no-cache" => self.no_cache.and(scope(value)),
            b"private" => self.private.and(scope(value)),
            b"public" => self.public = true,
            b"must-understand" => self.must_understand = true,
            b"must-revalidate" => self.must_revalidate = true,
            b"proxy-revalidate" => self.proxy_revalidate = true,
            b"immutable" => self.immutable = true,
            b"max-age" => first(&mut self.max_age, value),
            b"s-maxage" => first(&mut self.shared_max_age, value),
            b"stale-while-revalidate" => first(&mut self.while_revalidating, value),
            b"stale-if-error" => first(&mut self.if_error, value),
            _ => {}
        }
    }
}

fn scope(value: Option<&[u8]>) -> DirectiveScope {
    let names = list_members(value.unwrap_or_default()).filter(|name| !name.is_empty());
    let names: Vec<_> = names.map(<[u8]>::to_ascii_lowercase).collect();
    if names.is_empty() { DirectiveScope::All } else { DirectiveScope::Fields(names) }
}

/// The first of several counts (RFC 9111 §4.2.1), as 2^31 at most (§1.2.2).
fn first(seconds: &mut Seconds, value: Option<&[u8]>) {
    if *seconds == Seconds::Absent {
        *seconds = value
            .and_then(saturating)
            .map_or(Seconds::Malformed, |seconds| Seconds::Is(seconds.min(MAX_SECONDS)));
    }
}
