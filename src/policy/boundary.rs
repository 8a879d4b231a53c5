//! What another origin is (RFC 9110 §4.3.1: another scheme, host or port), and which
//! secrets of the user a hop may see. Everybody asks here.

use crate::http::uri::Uri;

/// What the origin of a hop is to the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OriginTrust {
    /// The origin is another one than that of the user's own request.
    pub(crate) is_elsewhere: bool,
    /// What the user gave for the first origin alone is sent, netrc's `default` too.
    pub(crate) has_secrets: bool,
    /// A netrc entry for its host serves it.
    pub(crate) has_machine: bool,
    /// The client certificate is shown to it.
    pub(crate) shows_certificate: bool,
}

impl OriginTrust {
    /// The trust in the target that the user named.
    pub(crate) const FIRST: Self =
        Self { is_elsewhere: false, has_secrets: true, has_machine: true, shows_certificate: true };

    /// The trust in `to`, to which a redirect leads from a hop of this trust; `first` is
    /// the target that the user named. `trusted`: `--location-trusted`.
    pub(crate) fn then(self, first: &Uri, to: &Uri, trusted: bool) -> Self {
        if trusted {
            return Self { is_elsewhere: to.origin() != first.origin(), ..Self::FIRST };
        }
        if to.origin() == first.origin() {
            // Another origin chose who the user is to be there.
            let is_chosen = self.is_elsewhere && to.userinfo.is_some();
            return Self { has_secrets: !is_chosen, has_machine: !is_chosen, ..Self::FIRST };
        }
        let is_secure = to.scheme.is_secure();
        let is_secured_host =
            is_secure && !first.scheme.is_secure() && to.host.eq_ignore_ascii_case(&first.host);
        Self {
            is_elsewhere: true,
            has_secrets: false,
            has_machine: is_secure || (to.scheme, to.port) == (first.scheme, first.port),
            shows_certificate: is_secured_host,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::uri::Scheme;

    fn standing(first: &str, from: OriginTrust, to: &str) -> OriginTrust {
        let uri = |text: &str| Uri::parse(text.as_bytes(), Scheme::Http).expect("a URL");
        from.then(&uri(first), &uri(to), false)
    }

    #[test]
    fn other_origins_see_no_secrets() {
        for (first, to, has_machine, shows_certificate) in [
            ("http://h/", "http://h:81/", false, false),
            ("http://h/", "https://H/", true, true),
            ("http://h/", "https://h:444/", true, true),
            ("http://h/", "https://x/", true, false),
            ("http://h:81/", "http://x:81/", true, false),
            ("https://h/", "http://h/", false, false),
            ("https://h/", "https://h:444/", true, false),
            ("https://h/", "https://x/", true, false),
        ] {
            let expected =
                OriginTrust { is_elsewhere: true, has_secrets: false, has_machine, shows_certificate };
            assert_eq!(standing(first, OriginTrust::FIRST, to), expected, "{first} {to}");
        }
    }

    #[test]
    fn back_on_the_first_origin_they_go_along_again() {
        let away = standing("http://h/", OriginTrust::FIRST, "http://x/");
        assert_eq!(standing("http://h/", away, "http://h:80/a"), OriginTrust::FIRST);
        let chosen = standing("http://h/", away, "http://user@h/a");
        assert!(!chosen.is_elsewhere && !chosen.has_secrets && !chosen.has_machine);
        assert_eq!(standing("http://h/", OriginTrust::FIRST, "http://user@h/a"), OriginTrust::FIRST);
    }
}
