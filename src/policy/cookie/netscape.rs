//! Cookies in files: the form that Netscape gave them, with curl's `#HttpOnly_`,
//! and lines as Set-Cookie fields.
//!
//! A jar is written with the newest cookie first, as curl does, and the first
//! line read is the newest again, so that cookies keep their order.

use super::{Cookie, CookieKey, Jar, check_prefix, domain_attribute, set};
use crate::http::cookie_matching::default_path;
use crate::http::digits;
use crate::sorting::sort_by_key;

const HEAD: &str = "\
# Netscape HTTP Cookie File
# Written by rawget. One cookie per line, newest first: domain, include subdomains, path, TLS only, expiry, name, value.

";
/// Before the domain of a cookie that scripts in pages don't see.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";
/// Written in place of the domain of a cookie that has none, as curl does. Read
/// back it is the host of that name alone.
const UNKNOWN: &str = "unknown";

impl Jar {
    /// Adds the cookies of a file; of those that end with the session only
    /// where `with_session` is set. Lines that are no cookies are passed over. Gives
    /// whether a line is one, unless there is none but comments.
    pub(crate) fn read(&mut self, bytes: &[u8], now: i64, with_session: bool) -> bool {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let lines = bytes.split(|&byte| byte == b'\n');
        // A file begins with the newest; curl takes what it reads last for newer all the same.
        let count = lines.clone().count() as i64;
        let (first, step) = if self.as_curl { (0, 1) } else { (count, -1) };
        let mut created = self.last_created.saturating_add(first);
        self.last_created = self.last_created.saturating_add(count);
        let (mut has_cookies, mut has_others) = (false, false);
        for line in lines {
            created += step;
            let indent = line.iter().take_while(|&&byte| byte == b' ').count();
            let line = line[indent..].strip_suffix(b"\r").unwrap_or(&line[indent..]);
            let Some(mut cookie) = set_cookie_line(line, now, self.as_curl).or_else(|| netscape_line(line))
            else {
                has_others |= !line.is_empty() && !line.starts_with(b"#");
                continue;
            };
            has_cookies = true;
            let is_session = cookie.expiry.is_none() && !with_session;
            if is_session || cookie.expiry.is_some_and(|expiry| expiry <= now) {
                continue;
            }
            if self.as_curl {
                cookie.id.path = set::bare_path(&cookie.id.path).to_vec();
            }
            cookie.created = created;
            self.put(cookie);
        }
        has_cookies || !has_others
    }

    /// The bytes of a file that holds all cookies that have not ended.
    pub(crate) fn to_bytes(&self, now: i64) -> Vec<u8> {
        let is_alive = |cookie: &&Cookie| cookie.expiry.is_none_or(|expiry| expiry > now);
        let mut cookies: Vec<_> = self.cookies().filter(is_alive).collect();
        sort_by_key(&mut cookies, |cookie| std::cmp::Reverse(cookie.created));
        let mut bytes = HEAD.as_bytes().to_vec();
        for cookie in cookies {
            push_line(&mut bytes, cookie);
        }
        bytes
    }
}

fn push_line(bytes: &mut Vec<u8>, cookie: &Cookie) {
    if cookie.is_http_only {
        bytes.extend_from_slice(HTTP_ONLY);
    }
    let flag = |set| if set { "TRUE" } else { "FALSE" };
    let domain = cookie.id.domain.as_deref().unwrap_or(UNKNOWN);
    let dot = if cookie.id.is_host_only { "" } else { "." };
    bytes.extend_from_slice(format!("{dot}{domain}\t{}\t", flag(!cookie.id.is_host_only)).as_bytes());
    bytes.extend_from_slice(&cookie.id.path);
    let expiry = cookie.expiry.unwrap_or(0);
    bytes.extend_from_slice(format!("\t{}\t{expiry}\t", flag(cookie.is_secure)).as_bytes());
    bytes.extend_from_slice(&cookie.id.name);
    bytes.push(b'\t');
    bytes.extend_from_slice(&cookie.value);
    bytes.push(b'\n');
}

/// A line of seven fields with TABs between; the last may be left out. Like curl, it takes several TABs
/// for one where the count is not right, and a path that is left out for `/`.
fn netscape_line(line: &[u8]) -> Option<Cookie> {
    let (line, is_http_only) = match line.strip_prefix(HTTP_ONLY) {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    if line.first() == Some(&b'#') || line.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t') {
        return None;
    }
    // A line written by hand may have its columns aligned.
    let mut columns: Vec<_> = line.split(|&byte| byte == b'\t').collect();
    if columns.len() != 7 {
        columns.retain(|column| !column.is_empty());
    }
    if columns.get(2).is_some_and(|path| [&b"TRUE"[..], b"FALSE"].contains(path)) {
        columns.insert(2, b"/");
    }
    let mut fields = columns.into_iter();
    let domain = str::from_utf8(fields.next()?).ok()?.to_ascii_lowercase();
    // What is written must be read again as it was: neither a comment nor a field, and no host has a space.
    let domain = domain.trim_start_matches('.');
    if domain.starts_with('#') || domain.starts_with("set-cookie:") || domain.contains(' ') {
        return None;
    }
    let is_host_only = !is_set(fields.next()?);
    let path = Some(fields.next()?).filter(|path| path.starts_with(b"/")).unwrap_or(b"/");
    let is_secure = is_set(fields.next()?);
    let expiry = seconds(fields.next()?)?;
    let name = fields.next()?;
    let value = fields.next().unwrap_or_default();
    // One that is too long would leave no room in the field for any other.
    let is_too_long = name.len() + value.len() > set::MAX_COOKIE;
    if domain.is_empty() || name.is_empty() || is_too_long || fields.next().is_some() {
        return None;
    }
    check_prefix(name, is_secure, is_http_only, is_host_only && path == b"/").ok()?;
    let id =
        CookieKey { name: name.to_vec(), domain: Some(domain.to_owned()), is_host_only, path: path.to_vec() };
    let expiry = (expiry != 0).then_some(expiry);
    Some(Cookie { id, value: value.to_vec(), expiry, is_secure, is_http_only, created: 0, used: None })
}

/// `Set-Cookie:` and what a server sends. Without a Domain it goes to the hosts
/// that the user names, since a file does not say whose it was.
fn set_cookie_line(line: &[u8], now: i64, as_curl: bool) -> Option<Cookie> {
    const NAME: &[u8] = b"Set-Cookie:";
    let (name, field) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let parsed = set::parse(field, now, as_curl).ok()?;
    let attribute = str::from_utf8(parsed.domain).ok()?.to_ascii_lowercase();
    let domain = domain_attribute(parsed.domain, &attribute).ok()?;
    let path = parsed.path.unwrap_or(default_path(b"/")).to_vec();
    if path.contains(&b'\t') {
        return None;
    }
    let is_for_host = attribute.is_empty() && path == b"/";
    check_prefix(parsed.name, parsed.is_secure, parsed.is_http_only, is_for_host).ok()?;
    let is_host_only = domain.is_none();
    let domain = domain.or((!attribute.is_empty()).then_some(attribute));
    let id = CookieKey { name: parsed.name.to_vec(), domain, is_host_only, path };
    Some(Cookie {
        id,
        value: parsed.value.to_vec(),
        expiry: parsed.expiry,
        is_secure: parsed.is_secure,
        is_http_only: parsed.is_http_only,
        created: 0,
        used: None,
    })
}

/// Whether a column says yes: `TRUE` in any case, or 1.
fn is_set(column: &[u8]) -> bool {
    column.eq_ignore_ascii_case(b"TRUE") || column == b"1"
}

/// Whole seconds, with or without a fraction; a huge number is the largest.
fn seconds(number: &[u8]) -> Option<i64> {
    let mut parts = number.splitn(2, |&byte| byte == b'.');
    let digits = parts.next()?;
    if !parts.next().unwrap_or_default().iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(i64::try_from(digits::saturating(digits)?).unwrap_or(i64::MAX))
}
