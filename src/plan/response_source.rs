//! What is asked for responses: a server, nobody, or files.

use super::saved::Responses;

/// Where the response's bytes come from.
pub(crate) enum ResponseSource {
    Network,
    /// Nowhere: only the request is printed.
    Nothing,
    /// Files, or standard input.
    Saved(Responses),
}
