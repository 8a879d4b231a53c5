//! Text in lines of a width.

use crate::output::columns::{columns, start};

/// `text` cut into equal pieces of at most `width` columns.
pub(super) fn pieces(text: &str, width: usize) -> Vec<String> {
    let all = columns(text);
    let count = all.div_ceil(width.max(1)).max(1);
    // The widest character takes two.
    let size = all.div_ceil(count).max(2);
    let mut pieces = Vec::with_capacity(count);
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_at(start(rest, size).len());
        pieces.push(piece.to_owned());
        if after.is_empty() {
            return pieces;
        }
        rest = after;
    }
}

/// `text` in lines of at most `width` columns, where its words allow it.
pub(in crate::report) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let own = columns(word);
        if length > 0 && length + 1 + own > width {
            lines.push(word.to_owned());
            length = own;
            continue;
        }
        if length > 0 {
            lines[last].push(' ');
            length += 1;
        }
        lines[last].push_str(word);
        length += own;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(wrapped("日本語 abc 日本", 8), ["日本語", "abc 日本"]);
        assert_eq!(pieces("日本語ab", 5), ["日本", "語ab"]);
        assert_eq!(pieces("", 5), [""]);
        assert_eq!(pieces("日本", 1), ["日", "本"]);
    }
}
