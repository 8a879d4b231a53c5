//! Which option has taken the target for its value, as in `-o http://host/`.

use std::ffi::OsString;

use super::names;

/// Why `arguments` name no target, where that can be told. `follows_next`: they stand behind `--next`.
pub(super) fn why(arguments: &[OsString], follows_next: bool) -> Option<String> {
    match by(arguments) {
        Some(option) => Some(format!("what follows {option} is its value")),
        None => follows_next.then(|| "none follows --next".to_owned()),
    }
}

/// The option that may have taken the target for its value: the first whose value is a URL, else
/// the one whose value is the last argument.
fn by(arguments: &[OsString]) -> Option<String> {
    let mut last = None;
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        let Some(option) = names::before_value(argument.as_encoded_bytes()) else { continue };
        let Some(value) = left.next() else { break };
        let name = option.long_name().map(|name| format!("--{name}"));
        if value.as_encoded_bytes().windows(3).any(|part| part == b"://") {
            return name;
        }
        last = name.filter(|_| left.len() == 0);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_takes_what_follows() {
        for (arguments, expected) in [
            (&["-o", "http://h/"][..], Some("--output")),
            (&["-sSLo", "h"], Some("--output")),
            (&["-o", "http://h/", "-X", "POST"], Some("--output")),
            (&["-d", "a", "--request", "h"], Some("--request")),
            (&["-d", "a", "-s"], None),
            (&["-da", "-s"], None),
            (&["--output=http://h/"], None),
            (&["-o"], None),
        ] {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert_eq!(by(&arguments).as_deref(), expected, "{arguments:?}");
        }
    }
}
