//! Structured fields (RFC 9651): the parsing algorithms of §4.2.
//!
//! Items are kept as the bytes that stand there. Parsing is linear in the value,
//! and nesting is at most one deep by the grammar.

use std::collections::BTreeSet;

use super::base64;
use super::syntax::is_tchar;

/// What parsing gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The structure; of a repeated key each value.
    pub value: T,
    /// A key of a dictionary or of parameters is there twice: the last counts.
    pub has_repeated_key: bool,
}

/// The type of a bare item (§3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// At most 15 digits.
    Integer,
    /// At most 12 digits before the point and 3 behind it.
    Decimal,
    /// ASCII in double quotes.
    String,
    /// A word.
    Token,
    /// Base64 between colons.
    Bytes,
    /// `?0` or `?1`.
    Boolean,
    /// `@` and seconds since 1970.
    Date,
    /// Percent-encoded UTF-8 in `%"…"`.
    DisplayString,
}

/// A bare item (§3.3): what an item is without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BareItem<'a> {
    /// Its type.
    pub kind: Type,
    /// Its bytes as they stand; of a key without a value, the key.
    pub text: &'a [u8],
}

impl BareItem<'_> {
    /// The bytes of a byte sequence.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        base64::decode_lenient(self.text.strip_prefix(b":")?.strip_suffix(b":")?)
    }
}

/// The parameters of an item or inner list; those without a value are true.
pub type Parameters<'a> = Vec<(&'a [u8], Option<BareItem<'a>>)>;

/// An item with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The value without its parameters.
    pub bare: BareItem<'a>,
    /// In their order.
    pub parameters: Parameters<'a>,
}

/// A member of a list, or the value of a dictionary's member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member<'a> {
    /// One item.
    Item(Item<'a>),
    /// Items in parentheses, and the parameters behind them.
    InnerList(Vec<Item<'a>>, Parameters<'a>),
}

impl Member<'_> {
    /// Whether the member is an item of type `kind`.
    pub fn is(&self, kind: Type) -> bool {
        matches!(self, Self::Item(item) if item.bare.kind == kind)
    }
}

/// The members of a dictionary with their keys, in their order.
pub type Dictionary<'a> = Vec<(&'a [u8], Member<'a>)>;

/// Reads `value`, all lines of a field joined by `, `, as an Item.
pub fn item(value: &[u8]) -> Option<Parsed<Item<'_>>> {
    Parser::whole(value, Parser::item)
}

/// Reads `value` as a List.
pub fn list(value: &[u8]) -> Option<Parsed<Vec<Member<'_>>>> {
    Parser::whole(value, Parser::list)
}

/// Reads `value` as a Dictionary.
pub fn dictionary(value: &[u8]) -> Option<Parsed<Dictionary<'_>>> {
    Parser::whole(value, Parser::dictionary)
}

/// Reads from the front of `rest`; every method gives `None` where parsing fails.
struct Parser<'a> {
    rest: &'a [u8],
    has_repeated_key: bool,
}

impl<'a> Parser<'a> {
    /// The whole input as one structure, spaces around it allowed (§4.2).
    fn whole<T>(value: &'a [u8], parse: fn(&mut Self) -> Option<T>) -> Option<Parsed<T>> {
        let mut parser = Self { rest: value, has_repeated_key: false };
        parser.spaces();
        let value = parse(&mut parser)?;
        parser.spaces();
        parser.rest.is_empty().then_some(Parsed { value, has_repeated_key: parser.has_repeated_key })
    }

    /// §4.2.1.
    fn list(&mut self) -> Option<Vec<Member<'a>>> {
        let mut members = Vec::new();
        while !self.rest.is_empty() {
            members.push(self.member()?);
            if !self.comma()? {
                break;
            }
        }
        Some(members)
    }

    /// §4.2.2.
    fn dictionary(&mut self) -> Option<Dictionary<'a>> {
        let mut keys = BTreeSet::new();
        let mut members = Vec::new();
        while !self.rest.is_empty() {
            let key = self.key()?;
            self.has_repeated_key |= !keys.insert(key);
            let member = if self.take(b'=') {
                self.member()?
            } else {
                let bare = BareItem { kind: Type::Boolean, text: key };
                Member::Item(Item { bare, parameters: self.parameters()? })
            };
            members.push((key, member));
            if !self.comma()? {
                break;
            }
        }
        Some(members)
    }

    /// Takes the comma between members; `false` at the end, `None` where
    /// something else or nothing follows.
    fn comma(&mut self) -> Option<bool> {
        self.ows();
        if self.rest.is_empty() {
            return Some(false);
        }
        self.expect(b',')?;
        self.ows();
        (!self.rest.is_empty()).then_some(true)
    }

    fn member(&mut self) -> Option<Member<'a>> {
        if self.rest.first() == Some(&b'(') { self.inner_list() } else { self.item().map(Member::Item) }
    }

    /// §4.2.1.2.
    fn inner_list(&mut self) -> Option<Member<'a>> {
        self.expect(b'(')?;
        let mut items = Vec::new();
        loop {
            self.spaces();
            if self.take(b')') {
                return Some(Member::InnerList(items, self.parameters()?));
            }
            items.push(self.item()?);
            matches!(self.rest.first(), Some(b' ' | b')')).then_some(())?;
        }
    }

    /// §4.2.3.
    fn item(&mut self) -> Option<Item<'a>> {
        let bare = self.bare_item()?;
        Some(Item { bare, parameters: self.parameters()? })
    }

    /// §4.2.3.1.
    fn bare_item(&mut self) -> Option<BareItem<'a>> {
        let start = self.rest;
        let kind = match self.rest.first()? {
            b'-' | b'0'..=b'9' => self.number()?,
            b'"' => self.string()?,
            b'A'..=b'Z' | b'a'..=b'z' | b'*' => {
                self.skip(|byte| is_tchar(byte) || matches!(byte, b':' | b'/'));
                Type::Token
            }
            b':' => self.bytes()?,
            b'?' => self.boolean()?,
            b'@' => self.date()?,
            b'%' => self.display_string()?,
            _ => return None,
        };
        Some(BareItem { kind, text: &start[..start.len() - self.rest.len()] })
    }

    /// §4.2.3.2.
    fn parameters(&mut self) -> Option<Parameters<'a>> {
        let mut keys = BTreeSet::new();
        let mut parameters = Vec::new();
        while self.take(b';') {
            self.spaces();
            let key = self.key()?;
            self.has_repeated_key |= !keys.insert(key);
            let value = if self.take(b'=') { Some(self.bare_item()?) } else { None };
            parameters.push((key, value));
        }
        Some(parameters)
    }

    /// §4.2.3.3.
    fn key(&mut self) -> Option<&'a [u8]> {
        matches!(self.rest.first()?, b'a'..=b'z' | b'*').then_some(())?;
        Some(self.skip(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*')
        }))
    }

    /// §4.2.4: at most 15 digits, or 12 before and 3 after the point.
    fn number(&mut self) -> Option<Type> {
        self.take(b'-');
        let whole = self.skip(|byte| byte.is_ascii_digit()).len();
        if !self.take(b'.') {
            return (1..=15).contains(&whole).then_some(Type::Integer);
        }
        let fraction = self.skip(|byte| byte.is_ascii_digit()).len();
        ((1..=12).contains(&whole) && (1..=3).contains(&fraction)).then_some(Type::Decimal)
    }

    /// §4.2.5.
    fn string(&mut self) -> Option<Type> {
        self.expect(b'"')?;
        loop {
            match self.next()? {
                b'"' => return Some(Type::String),
                b'\\' => matches!(self.next()?, b'"' | b'\\').then_some(())?,
                0x20..=0x7E => {}
                _ => return None,
            }
        }
    }

    /// §4.2.7; padding may be left out.
    fn bytes(&mut self) -> Option<Type> {
        self.expect(b':')?;
        let text = self.skip(|byte| byte != b':');
        self.expect(b':')?;
        base64::decode_lenient(text).map(|_| Type::Bytes)
    }

    /// §4.2.8.
    fn boolean(&mut self) -> Option<Type> {
        self.expect(b'?')?;
        matches!(self.next()?, b'0' | b'1').then_some(Type::Boolean)
    }

    /// §4.2.9.
    fn date(&mut self) -> Option<Type> {
        self.expect(b'@')?;
        (self.number()? == Type::Integer).then_some(Type::Date)
    }

    /// §4.2.10: percent-encoded UTF-8 in lower-case digits.
    fn display_string(&mut self) -> Option<Type> {
        self.expect(b'%')?;
        self.expect(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return str::from_utf8(&text).is_ok().then_some(Type::DisplayString),
                b'%' => text.push(self.hex()? << 4 | self.hex()?),
                byte @ 0x20..=0x7E => text.push(byte),
                _ => return None,
            }
        }
    }

    fn hex(&mut self) -> Option<u8> {
        match self.next()? {
            digit @ b'0'..=b'9' => Some(digit - b'0'),
            digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.rest.first() == Some(&wanted);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.take(wanted).then_some(())
    }

    fn skip(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&byte| !is_wanted(byte)).unwrap_or(self.rest.len());
        let (skipped, rest) = self.rest.split_at(end);
        self.rest = rest;
        skipped
    }

    fn spaces(&mut self) {
        self.skip(|byte| byte == b' ');
    }

    fn ows(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
    }
}

#[cfg(test)]
#[path = "structured_tests.rs"]
mod tests;
