//! `--xattr`: where the content of a file came from, in extended attributes of the file. Their names
//! are those of freedesktop.org, which curl uses.

use super::job::Job;
use super::{News, Session};
use crate::failure::in_words;
use crate::http::request_line::fields;
use crate::http::response::ResponseHead;
use crate::http::uri::{Scheme, Uri};
use crate::plan::PlannedRequest;

impl Session<'_, '_> {
    /// Stores the URL and the Referer, both without credentials, and the media type of what was saved.
    /// Warns of what cannot be stored.
    pub(super) fn keep_attributes(&mut self, job: &Job, request: &PlannedRequest, head: &ResponseHead) {
        if !self.rules.saving.keeps_attributes {
            return;
        }
        let chain = &job.chain;
        let url = url(if self.rules.manners.as_curl { &chain.first } else { &chain.hop.uri });
        let fields = fields(&request.head);
        let referer = fields.value("referer").map(without_credentials);
        let attributes = [
            ("user.xdg.referrer.url", referer.as_deref()),
            ("user.xdg.origin.url", Some(&url[..])),
            ("user.mime_type", head.fields.value("content-type")),
        ];
        let stored = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in stored {
            if let Err(error) = job.delivery.set_attribute(name, value) {
                let why = in_words(&error);
                self.tell(&News::Notice(&format!("the file's attribute {name} cannot be set: {why}")));
                return;
            }
        }
    }
}

/// The value of a Referer without user and password.
fn without_credentials(referer: &[u8]) -> Vec<u8> {
    match Uri::parse(referer, Scheme::Http) {
        Ok(uri) if uri.userinfo.is_some() => url(&uri),
        _ => referer.to_vec(),
    }
}

/// A URL without user and password.
fn url(uri: &Uri) -> Vec<u8> {
    let start = format!("{}://{}", uri.scheme.name(), uri.authority()).into_bytes();
    let fragment = uri.fragment.as_ref().map(|fragment| [b"#", &fragment[..]].concat()).unwrap_or_default();
    [&start, uri.origin_form(), &fragment].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_referer_loses_its_credentials() {
        for (referer, stored) in [
            ("https://u:p@h/a?b#c", "https://h/a?b#c"),
            ("http://H/a@b", "http://H/a@b"),
            ("about:blank", "about:blank"),
        ] {
            assert_eq!(without_credentials(referer.as_bytes()), stored.as_bytes(), "{referer}");
        }
    }
}
