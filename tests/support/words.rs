//! Command lines as a shell reads them: words, quotes, and redirection to and from files.

/// One command: its words, the program's name among them, and its redirections.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) words: Vec<String>,
    /// `< FILE`
    pub(crate) input: Option<String>,
    /// `> FILE`
    pub(crate) output: Option<String>,
    /// `<&-`
    pub(crate) closes_input: bool,
    /// `>&-`
    pub(crate) closes_output: bool,
    /// `2>&-`
    pub(crate) closes_error: bool,
}

impl Command {
    /// What a shell closes before the command begins, as a shell writes it.
    pub(crate) fn closing(&self) -> String {
        let closed =
            [(self.closes_input, " <&-"), (self.closes_output, " >&-"), (self.closes_error, " 2>&-")];
        closed.iter().filter(|(closes, _)| *closes).map(|(_, text)| *text).collect()
    }
}

/// Reads a command line: `'…'`, `"…"`, `$'…'` with its escapes, a backslash before a character,
/// and `< FILE`, `> FILE`, `<&-`, `>&-` and `2>&-` as words of their own.
pub(crate) fn command(line: &str) -> Result<Command, String> {
    let mut command = Command::default();
    let mut target: Option<char> = None;
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, quoted, after) = word(rest)?;
        rest = after.trim_start();
        match (target.take(), word.as_str()) {
            (Some('<'), _) => command.input = Some(word),
            (Some(_), _) => command.output = Some(word),
            (None, "<" | ">") if !quoted => target = word.chars().next(),
            (None, "<&-") if !quoted => command.closes_input = true,
            (None, ">&-") if !quoted => command.closes_output = true,
            (None, "2>&-") if !quoted => command.closes_error = true,
            (None, _) => command.words.push(word),
        }
    }
    if target.is_some() {
        return Err(format!("a redirection without a file: {line}"));
    }
    Ok(command)
}

/// The first word of `text`, whether any of it was quoted, and what follows it.
fn word(text: &str) -> Result<(String, bool, &str), String> {
    let mut word = String::new();
    let mut quoted = false;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        if character == ' ' {
            break;
        }
        let dollar = rest.strip_prefix("$'");
        rest = match (character, dollar) {
            ('$', Some(inside)) => ansi_c(inside, &mut word)?,
            ('\'', _) => {
                let (inside, after) = after.split_once('\'').ok_or("' without its end")?;
                word.push_str(inside);
                after
            }
            ('"', _) => double_quoted(after, &mut word)?,
            ('\\', _) => {
                let next = after.chars().next().ok_or("a backslash at the end")?;
                word.push(next);
                &after[next.len_utf8()..]
            }
            _ => {
                word.push(character);
                rest = after;
                continue;
            }
        };
        quoted = true;
    }
    Ok((word, quoted, rest))
}

fn double_quoted<'a>(mut rest: &'a str, word: &mut String) -> Result<&'a str, String> {
    loop {
        let at = rest.find(['"', '\\']).ok_or("\" without its end")?;
        word.push_str(&rest[..at]);
        if rest[at..].starts_with('"') {
            return Ok(&rest[at + 1..]);
        }
        let next = rest[at + 1..].chars().next().ok_or("\" without its end")?;
        if !matches!(next, '"' | '\\' | '$' | '`') {
            word.push('\\');
        }
        word.push(next);
        rest = &rest[at + 1 + next.len_utf8()..];
    }
}

/// `$'…'`: the escapes of a part's text, and `\'`. The bytes must be UTF-8.
fn ansi_c<'a>(inside: &'a str, word: &mut String) -> Result<&'a str, String> {
    let mut end = 0;
    while !inside[end..].starts_with('\'') {
        let character = inside[end..].chars().next().ok_or("$' without its end")?;
        end += character.len_utf8();
        if character == '\\' {
            end += inside[end..].chars().next().map_or(0, char::len_utf8);
        }
    }
    let text = inside[..end].replace("\\'", "\\x27");
    let bytes = super::text::unescape(&text)?;
    word.push_str(&String::from_utf8(bytes).map_err(|_| "an argument that is no UTF-8")?);
    Ok(&inside[end + 1..])
}

/// A word in the quotes that keep a shell from reading it.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        command(line).unwrap().words
    }

    #[test]
    fn quotes_are_a_shells() {
        assert_eq!(words("a  b"), ["a", "b"]);
        assert_eq!(
            words(r#"-H 'X: a "b"' "c 'd' \" \n" e\ f ''"#),
            ["-H", "X: a \"b\"", "c 'd' \" \\n", "e f", ""]
        );
        assert_eq!(words(r"$'a\r\nb\x41\'c'd"), ["a\r\nbA'cd"]);
        assert!(command("'a").is_err());
        assert!(command("\"a").is_err());
    }

    #[test]
    fn what_is_quoted_is_one_word() {
        for word in ["", "a b", "it's \\ \"$x\""] {
            assert_eq!(words(&quoted(word)), [word]);
        }
    }

    #[test]
    fn redirections_are_no_words() {
        let command = command("a < in '>' b > out").unwrap();
        assert_eq!(command.words, ["a", ">", "b"]);
        assert_eq!((command.input.as_deref(), command.output.as_deref()), (Some("in"), Some("out")));
        assert!(super::command("a >").is_err());
    }
}
