//! Who the user is to each hop: `-u`, `--oauth2-bearer`, the URL, a netrc file.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, ErrorKind, Read};
use std::path::Path;

use super::netrc::{Netrc, NetrcScope};
use super::usage_error::usage;
use super::{fields, input_file};
use crate::cli::credentials::CredentialOptions;
use crate::failure::{Failure, in_words};
use crate::hash;
use crate::output::errors;
use crate::output::escape::{self, one_line};
use crate::policy::Hop;
use crate::policy::auth::{Allowed, Credentials};
use crate::prompt;

/// Longest line of standard input that is a password, in bytes.
const MAX_PASSWORD: u64 = 64 * 1024;

/// All credentials that a run may use.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownCredentials {
    /// `-u`: for the first origin.
    user: Option<(Vec<u8>, Vec<u8>)>,
    /// `--oauth2-bearer`: for the first origin.
    token: Option<Vec<u8>>,
    allowed: Allowed,
    netrc: Netrc,
    /// The netrc file outranks the URL.
    netrc_first: bool,
}

impl KnownCredentials {
    /// Reads the options and the files they name; prompts for a missing password.
    pub(super) fn new(options: &CredentialOptions) -> anyhow::Result<Self> {
        let token = options.oauth2_bearer.as_ref().map(|token| token.as_encoded_bytes().to_vec());
        fields::refuse_controls("--oauth2-bearer", token.as_deref().unwrap_or_default())?;
        let allowed = Allowed { basic: options.basic, digest: options.digest, bearer: token.is_some() };
        let allowed = schemes(allowed, options.anyauth, "--digest")?;
        Ok(Self {
            user: options.user.as_deref().map(|user| user_and_password("--user", user)).transpose()?,
            token,
            allowed,
            netrc: netrc(options)?.unwrap_or_default(),
            netrc_first: !options.netrc_optional && (options.netrc || options.netrc_file.is_some()),
        })
    }

    /// The schemes that may be used.
    pub(super) fn allowed(&self) -> Allowed {
        self.allowed
    }

    /// Whether something of the options is for the first origin alone.
    pub(super) fn has_secrets(&self) -> bool {
        self.user.is_some() || self.token.is_some()
    }

    /// The credentials for `hop`: what was given for the first origin, if it is sent there, then what
    /// its URL and the netrc file say of its host.
    pub(super) fn of(&self, hop: &Hop) -> Credentials {
        let standing = hop.standing;
        let token = self.token.clone().filter(|_| standing.has_secrets);
        let own = self.user.clone().filter(|_| standing.has_secrets);
        let scope = NetrcScope { machines: standing.has_machine, default: standing.has_secrets };
        Credentials { user: own.or_else(|| self.of_host(hop, scope)), token }
    }

    /// Whether the netrc file has a password that `hop` would be given, were it the first.
    pub(super) fn withholds_password(&self, hop: &Hop) -> bool {
        let Credentials { user, token: _ } = self.of(hop);
        let own = self.user.as_ref().filter(|_| hop.standing.has_secrets);
        own.is_none() && self.of_host(hop, NetrcScope::ALL) != user
    }

    fn of_host(&self, hop: &Hop, scope: NetrcScope) -> Option<(Vec<u8>, Vec<u8>)> {
        let typed = hop.uri.credentials();
        let filed = |user: Option<&[u8]>| self.netrc.find(&hop.uri.host, hop.uri.port, user, scope);
        match typed {
            None => filed(None),
            Some((user, Some(password))) if !self.netrc_first => Some((user, password)),
            Some((user, password)) => {
                let found = filed((!user.is_empty()).then_some(&user[..]));
                found.or_else(|| Some((user, password.unwrap_or_default())))
            }
        }
    }
}

/// The schemes that are allowed where those of `named` are: without one, Basic.
/// `digest` is the option that names Digest.
pub(super) fn schemes(named: Allowed, any: bool, digest: &str) -> anyhow::Result<Allowed> {
    if named.digest && !hash::IS_BUILT {
        return Err(usage(digest, "this build has no hash functions (feature `extras`)"));
    }
    Ok(match () {
        () if any => Allowed::ANY,
        () if named == Allowed::default() => Allowed { basic: true, ..named },
        () => named,
    })
}

/// The user and the password that `option` gives; a missing password is requested.
pub(super) fn user_and_password(option: &str, pair: &OsStr) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let bytes = pair.as_encoded_bytes();
    fields::refuse_controls(option, bytes)?;
    if let Some(colon) = bytes.iter().position(|&byte| byte == b':') {
        return Ok((bytes[..colon].to_vec(), bytes[colon + 1..].to_vec()));
    }
    let password = prompt::password(&question(bytes)).map_err(|error| {
        let why = in_words(&error);
        usage(option, format!("no password given (USER:PASSWORD), and cannot prompt for it: {why}"))
    })?;
    Ok((bytes.to_vec(), password))
}

fn question(user: &[u8]) -> String {
    format!("Password for user '{}': ", one_line(user))
}

/// Adds the password to a value of USER alone. It is prompted for; without a terminal, it is the
/// first line of standard input, even an empty one.
pub(super) fn complete(pair: &mut Option<OsString>) -> anyhow::Result<()> {
    let Some(pair) = pair.as_mut().filter(|pair| !pair.as_encoded_bytes().contains(&b':')) else {
        return Ok(());
    };
    let question = question(pair.as_encoded_bytes());
    let password = match prompt::password(&question) {
        Ok(password) => password,
        Err(_) => {
            errors::write(question.as_bytes());
            let mut line = Vec::new();
            let read = io::stdin().lock().take(MAX_PASSWORD).read_until(b'\n', &mut line);
            read.map_err(|error| Failure::Read.because("cannot read the password", error))?;
            errors::write(b"\n");
            line.strip_suffix(b"\n").unwrap_or(&line).to_vec()
        }
    };
    pair.push(":");
    pair.push(input_file::path_of(&password));
    Ok(())
}

/// The netrc file that the options name; `None` without one.
fn netrc(options: &CredentialOptions) -> anyhow::Result<Option<Netrc>> {
    let (path, option) = match &options.netrc_file {
        Some(path) => (path.clone(), "--netrc-file"),
        None if options.netrc || options.netrc_optional => (home_file()?, "--netrc"),
        None => return Ok(None),
    };
    let is_missing = Path::new(&path).metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let shown = escape::value(path.as_encoded_bytes());
    if is_missing && path != "-" {
        let message = format!("there is no file {shown}");
        return match &options.netrc_file {
            _ if options.netrc_optional => Ok(None),
            // A name that was given is wrong, as it is to curl.
            Some(_) => Err(usage(option, message)),
            None => Err(Failure::Read.error(format!("{option}: {message}"))),
        };
    }
    let text = input_file::read(&path, option)?;
    let parsed = Netrc::parse(&text);
    parsed.map(Some).map_err(|problem| Failure::Read.error(format!("{option}: {shown}: {problem}")))
}

fn home_file() -> anyhow::Result<OsString> {
    if let Some(path) = env::var_os("NETRC").filter(|path| !path.is_empty()) {
        return Ok(path);
    }
    let home = env::home_dir()
        .ok_or_else(|| usage("--netrc", "there is no home directory; use --netrc-file FILE"))?;
    Ok(home.join(".netrc").into_os_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::uri::{Scheme, Uri};
    use crate::policy::Sends;
    use crate::policy::boundary::OriginTrust;

    fn known(user: Option<&str>, netrc_first: bool) -> KnownCredentials {
        let netrc = b"machine a login bob password secret\nmachine b login eve password other";
        KnownCredentials {
            user: user.map(|user| (user.as_bytes().to_vec(), b"own".to_vec())),
            token: Some(b"token".to_vec()),
            netrc: Netrc::parse(netrc).expect("a netrc file"),
            netrc_first,
            ..KnownCredentials::default()
        }
    }

    fn of(known: &KnownCredentials, url: &str, has_secrets: bool) -> (String, bool) {
        let uri = Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL");
        let standing = OriginTrust { has_secrets, ..OriginTrust::FIRST };
        let found = known.of(&Hop { standing, ..Hop::first(uri, Sends::Nothing) });
        let text = found.user.map(|(user, password)| [user, password].join(&b':'));
        (String::from_utf8(text.unwrap_or_default()).expect("text"), found.token.is_some())
    }

    #[test]
    fn options_then_urls_then_the_file() {
        let text = |text: &str, token| (text.to_owned(), token);
        assert_eq!(of(&known(Some("me"), false), "http://x:y@a/", true), text("me:own", true));
        assert_eq!(of(&known(Some("me"), false), "http://b/", false), text("eve:other", false));
        let without = known(None, false);
        assert_eq!(of(&without, "http://x:y@a/", true), text("x:y", true));
        assert_eq!(of(&without, "http://bob@a/", true), text("bob:secret", true));
        assert_eq!(of(&without, "http://alice@a/", true), text("alice:", true));
        assert_eq!(of(&without, "http://c/", true), text("", true));
        let file_first = known(None, true);
        assert_eq!(of(&file_first, "http://bob:y@a/", true), text("bob:secret", true));
        assert_eq!(of(&file_first, "http://alice:y@a/", true), text("alice:y", true));
    }
}
