//! The error of options that cannot be what they are.

use crate::failure::Failure;

/// A usage error about the option `name`.
pub(super) fn usage(name: &str, problem: impl std::fmt::Display) -> anyhow::Error {
    Failure::Usage.error(format!("{name}: {problem}"))
}
