use super::StandardStream;

/// The width of the window is unknown.
pub(crate) fn width(_stream: StandardStream) -> Option<usize> {
    None
}
