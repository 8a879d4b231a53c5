//! Options that have effect only beside another one.

use clap::error::ErrorKind;

/// Each with the one that it needs, by their names for clap.
const NEEDED: &[(&str, &str)] = &[
    ("check_format", "check"),
    ("check_ignore", "check"),
    ("expand_send", "send"),
    ("fix_length", "send"),
    ("key", "cert"),
    ("proxy_key", "proxy_cert"),
    ("ws_binary", "send"),
];

/// An error where one of `given` stands without the one that it needs.
pub(super) fn verify(given: &[String]) -> Result<(), clap::Error> {
    let is_given = |id: &str| given.iter().any(|own| own == id);
    match NEEDED.iter().find(|(id, needed)| is_given(id) && !is_given(needed)) {
        Some((id, needed)) => {
            let text = format!("--{}: needs --{}", id.replace('_', "-"), needed.replace('_', "-"));
            Err(clap::Error::raw(ErrorKind::MissingRequiredArgument, text))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_an_option_s() {
        let all = crate::cli::command();
        let is_option = |id: &str| all.get_arguments().any(|argument| argument.get_id() == id);
        for (id, needed) in NEEDED {
            assert!(is_option(id) && is_option(needed), "{id} {needed}");
        }
    }
}
