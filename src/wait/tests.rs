use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::*;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let theirs = listener.accept().unwrap().0;
    ours.set_nonblocking(true).unwrap();
    (ours, theirs)
}

fn soon(milliseconds: u64) -> Option<Instant> {
    Some(Instant::now() + Duration::from_millis(milliseconds))
}

#[test]
fn what_has_come_is_ready_and_silence_ends_with_the_time() {
    let (ours, mut theirs) = pair();
    let awaited = Awaited { ends: Some(Ends::tcp(&ours)), reads: true, ..Awaited::default() };
    let silent = wait(&Awaited { until: soon(20), ..awaited }).unwrap();
    assert_eq!(silent, Ready::default());
    theirs.write_all(b"x").unwrap();
    assert!(wait(&awaited).unwrap().reads);
    let mut byte = [0];
    assert_eq!((&ours).read(&mut byte).unwrap(), 1);
    drop(theirs);
    assert!(wait(&awaited).unwrap().reads, "the end is something");
}

#[test]
fn room_is_told_and_so_is_input() {
    let (ours, _theirs) = pair();
    let awaited = Awaited { ends: Some(Ends::tcp(&ours)), writes: true, ..Awaited::default() };
    assert!(wait(&awaited).unwrap().writes);
    let (reader, mut writer) = io::pipe().unwrap();
    let mut live = Live::new(File::from(std::os::fd::OwnedFd::from(reader)));
    let awaited = Awaited { input: Some(&live), ..Awaited::default() };
    assert_eq!(wait(&Awaited { until: soon(20), ..awaited }).unwrap(), Ready::default());
    writer.write_all(b"typed").unwrap();
    assert!(wait(&awaited).unwrap().input);
    let mut typed = [0; 8];
    assert_eq!(live.read(&mut typed).unwrap(), 5);
    drop(writer);
    assert!(wait(&Awaited { input: Some(&live), ..Awaited::default() }).unwrap().input);
    assert_eq!(live.read(&mut typed).unwrap(), 0);
    assert_eq!(live.read(&mut typed).unwrap(), 0);
}

#[cfg(feature = "extras")]
#[test]
fn an_input_that_does_not_block_is_waited_for() {
    let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let mut live = Live::new(File::from(std::os::fd::OwnedFd::from(ours)));
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        theirs.write_all(b"late").unwrap();
    });
    let mut read = String::new();
    Patient(&mut live).read_to_string(&mut read).unwrap();
    writer.join().unwrap();
    assert_eq!(read, "late");
}
