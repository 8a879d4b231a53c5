//! Options of wget, HTTPie and xh, and the nearest there is here.

/// By their names, in order.
const OPTIONS: &[(&str, &str)] = &[
    ("--auth", "--user"),
    ("--auth-type", "--basic, --digest or --oauth2-bearer"),
    ("--bearer", "--oauth2-bearer"),
    ("--body-data", "--data"),
    ("--ca-certificate", "--cacert"),
    ("--certificate", "--cert"),
    ("--check-status", "--fail"),
    ("--content-disposition", "--remote-header-name"),
    ("--continue", "--continue-at -"),
    ("--debug", "--verbose"),
    ("--directory-prefix", "--output-dir"),
    ("--download", "--remote-name"),
    ("--headers", "--print h"),
    ("--http-password", "--user"),
    ("--http-user", "--user"),
    ("--ignore-stdin", "nothing: standard input is read only where - is named"),
    ("--input-file", "--url @FILE"),
    ("--load-cookies", "--cookie"),
    ("--max-redirect", "--max-redirs"),
    ("--max-redirects", "--max-redirs"),
    ("--method", "--request"),
    ("--multipart", "--form"),
    ("--no-check-certificate", "--insecure"),
    ("--no-verify", "--insecure"),
    ("--offline", "--dry-run"),
    ("--output-document", "--output"),
    ("--password", "--user"),
    ("--post-data", "--data"),
    ("--post-file", "--data-binary @FILE"),
    ("--private-key", "--key"),
    ("--quiet", "--silent"),
    ("--read-timeout", "--speed-time"),
    ("--save-cookies", "--cookie-jar"),
    ("--save-headers", "--show-headers"),
    ("--server-response", "--verbose"),
    ("--session", "--cookie FILE and --cookie-jar FILE"),
    ("--spider", "--head"),
    ("--stream", "nothing: output is always written as it comes"),
    ("--timeout", "--max-time"),
    ("--tries", "--retry"),
    ("--verify", "--insecure or --cacert"),
    ("--wait", "--rate"),
];

/// What to use instead of `name`.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|(own, _)| *own == name).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::whole;

    #[test]
    fn what_is_to_be_used_instead_is_there_and_the_other_is_not() {
        let command = whole::command();
        let names: Vec<_> = command
            .get_arguments()
            .filter_map(clap::Arg::get_long_and_visible_aliases)
            .flatten()
            .map(|name| format!("--{name}"))
            .collect();
        for (theirs, ours) in OPTIONS {
            assert!(!names.iter().any(|name| name == theirs), "{theirs}");
            for word in ours.split([' ', ',']).filter(|word| word.starts_with("--")) {
                assert!(names.iter().any(|name| name == word), "{word}");
            }
        }
        assert!(OPTIONS.is_sorted_by_key(|(name, _)| *name));
    }
}
