//! Options that have no effect with `--send`, `--read`, `tcp://` or `ws://`: each is refused with
//! one line that names it, and nothing is connected to.

use std::process::Command;

/// Nobody listens there: who connects ends with 7.
const NOBODY: &str = "127.0.0.1:1";

const SENDING: &[&str] = &[
    "-XPUT",
    "-HA: b",
    "-da",
    "-Ff=a",
    "-ua:b",
    "--netrc-optional",
    "-L",
    "--follow",
    "--max-redirs=3",
    "--post301",
    "--proto-redir=https",
    "-ba=b",
    "-j",
    "-I",
    "-C9",
    "-r1-2",
    "--expect100-timeout=1",
    "--bare",
];

/// All `options`, one by one, with `others`.
fn assert_refused(others: &[&str], options: &[&str], beside: &str) {
    for option in options {
        let output = Command::new(env!("CARGO_BIN_EXE_rawget"))
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .args(others)
            .arg(option)
            .output()
            .expect("the program runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option} {others:?}: {error}");
        // An option that the build does not have is refused before it can be misused.
        let is_missing = error.contains("this build");
        assert!(
            is_missing || error.contains(&format!("cannot be used with {beside}")),
            "{option} {others:?}: {error}"
        );
        assert_eq!(error.lines().count(), 1, "{option} {others:?}: {error}");
    }
}

/// Those that do no harm: the run goes on and meets nobody.
fn assert_taken(target: &str, options: &[&str]) {
    for option in options {
        let output = Command::new(env!("CARGO_BIN_EXE_rawget"))
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .args(["--send", "/dev/null", target, option])
            .output()
            .expect("the program runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(7), "{option} {target}: {error}");
    }
}

#[test]
fn what_builds_a_request_is_refused_with_send() {
    assert_refused(&["--send", "/dev/null", NOBODY], SENDING, "--send");
    assert_refused(&["--send", "/dev/null", NOBODY], &["-n", "--netrc-file=f"], "--send");
}

#[test]
fn what_needs_a_connection_is_refused_with_read() {
    let options =
        ["--pipeline", "--half-close", "--resolve=a:80:::1", "--via=cat", "--interface=lo", "--certs=f"];
    assert_refused(&["--read", "/dev/null", NOBODY], &options, "--read");
}

#[test]
fn what_is_http_is_refused_with_tcp() {
    let target = format!("tcp://{NOBODY}");
    assert_refused(&[&target], SENDING, "a tcp:// or tls:// target");
    assert_refused(
        &[&target],
        &["-cf", "-OJ", "-OR", "--compressed", "--http0.9", "--etag-save=f"],
        "a tcp://",
    );
}

#[test]
fn what_has_no_effect_on_a_websocket_is_refused() {
    let target = format!("ws://{NOBODY}");
    assert_refused(&[&target], &["-I", "-C9", "--pipeline", "--ignore-content-length"], "a ws:// or wss://");
}

#[test]
fn what_does_no_harm_is_taken() {
    for target in [NOBODY, &format!("tcp://{NOBODY}")] {
        assert_taken(target, &["-sS", "-m9", "-f", "-i", "-k", "--basic", "--http2", "-N", "--retry=0"]);
    }
}
