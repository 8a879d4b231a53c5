//! What has come of a response's content, once there is no more.

use crate::http::chunked::ChunkedDecoder;

/// What a body came to.
pub(crate) struct BodyEnd {
    /// Bytes of content.
    pub(crate) bytes: u64,
    /// Bytes on the wire, those of the chunked coding included.
    pub(crate) wire_bytes: u64,
    /// The framing has proved the end.
    pub(crate) is_complete: bool,
    /// The chunked coding's decoder, with trailers and deviations.
    pub(crate) chunked: Option<Box<ChunkedDecoder>>,
}

impl BodyEnd {
    /// The bytes of the trailer section as they came, its empty line included;
    /// none where there are no trailers.
    pub(crate) fn trailer_bytes(&self) -> &[u8] {
        let bytes = self.chunked.as_ref().map_or(&[][..], |decoder| decoder.trailer_bytes());
        if bytes == b"\r\n" || bytes == b"\n" { &[] } else { bytes }
    }
}
