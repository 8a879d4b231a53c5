//! A distinguished name in words (RFC 4514).
//!
//! The names of attribute types stand here, and not in the crate's list of some two thousand object identifiers,
//! which the loader would have to relocate at each start.

use std::fmt::Write;

use crate::http::base16;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{BmpString, Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::{Encode, Tag, Tagged};
use x509_cert::name::Name;

/// Attribute types of names, and what they are called (RFC 4514 §3, RFC 5280 App. A.1, CA/Browser Forum EV §7.1.4).
const TYPES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "TITLE"),
    ("2.5.4.13", "DESCRIPTION"),
    ("2.5.4.15", "BUSINESSCATEGORY"),
    ("2.5.4.17", "POSTALCODE"),
    ("2.5.4.41", "NAME"),
    ("2.5.4.42", "GIVENNAME"),
    ("2.5.4.43", "INITIALS"),
    ("2.5.4.44", "GENERATIONQUALIFIER"),
    ("2.5.4.46", "DNQUALIFIER"),
    ("2.5.4.65", "PSEUDONYM"),
    ("2.5.4.97", "ORGANIZATIONIDENTIFIER"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "EMAILADDRESS"),
    ("1.3.6.1.4.1.311.60.2.1.1", "JURISDICTIONL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "JURISDICTIONST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "JURISDICTIONC"),
];

/// The name with its last part first, as RFC 4514 §2.1 has it.
pub(super) fn words(name: &Name) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let parts = parts.into_iter().rev().map(|part| {
        let attributes: Vec<String> = part.iter().map(attribute).collect();
        attributes.join("+")
    });
    parts.collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let oid = attribute.oid.to_string();
    let name = TYPES.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name);
    match (name, text(attribute)) {
        (Some(name), Some(text)) => format!("{name}={}", escaped(&text)),
        (name, _) => format!("{}={}", name.unwrap_or(&oid), in_hex(attribute)),
    }
}

/// The value as text, where it is one of the string types.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    match value.tag() {
        Tag::PrintableString => PrintableStringRef::try_from(value).ok().map(|text| text.to_string()),
        Tag::Utf8String => Utf8StringRef::try_from(value).ok().map(|text| text.to_string()),
        Tag::Ia5String => Ia5StringRef::try_from(value).ok().map(|text| text.to_string()),
        Tag::TeletexString => TeletexStringRef::try_from(value).ok().map(|text| text.to_string()),
        Tag::BmpString => BmpString::from_ucs2(value.value()).ok().map(|text| text.to_string()),
        _ => None,
    }
}

/// RFC 4514 §2.4.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (position, c) in text.chars().enumerate() {
        match c {
            '#' if position == 0 => escaped.push_str("\\#"),
            ' ' if position == 0 || position == last => escaped.push_str("\\ "),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => escaped.extend(['\\', c]),
            '\0'..='\x1f' | '\x7f' => {
                // A text in memory takes what is written.
                let _ = write!(escaped, "\\{:02x}", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The value's encoding in hexadecimal digits (RFC 4514 §2.4), for what is no text or of an unknown type.
fn in_hex(attribute: &AttributeTypeAndValue) -> String {
    let der = attribute.value.to_der().unwrap_or_default();
    format!("#{}", base16::encode(&der))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::{Name, words};

    #[test]
    fn the_last_part_comes_first_and_specials_are_escaped() {
        let text = "CN=a\\,b,O=\\#1,C=DE";
        assert_eq!(words(&Name::from_str(text).unwrap()), text);
        assert_eq!(words(&Name::from_str("CN=x+OU=y,DC=org").unwrap()), "CN=x+OU=y,DC=org");
        assert_eq!(words(&Name::from_str("2.5.4.3=\\ a\\ ").unwrap()), "CN=\\ a\\ ");
    }
}
