use std::time::Duration;

/// Interrupts end the process at once.
pub(crate) fn watch() {}

/// A write over the limit ends the process.
pub(crate) fn outlive_file_limit() {}

/// Whether interrupts are noticed by the run.
pub(crate) fn is_watched() -> bool {
    false
}

/// Whether an interrupt has come.
pub(crate) fn has_come() -> bool {
    false
}

/// Sleeps.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Ends the process as the interrupt would have.
pub(crate) fn die() {}
