//! `--crlfile`: certificates that their issuers have taken back (RFC 5280 §5).

use std::fs::File;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{CertRevocationListError, Error, RootCertStore};

use super::{Settings, pem_problem};
use crate::failure::{Failure, in_words};
use crate::output::escape;
use crate::whole_file::read_whole;

/// The lists of a file.
#[derive(Debug)]
pub(super) struct Revoked(Vec<CertificateRevocationListDer<'static>>);

impl Revoked {
    /// Reads the lists that the user names; there has to be one.
    pub(super) fn read(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(file) = &settings.crl_file else { return Ok(None) };
        let (option, shown) = (settings.option("crlfile"), escape::value(file.as_encoded_bytes()));
        let unusable = |why: String| Failure::CrlFile.error(format!("{option}: cannot use {shown}: {why}"));
        let bytes = File::open(file).and_then(read_whole).map_err(|error| unusable(in_words(&error)))?;
        let lists = CertificateRevocationListDer::pem_slice_iter(&bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(pem_problem::in_words(&error)))?;
        if lists.is_empty() {
            return Err(unusable("it contains no PEM revocation list".to_owned()));
        }
        let revoked = Self(lists);
        // Parsing does not depend on the certificate they are checked against.
        let anybody = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        revoked.verifier(anybody).map_err(|error| unusable(list_problem(&error)))?;
        Ok(Some(revoked))
    }

    fn verifier(&self, roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, VerifierBuilderError> {
        let provider = Arc::new(ring::default_provider());
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .with_crls(self.0.iter().cloned())
            .enforce_revocation_expiration()
            .build()
    }

    /// Refuses a chain with a certificate in it that is revoked, or that no list speaks of.
    pub(super) fn judge(
        &self,
        roots: &RootCertStore,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let verifier = self.verifier(roots.clone()).map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(leaf, others, host, &[], now).map(drop)
    }
}

/// Why a list is of no use, in words.
fn list_problem(error: &VerifierBuilderError) -> String {
    use CertRevocationListError as List;
    match error {
        VerifierBuilderError::InvalidCrl(
            List::UnsupportedCriticalExtension
            | List::UnsupportedCrlVersion
            | List::UnsupportedDeltaCrl
            | List::UnsupportedIndirectCrl
            | List::UnsupportedRevocationReason,
        ) => "a list in it is of a kind that is not supported".to_owned(),
        VerifierBuilderError::InvalidCrl(_) => "a list in it is malformed".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_cannot_be_used_are_not_lists_that_are_silent() {
        let judged = |lists: &[&'static [u8]], roots| {
            let revoked = Revoked(lists.iter().map(|list| (*list).into()).collect());
            let host = ServerName::try_from("a.example").unwrap();
            let leaf = CertificateDer::from_slice(b"");
            revoked.judge(&roots, &leaf, &[], &host, UnixTime::now()).unwrap_err().to_string()
        };
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let unreadable = judged(&[b"no list"], roots);
        assert!(unreadable.contains("CRL could not be parsed"), "{unreadable}");
        let rootless = judged(&[], RootCertStore::empty());
        assert!(rootless.contains("no root trust anchors"), "{rootless}");
    }
}
