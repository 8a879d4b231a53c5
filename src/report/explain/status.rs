//! What status codes mean, in a few words (RFC 9110 §15, and the RFCs that registered the others).

/// A code and its meaning in each line, and `Nxx` with that of a class.
const MEANINGS: &str = include_str!("status.txt");

/// The meaning of `status`; that of its class where it is not registered.
pub(super) fn meaning(status: u16) -> &'static str {
    let class = format!("{}xx", status / 100);
    let known = listed(&status.to_string()).or_else(|| listed(&class));
    known.unwrap_or("no status code of HTTP, taken as an error of the server")
}

fn listed(code: &str) -> Option<&'static str> {
    MEANINGS.lines().find_map(|line| line.strip_prefix(code)?.strip_prefix(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::status::is_registered;

    #[test]
    fn every_registered_code_has_its_own_meaning() {
        for status in (100..600).filter(|&status| is_registered(status)) {
            assert!(listed(&status.to_string()).is_some(), "{status}");
        }
        let entries = MEANINGS.split_once("\n\n").unwrap().1;
        assert!(entries.lines().map(|line| &line[..3]).is_sorted_by(|earlier, later| earlier < later));
        assert_eq!(meaning(599), meaning(520));
    }
}
