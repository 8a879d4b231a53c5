//! Handshakes with a server in this process, over loopback.
//!
//! The certificates in `fixtures` are good until 2099: `ca.pem` signed `leaf`
//! (yard.test, *.wild.test, 127.0.0.1), `old` (yard.test, until 2021) and
//! `bare` (no subjectAltName); `own` signed itself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::*;
use crate::failure;
use crate::net::tls::{Handshake, Sni};

fn fixture(name: &str) -> String {
    format!("{}/src/net/tls/enabled/fixtures/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

/// What a server read, and the server name it heard.
type Heard = (Vec<u8>, Option<String>);

/// The stream and the server name, or the failure and its message.
type Shaken = Result<(Box<dyn Stream>, Option<String>), (Option<Failure>, String)>;

/// A server with the certificate `name` that greets, reads two bytes, and
/// closes, with or without close_notify. Gives what it read and the server name it heard.
fn serve(name: &str, says_goodbye: bool) -> (TcpStream, JoinHandle<Heard>) {
    let chain = CertificateDer::pem_file_iter(fixture(name)).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(fixture(name)).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let server = thread::spawn(move || {
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        let mut socket = listener.accept().unwrap().0;
        let mut heard = vec![0; 2];
        let mut stream = rustls::Stream::new(&mut tls, &mut socket);
        if stream.write_all(b"hello").and_then(|()| stream.read_exact(&mut heard)).is_err() {
            heard.clear();
        } else if says_goodbye {
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        }
        (heard, tls.server_name().map(str::to_owned))
    });
    (client, server)
}

fn trusting(name: &str) -> Settings {
    Settings { ca_file: Some((fixture(name).into(), "--cacert")), ..Settings::default() }
}

/// What a handshake as `host` with the server `name` comes to, and what is told of it.
fn shake(settings: Settings, name: &str, host: &str) -> (Shaken, Option<PeerVerdict>) {
    let (socket, server) = serve(name, true);
    let mut verdict = None;
    let on = &mut |secured: &Secured| {
        assert!(!secured.chain.is_empty());
        verdict = Some(secured.verdict.clone());
    };
    let wrapped = Tls::new(settings).wrap(Box::new(socket), Handshake::http(host, None), on);
    let result = match wrapped {
        Ok(mut stream) => {
            stream.write_all(b"hi").unwrap();
            Ok((stream, server.join().unwrap().1))
        }
        Err(error) => {
            assert!(server.join().unwrap().0.is_empty(), "nothing may be said to {name} as {host}");
            Err((failure::of(&error), format!("{error:#}")))
        }
    };
    (result, verdict)
}

fn refused(settings: Settings, name: &str, host: &str) -> (Failure, String) {
    let (result, verdict) = shake(settings, name, host);
    assert!(verdict.is_some_and(|verdict| verdict.refusal.is_some() || verdict.is_unpinned));
    let (failure, message) = result.err().unwrap();
    (failure.unwrap(), message)
}

#[test]
fn a_server_of_that_name_is_heard_to_its_close_notify() {
    for host in ["yard.test", "a.wild.test", "127.0.0.1"] {
        let (result, verdict) = shake(trusting("ca"), "leaf", host);
        let (mut stream, name) = result.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!((said.as_str(), verdict), ("hello", Some(PeerVerdict::TRUSTED)));
        assert_eq!(name.as_deref(), (host != "127.0.0.1").then_some(host));
    }
}

#[test]
fn each_refusal_has_its_reason() {
    for (trust, name, host, why) in [
        ("ca", "leaf", "other.test", "it is for yard.test, *.wild.test, 127.0.0.1"),
        ("ca", "leaf", "a.b.wild.test", "it is for"),
        ("ca", "leaf", "wild.test", "it is for"),
        ("ca", "leaf", "127.0.0.2", "it is for"),
        ("ca", "old", "yard.test", "valid from 2020-01-01T00:00:00Z to 2021-01-01T00:00:00Z"),
        ("ca", "bare", "yard.test", "it has no subjectAltName, and CN=yard.test is ignored"),
        ("ca", "own", "yard.test", "it is self-signed (CN=own)"),
        ("own", "leaf", "yard.test", "its issuer is not trusted: CN=Test root"),
        ("own", "own", "other.test", "it is for yard.test"),
    ] {
        let (failure, message) = refused(trusting(trust), name, host);
        assert_eq!(failure, Failure::ServerCertificate, "{name} as {host}");
        assert!(message.contains(why), "{name} as {host}: {message}");
        // Other roots help where the issuer is the reason.
        let is_about_issuer = why.contains("self-signed") || why.contains("issuer");
        assert_eq!(message.contains("--cacert"), is_about_issuer, "{message}");
    }
}

#[test]
fn a_certificate_that_is_named_itself_is_trusted() {
    assert!(shake(trusting("own"), "own", "yard.test").0.is_ok());
}

#[test]
fn whoever_checks_nothing_is_told_so() {
    let insecure = Settings { insecure: true, ..Settings::default() };
    let (result, verdict) = shake(insecure, "own", "other.test");
    assert!(result.is_ok());
    assert_eq!(verdict, Some(PeerVerdict::UNCHECKED));
}

/// OpenSSL's numbers, as `curl -k -w '%{ssl_verify_result}'` prints them; the name is not in them.
#[test]
fn what_is_wrong_is_numbered_where_nothing_is_refused() {
    for (trust, name, number) in
        [("ca", "own", 18), ("own", "leaf", 20), ("ca", "old", 10), ("ca", "leaf", 0)]
    {
        let settings = Settings { insecure: true, numbers: true, ..trusting(trust) };
        let (result, verdict) = shake(settings, name, "other.test");
        assert!(result.is_ok(), "{name}");
        assert_eq!(verdict, Some(PeerVerdict { number, ..PeerVerdict::UNCHECKED }), "{name}");
    }
}

#[test]
fn the_name_that_is_sent_is_not_the_one_that_is_checked() {
    let sni = |sni| Settings { sni, ..trusting("ca") };
    let named = shake(sni(Sni::Name("front.test".to_owned())), "leaf", "yard.test").0;
    assert_eq!(named.unwrap().1.as_deref(), Some("front.test"));
    let absent = shake(sni(Sni::Absent), "leaf", "yard.test").0;
    assert_eq!(absent.unwrap().1, None);
    assert_eq!(
        refused(sni(Sni::Name("yard.test".to_owned())), "leaf", "x.test").0,
        Failure::ServerCertificate
    );
}

#[test]
fn pins_hold_with_and_without_other_checks() {
    let pin = |pin: &str, insecure| Settings { pins: Some(pin.into()), insecure, ..trusting("ca") };
    let right = "sha256//4+NverzjMALqxfKNtKruxuXKMW4hW9LdhUYzeXzg6Nk=";
    let wrong = format!("sha256//{}=", "A".repeat(43));
    for insecure in [false, true] {
        assert!(shake(pin(right, insecure), "leaf", "yard.test").0.is_ok());
        assert_eq!(refused(pin(&wrong, insecure), "leaf", "yard.test").0, Failure::PinnedKey);
    }
}

#[test]
fn an_end_without_close_notify_is_told_from_one_with() {
    let (socket, server) = serve("leaf", false);
    let tls = Tls::new(trusting("ca"));
    let mut stream = tls.wrap(Box::new(socket), Handshake::http("yard.test", None), &mut |_| {}).unwrap();
    stream.write_all(b"hi").unwrap();
    server.join().unwrap();
    let mut said = Vec::new();
    let error = stream.read_to_end(&mut said).unwrap_err();
    assert_eq!((error.kind(), &said[..]), (std::io::ErrorKind::UnexpectedEof, &b"hello"[..]));
}

#[test]
fn both_directions_go_at_once_and_nothing_blocks() {
    let (socket, server) = serve("leaf", true);
    let tls = Tls::new(trusting("ca"));
    let mut stream = tls.wrap(Box::new(socket), Handshake::http("yard.test", None), &mut |_| {}).unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut said = Vec::new();
    let mut buffer = [0; 64];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                said.extend_from_slice(&buffer[..count]);
                stream.write_all(b"hi").unwrap();
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    assert!(stream.is_sealed());
    assert_eq!((&said[..], server.join().unwrap().0), (&b"hello"[..], b"hi".to_vec()));
}

#[test]
fn what_is_no_tls_is_a_failed_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    let error =
        Tls::new(Settings::default()).wrap(Box::new(client), Handshake::http("yard.test", None), &mut |_| {});
    let error = error.err().unwrap();
    assert_eq!(failure::of(&error), Some(Failure::TlsHandshake));
    assert!(format!("{error:#}").contains("does not speak TLS"), "{error:#}");
    let came = error.chain().find_map(|cause| cause.downcast_ref::<NotTls>()).expect("what came");
    assert_eq!(came.bytes, b"HTTP/1.1 400 Bad Request\r\n\r\n");
}

#[test]
fn files_that_cannot_be_used_are_named_before_anything_is_sent() {
    for (settings, failure) in [
        (trusting("nosuchfile"), Failure::CaFile),
        (
            Settings { certificate: Some(fixture("nosuchfile").into()), ..Settings::default() },
            Failure::ClientCertificate,
        ),
        (
            Settings { certificate: Some(fixture("ca").into()), ..Settings::default() },
            Failure::ClientCertificate,
        ),
        (Settings { pins: Some("sha256//x".into()), ..Settings::default() }, Failure::PinnedKey),
    ] {
        let error = Tls::new(settings).prepare().unwrap_err();
        assert_eq!(failure::of(&error), Some(failure), "{error:#}");
    }
}
