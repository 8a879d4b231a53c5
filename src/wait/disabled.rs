use std::cell::RefCell;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Awaited, Ready};

/// How `--version` lists it.
pub(crate) const NAME: &str = "-poll";

/// How long to sleep between two looks where several things are awaited at once.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// Most that is read at once of an input, or written to a sink.
const PIECE: usize = 64 * 1024;

/// Standard input, a named pipe or a device, read by a thread of its own once
/// it is wanted.
#[derive(Debug)]
pub(crate) struct Live {
    file: RefCell<Option<File>>,
    pieces: RefCell<Option<Receiver<io::Result<Vec<u8>>>>>,
    piece: RefCell<Option<io::Result<Vec<u8>>>>,
    given: usize,
}

impl Live {
    /// What `file` gives.
    pub(crate) fn new(file: File) -> Self {
        Self {
            file: RefCell::new(Some(file)),
            pieces: RefCell::new(None),
            piece: RefCell::new(None),
            given: 0,
        }
    }

    /// A thread reads it.
    #[allow(clippy::unused_self, reason = "the build that polls has it")]
    pub(crate) fn file(&self) -> Option<&File> {
        None
    }

    /// Whether something comes, or the input ends, within `patience`; `None`: for ever.
    fn has_piece(&self, patience: Option<Duration>) -> bool {
        if self.piece.borrow().is_some() {
            return true;
        }
        let file = self.file.borrow_mut().take();
        if let Some(file) = file {
            *self.pieces.borrow_mut() = Some(read_on_thread(file));
        }
        let pieces = self.pieces.borrow();
        let Some(pieces) = pieces.as_ref() else { return true };
        let received = match patience {
            None => pieces.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(patience) => pieces.recv_timeout(patience),
        };
        match received {
            Ok(piece) => *self.piece.borrow_mut() = Some(piece),
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => *self.piece.borrow_mut() = Some(Ok(Vec::new())),
        }
        true
    }
}

fn read_on_thread(mut file: File) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || {
        loop {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).map(|count| {
                piece.truncate(count);
                piece
            });
            let is_last = read.as_ref().map_or(true, Vec::is_empty);
            if sender.send(read).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.has_piece(None);
        let piece = self.piece.get_mut();
        match piece.take() {
            Some(Ok(bytes)) => {
                let count = (&bytes[self.given..]).read(buffer)?;
                self.given += count;
                if self.given < bytes.len() || bytes.is_empty() {
                    *piece = Some(Ok(bytes));
                } else {
                    self.given = 0;
                }
                Ok(count)
            }
            Some(Err(error)) => Err(error),
            None => Ok(0),
        }
    }
}

/// What a stream is received from and sent to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends<'a> {
    Tcp(&'a TcpStream),
    /// A connection within this machine, of which nothing can be told without receiving.
    Unix,
}

impl<'a> Ends<'a> {
    /// The ends of a TCP connection.
    pub(crate) fn tcp(socket: &'a TcpStream) -> Self {
        Self::Tcp(socket)
    }

    /// The ends of a connection within this machine.
    pub(crate) fn unix(_socket: &'a UnixStream) -> Self {
        Self::Unix
    }

    /// Whether there is something to receive at this moment, the end or an error among it.
    pub(crate) fn have_received(self) -> bool {
        let Self::Tcp(socket) = self else { return false };
        socket.set_nonblocking(true).is_ok() && peeked(socket).unwrap_or(true)
    }
}

/// Waits until something of what is awaited is there; nobody can tell whether a pipe has a reader.
pub(crate) fn wait_while_read(
    awaited: &Awaited<'_>,
    _printed_to: Option<BorrowedFd<'_>>,
) -> io::Result<Ready> {
    let Awaited { ends, reads, writes, input, sink, until } = *awaited;
    if sink.is_some() {
        // Whether it takes something shows when it is written to.
        return Ok(Ready { sink: true, ..Ready::default() });
    }
    if let (Some(Ends::Tcp(socket)), true, false, None) = (ends, reads, writes, input) {
        return peek_until(socket, until);
    }
    let mut looks = 0_u32;
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let ready = look(awaited, looks)?;
        if ready != Ready::default() || left.is_some_and(|left| left.is_zero()) {
            return Ok(ready);
        }
        looks = looks.saturating_add(1);
        let between = left.map_or(BETWEEN_LOOKS, |left| left.min(BETWEEN_LOOKS));
        let is_watched = ends.is_some() && (reads || writes);
        match input {
            Some(input) => {
                input.has_piece(if is_watched { Some(between) } else { left });
            }
            None if is_watched => thread::sleep(between),
            None => thread::sleep(left.unwrap_or(Duration::MAX)),
        }
    }
}

/// Waits a moment, since only writing shows whether there is room.
pub(crate) fn wait_for_room(_sink: BorrowedFd<'_>, until: Option<Instant>) -> io::Result<bool> {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    thread::sleep(left.map_or(BETWEEN_LOOKS, |left| left.min(BETWEEN_LOOKS)));
    Ok(true)
}

/// Waits a moment, since only reading shows whether something has come.
pub(crate) fn wait_to_read(_input: BorrowedFd<'_>) -> io::Result<()> {
    thread::sleep(BETWEEN_LOOKS);
    Ok(())
}

/// Waits a moment, since several cannot be waited for at once without polling.
pub(crate) fn wait_for_one(_several: &[Ends<'_>], until: Option<Instant>) -> io::Result<()> {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    thread::sleep(left.map_or(BETWEEN_LOOKS, |left| left.min(BETWEEN_LOOKS)));
    Ok(())
}

/// What can be told without waiting: of room nothing can, nor of what has come
/// from within this machine, so that both are worth trying after each sleep.
fn look(awaited: &Awaited<'_>, looks: u32) -> io::Result<Ready> {
    let has_slept = looks > 0;
    let reads = awaited.reads
        && match awaited.ends {
            Some(Ends::Tcp(socket)) => peeked(socket)?,
            Some(Ends::Unix) => has_slept,
            None => false,
        };
    let writes = awaited.writes && awaited.ends.is_some() && has_slept;
    let input = awaited.input.is_some_and(|input| input.has_piece(Some(Duration::ZERO)));
    Ok(Ready { reads, writes, input, ..Ready::default() })
}

/// Whether reading gives bytes or the end at once.
fn peeked(socket: &TcpStream) -> io::Result<bool> {
    match socket.peek(&mut [0]) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits by a blocking peek for the socket alone.
fn peek_until(socket: &TcpStream, until: Option<Instant>) -> io::Result<Ready> {
    socket.set_nonblocking(false)?;
    let ready = loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            break false;
        }
        socket.set_read_timeout(left)?;
        match socket.peek(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break false,
            // Peeking has taken it off the socket, so that reading would not give it again.
            Err(error) => return Err(error),
            Ok(_) => break true,
        }
    };
    socket.set_read_timeout(None)?;
    socket.set_nonblocking(true)?;
    Ok(Ready { reads: ready, ..Ready::default() })
}

/// A pipe or terminal that is written to by a thread of its own, so that nothing else waits
/// for its reader.
#[derive(Debug)]
pub(crate) struct Twin {
    pieces: SyncSender<Vec<u8>>,
    written: Receiver<io::Result<()>>,
    /// How many bytes the thread is writing.
    under_way: usize,
}

impl Twin {
    fn new(mut file: File) -> Self {
        let (pieces, to_write) = sync_channel::<Vec<u8>>(1);
        let (tell, written) = sync_channel(1);
        thread::spawn(move || {
            while let Ok(piece) = to_write.recv() {
                if tell.send(file.write_all(&piece)).is_err() {
                    return;
                }
            }
        });
        Self { pieces, written, under_way: 0 }
    }
}

impl Write for Twin {
    /// Bytes that are not written in a moment are `WouldBlock`, and must be given again: only
    /// then can it be told that they are.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.under_way == 0 {
            let piece = &bytes[..bytes.len().min(PIECE)];
            self.pieces.send(piece.to_vec()).map_err(|_| ErrorKind::BrokenPipe)?;
            self.under_way = piece.len();
        }
        match self.written.recv_timeout(BETWEEN_LOOKS) {
            Ok(written) => {
                let count = std::mem::take(&mut self.under_way);
                written.map(|()| count)
            }
            Err(RecvTimeoutError::Timeout) => Err(ErrorKind::WouldBlock.into()),
            Err(RecvTimeoutError::Disconnected) => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Another handle to the pipe or terminal behind `file`, which a thread writes to.
pub(crate) fn nonblocking_twin(file: &File) -> Option<Twin> {
    file.try_clone().ok().map(Twin::new)
}
