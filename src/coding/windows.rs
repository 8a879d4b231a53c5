//! The memory that decoders may take for their windows, shared by all that run.

use std::borrow::Cow;
use std::cell::Cell;

use crate::coding::{Corrupt, Ending};

/// Most bytes of all windows together: what a hostile chain of codings may cost.
const BUDGET: usize = 48 << 20;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Window(usize);

impl Window {
    /// Takes `bytes` of the budget; `None` where so much is not left.
    pub(super) fn take(bytes: usize) -> Option<Self> {
        TAKEN.with(|taken| {
            let after = taken.get().checked_add(bytes).filter(|&after| after <= BUDGET)?;
            taken.set(after);
            Some(Self(bytes))
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        TAKEN.with(|taken| taken.set(taken.get().saturating_sub(self.0)));
    }
}

/// The stream asks for a window of so many bytes, and so much memory is not left.
pub(super) fn no_memory(window: usize) -> Corrupt {
    let (window, budget) = (window.div_ceil(1 << 20), BUDGET >> 20);
    let what =
        format!("it needs {window} MiB of memory; the limit for all codings of a response is {budget} MiB");
    too_large(what)
}

/// The stream takes more memory than decoders may.
pub(super) fn too_large(what: impl Into<Cow<'static, str>>) -> Corrupt {
    Corrupt { ending: Ending::Stopped, ..Corrupt::new(what, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_can_be_taken_again() {
        let most = Window::take(BUDGET - 1).expect("there is room");
        assert!(Window::take(2).is_none());
        let rest = Window::take(1);
        assert!(rest.is_some());
        drop(most);
        assert!(Window::take(BUDGET - 1).is_some());
    }
}
