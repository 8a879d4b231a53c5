//! What is wrong with a frame, in words.

use super::super::Deviation;

/// What is wrong, said of the frame, and what that can cause; empty for what concerns no frame.
pub const fn words(fault: Deviation) -> &'static str {
    match fault {
        Deviation::FrameMasked => {
            "the frame is masked, which a server must not do: clients close the connection"
        }
        Deviation::FrameReservedBits => {
            "a reserved bit is set that no extension gives a meaning: clients close the connection"
        }
        Deviation::FrameOpcode => "the opcode is reserved: clients close the connection",
        Deviation::FrameControlFragmented => "a control frame without FIN: it must not be fragmented",
        Deviation::FrameControlTooLong => "a control frame with more than 125 bytes of payload",
        Deviation::FrameLengthForm => "the length is not in its shortest form",
        Deviation::FrameLengthOverflow => {
            "the length has its highest bit set: nobody can tell where the next frame begins"
        }
        Deviation::FrameContinuation => "a continuation frame, and no message that it could continue",
        Deviation::FrameInterrupts => "a message begins before the one before it has ended",
        Deviation::FrameText => "the text message is not UTF-8: clients close the connection with 1007",
        Deviation::FrameCompression => "the compressed message is not a whole deflate stream",
        Deviation::FrameAfterClose => "a frame after Close, which must be the last one",
        Deviation::CloseInMessage => "Close before the end of a message, which is cut off",
        Deviation::CloseCut => "the Close frame's payload is one byte: a status code has two",
        Deviation::CloseCode => "the Close frame has a status code that must not be sent",
        Deviation::CloseReason => "the Close frame's reason is not UTF-8",
        _ => "",
    }
}
