//! What requests are to each other whose responses are compared.

use std::rc::Rc;

/// What a request is to others that its response is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ComparedAs {
    /// Nothing.
    #[default]
    Alone,
    /// The request as given; its variants follow.
    Base,
    /// The request with these field lines in place of its own.
    Variant(Rc<str>),
    /// One of several that are the same; numbers count from 1.
    Repeat { series: SeriesId, number: u64, of: u64 },
    /// The base once more, after all variants: what differs now changes by itself.
    Control,
}

/// Tells the repetitions of one target from those of all others, also of the same URL.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeriesId(Rc<()>);

impl PartialEq for SeriesId {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SeriesId {}
