//! Requests that the user writes, told apart by their own framing
//! (RFC 9112 §6.3) while their bytes come in pieces of any size.

use std::collections::VecDeque;

use super::chunked::{ChunkedDecoder, Progress};
use super::request::method_of;
use super::request_ends::{RequestEnd, framed};

/// Most bytes of a chunked request that are looked at in one go.
const MAX_COPY: usize = 1024;

/// Requests in the order in which they were written, and as much of them as has not been taken.
#[derive(Default)]
pub(crate) struct RequestQueue {
    place: QueuePlace,
    whole: VecDeque<QueuedRequest>,
    current: QueuedRequest,
    held: usize,
    /// What has come of a request that has its response, since it was last taken.
    rest: Vec<u8>,
    /// What comes is no request any more.
    is_stopped: bool,
}

/// One request, or its beginning.
#[derive(Default)]
pub(crate) struct QueuedRequest {
    /// Up to the empty line. Of a head without end, all there is.
    pub(crate) head: Vec<u8>,
    /// What has come behind the head since it was last taken.
    pub(crate) content: Vec<u8>,
    /// Its response has come before its end.
    is_answered: bool,
}

/// Where in a request the next byte belongs.
#[derive(Default)]
enum QueuePlace {
    #[default]
    Head,
    /// How many bytes of content are to come.
    Length(usize),
    Chunked(Box<ChunkedDecoder>),
    /// Where the request ends is unknown.
    Unknown,
}

impl RequestQueue {
    /// Most that is held of requests whose responses have not come.
    pub(crate) const MAX: usize = 1 << 20;

    /// These bytes have been written.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let count = match &mut self.place {
                QueuePlace::Head => self.push_head(bytes),
                QueuePlace::Length(left) => {
                    let count = bytes.len().min(*left);
                    *left -= count;
                    let is_over = *left == 0;
                    self.push_content(&bytes[..count], is_over)
                }
                QueuePlace::Chunked(decoder) => {
                    // A little at once, since each chunk ends a call and the rest is copied anew.
                    let decoded = decoder.decode(&mut bytes[..bytes.len().min(MAX_COPY)].to_vec());
                    let (count, progress) = (decoded.consumed, decoded.progress);
                    if matches!(progress, Progress::Failed(..)) {
                        self.place = QueuePlace::Unknown;
                    }
                    self.push_content(&bytes[..count], matches!(progress, Progress::End))
                }
                QueuePlace::Unknown => self.push_content(bytes, false),
            };
            bytes = &bytes[count..];
        }
    }

    /// One line more of a head, or a part of it.
    fn push_head(&mut self, bytes: &[u8]) -> usize {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let count = end.map_or(bytes.len(), |end| end + 1);
        let head = &mut self.current.head;
        head.extend_from_slice(&bytes[..count]);
        self.held += count;
        let is_blank = |head: &[u8]| head.iter().all(|byte| b"\r\n".contains(byte));
        let ends = head.ends_with(b"\n\n") || head.ends_with(b"\n\r\n");
        if end.is_some() && ends && !is_blank(head) {
            let is_request = !method_of(head).is_empty();
            match framed(head).filter(|_| is_request) {
                Some(RequestEnd::Length(0)) => self.end_request(),
                Some(RequestEnd::Length(length)) => self.place = QueuePlace::Length(length),
                Some(RequestEnd::Chunked) => {
                    self.place = QueuePlace::Chunked(Box::new(ChunkedDecoder::new(0, false)));
                }
                None => self.place = QueuePlace::Unknown,
            }
        } else if head.len() >= Self::MAX {
            self.place = QueuePlace::Unknown;
        }
        count
    }

    fn push_content(&mut self, bytes: &[u8], is_over: bool) -> usize {
        if !self.current.is_answered {
            self.current.content.extend_from_slice(bytes);
            self.held += bytes.len();
        } else if !self.is_stopped {
            self.rest.extend_from_slice(bytes);
        }
        if is_over {
            self.end_request();
        }
        bytes.len()
    }

    fn end_request(&mut self) {
        self.place = QueuePlace::Head;
        let request = std::mem::take(&mut self.current);
        if !request.is_answered {
            self.whole.push_back(request);
        }
    }

    /// Whether there is as much as may be held.
    pub(crate) fn is_full(&self) -> bool {
        self.held >= Self::MAX
    }

    /// How many requests are whole.
    pub(crate) fn whole(&self) -> usize {
        self.whole.len()
    }

    /// Whether all of a request is there but perhaps its end, so that a response to it may come.
    pub(crate) fn has_request(&self) -> bool {
        self.whole() > 0 || !self.current.is_answered && !self.is_blank()
    }

    /// Whether nothing but line ends stands behind the last whole request.
    pub(crate) fn is_blank(&self) -> bool {
        self.current.head.iter().all(u8::is_ascii_whitespace)
    }

    /// The request whose response comes next: its head, which stays, and what of its content
    /// has come, which goes.
    pub(crate) fn take(&mut self) -> (&[u8], Vec<u8>) {
        let front = self.whole.front_mut().unwrap_or(&mut self.current);
        let content = std::mem::take(&mut front.content);
        self.held -= content.len();
        (&front.head, content)
    }

    /// Whether [`Self::take`] makes room.
    pub(crate) fn can_take(&self) -> bool {
        !self.whole.front().unwrap_or(&self.current).content.is_empty()
    }

    /// The response to the first request has come. The rest of one that is not whole belongs
    /// to it still, where that can be told, and is no longer held: [`Self::take_rest`].
    pub(crate) fn answer(&mut self) {
        if let Some(QueuedRequest { head, content, .. }) = self.whole.pop_front() {
            self.held -= head.len() + content.len();
            return;
        }
        let QueuedRequest { head, content, .. } = std::mem::take(&mut self.current);
        self.held -= head.len() + content.len();
        let goes_on = matches!(self.place, QueuePlace::Length(_) | QueuePlace::Chunked(_));
        self.current.is_answered = goes_on;
        if !goes_on {
            self.place = QueuePlace::Head;
        }
    }

    /// What has come of a request since its response came, and nobody has taken.
    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rest)
    }

    /// What is written from now on is no request, nor what stands behind the whole ones, which is
    /// given: none of it is held.
    pub(crate) fn stop(&mut self) -> Vec<u8> {
        let QueuedRequest { head, content, is_answered } = std::mem::take(&mut self.current);
        self.held -= if is_answered { 0 } else { head.len() + content.len() };
        self.current.is_answered = true;
        self.is_stopped = true;
        self.place = QueuePlace::Unknown;
        [head, content].concat()
    }

    /// Takes all that is held, since what is spoken now is not requests.
    pub(crate) fn switch(&mut self) -> Vec<u8> {
        let whole = std::mem::take(&mut self.whole).into_iter();
        let mut bytes: Vec<u8> = whole.flat_map(|whole| [whole.head, whole.content].concat()).collect();
        bytes.extend(self.stop());
        self.held = 0;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\r\nHEAD /b HTTP/1.1\n\nPUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nrest";

    #[test]
    fn requests_are_told_apart_however_they_come() {
        for size in [1, 2, 3, 7, 64, THREE.len()] {
            let mut queue = RequestQueue::default();
            THREE.chunks(size).for_each(|piece| queue.push(piece));
            assert_eq!((queue.whole(), queue.is_blank()), (3, false), "{size}");
            let mut seen = Vec::new();
            while queue.whole() > 0 {
                let (head, content) = queue.take();
                seen.push((head.to_vec(), content));
                queue.answer();
            }
            assert_eq!(seen[0].1, b"abc");
            assert!(seen[1].0.starts_with(b"\r\nHEAD"), "{size}");
            assert_eq!(seen[2].1, b"1\r\na\r\n0\r\n\r\n");
            assert_eq!(queue.take(), (&b"rest"[..], Vec::new()));
            assert_eq!(queue.held, 4);
        }
    }

    #[test]
    fn the_rest_of_an_answered_request_is_no_other_request() {
        let mut queue = RequestQueue::default();
        queue.push(b"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\nab");
        assert!(queue.has_request());
        assert_eq!(queue.take().1, b"ab");
        queue.answer();
        queue.push(b"GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
        assert_eq!(queue.take_rest(), b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(queue.take_rest(), b"");
        assert_eq!((queue.whole(), queue.take().0), (1, &b"GET /b HTTP/1.1\r\n\r\n"[..]));
        queue.answer();
        assert_eq!((queue.held, queue.has_request()), (0, false));
    }

    #[test]
    fn what_has_no_end_is_one_request_until_its_response_comes() {
        let mut queue = RequestQueue::default();
        queue.push(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assert_eq!((queue.whole(), queue.has_request()), (0, true));
        queue.answer();
        queue.push(b"GET /b HTTP/1.1\r\n\r\n");
        assert_eq!(queue.whole(), 1);
        assert_eq!(queue.stop(), b"");
        queue.push(&[b'x'; 100]);
        assert_eq!((queue.whole(), queue.held), (1, 19));
        assert_eq!(queue.switch(), b"GET /b HTTP/1.1\r\n\r\n");
        assert_eq!((queue.whole(), queue.held), (0, 0));
    }
}
