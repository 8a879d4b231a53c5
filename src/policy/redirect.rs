//! Redirects (RFC 9110 §15.4): whether a response leads on, to where, and what
//! of the request goes there.
//!
//! Knows nothing of cookies and challenges; what a hop's request looks like in
//! bytes is the recipe's affair.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use super::{Hop, Sends};
use crate::http::excerpt::excerpt;
use crate::http::reference::{Reference, encoded, resolve};
use crate::http::response::ResponseHead;
use crate::http::secret;
use crate::http::uri::{Scheme, Uri, UriProblem, no_server};
use crate::idna;

/// Longest URL that is followed: as long as the longest field line. A chain of
/// relative Locations could let it grow with each hop.
const MAX_URL: usize = 100 * 1024;

/// Redirects that are followed where `--max-redirs` does not say how many: as by curl.
pub(crate) const MAX_REDIRECTS: u32 = 50;

/// The options about redirects.
#[derive(Clone, Debug)]
pub(crate) struct Redirects {
    /// `-L`: follow at all.
    pub(crate) follow: bool,
    /// `--max-redirs`; `None`: no limit.
    pub(crate) limit: Option<u32>,
    /// `--location-trusted`: secrets go to every origin.
    pub(crate) trusted: bool,
    /// `--post301`, `--post302`, `--post303`: data stays on these.
    pub(crate) keeps_data: [bool; 3],
    /// `--follow`: the method of `-X` changes where that of data would.
    pub(crate) changes_method: bool,
    /// `--disallow-username-in-url`.
    pub(crate) refuses_user: bool,
    /// `-e ';auto'`.
    pub(crate) sets_referer: bool,
    /// `--proto` and `--proto-redir`, both.
    pub(crate) schemes: Schemes,
    /// `http:///host/` leads to that host, as for curl and browsers.
    pub(crate) takes_slashes: bool,
}

/// Why a redirect that should be followed is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedirectRefusal {
    /// The limit is reached; it.
    TooMany(u32),
    /// A scheme that redirects are not followed to.
    Scheme(String),
    /// A scheme that `--proto` or `--proto-redir` forbids.
    Forbidden(Scheme),
    /// The Location is no URI to go to.
    Malformed(UriProblem),
    /// Credentials in the URL, which the user forbids.
    User,
    /// The URL is over [`MAX_URL`].
    TooLong,
}

impl fmt::Display for RedirectRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(limit) => {
                let were = if *limit == 1 { "was" } else { "were" };
                write!(f, "too many redirects: {limit} {were} followed (--max-redirs sets the limit)")
            }
            Self::Scheme(name) => {
                write!(f, "the redirect leads to the scheme {name}: only http and https are followed")
            }
            Self::Forbidden(scheme) => {
                write!(f, "the redirect leads to {}, which --proto or --proto-redir forbids", scheme.name())
            }
            Self::Malformed(problem) => {
                write!(f, "the redirect's Location is not a usable URL: {}", problem.without_advice())
            }
            Self::User => {
                f.write_str("the redirect's URL has a user name, which --disallow-username-in-url forbids")
            }
            Self::TooLong => write!(f, "the redirect's URL is longer than {} KiB", MAX_URL / 1024),
        }
    }
}

/// The hop that a response requests: `Ok(None)` where it requests none.
/// `first` is the target that the user gave, `method` that of the request.
pub(crate) fn next(
    rules: &Redirects,
    first: &Uri,
    hop: &Hop,
    method: &[u8],
    head: &ResponseHead,
) -> Result<Option<Hop>, RedirectRefusal> {
    let Some(location) = location(head).filter(|_| rules.follow) else { return Ok(None) };
    if let Some(limit) = rules.limit.filter(|&limit| hop.number >= limit) {
        return Err(RedirectRefusal::TooMany(limit));
    }
    let location = if rules.takes_slashes { without_slashes(location) } else { Cow::Borrowed(location) };
    let mut uri = target(&hop.uri, &location)?;
    if !rules.schemes.allow(uri.scheme) {
        return Err(RedirectRefusal::Forbidden(uri.scheme));
    }
    if rules.refuses_user && uri.userinfo.is_some() {
        return Err(RedirectRefusal::User);
    }
    // Neither user nor password is named.
    uri.userinfo = uri.userinfo.filter(|userinfo| !matches!(&userinfo[..], b"" | b":"));
    let standing = hop.standing.then(first, &uri, rules.trusted);
    if uri.userinfo.is_none() && standing.has_secrets {
        uri.userinfo.clone_from(&first.userinfo);
    }
    let loses_data = loses_data(rules, head.status(), hop, method);
    Ok(Some(Hop {
        referer: if rules.sets_referer {
            referer(&hop.uri, &uri, rules.trusted)
        } else {
            hop.referer.clone()
        },
        uri: Rc::new(uri),
        number: hop.number.saturating_add(1),
        sends: if loses_data { Sends::Nothing } else { hop.sends },
        keeps_method: hop.keeps_method && !(loses_data && rules.changes_method),
        standing,
    }))
}

/// Where `head` leads, if it is a redirect: the value of Location, unless it
/// is empty or there are several that differ. 304 and 305 say something else
/// (RFC 9110 §15.4.5, §15.4.6).
pub(super) fn location(head: &ResponseHead) -> Option<&[u8]> {
    if !matches!(head.status(), 300..=303 | 306..=399) {
        return None;
    }
    let mut values = head.fields.all("location").map(|line| line.value);
    let first = values.next().filter(|value| !value.is_empty())?;
    values.all(|value| value == first).then_some(first)
}

/// `location` with two slashes behind its scheme, where there are more.
fn without_slashes(location: &[u8]) -> Cow<'_, [u8]> {
    let scheme = location.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1);
    let (scheme, rest) = location.split_at(scheme);
    match rest.strip_prefix(b"///") {
        Some(rest) if !scheme.is_empty() => Cow::Owned([scheme, b"//", rest].concat()),
        _ => Cow::Borrowed(location),
    }
}

/// `location`, seen from `base` (RFC 9110 §10.2.2, RFC 3986 §5).
fn target(base: &Uri, location: &[u8]) -> Result<Uri, RedirectRefusal> {
    let location = encoded(location);
    let reference = Reference::parse(&location);
    if let Some(problem) = no_server(&reference) {
        return Err(RedirectRefusal::Malformed(problem));
    }
    if reference.scheme.is_none() && reference.authority.is_none() {
        // The authority stays the one that was typed, with a zone if it had one.
        let resolved = resolve(&base.to_bytes(), &location);
        if resolved.len() > MAX_URL {
            return Err(RedirectRefusal::TooLong);
        }
        let parts = Reference::parse(&resolved);
        let query = parts.query.map(|query| [b"?", query].concat()).unwrap_or_default();
        let stripped = Uri { userinfo: None, ..base.clone() };
        return stripped.with_path(&[parts.path, &query].concat()).map_err(RedirectRefusal::Malformed);
    }
    let resolved = resolve(&base.to_bytes(), &location);
    if resolved.len() > MAX_URL {
        return Err(RedirectRefusal::TooLong);
    }
    let scheme = Reference::parse(&resolved).scheme.unwrap_or_default().to_ascii_lowercase();
    let followed = Scheme::named(&scheme).and_then(|scheme| followed(base.scheme, scheme));
    let Some(followed) = followed else {
        return Err(RedirectRefusal::Scheme(excerpt(&scheme)));
    };
    if !resolved[scheme.len()..].starts_with(b"://") {
        return Err(RedirectRefusal::Malformed(UriProblem::NoHost));
    }
    let mut uri = Uri::parse(&resolved, base.scheme).map_err(RedirectRefusal::Malformed)?;
    uri.scheme = followed;
    if !uri.host.is_ascii() {
        uri.host =
            idna::to_a_labels(&uri.host).map_err(|why| RedirectRefusal::Malformed(UriProblem::Host(why)))?;
    }
    Ok(uri)
}

/// What a redirect to `scheme` leads to from a URL with the scheme `from`; `None` where it is not
/// followed. The handshake of WebSocket is HTTP, so that http there means ws.
fn followed(from: Scheme, scheme: Scheme) -> Option<Scheme> {
    match (from.is_websocket(), scheme) {
        (false, Scheme::Http | Scheme::Https) | (true, Scheme::Ws | Scheme::Wss) => Some(scheme),
        (true, Scheme::Http) => Some(Scheme::Ws),
        (true, Scheme::Https) => Some(Scheme::Wss),
        _ => None,
    }
}

/// Whether content is not sent on: 303 requests GET, and after 301 and 302 a
/// POST becomes a GET by old custom (RFC 9110 §15.4.2, §15.4.3, §15.4.4).
fn loses_data(rules: &Redirects, status: u16, hop: &Hop, method: &[u8]) -> bool {
    let [on_301, on_302, on_303] = rules.keeps_data;
    let is_post = hop.sends == Sends::Data || (rules.changes_method && method == b"POST");
    match status {
        301 => is_post && !on_301,
        302 => is_post && !on_302,
        303 => method != b"HEAD" && !(is_post && on_303),
        _ => false,
    }
}

/// Whether a method POST that the user named stays after a response after which the POST of data
/// would become a GET.
pub(crate) fn keeps_post(rules: &Redirects, status: u16, method: &[u8]) -> bool {
    let Some(at) = status.checked_sub(301) else { return false };
    let keeps = rules.keeps_data.get(usize::from(at));
    !rules.changes_method && method == b"POST" && keeps == Some(&false)
}

/// The Referer that tells where one comes from, which is not told when leaving
/// TLS (RFC 9110 §10.1.3). Another origin is told no query in which a secret stands, unless it is `trusted`.
fn referer(from: &Uri, to: &Uri, trusted: bool) -> Option<Vec<u8>> {
    if from.scheme.is_secure() && !to.scheme.is_secure() {
        // An empty one takes the place of the user's, and is not sent.
        return Some(Vec::new());
    }
    let mut referer = from.to_bytes();
    if from.origin() != to.origin() && !trusted && secret::has_secrets(&referer) {
        let query = referer.iter().position(|&byte| byte == b'?');
        referer.truncate(query.unwrap_or(referer.len()));
    }
    Some(referer)
}

/// A set of schemes, as `--proto` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schemes([bool; Scheme::ALL.len()]);

impl Schemes {
    /// Whether `scheme` is among them.
    pub(crate) fn allow(self, scheme: Scheme) -> bool {
        Scheme::ALL.iter().zip(self.0).any(|(&known, allowed)| allowed && known == scheme)
    }

    /// The schemes that are in both sets.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] && other.0[at]))
    }

    fn set(&mut self, name: &str, allowed: bool) {
        for (slot, scheme) in self.0.iter_mut().zip(Scheme::ALL) {
            if name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case(scheme.name()) {
                *slot = allowed;
            }
        }
    }
}

/// The protocols of curl that rawget does not speak.
const FOREIGN: [&str; 31] = [
    "dict", "file", "ftp", "ftps", "gopher", "gophers", "imap", "imaps", "ipfs", "ipns", "ldap", "ldaps",
    "mqtt", "mqtts", "pop3", "pop3s", "rtmp", "rtmpe", "rtmps", "rtmpt", "rtmpte", "rtmpts", "rtsp", "scp",
    "sftp", "smb", "smbs", "smtp", "smtps", "telnet", "tftp",
];

impl Default for Schemes {
    /// All of them.
    fn default() -> Self {
        Self([true; Scheme::ALL.len()])
    }
}

/// As `--proto` takes it.
impl fmt::Display for Schemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = Scheme::ALL.into_iter().filter(|scheme| self.allow(*scheme));
        let names: Vec<_> = allowed.map(Scheme::name).collect();
        if names.is_empty() { f.write_str("-all") } else { write!(f, "={}", names.join(",")) }
    }
}

impl FromStr for Schemes {
    type Err = String;

    /// Reads curl's form: names with commas between, each alone or with `+`
    /// allowed too, with `-` no longer, with `=` allowed alone; `all` is all. A
    /// protocol of curl's that is not spoken could not be used anyway; a misspelt
    /// name would forbid nothing.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut schemes = Self::default();
        for item in text.split(',') {
            let signs = item.bytes().take_while(|byte| b"+-=".contains(byte)).count();
            let (signs, name) = item.split_at(signs);
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(format!("'{item}' is not a protocol; write names, as in =https or -all,http"));
            }
            if signs.contains('=') {
                schemes.set("all", false);
            }
            let is_known = Scheme::ALL.iter().map(|scheme| scheme.name()).chain(["all"]).chain(FOREIGN);
            if !is_known.into_iter().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(format!("'{name}' is not a protocol"));
            }
            schemes.set(name, !signs.contains('-'));
        }
        Ok(schemes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::http::response::parse_head;
    use super::*;

    #[test]
    fn a_websocket_leads_to_websockets() {
        for (base, location, expected) in [
            ("ws://a/b", "/c", Some("ws://a/c")),
            ("ws://a/b", "http://x:81/c", Some("ws://x:81/c")),
            ("ws://a/b", "https://x/c", Some("wss://x/c")),
            ("wss://a/b", "wss://x/c", Some("wss://x/c")),
            ("ws://a/b", "tcp://x:1", None),
            ("http://a/b", "ws://x/c", None),
        ] {
            let found = target(&uri(base), location.as_bytes()).ok().map(|uri| uri.to_bytes());
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{base} {location}");
        }
    }

    fn rules() -> Redirects {
        Redirects {
            follow: true,
            limit: Some(50),
            trusted: false,
            keeps_data: [false; 3],
            changes_method: false,
            refuses_user: false,
            sets_referer: false,
            schemes: Schemes::default(),
            takes_slashes: false,
        }
    }

    fn uri(text: &str) -> Uri {
        Uri::parse(text.as_bytes(), Scheme::Http).expect("a URL")
    }

    fn head(status: u16, fields: &str) -> ResponseHead {
        let bytes = format!("HTTP/1.1 {status} X\r\n{fields}\r\n\r\n");
        parse_head(bytes.as_bytes()).expect("a head").expect("whole").1
    }

    fn step(rules: &Redirects, hop: &Hop, method: &str, status: u16, location: &str) -> Hop {
        let head = head(status, &format!("Location: {location}"));
        next(rules, &hop.uri, hop, method.as_bytes(), &head).expect("no refusal").expect("a hop")
    }

    fn shown(uri: &Uri) -> String {
        String::from_utf8(uri.to_bytes()).expect("text")
    }

    #[test]
    fn locations_are_resolved_as_bytes() {
        for (location, expected) in [
            ("../../../x", "http://h:81/x"),
            ("?q=1", "http://h:81/a/b?q=1"),
            ("./y", "http://h:81/a/y"),
            ("/z/../w", "http://h:81/w"),
            ("#f", "http://h:81/a/b?c"),
            ("//other/v#f", "http://other/v"),
            ("HTTPS://Other:444", "https://Other:444/"),
            ("/a b\u{e9}?c d\u{e9}", "http://h:81/a%20b%C3%A9?c+d%C3%A9"),
            ("/%2e%2e/%zz", "http://h:81/%2e%2e/%zz"),
        ] {
            let found = target(&uri("http://h:81/a/b?c"), location.as_bytes()).expect(location);
            assert_eq!(shown(&found), expected, "{location}");
        }
        let found = target(&uri("http://[fe80::1%25eth0]/a"), b"/b").expect("a URL");
        assert_eq!(found.host, "fe80::1%eth0");
    }

    #[test]
    fn locations_that_lead_nowhere_are_refused() {
        let refused = |location: &str| target(&uri("h"), location.as_bytes()).expect_err(location);
        assert_eq!(refused("file:///etc/passwd"), RedirectRefusal::Scheme("file".to_owned()));
        assert_eq!(refused("FILE:x"), RedirectRefusal::Scheme("file".to_owned()));
        assert_eq!(refused("tcp://h:1/"), RedirectRefusal::Scheme("tcp".to_owned()));
        assert_eq!(refused("javascript:alert(1)"), RedirectRefusal::Scheme("javascript".to_owned()));
        assert_eq!(refused("http:/x"), RedirectRefusal::Malformed(UriProblem::NoHost));
        assert_eq!(refused("http:////x"), RedirectRefusal::Malformed(UriProblem::NoHost));
        assert_eq!(refused("//a\\@b/"), RedirectRefusal::Malformed(UriProblem::Backslash(8)));
        assert_eq!(refused("//h:99999/"), RedirectRefusal::Malformed(UriProblem::Port));
        assert!(matches!(refused("/a\tb"), RedirectRefusal::Malformed(UriProblem::Character(b'\t', _))));
        assert_eq!(refused(&"a".repeat(MAX_URL)), RedirectRefusal::TooLong);
    }

    #[test]
    fn nothing_panics() {
        let pieces = ["/", "..", ":", "//", "[", "@", "%", "?#", " ", "http", "\u{e9}", "\\", "h"];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    for base in ["h", "http://[::1]/a?b", "h/*"] {
                        let _ = target(&uri(base), [a, b, c].concat().as_bytes());
                    }
                }
            }
        }
    }

    #[test]
    fn only_one_location_of_a_redirect_counts() {
        let found = |status, fields: &str| location(&head(status, fields)).map(<[u8]>::to_vec);
        assert_eq!(found(302, "Location: /a\r\nLocation: /a"), Some(b"/a".to_vec()));
        assert_eq!(found(302, "Location: /a\r\nLocation: /b"), None);
        assert_eq!(found(302, "Location:"), None);
        assert_eq!(found(302, "X: y"), None);
        for status in [201, 304, 305] {
            assert_eq!(found(status, "Location: /a"), None, "{status}");
        }
        for status in [300, 301, 303, 307, 308, 399] {
            assert!(found(status, "Location: /a").is_some(), "{status}");
        }
    }

    #[test]
    fn data_is_lost_as_curl_loses_it() {
        let post = Hop::first(uri("http://h/a"), Sends::Data);
        let keeping = Redirects { keeps_data: [true; 3], ..rules() };
        for (status, sends) in [
            (300, Sends::Data),
            (301, Sends::Nothing),
            (302, Sends::Nothing),
            (303, Sends::Nothing),
            (307, Sends::Data),
            (308, Sends::Data),
        ] {
            let hop = step(&rules(), &post, "POST", status, "/b");
            assert_eq!((hop.sends, hop.keeps_method, hop.number), (sends, true, 1), "{status}");
            assert_eq!(step(&keeping, &post, "POST", status, "/b").sends, Sends::Data);
        }
    }

    #[test]
    fn the_users_method_changes_only_where_that_is_asked_for() {
        let follow = Redirects { changes_method: true, ..rules() };
        let plain = Hop::first(uri("http://h/a"), Sends::Nothing);
        assert!(step(&rules(), &plain, "DELETE", 303, "/b").keeps_method);
        assert!(!step(&follow, &plain, "DELETE", 303, "/b").keeps_method);
        assert!(step(&follow, &plain, "DELETE", 302, "/b").keeps_method);
        assert!(!step(&follow, &plain, "POST", 302, "/b").keeps_method);
        assert!(step(&follow, &plain, "POST", 308, "/b").keeps_method);
        assert!(step(&follow, &plain, "HEAD", 303, "/b").keeps_method);
    }

    #[test]
    fn what_belongs_to_the_first_origin_stays_there() {
        let first = Hop::first(uri("http://u:p@h/a"), Sends::Nothing);
        let same = step(&rules(), &first, "GET", 302, "http://H:80/b");
        assert_eq!((same.standing.is_elsewhere, same.standing.has_secrets), (false, true));
        assert_eq!(same.uri.userinfo.as_deref(), Some(&b"u:p"[..]));
        for location in ["http://h:81/", "https://h/", "http://sub.h/", "//x"] {
            let hop = step(&rules(), &first, "GET", 302, location);
            assert_eq!((hop.standing.is_elsewhere, hop.standing.has_secrets), (true, false), "{location}");
            assert_eq!(hop.uri.userinfo, None, "{location}");
        }
        let trusted = Redirects { trusted: true, ..rules() };
        let hop = step(&trusted, &first, "GET", 302, "//x");
        assert_eq!((hop.standing.is_elsewhere, hop.standing.has_secrets), (true, true));
        assert_eq!(hop.uri.userinfo.as_deref(), Some(&b"u:p"[..]));
        for nobody in ["//@x/", "//:@x/"] {
            assert_eq!(step(&rules(), &first, "GET", 302, nobody).uri.userinfo, None);
        }
        let own = step(&rules(), &first, "GET", 302, "//evil@x/");
        assert_eq!(own.uri.userinfo.as_deref(), Some(&b"evil"[..]));
        let after = next(&rules(), &first.uri, &own, b"GET", &head(302, "Location: /c")).expect("no refusal");
        assert_eq!(after.expect("a hop").uri.userinfo, None);
    }

    #[test]
    fn limits_and_protocols_hold() {
        let hop = Hop { number: 2, ..Hop::first(uri("http://h/a"), Sends::Nothing) };
        let redirect = head(302, "Location: /b");
        let with = |rules: Redirects| next(&rules, &hop.uri, &hop, b"GET", &redirect);
        assert_eq!(with(Redirects { limit: Some(2), ..rules() }), Err(RedirectRefusal::TooMany(2)));
        assert!(with(Redirects { limit: Some(3), ..rules() }).is_ok_and(|next| next.is_some()));
        assert!(with(Redirects { limit: None, ..rules() }).is_ok_and(|next| next.is_some()));
        assert_eq!(with(Redirects { follow: false, ..rules() }), Ok(None));
        let https_only = "=https".parse().expect("a list");
        let refused = with(Redirects { schemes: https_only, ..rules() });
        assert_eq!(refused, Err(RedirectRefusal::Forbidden(Scheme::Http)));
    }

    #[test]
    fn the_referer_has_no_credentials_and_stays_in_tls() {
        let auto = Redirects { sets_referer: true, ..rules() };
        let hop = Hop::first(uri("http://u:p@h/a?b"), Sends::Nothing);
        let referer = |hop: &Hop, location| step(&auto, hop, "GET", 302, location).referer;
        assert_eq!(referer(&hop, "https://x/"), Some(b"http://h/a?b".to_vec()));
        let secure = Hop::first(uri("https://h/a"), Sends::Nothing);
        assert_eq!(referer(&secure, "http://h/a"), Some(Vec::new()));
        let signed = Hop::first(uri("http://h/a?b=1&token=t"), Sends::Nothing);
        assert_eq!(referer(&signed, "http://h/c"), Some(b"http://h/a?b=1&token=t".to_vec()));
        assert_eq!(referer(&signed, "http://x/"), Some(b"http://h/a".to_vec()));
        let trusted = Redirects { trusted: true, ..auto.clone() };
        let all = step(&trusted, &signed, "GET", 302, "http://x/").referer;
        assert_eq!(all, Some(b"http://h/a?b=1&token=t".to_vec()));
    }

    #[test]
    fn lists_of_protocols_are_read_as_curl_reads_them() {
        let allowed = |text: &str| {
            let schemes: Schemes = text.parse().expect(text);
            Scheme::ALL
                .into_iter()
                .filter(|&scheme| schemes.allow(scheme))
                .map(Scheme::name)
                .collect::<Vec<_>>()
        };
        assert_eq!(allowed("=https"), ["https"]);
        assert_eq!(allowed("-all,-http"), [""; 0]);
        assert_eq!(allowed("-all,http,+HTTPS"), ["http", "https"]);
        assert_eq!(allowed("https,ftp"), ["http", "https", "tcp", "tls", "ws", "wss"]);
        assert_eq!(allowed("=http,tcp"), ["http", "tcp"]);
        for wrong in ["", "ht tp", "-htp", "=https,ftpx"] {
            assert!(wrong.parse::<Schemes>().is_err(), "{wrong}");
        }
    }
}
