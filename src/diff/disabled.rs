use super::Hunk;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-diff";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// Nothing: the plan refuses what would need it.
pub(crate) fn hunks(_before: &[&[u8]], _after: &[&[u8]]) -> Vec<Hunk> {
    Vec::new()
}
