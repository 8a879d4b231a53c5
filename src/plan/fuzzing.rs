//! Properties of the files that options name, for any bytes.

use super::config;
use super::netrc::{Netrc, NetrcScope};

pub(crate) fn netrc(data: &[u8]) {
    match Netrc::parse(data) {
        Ok(netrc) => {
            let found = netrc.find("a.example", 80, None, NetrcScope::ALL);
            assert!(found.is_none_or(|(login, password)| login.len() + password.len() <= 2 * data.len()));
        }
        Err(problem) => assert!(!problem.to_string().contains(char::is_control)),
    }
}

pub(crate) fn config(data: &[u8]) {
    for as_curl in [false, true] {
        let mut last = 0;
        for line in config::lines(data, as_curl) {
            let number = match &line {
                Ok(line) => line.number,
                Err((number, _)) => *number,
            };
            assert!(number > last);
            last = number;
        }
    }
}
