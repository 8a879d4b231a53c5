//! The memory that decoders may take for their windows, shared by all that run.

use std::cell::Cell;

/// Most bytes of all windows together: what a hostile chain of codings may cost.
pub(super) const BUDGET: usize = 48 << 20;

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
