//! Language tags and ranges (RFC 5646 §2.1, RFC 4647 §2.1): their form, not their registry.

/// Whether `bytes` is a well-formed language tag.
pub fn is_tag(bytes: &[u8]) -> bool {
    let irregular = ["en-GB-oed", "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE"];
    if irregular.iter().any(|tag| tag.as_bytes().eq_ignore_ascii_case(bytes)) {
        return true;
    }
    let subtags: Vec<_> = bytes.split(|&byte| byte == b'-').collect();
    if !subtags.iter().all(|subtag| is_subtag(subtag)) {
        return false;
    }
    match subtags[..] {
        [[b'x' | b'X'], ref private @ ..] => !private.is_empty(),
        [[b'i' | b'I'], name] => name.len() > 2 && is_alpha(name),
        [language, ref rest @ ..] => {
            (2..=8).contains(&language.len()) && is_alpha(language) && fits(language, rest)
        }
        [] => false,
    }
}

/// Whether `rest` may stand behind `language`: extended languages, a script, a region, variants,
/// extensions, private use, each in its place.
fn fits(language: &[u8], rest: &[&[u8]]) -> bool {
    let skip = |from: usize, most: usize, is_one: fn(&[u8]) -> bool| {
        from + rest[from..].iter().take(most).take_while(|subtag| is_one(subtag)).count()
    };
    let most = if language.len() <= 3 { 3 } else { 0 };
    let mut at = skip(0, most, |subtag| subtag.len() == 3 && is_alpha(subtag));
    at = skip(at, 1, |subtag| subtag.len() == 4 && is_alpha(subtag));
    at = skip(at, 1, |subtag| {
        subtag.len() == 2 && is_alpha(subtag) || subtag.len() == 3 && subtag.iter().all(u8::is_ascii_digit)
    });
    at = skip(at, usize::MAX, |subtag| subtag.len() >= 5 || subtag.len() == 4 && subtag[0].is_ascii_digit());
    while let Some([singleton]) = rest.get(at) {
        let is_private = singleton.eq_ignore_ascii_case(&b'x');
        let end = skip(at + 1, usize::MAX, if is_private { |_| true } else { |subtag| subtag.len() > 1 });
        if end == at + 1 {
            return false;
        }
        at = end;
    }
    at == rest.len()
}

fn is_alpha(subtag: &[u8]) -> bool {
    subtag.iter().all(u8::is_ascii_alphabetic)
}

fn is_subtag(subtag: &[u8]) -> bool {
    (1..=8).contains(&subtag.len()) && subtag.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether `bytes` is a basic language range: `*`, or subtags of which the first has letters alone.
pub fn is_range(bytes: &[u8]) -> bool {
    let mut subtags = bytes.split(|&byte| byte == b'-');
    let begins = subtags.next().is_some_and(|first| is_subtag(first) && is_alpha(first));
    bytes == b"*" || begins && subtags.all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_well_formed_or_not() {
        for valid in [
            "en",
            "de-CH-1996",
            "zh-Hant-TW",
            "i-klingon",
            "x-a",
            "zh-min-nan",
            "zh-cmn-Hans-CN",
            "es-419",
            "sl-rozaj-biske-1994",
            "sl-IT-nedis",
            "en-US-u-islamcal",
            "zh-CN-a-myext-x-private",
            "en-x-us",
            "qaa-Qaaa-QM-x-southern",
            "en-GB-oed",
            "sgn-be-fr",
            "ENGLISH",
        ] {
            assert!(is_tag(valid.as_bytes()) && is_range(valid.as_bytes()), "{valid}");
        }
        for invalid in [
            "",
            "en_US",
            "en-",
            "-en",
            "1a",
            "en-abcdefghi",
            "en US",
            "*",
            "a",
            "a-DE",
            "de-419-DE",
            "en-a",
            "en-a-b",
            "x",
            "i-x",
            "en-US-Latn",
            "en-x",
            "english-usa",
            "fr-latn-fr-abc",
        ] {
            assert!(!is_tag(invalid.as_bytes()), "{invalid}");
        }
        assert!(is_range(b"*") && is_range(b"de-DE-CH") && !is_range(b"*-CH") && !is_range(b"1a"));
    }
}
