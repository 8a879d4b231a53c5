use std::convert::Infallible;

use super::super::frame::build;
use super::*;

/// A server's frame: header bytes, then the payload.
fn frame(start: &[u8], payload: &[u8]) -> Vec<u8> {
    [start, payload].concat()
}

/// What is heard when `bytes` come in pieces of `size`; neighbouring data joined.
fn hear(bytes: &[u8], size: usize) -> (Vec<String>, Messages) {
    let mut messages = Messages::new(0, None);
    let mut heard: Vec<String> = Vec::new();
    let mut data = Vec::new();
    for piece in bytes.to_vec().chunks_mut(size) {
        let Ok(()) = messages.push::<Infallible>(piece, &mut |one| {
            match one {
                Heard::Data(_, bytes) => data.extend_from_slice(bytes),
                Heard::MessageEnd(kind) => {
                    heard.push(format!("{kind:?} {}", mem::take(&mut data).escape_ascii()));
                }
                Heard::Frame(..) => {}
                Heard::Wrong(kind, offset) => heard.push(format!("{kind:?} at {offset}")),
                Heard::Ping(payload) => heard.push(format!("ping {}", payload.escape_ascii())),
                Heard::Pong(payload) => heard.push(format!("pong {}", payload.escape_ascii())),
                Heard::Close(close) => heard.push(format!("close {:?}", close.code)),
            }
            Ok(())
        });
    }
    (heard, messages)
}

/// The same whatever the pieces.
fn heard(bytes: &[u8]) -> Vec<String> {
    let (whole, _) = hear(bytes, bytes.len());
    for size in 1..bytes.len() {
        assert_eq!(hear(bytes, size).0, whole, "in pieces of {size}");
    }
    whole
}

#[test]
fn fragments_are_joined_and_control_frames_stand_between_them() {
    let bytes = [
        frame(b"\x01\x03", b"one"),
        frame(b"\x89\x02", b"hi"),
        frame(b"\x00\x00", b""),
        frame(b"\x8a\x00", b""),
        frame(b"\x80\x04", b" two"),
        frame(b"\x82\x02", b"\0\xff"),
        frame(b"\x81\x00", b""),
        frame(b"\x88\x05", b"\x03\xe8bye"),
    ];
    let expected = ["ping hi", "pong ", "Text one two", "Binary \\x00\\xff", "Text ", "close Some(1000)"];
    assert_eq!(heard(&bytes.concat()), expected);
}

#[test]
fn what_is_wrong_with_a_frame_is_told_and_reading_goes_on() {
    let long = [&b"\x89\x7e\0\x7e"[..], &[b'x'; 126]].concat();
    for (bytes, expected) in [
        (build(Opcode::TEXT, true, b"x", [1, 2, 3, 4]), &["FrameMasked at 0", "Text x"][..]),
        (frame(b"\xc1\x01", b"x"), &["FrameReservedBits at 0", "Text x"]),
        (frame(b"\x83\x01", b"x"), &["FrameOpcode at 0", "Binary x"]),
        (frame(b"\x8b\x01", b"x"), &["FrameOpcode at 0"]),
        (frame(b"\x09\x01", b"x"), &["FrameControlFragmented at 0", "ping x"]),
        (long, &["FrameControlTooLong at 0"]),
        (frame(b"\x81\x7e\0\x01", b"x"), &["FrameLengthForm at 0", "Text x"]),
        (frame(b"\x80\x01", b"x"), &["FrameContinuation at 0", "Binary x"]),
        (frame(b"\x01\x01a\x81\x01", b"b"), &["FrameInterrupts at 3", "Text a", "Text b"]),
        (frame(b"\x81\x04", b"a\xffbc"), &["FrameText at 3", "Text a\\xffbc"]),
        (frame(b"\x81\x02", b"\xe6\xbc"), &["FrameText at 0", "Text \\xe6\\xbc"]),
        (frame(b"\x88\x01", b"x"), &["CloseCut at 0", "close None"]),
        (frame(b"\x88\x02", b"\x03\xed"), &["CloseCode at 0", "close Some(1005)"]),
        (frame(b"\x01\x01a\x88\x00", b""), &["CloseInMessage at 3", "close None"]),
        (frame(b"\x88\x00\x81\x01", b"x"), &["close None", "FrameAfterClose at 2", "Text x"]),
    ] {
        let followed = [bytes.clone(), frame(b"\x8a\x00", b"")].concat();
        let mut all = heard(&followed);
        assert_eq!(all.pop().as_deref(), Some("pong "));
        all.pop_if(|text| text.starts_with("FrameAfterClose"));
        assert_eq!(all, expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn after_a_length_without_end_nothing_is_read() {
    let bytes = frame(b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", b"x\x81\x01y");
    assert_eq!(heard(&bytes), ["FrameLengthOverflow at 0"]);
    assert!(hear(&bytes, 3).1.has_no_end());
}

#[test]
fn an_end_within_a_message_is_seen() {
    for (bytes, is_between) in [
        (&b""[..], true),
        (b"\x81", false),
        (b"\x81\x01", false),
        (b"\x01\x01x", false),
        (b"\x81\x01x", true),
    ] {
        assert_eq!(hear(bytes, 1).1.is_between_messages(), is_between, "{bytes:?}");
    }
}
