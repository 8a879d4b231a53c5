//! How many columns of a terminal a text takes.

/// The columns that `text` takes, which holds no control characters.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(of_character).sum()
}

/// As much of the beginning of `text` as takes `width` columns at most.
pub(crate) fn start(text: &str, width: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, c)| {
        taken += of_character(*c);
        taken > width
    });
    end.map_or(text, |(end, _)| &text[..end])
}

fn of_character(c: char) -> usize {
    if c.is_ascii() {
        return 1;
    }
    let is_in = |ranges: &[(char, char)]| ranges.iter().any(|&(first, last)| (first..=last).contains(&c));
    match c {
        _ if is_in(&MARKS) => 0,
        _ if is_in(&WIDE) => 2,
        _ => 1,
    }
}

/// What is put over the character before it, and joiners: of the scripts most written.
const MARKS: [(char, char); 14] = [
    ('\u{300}', '\u{36F}'),
    ('\u{483}', '\u{489}'),
    ('\u{591}', '\u{5BD}'),
    ('\u{64B}', '\u{65F}'),
    ('\u{E31}', '\u{E31}'),
    ('\u{E34}', '\u{E3A}'),
    ('\u{E47}', '\u{E4E}'),
    ('\u{1AB0}', '\u{1AFF}'),
    ('\u{1DC0}', '\u{1DFF}'),
    ('\u{200B}', '\u{200D}'),
    ('\u{20D0}', '\u{20FF}'),
    ('\u{3099}', '\u{309A}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FE20}', '\u{FE2F}'),
];

/// The blocks of wide and fullwidth characters (Unicode Standard Annex #11), and of pictographs.
const WIDE: [(char, char); 14] = [
    ('\u{1100}', '\u{115F}'),
    ('\u{2E80}', '\u{303E}'),
    ('\u{3041}', '\u{4DBF}'),
    ('\u{4E00}', '\u{A4CF}'),
    ('\u{A960}', '\u{A97C}'),
    ('\u{AC00}', '\u{D7A3}'),
    ('\u{F900}', '\u{FAFF}'),
    ('\u{FE10}', '\u{FE19}'),
    ('\u{FE30}', '\u{FE6F}'),
    ('\u{FF01}', '\u{FF60}'),
    ('\u{FFE0}', '\u{FFE6}'),
    ('\u{1F300}', '\u{1F64F}'),
    ('\u{1F680}', '\u{1FAFF}'),
    ('\u{20000}', '\u{3FFFD}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        for (text, expected) in [("", 0), ("abc é", 5), ("日本語", 6), ("e\u{301}", 1), ("ｆ🎉한", 6)]
        {
            assert_eq!(columns(text), expected, "{text}");
        }
        assert_eq!(
            [start("日本語", 5), start("日本語", 6), start("e\u{301}x", 1)],
            ["日本", "日本語", "e\u{301}"]
        );
    }
}
