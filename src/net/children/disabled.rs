use std::process::Child;

/// Without signals there is no gentler way than [`kill`].
pub(in crate::net) fn terminate(_child: &Child) {}

/// Ends `child` alone: std knows nothing of what it has started.
pub(in crate::net) fn kill(child: &mut Child) {
    let _ = child.kill();
}
