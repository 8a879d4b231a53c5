//! Structured fields (RFC 9651): the parser of §4.2, and which field has which type.
//!
//! Of the values only what a type check looks at is kept. Parsing is linear in
//! the value, and nesting is at most one deep by the grammar.

use std::collections::BTreeSet;

use crate::http::syntax::is_tchar;

/// What is wrong with a structured field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It does not parse.
    Syntax,
    /// It parses, and is not of the field's type.
    Type(&'static str),
    /// A key is there twice; the last counts.
    RepeatedKey,
}

/// A structured field and what it must be.
pub(super) struct Definition {
    pub(super) name: &'static str,
    kind: Kind,
}

enum Kind {
    /// An Item of this type.
    Item(Type),
    /// A List whose members are all Items of one of these types.
    List(&'static [Type], &'static str),
    /// A Dictionary whose values all pass this.
    Dictionary(fn(&Member<'_>) -> bool, &'static str),
}

/// The structured fields that are checked.
pub(super) const DEFINITIONS: &[Definition] = &[
    define("Accept-CH", Kind::List(&[Type::Token], "a list of tokens")),
    define("Cache-Status", Kind::List(TOKEN_OR_STRING, "a list of tokens or strings")),
    define("Proxy-Status", Kind::List(TOKEN_OR_STRING, "a list of tokens or strings")),
    define("Cache-Groups", Kind::List(&[Type::String], "a list of strings")),
    define("Cross-Origin-Opener-Policy", Kind::Item(Type::Token)),
    define("Cross-Origin-Embedder-Policy", Kind::Item(Type::Token)),
    define("Deprecation", Kind::Item(Type::Date)),
    define("Origin-Agent-Cluster", Kind::Item(Type::Boolean)),
    define("Reporting-Endpoints", Kind::Dictionary(|value| value.is(Type::String), "strings")),
    define("Content-Digest", Kind::Dictionary(|value| value.is(Type::Bytes), "byte sequences")),
    define("Repr-Digest", Kind::Dictionary(|value| value.is(Type::Bytes), "byte sequences")),
    define("Permissions-Policy", Kind::Dictionary(is_allowlist, "inner lists, or the tokens * and self")),
    define("Priority", Kind::Dictionary(|_| true, "values")),
    define("CDN-Cache-Control", Kind::Dictionary(|_| true, "values")),
    define("No-Vary-Search", Kind::Dictionary(|_| true, "values")),
    define("Use-As-Dictionary", Kind::Dictionary(|_| true, "values")),
];

const TOKEN_OR_STRING: &[Type] = &[Type::Token, Type::String];

const fn define(name: &'static str, kind: Kind) -> Definition {
    Definition { name, kind }
}

fn is_allowlist(value: &Member<'_>) -> bool {
    match value {
        Member::InnerList => true,
        Member::Item(item) => matches!(item, Item { kind: Type::Token, text: b"*" | b"self" }),
    }
}

/// Judges `value`: all lines of the field joined by `, `.
pub(super) fn check(definition: &Definition, value: &[u8]) -> Result<(), Problem> {
    let mut parser = Parser { rest: value, has_repeated_key: false };
    let is_right_type = match &definition.kind {
        Kind::Item(kind) => parser.whole(Parser::item).map(|item| item.kind == *kind),
        Kind::List(kinds, _) => parser
            .whole(Parser::list)
            .map(|members| members.iter().all(|member| kinds.iter().any(|kind| member.is(*kind)))),
        Kind::Dictionary(check, _) => {
            parser.whole(Parser::dictionary).map(|members| members.iter().all(check))
        }
    };
    match is_right_type {
        None => Err(Problem::Syntax),
        Some(false) => Err(Problem::Type(definition.expected())),
        Some(true) if parser.has_repeated_key => Err(Problem::RepeatedKey),
        Some(true) => Ok(()),
    }
}

impl Definition {
    fn expected(&self) -> &'static str {
        match self.kind {
            Kind::Item(Type::Token) => "a token",
            Kind::Item(Type::Date) => "a date",
            Kind::Item(_) => "a boolean",
            Kind::List(_, expected) | Kind::Dictionary(_, expected) => expected,
        }
    }
}

/// The type of a bare item (RFC 9651 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Integer,
    Decimal,
    String,
    Token,
    Bytes,
    Boolean,
    Date,
    DisplayString,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item<'a> {
    kind: Type,
    /// Its bytes as they stand.
    text: &'a [u8],
}

/// A member of a list, or the value of a dictionary's member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member<'a> {
    Item(Item<'a>),
    InnerList,
}

impl Member<'_> {
    fn is(&self, kind: Type) -> bool {
        matches!(self, Self::Item(item) if item.kind == kind)
    }
}

/// Reads from the front of `rest`; every method gives `None` where parsing fails.
struct Parser<'a> {
    rest: &'a [u8],
    has_repeated_key: bool,
}

impl<'a> Parser<'a> {
    /// The whole input as one structure, spaces around it allowed (§4.2).
    fn whole<T>(&mut self, parse: fn(&mut Self) -> Option<T>) -> Option<T> {
        self.spaces();
        let parsed = parse(self)?;
        self.spaces();
        self.rest.is_empty().then_some(parsed)
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
    fn dictionary(&mut self) -> Option<Vec<Member<'a>>> {
        let mut keys = BTreeSet::new();
        let mut members = Vec::new();
        while !self.rest.is_empty() {
            let start = self.rest;
            let key = self.key()?;
            self.has_repeated_key |= !keys.insert(key);
            if self.take(b'=') {
                members.push(self.member()?);
            } else {
                self.parameters()?;
                members.push(Member::Item(Item { kind: Type::Boolean, text: &start[..key.len()] }));
            }
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
        loop {
            self.spaces();
            if self.take(b')') {
                self.parameters()?;
                return Some(Member::InnerList);
            }
            self.item()?;
            matches!(self.rest.first(), Some(b' ' | b')')).then_some(())?;
        }
    }

    /// §4.2.3.
    fn item(&mut self) -> Option<Item<'a>> {
        let item = self.bare_item()?;
        self.parameters()?;
        Some(item)
    }

    /// §4.2.3.1.
    fn bare_item(&mut self) -> Option<Item<'a>> {
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
        Some(Item { kind, text: &start[..start.len() - self.rest.len()] })
    }

    /// §4.2.3.2.
    fn parameters(&mut self) -> Option<()> {
        let mut keys = BTreeSet::new();
        while self.take(b';') {
            self.spaces();
            let key = self.key()?;
            self.has_repeated_key |= !keys.insert(key);
            if self.take(b'=') {
                self.bare_item()?;
            }
        }
        Some(())
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
        let data = self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).len();
        let padding = self.skip(|byte| byte == b'=').len();
        self.expect(b':')?;
        let is_whole = data % 4 != 1 && (padding == 0 || padding < 3 && (data + padding).is_multiple_of(4));
        is_whole.then_some(Type::Bytes)
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
