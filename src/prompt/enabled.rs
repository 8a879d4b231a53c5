use std::io;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+prompt";

/// What is typed after `question`.
pub(crate) fn password(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}
