//! Content-Security-Policy: its policies and their directives (CSP Level 3, "parse a serialized CSP").

/// A directive: its name in lower case, and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CspDirective<'a> {
    /// In lower case.
    pub name: Vec<u8>,
    /// What stands behind it, between spaces.
    pub values: Vec<&'a [u8]>,
    /// All of it as it came.
    pub text: &'a [u8],
}

/// The policies of one line: list members, each a list of directives.
pub fn policies(value: &[u8]) -> impl Iterator<Item = Vec<CspDirective<'_>>> {
    value.split(|&byte| byte == b',').map(directives)
}

fn directives(policy: &[u8]) -> Vec<CspDirective<'_>> {
    let directive = |text: &'_ [u8]| -> Option<(Vec<u8>, usize)> {
        let text = text.trim_ascii();
        let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
        (end > 0).then(|| (text[..end].to_ascii_lowercase(), end))
    };
    let split = policy.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    split
        .filter_map(|text| {
            let (name, end) = directive(text)?;
            let values = text[end..].split(u8::is_ascii_whitespace).filter(|value| !value.is_empty());
            Some(CspDirective { name, values: values.collect(), text })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_and_directives_are_split() {
        let read: Vec<_> = policies(b"Default-Src 'self'  a.example ;; sandbox, img-src *").collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0][0].name, b"default-src");
        assert_eq!(read[0][0].values, [&b"'self'"[..], b"a.example"]);
        assert_eq!((read[0][1].text, read[0][1].values.len()), (&b"sandbox"[..], 0));
        assert_eq!(policies(b"").next().map(|policy| policy.len()), Some(0));
    }
}
