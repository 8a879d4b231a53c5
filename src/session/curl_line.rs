//! `--as-curl`: the command line of curl in place of an exchange.

use std::io::Read;

use super::job::Job;
use super::{News, Session};
use crate::failure::Failure;
use crate::http::secret;
use crate::http::uri::Uri;
use crate::net::{Proxy, ProxyCredentials, ProxyProtocol};
use crate::output::shell;
use crate::plan::curl_request::{CommandLine, Data, Sent};
use crate::plan::{CurlLine, Destination, PlannedRequest, RequestContent, escaped};

/// Most bytes of content that are kept to be written into the line.
const MAX_CONTENT: u64 = (1 << 20) + 1;

impl Session<'_, '_> {
    /// Prints the line for `request`, and tells what curl does otherwise.
    pub(super) fn print_curl(
        &mut self,
        curl: &CurlLine,
        job: &Job,
        request: PlannedRequest,
    ) -> anyhow::Result<()> {
        let uri = &job.chain.hop.uri;
        refuse_what_is_no_request(uri, &request)?;
        let (head, data) = parted(request)?;
        let head = curl.redaction.head(&head);
        let mut words = vec![b"curl".to_vec()];
        words.extend_from_slice(&curl.words);
        let is_forwarded = self.rules.routes.forwarder(uri).is_some();
        let data_file = curl.data_file.clone();
        if curl.crlf && matches!(data, Data::Input) {
            words.push(b"--crlf".to_vec());
        }
        let (follows, keeps_method) = (curl.follows, curl.keeps_method);
        let sent = Sent { uri, head: &head, data, data_file, is_forwarded, follows, keeps_method };
        let line = CommandLine::of(sent)?;
        self.push_proxy(&mut words, uri, curl.goes_direct);
        if curl.redaction.0 {
            star(&mut words, |line| curl.redaction.head(line).into_owned());
        }
        self.push_file(&mut words, job);
        words.extend(line.words);
        let quoted: Vec<_> = words.iter().map(|word| shell::quote(word)).collect();
        let command = quoted.join(&b' ');
        let before = line.input.map(|bytes| [&shell::printf(&bytes)[..], b" | "].concat());
        let notes = line.notes.into_iter().chain(curl.notes.take());
        notes.for_each(|note| self.tell(&News::Notice(&format!("--as-curl: {note}"))));
        self.console.print(&[&before.unwrap_or_default()[..], &command, b"\n"].concat())
    }

    /// The file that the content goes to. A name is given, unless the server is to give it.
    fn push_file(&self, words: &mut Vec<Vec<u8>>, job: &Job) {
        let saving = &self.rules.saving;
        let is_unnamed = job.delivery.opening().is_some_and(|opening| opening.named_by.is_some());
        match &job.delivery.destination {
            Destination::File(_) if is_unnamed && saving.takes_server_name => {
                let folder = saving.folder().map(|folder| folder.as_encoded_bytes().to_vec());
                words.extend(folder.into_iter().flat_map(|folder| [b"--output-dir".to_vec(), folder]));
                words.push(b"-OJ".to_vec());
            }
            Destination::File(path) => words.extend([b"-o".to_vec(), path.as_encoded_bytes().to_vec()]),
            Destination::Print | Destination::Standard | Destination::Remote => {}
        }
    }

    /// The options for the proxies on the way to `uri`.
    fn push_proxy(&self, words: &mut Vec<Vec<u8>>, uri: &Uri, goes_direct: bool) {
        let routes = &self.rules.routes;
        let route = routes.route(uri);
        let mut push = |option: &str, value: Vec<u8>| words.extend([option.as_bytes().to_vec(), value]);
        if let Some(before) = &route.before {
            push("--preproxy", place_of(before, before.credentials.as_ref()));
        }
        let is_socks5 = |proxy: &&Proxy| matches!(proxy.kind, ProxyProtocol::Socks5 | ProxyProtocol::Socks5h);
        if [&route.before, &route.proxy].into_iter().flatten().any(|proxy| is_socks5(&proxy)) {
            // Otherwise it offers GSSAPI, too.
            words.push(b"--socks5-basic".to_vec());
        }
        let mut push = |option: &str, value: Vec<u8>| words.extend([option.as_bytes().to_vec(), value]);
        match &route.proxy {
            Some(proxy) => {
                push(if proxy.is_http10 { "--proxy1.0" } else { "-x" }, place(proxy));
                let is_tunnel = proxy.kind.is_http() && routes.forwarder(uri).is_none();
                let needs_user = is_tunnel || !proxy.kind.is_http();
                if let Some((user, password)) = proxy.credentials.as_ref().filter(|_| needs_user) {
                    push("-U", [user, &b":"[..], password].concat());
                }
                if is_tunnel {
                    push("-A", routes.agent.clone());
                    for field in &routes.fields {
                        push("--proxy-header", field.argument());
                    }
                }
                if routes.tunnels && proxy.kind.is_http() {
                    words.push(b"-p".to_vec());
                }
            }
            None if goes_direct => push("--noproxy", b"*".to_vec()),
            None => {}
        }
    }
}

/// Stars the secrets in the values of curl's options; `field` those of a field line.
fn star(words: &mut [Vec<u8>], field: impl Fn(&[u8]) -> Vec<u8>) {
    for at in 1..words.len() {
        let (before, word) = words.split_at_mut(at);
        let (option, word) = (&before[at - 1][..], &mut word[0]);
        match option {
            b"-U" | b"--pass" | b"--proxy-pass" => word.fill(b'*'),
            b"--cert" | b"--proxy-cert" => {
                let password = word.iter().rposition(|&byte| byte == b':').map_or(word.len(), |at| at + 1);
                word[password..].fill(b'*');
            }
            b"--proxy-header" => *word = field(word),
            _ => secret::star_urls(word),
        }
    }
}

/// A proxy as `-x` takes it, without credentials.
fn place(proxy: &Proxy) -> Vec<u8> {
    place_of(proxy, None)
}

/// A proxy with `credentials` in its URL.
fn place_of(proxy: &Proxy, credentials: Option<&ProxyCredentials>) -> Vec<u8> {
    let scheme = match proxy.kind {
        ProxyProtocol::Http if proxy.is_http10 => return proxy.endpoint.to_string().into_bytes(),
        ProxyProtocol::Http => "http",
        ProxyProtocol::Https => "https",
        ProxyProtocol::Socks4 => "socks4",
        ProxyProtocol::Socks4a => "socks4a",
        ProxyProtocol::Socks5 => "socks5",
        ProxyProtocol::Socks5h => "socks5h",
    };
    let userinfo =
        credentials.map(|(user, password)| [&escaped(user)[..], b":", &escaped(password), b"@"].concat());
    let endpoint = proxy.endpoint.to_string().into_bytes();
    [format!("{scheme}://").as_bytes(), &userinfo.unwrap_or_default(), &endpoint].concat()
}

fn refuse_what_is_no_request(uri: &Uri, request: &PlannedRequest) -> anyhow::Result<()> {
    let scheme = uri.scheme;
    let what = if !scheme.is_http() || scheme.is_websocket() {
        format!("speak {}:// as is done here", scheme.name())
    } else if request.has_leftover {
        "send what is left over behind a request".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::Usage.error(format!("--as-curl: curl cannot {what}")))
}

/// The head and the content of a request.
fn parted(request: PlannedRequest) -> anyhow::Result<(Vec<u8>, Data)> {
    let is_raw = request.is_raw;
    let mut head = request.head;
    let data = match request.content {
        RequestContent::Stream(_) if is_raw => {
            return Err(Failure::Usage.error("--as-curl: curl cannot be given so many bytes of --send"));
        }
        RequestContent::Bytes(bytes) if !is_raw => Data::Bytes(bytes),
        RequestContent::Bytes(bytes) => {
            let end = head.windows(4).position(|part| part == b"\r\n\r\n").map_or(head.len(), |at| at + 4);
            let mut content = head.split_off(end);
            content.extend_from_slice(&bytes);
            Data::Bytes(content)
        }
        RequestContent::Stream(_) => Data::Input,
        RequestContent::Pieces { pieces, chunking } => match pieces.whole_file() {
            Some((path, length)) if chunking.is_none() => Data::File(path.to_owned(), length),
            _ => {
                let mut bytes = Vec::new();
                let mut input = pieces.open(chunking.as_ref()).take(MAX_CONTENT);
                input
                    .read_to_end(&mut bytes)
                    .map_err(|error| Failure::Read.because("cannot read the content", error))?;
                Data::Bytes(bytes)
            }
        },
    };
    Ok((head, data))
}
