//! Text in lines of a width.

/// `text` cut into equal pieces of at most `width` characters.
pub(super) fn pieces(text: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let count = characters.len().div_ceil(width.max(1)).max(1);
    let size = characters.len().div_ceil(count).max(1);
    match characters.is_empty() {
        true => vec![String::new()],
        false => characters.chunks(size).map(|piece| piece.iter().collect()).collect(),
    }
}

/// `text` in lines of at most `width` characters, where its words allow it.
pub(in crate::report) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
