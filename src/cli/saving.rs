//! "Saving and failing".

use std::ffi::OsString;
use std::fmt;

use clap::ArgAction;

options! {
    pub(crate) struct SavingOptions {
        /// Exit 22 for a status of 400 or above, and discard its body
        ///
        /// The head is shown. The body is neither printed nor saved, and a file of -o or -O is left unchanged.
        #[arg(short = 'f', long, overrides_with = "fail_with_body")]
        pub(crate) fail: bool,

        /// Like --fail, but print or save the body
        #[arg(long, overrides_with = "fail")]
        pub(crate) fail_with_body: bool,

        /// Fail on these statuses, such as 404,5xx, instead of all from 400 on
        #[arg(long, value_name = "LIST", value_parser = statuses)]
        pub(crate) fail_status: Option<Statuses>,

        /// Stop at the first request that fails
        #[arg(long)]
        pub(crate) fail_early: bool,

        /// Exit 63 if the decoded body is larger than BYTES, such as 500k or 1.5M
        ///
        /// The units k, M, G, T and P are powers of 1,024. 0 means no limit.
        #[arg(long, value_name = "BYTES", value_parser = size)]
        pub(crate) max_filesize: Option<u64>,

        /// Save the body to FILE, or - for standard output; the nth FILE is for the nth request
        #[arg(short = 'o', long, value_name = "FILE")]
        output: Vec<OsString>,

        /// Save the body under the name that ends the URL; the nth -o or -O is for the nth request
        #[arg(short = 'O', long, action = ArgAction::Append, num_args = 0, default_missing_value = "")]
        remote_name: Vec<OsString>,

        /// Discard the nth body, in place of an -o
        #[arg(long, action = ArgAction::Append, num_args = 0, default_missing_value = "")]
        out_null: Vec<OsString>,

        /// Write the nth body to standard output, like -o -
        #[arg(long, visible_alias = "no-out-null", action = ArgAction::Append, num_args = 0, default_missing_value = "-", hide_short_help = true)]
        no_remote_name: Vec<OsString>,

        /// Use -O for every target after it that has neither -o nor -O
        ///
        /// --no-remote-name-all ends this for the targets that follow.
        #[arg(long, action = ArgAction::Append, num_args = 0, default_missing_value = "")]
        remote_name_all: Vec<OsString>,

        /// Undo --remote-name-all for the targets that follow
        #[arg(long, action = ArgAction::Append, num_args = 0, default_missing_value = "", hide = true)]
        no_remote_name_all: Vec<OsString>,

        /// With -O: use the name in Content-Disposition, made harmless
        ///
        /// A name that is not UTF-8 is read in the charset of Content-Type, or else in a detected one.
        /// If Content-Disposition gives no name, use that of the URL redirected to. Only the last segment of a
        /// path is used, without leading dots and dashes; characters that could deceive become _. Nothing is
        /// overwritten unless --clobber is given, and the name is reported.
        #[arg(short = 'J', long)]
        pub(crate) remote_header_name: bool,

        /// Save the files of -o and -O in FOLDER
        #[arg(long, value_name = "FOLDER")]
        pub(crate) output_dir: Option<OsString>,

        /// Create the folders of -o, --output-dir and -D, with mode 0750
        #[arg(long)]
        pub(crate) create_dirs: bool,

        /// Keep an existing file: save to NAME.1, NAME.2 and so on
        #[arg(long, overrides_with = "clobber")]
        pub(crate) no_clobber: bool,

        /// Overwrite an existing file (the default, but for a name from -J)
        #[arg(long, overrides_with = "no_clobber")]
        pub(crate) clobber: bool,

        /// Skip a request if its file of -o or -O exists
        #[arg(long)]
        pub(crate) skip_existing: bool,

        /// Save the response's entity tag to FILE, once the response is complete
        ///
        /// FILE is emptied before the content that its tag belongs to is overwritten. If the run then fails, the next
        /// one fetches everything.
        #[arg(long, value_name = "FILE")]
        pub(crate) etag_save: Option<OsString>,

        /// Remove the file of a request that fails
        #[arg(long)]
        pub(crate) remove_on_error: bool,

        /// Set the file's time to that of Last-Modified
        #[arg(short = 'R', long)]
        pub(crate) remote_time: bool,

        /// Create files with this MODE in octal, such as 600, as far as the umask allows
        ///
        /// This applies to the files of -o and -O. The mode of a file that exists is left unchanged.
        #[arg(long, value_name = "MODE", value_parser = mode)]
        pub(crate) create_file_mode: Option<u32>,

        /// Store URL, Referer and media type in extended attributes of the file
        ///
        /// They are user.xdg.origin.url, user.xdg.referrer.url and user.mime_type. The URL is the final one after
        /// redirects, without user and password.
        #[arg(long)]
        pub(crate) xattr: bool,

        /// Resume a file from byte OFFSET; - for its end
        ///
        /// Only the part that was requested is added. Any other response leaves the file unchanged, and the exit
        /// code is 33, unless a 416 shows that the file is complete.
        #[arg(short = 'C', long, value_name = "OFFSET", value_parser = resume,
              conflicts_with_all = ["remove_on_error", "no_clobber", "remote_header_name"])]
        pub(crate) continue_at: Option<Resume>,

        /// The files of -o and -O in the order given; `None` for the name of the URL.
        #[arg(skip)]
        pub(crate) files: Vec<Option<OsString>>,

        /// `--remote-name-all` holds for a target behind all options.
        #[arg(skip)]
        pub(crate) saves_rest: bool,
    }
}

/// The file that keeps nothing.
pub(crate) const NOWHERE: &str = "/dev/null";

/// Where a download is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// From this byte.
    At(u64),
    /// Where the file ends.
    AtEnd,
}

/// As `-C` takes it.
impl fmt::Display for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(offset) => write!(f, "{offset}"),
            Self::AtEnd => f.write_str("-"),
        }
    }
}

/// Reads a file's mode.
fn mode(text: &str) -> Result<u32, String> {
    let is_octal = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let mode = is_octal.then(|| u32::from_str_radix(text, 8).ok()).flatten();
    mode.filter(|mode| *mode <= 0o777)
        .ok_or_else(|| "a mode is an octal number up to 777, such as 644".to_owned())
}

/// Reads the value of `-C`.
fn resume(text: &str) -> Result<Resume, String> {
    match text {
        "-" => Ok(Resume::AtEnd),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Resume::At).map_err(|_| "this is no offset".to_owned())
        }
        _ => Err("an offset is a number, or - for the end of the file".to_owned()),
    }
}

/// The options whose order counts.
pub(super) const ORDERED: [&str; 6] =
    ["output", "remote_name", "no_remote_name", "out_null", "remote_name_all", "no_remote_name_all"];

/// Whether `--remote-name-all` holds behind the option `id`; `None` where `id` changes nothing of it.
pub(super) fn names_all(id: &str) -> Option<bool> {
    match id {
        "remote_name_all" => Some(true),
        "no_remote_name_all" => Some(false),
        _ => None,
    }
}

/// The files of `-o` and `-O`, in the order in which they were given.
pub(super) fn files(values: &[(&'static str, OsString)]) -> Vec<Option<OsString>> {
    let file = |(id, value): &(&'static str, OsString)| match *id {
        "output" | "no_remote_name" => Some(Some(value.clone())),
        "out_null" => Some(Some(NOWHERE.into())),
        "remote_name" => Some(None),
        _ => None,
    };
    values.iter().filter_map(file).collect()
}

/// Statuses, each as the first and the last of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statuses(pub(crate) Vec<(u16, u16)>);

/// Reads `404,5xx`.
fn statuses(list: &str) -> Result<Statuses, String> {
    let range = |item: &str| {
        let item = item.trim();
        let bounds = [item.replace(['x', 'X'], "0"), item.replace(['x', 'X'], "9")];
        let is_plain = item.len() == 3 && item.bytes().all(|byte| byte.is_ascii_digit() || byte | 32 == b'x');
        match [bounds[0].parse(), bounds[1].parse()] {
            [Ok(first), Ok(last)] if is_plain => Ok((first, last)),
            _ => Err("statuses are three digits, or x for any digit, as in 404,5xx".to_owned()),
        }
    };
    list.split(',').map(range).collect::<Result<_, _>>().map(Statuses)
}

/// How many bits the fraction of a number of bytes is read to; with those of the largest unit,
/// they fit in a `u128`.
const FRACTION_BITS: u32 = 64;

/// Reads a number of bytes; `k`, `M`, `G`, `T` and `P` are powers of 1,024, and fractions of them
/// are allowed, as for curl. What is left of a byte is cut off.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" | "b" | "B" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        "t" | "T" => 40,
        "p" | "P" => 50,
        _ if digits.is_empty() => return Err("not a number of bytes".to_owned()),
        _ => return Err("the units are k, M, G, T and P".to_owned()),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_decimal = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_decimal(whole) || !is_decimal(decimals) {
        return Err("not a number of bytes".to_owned());
    }
    let whole = whole.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    let digits = decimals.bytes().rev().map(|digit| u128::from(digit - b'0'));
    let part = digits.fold(0, |part, digit| ((digit << FRACTION_BITS) + part) / 10);
    let part = u64::try_from((part << shift) >> FRACTION_BITS).unwrap_or_default();
    let sum = whole.and_then(|whole| whole.checked_add(part));
    sum.ok_or_else(|| "more bytes than can be counted".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_statuses() {
        assert_eq!(statuses("404,5xx, 41X"), Ok(Statuses(vec![(404, 404), (500, 599), (410, 419)])));
        for wrong in ["", "4", "4xxx", "abc", "404,", "+40", "é4"] {
            assert!(statuses(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("0", 0), ("12", 12), ("1k", 1024), ("2M", 2 << 20), ("3g", 3 << 30), ("1.5k", 1536)]
        {
            assert_eq!(size(text), Ok(bytes));
        }
        for wrong in ["", "k", "-1", "1kb", "1.k", ".5k", "1.5.5k", "99999999P", "é"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
