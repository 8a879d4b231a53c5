//! "Help": what is printed instead of sending anything.

use clap::{ArgAction, ValueEnum};

options! {
    pub(crate) struct HelpOptions {
        /// Show help: -h for one screen, --help for all, --help CATEGORY or --help OPTION for a part
        ///
        /// Both accept a category or an option as the next argument: --help tls, --help --resolve. --help category
        /// lists the categories; curl's names of them work too.
        #[arg(short = 'h', long, action = ArgAction::Help)]
        help: Option<bool>,

        /// Print the version and the features of this build
        #[arg(short = 'V', long, action = ArgAction::Version)]
        version: Option<bool>,

        /// Print the manual page, as in: rawget --man | man -l -
        #[arg(short = 'M', long, visible_alias = "manual")]
        pub(crate) man: bool,

        /// Print a completion script for bash, elvish, fish, powershell or zsh
        ///
        /// As in: rawget --completions bash > ~/.local/share/bash-completion/completions/rawget
        #[arg(long, value_name = "SHELL", value_enum, hide_possible_values = true)]
        pub(crate) completions: Option<Shell>,
    }
}

/// Shells whose scripts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "names of shells")]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}
