//! Both sides of a connection in memory, and what lies between them cut anywhere.

use std::io::{Read, Write};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use super::*;

/// Both sides, with nothing said yet.
fn sides() -> (Records, ServerConnection) {
    let fixture =
        |name: &str| format!("{}/src/net/tls/enabled/fixtures/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(fixture("ca")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let chain = CertificateDer::pem_file_iter(fixture("leaf")).unwrap().map(Result::unwrap).collect();
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(fixture("leaf")).unwrap())
        .unwrap();
    let records = Records::new(config, ServerName::try_from("yard.test").unwrap()).unwrap();
    (records, ServerConnection::new(Arc::new(server)).unwrap())
}

/// Carries what the client has to send to the server; gives what the server reads.
fn deliver(records: &mut Records, server: &mut ServerConnection) -> Vec<u8> {
    let mut heard = Vec::new();
    while !records.unsent().is_empty() {
        let count = server.read_tls(&mut records.unsent()).unwrap();
        records.sent(count);
        server.process_new_packets().unwrap();
        let _ = server.reader().read_to_end(&mut heard);
    }
    heard
}

/// All that the server has to send.
fn said(server: &mut ServerConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// Gives the client `bytes` in pieces, and takes what they hold in steps of `step`, or its error.
fn feed(records: &mut Records, bytes: &[u8], piece: usize, step: usize) -> (Vec<u8>, Option<Error>) {
    let (mut taken, mut buffer) = (Vec::new(), vec![0; step]);
    for piece in bytes.chunks(piece) {
        let mut rest = piece;
        while !rest.is_empty() {
            let room = records.room().unwrap();
            let count = room.len().min(rest.len());
            room[..count].copy_from_slice(&rest[..count]);
            records.received(count);
            rest = &rest[count..];
            loop {
                match records.take(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => taken.extend_from_slice(&buffer[..count]),
                    Err(error) => return (taken, Some(error)),
                }
            }
            assert!(!records.has_received() || records.has_close_notify());
        }
    }
    (taken, None)
}

fn shaken(piece: usize) -> (Records, ServerConnection) {
    let (mut records, mut server) = sides();
    while records.state().is_handshaking() || !records.unsent().is_empty() {
        deliver(&mut records, &mut server);
        let bytes = said(&mut server);
        assert_eq!(feed(&mut records, &bytes, piece, 100), (Vec::new(), None));
    }
    (records, server)
}

#[test]
fn any_split_and_any_room_give_the_same_bytes() {
    let content: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    for (piece, step) in [(1, 70_000), (7, 1), (1000, 3000), (16_406, 16_384), (usize::MAX, 999_999)] {
        let (mut records, mut server) = shaken(piece);
        let mut bytes = Vec::new();
        for part in content.chunks(30_000) {
            server.writer().write_all(part).unwrap();
            bytes.extend(said(&mut server));
        }
        server.send_close_notify();
        bytes.extend(said(&mut server));
        let (taken, error) = feed(&mut records, &bytes, piece, step);
        assert!(taken == content && error.is_none(), "{piece} {step}");
        assert!(records.has_close_notify());
        assert_eq!(records.encrypt(b"still heard"), Ok(11));
        assert_eq!(deliver(&mut records, &mut server), b"still heard");
    }
}

#[test]
fn what_was_decrypted_comes_before_the_error_and_the_alert_is_ready() {
    let (mut records, mut server) = shaken(usize::MAX);
    server.writer().write_all(b"whole").unwrap();
    let mut bytes = said(&mut server);
    server.writer().write_all(b"broken").unwrap();
    bytes.extend(said(&mut server));
    *bytes.last_mut().unwrap() ^= 1;
    let (taken, error) = feed(&mut records, &bytes, usize::MAX, 100);
    assert_eq!((taken.as_slice(), error.clone()), (b"whole".as_slice(), Some(Error::DecryptError)));
    assert!(records.has_received());
    let count = server.read_tls(&mut records.unsent()).unwrap();
    assert_eq!(count, records.unsent().len());
    assert!(matches!(server.process_new_packets(), Err(Error::AlertReceived(_))));
    records.sent(count);
    assert_eq!(records.take(&mut [0; 10]).err(), error);
    assert_eq!(records.encrypt(b"more").err(), error);
    records.close();
    assert!(records.unsent().is_empty());
}

#[test]
fn what_is_sent_is_held_until_it_is_taken() {
    let (mut records, mut server) = shaken(5);
    let content: Vec<u8> = (0..300_000_u32).map(|at| (at % 241) as u8).collect();
    let mut heard = Vec::new();
    let mut rest = content.as_slice();
    while !rest.is_empty() {
        rest = &rest[records.encrypt(rest).unwrap()..];
        heard.extend(deliver(&mut records, &mut server));
    }
    assert!(heard == content);
    records.close();
    assert_eq!(records.unsent().len(), server.read_tls(&mut records.unsent()).unwrap());
    assert!(server.process_new_packets().unwrap().peer_has_closed());
}

#[test]
fn what_comes_meanwhile_is_kept_while_one_sends() {
    let (mut records, mut server) = shaken(usize::MAX);
    server.writer().write_all(b"meanwhile").unwrap();
    let bytes = said(&mut server);
    records.room().unwrap()[..bytes.len()].copy_from_slice(&bytes);
    records.received(bytes.len());
    records.encrypt(b"sent").unwrap();
    assert!(records.has_received());
    let mut buffer = [0; 4];
    assert_eq!((records.take(&mut buffer), &buffer), (Ok(4), b"mean"));
    assert!(records.has_received());
    let mut buffer = [0; 100];
    assert_eq!(records.take(&mut buffer), Ok(5));
    assert_eq!(&buffer[..5], b"while");
    assert!(!records.has_received());
    assert_eq!(deliver(&mut records, &mut server), b"sent");
}
