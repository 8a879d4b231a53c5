//! The trusted roots: the certificates that the user names, the system's, or those
//! that Mozilla trusts.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{Settings, pem_problem};
use crate::failure::{Failure, in_words};
use crate::output::escape;
use crate::whole_file::read_whole;

/// Where systems keep all their roots in one file. Looked at first, since
/// next to it is a folder with the same certificates.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

/// The roots, read when they are first requested.
#[derive(Debug, Default)]
pub(super) struct Trust {
    roots: OnceLock<RootCertStore>,
    /// What the user named: a server may present one of these itself.
    given: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads the certificates that the user names, if any are.
    pub(super) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let is_unused = settings.insecure && !settings.numbers;
        if is_unused || (settings.ca_file.is_none() && settings.ca_path.is_none()) {
            return Ok(Self::default());
        }
        // With -k it is no failure that there are none.
        let taken = |read: anyhow::Result<Vec<_>>| {
            if settings.insecure { Ok(read.unwrap_or_default()) } else { read }
        };
        let mut given = Vec::new();
        if let Some((file, option)) = &settings.ca_file {
            given.extend(taken(in_file(file, option))?);
        }
        if let Some((folder, option)) = &settings.ca_path {
            given.extend(taken(in_folder(folder, option))?);
        }
        let mut roots = store(given.iter().cloned());
        if settings.ca_native {
            roots.extend(of_system().roots.iter().cloned());
        }
        let roots = OnceLock::from(roots);
        Ok(Self { roots, given })
    }

    pub(super) fn roots(&self) -> &RootCertStore {
        self.roots.get_or_init(of_system)
    }

    /// Whether the user named this very certificate.
    pub(super) fn names(&self, certificate: &CertificateDer<'_>) -> bool {
        self.given.iter().any(|given| given == certificate)
    }
}

/// The certificates in a file that the user names; there has to be one.
fn in_file(file: &OsStr, option: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let bytes =
        File::open(file).and_then(read_whole).map_err(|error| unusable(file, option, &in_words(&error)))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| unusable(file, option, &pem_problem::in_words(&error)))?;
    usable(found, file, option)
}

/// The certificates in a folder that the user names, which may hold other files too; there has to be one.
fn in_folder(folder: &OsStr, option: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let unusable = |error: io::Error| unusable(folder, option, &in_words(&error));
    let (mut found, mut failed) = (Vec::new(), None);
    for entry in fs::read_dir(folder).map_err(unusable)? {
        let path = entry.map_err(unusable)?.path();
        if !path.is_file() {
            continue;
        }
        match File::open(path).and_then(read_whole) {
            Ok(bytes) => found.extend(CertificateDer::pem_slice_iter(&bytes).flatten()),
            Err(error) => failed = Some(error),
        }
    }
    // Many a file has two names there.
    let mut seen = BTreeSet::new();
    found.retain(|certificate| seen.insert(certificate.to_vec()));
    match failed {
        Some(error) if found.is_empty() => Err(unusable(error)),
        _ => usable(found, folder, option),
    }
}

fn usable(
    found: Vec<CertificateDer<'static>>,
    named: &OsStr,
    option: &str,
) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    if store(found.iter().cloned()).is_empty() {
        let shown = escape::value(named.as_encoded_bytes());
        return Err(Failure::CaFile.error(format!("{option}: {shown} contains no PEM certificate")));
    }
    Ok(found)
}

fn unusable(named: &OsStr, option: &str, why: &str) -> anyhow::Error {
    let shown = escape::value(named.as_encoded_bytes());
    Failure::CaFile.error(format!("{option}: cannot use {shown}: {why}"))
}

/// The system's roots; where it has none, Mozilla's, which are in the program.
fn of_system() -> RootCertStore {
    for bundle in BUNDLES.map(Path::new).into_iter().filter(|path| path.is_file()) {
        let roots = store(rustls_native_certs::load_certs_from_paths(Some(bundle), None).certs);
        if !roots.is_empty() {
            return roots;
        }
    }
    let roots = store(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect() } else { roots }
}

fn store(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    roots
}
