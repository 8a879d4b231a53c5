//! What is a secret: names that speak of one, and where one stands in a URL.
//!
//! What goes to another origin and what is starred is decided here alone.

use super::uri::percent_decode;

/// A whole word of a name.
const WORDS: [&str; 7] = ["sid", "pass", "pwd", "sign", "sig", "otp", "cred"];
const WORD_END: &str = "key";
/// A whole name: the proof of RFC 9449, which serves whoever has it (§11.1), and only the target it was made for.
const NAME: &[u8] = b"dpop";
/// Anywhere in a name. `auth` is not among them, because of "author".
const PARTS: [&str; 12] = [
    "token",
    "secret",
    "session",
    "cookie",
    "passw",
    "passphrase",
    "credential",
    "jwt",
    "bearer",
    "signature",
    "csrf",
    "xsrf",
];

/// Whether a field, parameter or variable of this name holds a secret: its value
/// stays with the first origin, and is starred in what is shared.
pub(crate) fn is_secret(name: &[u8]) -> bool {
    // What was put between the letters to hide a name does not hide it.
    let letters: Vec<u8> = name
        .iter()
        .filter(|byte| !byte.is_ascii_control() && !byte.is_ascii_whitespace())
        .map(u8::to_ascii_lowercase)
        .collect();
    letters == NAME
        || PARTS.iter().any(|part| has(&letters, part))
        || speaks_of_auth(&letters)
        || words(name).any(is_secret_word)
}

fn has(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|window| window == part.as_bytes())
}

/// Whether `auth` is in `text` other than as part of author or authority.
fn speaks_of_auth(text: &[u8]) -> bool {
    let mut places = (0..text.len()).filter(|&at| text[at..].starts_with(b"auth"));
    places.any(|at| {
        let after = &text[at + 4..];
        let is_authorization = after.starts_with(b"oriz") || after.starts_with(b"oris");
        is_authorization || !after.starts_with(b"or")
    })
}

fn is_secret_word(word: &[u8]) -> bool {
    let end = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let word = word[..end].to_ascii_lowercase();
    WORDS.iter().any(|secret| word == secret.as_bytes()) || word.ends_with(WORD_END.as_bytes())
}

/// The words of a name: it is cut where something other than a letter or digit
/// stands, and where the case changes (`userKey`, `APIKey`).
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphanumeric)?;
        let word = &rest[start..];
        let end = (1..word.len()).find(|&at| ends_before(word, at)).unwrap_or(word.len());
        rest = &word[end..];
        Some(&word[..end])
    })
}

/// Whether a word ends before the byte `at` of `text`.
fn ends_before(text: &[u8], at: usize) -> bool {
    let (before, this, after) = (text[at - 1], text[at], text.get(at + 1));
    let is_hump = this.is_ascii_uppercase() && !before.is_ascii_uppercase();
    let ends_acronym =
        before.is_ascii_uppercase() && this.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase);
    !this.is_ascii_alphanumeric() || is_hump || ends_acronym
}

/// Whether a URL holds a secret, as [`star_urls`] finds it.
pub(crate) fn has_secrets(url: &[u8]) -> bool {
    let mut starred = url.to_vec();
    star_urls(&mut starred);
    starred != url
}

/// Puts stars in place of the secrets of all URLs in `text`: user and password,
/// and the values of parameters whose names speak of a secret.
pub(crate) fn star_urls(text: &mut [u8]) {
    star_userinfo(text);
    star_parameters(text);
}

/// Stars what stands between the slashes before an authority and its last `@`.
fn star_userinfo(text: &mut [u8]) {
    let mut at = 0;
    // The end of the word that the authority is in, and the last `@` in it. Each word is searched once.
    let (mut word_end, mut last_at) = (0, None);
    while let Some(start) = authority_start(text, at) {
        if start >= word_end {
            let rest = &text[start..];
            let length = rest.iter().position(|byte| b" \t\"<>".contains(byte)).unwrap_or(rest.len());
            word_end = start + length;
            last_at = rest[..length].iter().rposition(|&byte| byte == b'@').map(|place| start + place);
        }
        let word = &text[start..word_end];
        let length = word.iter().position(|byte| b"/\\?#".contains(byte)).unwrap_or(word.len());
        let authority = &word[..length];
        let userinfo_end = match authority.iter().rposition(|&byte| byte == b'@') {
            Some(place) => Some(start + place),
            // A password with a slash in it: what looks like a port is none.
            None if !is_host_and_port(authority) => last_at.filter(|&place| place >= start),
            None => None,
        };
        // An empty authority, too, is left behind.
        at = start + length.max(1);
        if let Some(end) = userinfo_end {
            text[start..end].fill(b'*');
            at = at.max(end);
        }
    }
}

/// Where the next authority begins, from `from` on: behind two slashes, or one
/// that follows a scheme, as browsers read it; behind the colon of http and https
/// in any case.
fn authority_start(text: &[u8], from: usize) -> Option<usize> {
    let is_slash = |byte: u8| byte == b'/' || byte == b'\\';
    let mut at = from;
    while at < text.len() {
        let slashes = text[at..].iter().take_while(|&&byte| is_slash(byte)).count();
        let follows_scheme = at > 0 && text[at - 1] == b':';
        if slashes >= 2 || slashes == 1 && follows_scheme {
            return Some(at + slashes);
        }
        if slashes == 0 && follows_scheme && is_http_scheme(&text[..at - 1]) {
            return Some(at);
        }
        at += slashes.max(1);
    }
    None
}

/// Whether `before` ends in the scheme http or https.
fn is_http_scheme(before: &[u8]) -> bool {
    ["http", "https"].iter().any(|scheme| {
        let Some(start) = before.len().checked_sub(scheme.len()) else { return false };
        before[start..].eq_ignore_ascii_case(scheme.as_bytes())
            && start.checked_sub(1).is_none_or(|last| !before[last].is_ascii_alphanumeric())
    })
}

/// Whether a colon in `authority`, if there is one, stands before a port.
fn is_host_and_port(authority: &[u8]) -> bool {
    let after_brackets = authority.iter().rposition(|&byte| byte == b']').map_or(0, |end| end + 1);
    let rest = &authority[after_brackets..];
    let port = rest.iter().position(|&byte| byte == b':').map_or(&[][..], |colon| &rest[colon + 1..]);
    port.iter().all(u8::is_ascii_digit)
}

/// Stars the values of parameters (`?`, `&`, `;` or `#`, a name, `=`) whose names
/// speak of a secret.
fn star_parameters(text: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|byte| b"?&;#".contains(byte)) {
        let start = at + found + 1;
        at = start;
        let Some(length) = text[start..].iter().position(|byte| b"=?&;# \t\"<>".contains(byte)) else {
            return;
        };
        if text[start + length] != b'=' || !is_secret(&percent_decode(&text[start..start + length])) {
            continue;
        }
        let value = start + length + 1;
        let length = text[value..].iter().position(|byte| b"&;# \t\"<>".contains(byte));
        at = length.map_or(text.len(), |length| value + length);
        // A colon before a space ends the URL in a sentence.
        let colon = usize::from(text[value..at].ends_with(b":") && text.get(at) == Some(&b' '));
        text[value..at - colon].fill(b'*');
    }
}

/// `text`, a URL or a proxy that the user typed, for an error that quotes it:
/// nothing that may be a user or a password is left, whatever is wrong with it.
pub(crate) fn quotable(text: &[u8]) -> Vec<u8> {
    let is_mark = |three: &[u8]| three == b"://" || three == b":\\\\";
    let scheme = text.windows(3).position(is_mark).map_or(0, |end| end + 3);
    let (scheme, rest) = text.split_at(scheme);
    let mut rest = match rest.iter().rposition(|&byte| byte == b'@') {
        Some(at) => [b"***", &rest[at..]].concat(),
        None => without_odd_port(rest),
    };
    star_parameters(&mut rest);
    [scheme, &rest].concat()
}

/// `text`, an authority and what follows it. What stands where the port should be
/// and is no number may be a password whose `@` is missing.
fn without_odd_port(text: &[u8]) -> Vec<u8> {
    let end = text.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(text.len());
    let authority = &text[..end];
    let of_address = |byte: &u8| byte.is_ascii_hexdigit() || b":.[]%".contains(byte);
    // An address in brackets is no user, whatever follows it.
    let bracketed = authority.starts_with(b"[").then(|| authority.iter().position(|&byte| byte == b']'));
    let address = bracketed.flatten().map_or(authority, |end| &authority[..end]);
    let is_address =
        address.iter().filter(|&&byte| byte == b':').count() > 1 && address.iter().all(of_address);
    match authority.iter().position(|&byte| byte == b':') {
        // Two ports are a typo.
        Some(colon) if authority[colon..].iter().all(|byte| byte.is_ascii_digit() || *byte == b':') => {
            text.to_vec()
        }
        Some(colon) if !is_address && !is_host_and_port(authority) => [&text[..=colon], b"***"].concat(),
        _ => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_speak_of_secrets() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "cookie",
            "X-API-KEY",
            "Private-Token",
            "sessionid",
            "X-JWT",
            "X-Passwd",
            "X-Passphrase",
            "X-Bearer",
            "X-Signature",
            "X-CSRF",
            "X-XSRF-Value",
            "X-Otp",
            "X-Sid",
            "X-Pwd",
            "X-Sign",
            "X-Sig",
            "X-Cred",
            "X-Credentials",
            "X-Pass",
            "api_key",
            "apikey",
            "apiKey",
            "APIKey",
            "X.Key",
            "X-Key2",
            "userPass",
            "XSid",
            "X-OAuth2",
            "X-Authorisation",
            "X-Amz-Signature",
            "Set-Coo\0kie",
            "Set Cookie",
            "api%key",
            "AccessKey",
            "WWW-Authenticate",
            "DPoP",
        ] {
            assert!(is_secret(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_that_speak_of_none() {
        for name in [
            "Accept",
            "X-Id",
            "Host",
            "Content-Type",
            "X-Design",
            "X-Bypass-Cache",
            "X-Inside",
            "X-Author",
            "DPoP-Nonce",
            "X-Keyword",
            "X-Authority",
            "Authors",
            "X-Assign",
            "Compass",
            "X-Sidebar",
            "X-Signal",
            "Sigma",
            "X-Credit",
            "X-Keys",
            "X-Passenger",
            "DESIGN",
            "",
        ] {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }

    fn starred(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        star_urls(&mut bytes);
        String::from_utf8(bytes).expect("text")
    }

    /// Each message is starred: one that quotes a scheme and nothing behind it too.
    #[test]
    fn any_text_is_starred_to_its_end() {
        const WORDS: [&str; 10] = ["http:", "/", "\\", "@", ":", "?", "#", " ", "\"", "a"];
        for number in 0..100_000_usize {
            let places = [1, 10, 100, 1_000, 10_000];
            let text: String = places.iter().map(|place| WORDS[number / place % WORDS.len()]).collect();
            assert_eq!(starred(&text).len(), text.len(), "{text}");
        }
    }

    #[test]
    fn urls_lose_user_and_password() {
        for (text, expected) in [
            ("http://u:p@a.b/c@d", "http://***@a.b/c@d"),
            ("//u@p@a?//b@c", "//***@a?//*@c"),
            ("http:/u:p@h/", "http:/***@h/"),
            ("http:u:p@h/", "http:***@h/"),
            ("http:///u:p@h/", "http:///***@h/"),
            ("http:\\\\u:p@h/", "http:\\\\***@h/"),
            ("http://u:p/w;x,'y@h/z", "http://**********@h/z"),
            ("<http://u:p@h/>; rel=a", "<http://***@h/>; rel=a"),
            ("https://h:80/npm/x@1", "https://h:80/npm/x@1"),
            ("https://h/npm/x@1", "https://h/npm/x@1"),
            ("http://[::1]/x@1", "http://[::1]/x@1"),
            ("/a/b@c", "/a/b@c"),
            ("mailto:u@h", "mailto:u@h"),
        ] {
            assert_eq!(starred(text), expected);
        }
    }

    #[test]
    fn parameters_lose_secret_values() {
        for (text, expected) in [
            ("/?token=abc&a=b", "/?token=***&a=b"),
            ("/?a=b&%74oken=a,b'c;x=y", "/?a=b&%74oken=*****;x=y"),
            ("/x;jsessionid=12?a=b", "/x;jsessionid=******"),
            ("ftp://h/#token=SECRET: no such scheme", "ftp://h/#token=******: no such scheme"),
            ("http://h/#access_token=abc", "http://h/#access_token=***"),
            ("/?token=&a=b", "/?token=&a=b"),
            ("/?token", "/?token"),
            ("/?design=a", "/?design=a"),
        ] {
            assert_eq!(starred(text), expected);
        }
    }

    #[test]
    fn what_an_error_quotes() {
        for (text, expected) in [
            ("http://me:p@SECRET@ho st/", "http://***@ho st/"),
            ("me:SECRET@h", "***@h"),
            ("me:SECRET", "me:***"),
            ("http://me:SEC/RET", "http://me:***"),
            ("::1:80", "::1:80"),
            ("http://[::1]:x/", "http://[::1]:x/"),
            ("http:\\\\example.com", "http:\\\\example.com"),
            ("http:\\\\me:SECRET", "http:\\\\me:***"),
            ("h:99999/a", "h:99999/a"),
            ("http://h:80:90/a", "http://h:80:90/a"),
            ("http://h:80:SECRET/a", "http://h:***"),
            ("http://h/?token=SECRET x", "http://h/?token=****** x"),
            ("ftp://h", "ftp://h"),
        ] {
            assert_eq!(String::from_utf8_lossy(&quotable(text.as_bytes())), expected);
        }
    }
}
