use console::Term;

use super::StandardStream;

/// How many columns the window behind `stream` has.
pub(crate) fn width(stream: StandardStream) -> Option<usize> {
    let term = match stream {
        StandardStream::Output => Term::stdout(),
        StandardStream::Errors => Term::stderr(),
    };
    term.size_checked().map(|(_, columns)| usize::from(columns)).filter(|&columns| columns > 0)
}
