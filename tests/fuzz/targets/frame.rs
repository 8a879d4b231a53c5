//! WebSocket frames: any split of the input gives the same messages and the same
//! deviations, and what is built is read. Run with `tests/fuzz/run frame`.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use rawget::http::websocket::close::Close;
use rawget::http::websocket::frame::{Opcode, build};
use rawget::http::websocket::messages::{Heard, MessageKind, Messages};

fuzz_target!(|data: &[u8]| {
    let Some((&step, input)) = data.split_first() else { return };
    let step = usize::from(step) + 1;
    let whole = hear(input, input.len().max(1));
    assert_eq!(whole, hear(input, step));

    let message = build(Opcode::BINARY, true, input, [step as u8, 2, 3, 4]);
    let heard = hear(&message, step);
    assert_eq!(heard.data, [(MessageKind::Binary, input.to_vec())]);
    assert!(heard.is_between_messages);

    let (close, deviation) = Close::parse(input);
    if deviation.is_none() {
        assert_eq!(close.payload(), input);
    }
});

#[derive(Debug, PartialEq)]
struct Outcome {
    data: Vec<(MessageKind, Vec<u8>)>,
    others: Vec<String>,
    deviations: String,
    is_between_messages: bool,
}

/// What is heard when `input` comes in pieces of `step` bytes.
fn hear(input: &[u8], step: usize) -> Outcome {
    let mut messages = Messages::new(0, None);
    let (mut data, mut others) = (Vec::new(), Vec::new());
    let mut open: Option<(MessageKind, Vec<u8>)> = None;
    for piece in input.to_vec().chunks_mut(step) {
        let Ok(()) = messages.push::<Infallible>(piece, &mut |heard| {
            match heard {
                Heard::Data(kind, bytes) => {
                    assert!(!bytes.is_empty());
                    open.get_or_insert((kind, Vec::new())).1.extend_from_slice(bytes);
                }
                Heard::MessageEnd(kind) => data.push(open.take().unwrap_or((kind, Vec::new()))),
                Heard::Ping(payload) | Heard::Pong(payload) => {
                    assert!(payload.len() <= 125);
                    others.push(format!("{heard:?}"));
                }
                other => others.push(format!("{other:?}")),
            }
            Ok(())
        });
    }
    data.extend(open);
    let deviations = format!("{:?} {:?}", messages.deviations(), messages.close());
    Outcome { data, others, deviations, is_between_messages: messages.is_between_messages() }
}
