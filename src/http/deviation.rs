//! What a message has that the grammar does not allow, noted by the parser that saw it.
//!
//! A deviation never stops a parser: it is kept with the offset of its first
//! occurrence and the number of occurrences, so that a hostile peer can't make
//! the list grow.

/// One way in which a head, a trailer section, a chunked body or a WebSocket
/// frame differs from its grammar. The document and section of each are those of the finding it
/// becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// Empty lines before a status line.
    LeadingBlank,
    /// The version is not `HTTP/` DIGIT `.` DIGIT.
    VersionSyntax,
    /// The major version is not 1.
    VersionUnsupported,
    /// There is no major version.
    VersionMissing,
    /// Other whitespace than one SP between the status line's parts.
    StatusLineWhitespace,
    /// Three digits outside 100..599.
    StatusRange,
    /// The line ends right after the status code.
    ReasonNoSpace,
    /// The reason phrase holds a control or a byte above 0x7F.
    ReasonChars,
    /// A line ends in LF without CR.
    BareLf,
    /// A CR that no LF follows.
    BareCr,
    /// A NUL inside a line.
    Nul,
    /// Whitespace begins the line after the status line.
    LeadingWhitespace,
    /// Whitespace begins a later line: obsolete line folding.
    ObsFold,
    /// A line without a colon.
    NoColon,
    /// Whitespace between a field's name and its colon.
    SpaceBeforeColon,
    /// A field name that is empty or no token.
    NameInvalid,
    /// Whitespace after a chunk size.
    ChunkSizeWhitespace,
    /// A chunk extension that does not match its grammar.
    ChunkExtInvalid,
    /// A chunk size of more than 16 digits.
    ChunkSizeOverflow,
    /// A chunk-size line or the end of chunk data is LF without CR.
    ChunkBareLf,
    /// The last chunk was seen, the empty line after it was not.
    ChunkUnterminated,
    /// A WebSocket server's frame is masked.
    FrameMasked,
    /// A reserved bit of a frame is set, and no extension gives it a meaning.
    FrameReservedBits,
    /// An opcode that is reserved.
    FrameOpcode,
    /// A control frame without FIN.
    FrameControlFragmented,
    /// A control frame of more than 125 bytes.
    FrameControlTooLong,
    /// A frame's length is not in its shortest form.
    FrameLengthForm,
    /// A frame's length has its highest bit set.
    FrameLengthOverflow,
    /// A continuation frame, and no message that it could continue.
    FrameContinuation,
    /// A message begins before the one before it has ended.
    FrameInterrupts,
    /// A text message is not UTF-8.
    FrameText,
    /// A compressed message is no deflate stream.
    FrameCompression,
    /// A frame after Close.
    FrameAfterClose,
    /// A Close frame before a message has ended.
    CloseInMessage,
    /// A Close frame of one byte.
    CloseCut,
    /// A Close frame's status code that may not be sent.
    CloseCode,
    /// A Close frame's reason is not UTF-8.
    CloseReason,
}

/// A deviation, where it first stands, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What was seen.
    pub kind: Deviation,
    /// Offset of its first occurrence, counted like the section's.
    pub offset: u64,
    /// How often it occurs.
    pub count: u64,
}

/// The deviations of one section, each kind once, in order of first occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deviations(Vec<Noted>);

impl Deviations {
    /// Notes that `kind` stands at `offset`.
    pub fn note(&mut self, kind: Deviation, offset: u64) {
        match self.0.iter_mut().find(|noted| noted.kind == kind) {
            Some(noted) => noted.count += 1,
            None => self.0.push(Noted { kind, offset, count: 1 }),
        }
    }

    /// The first occurrence of `kind`, if there is one.
    pub fn get(&self, kind: Deviation) -> Option<Noted> {
        self.0.iter().copied().find(|noted| noted.kind == kind)
    }

    /// Whether `kind` occurs.
    pub fn has(&self, kind: Deviation) -> bool {
        self.get(kind).is_some()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Noted> {
        self.0.iter()
    }
}
