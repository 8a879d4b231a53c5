//! What a handshake offers: `--ciphers`, `--tls13-ciphers`, `--curves`, `--sigalgs`,
//! by the names of IANA and of OpenSSL.

use rustls::crypto::ring::{self, cipher_suite, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{SignatureScheme, SupportedCipherSuite};

use super::Settings;
use super::proof::OLD_SCHEMES;
use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::sorting::sort_by_key;

// The suites stand in the order in which they are offered: as in browsers AES-128 first, which costs less
// than AES-256 and has to be there in every TLS 1.3 (RFC 8446 §9.1).

/// A cipher suite of TLS 1.2: IANA's name, OpenSSL's, and its suite.
type Suite = (&'static str, &'static str, SupportedCipherSuite);

const TLS12: [Suite; 6] = [
    (
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
    (
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
];

const TLS13: [(&str, SupportedCipherSuite); 3] = [
    ("TLS_AES_128_GCM_SHA256", cipher_suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_AES_256_GCM_SHA384", cipher_suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_CHACHA20_POLY1305_SHA256", cipher_suite::TLS13_CHACHA20_POLY1305_SHA256),
];

/// Keywords of OpenSSL that stand for every suite there is.
const ALL: [&str; 4] = ["ALL", "DEFAULT", "HIGH", "COMPLEMENTOFDEFAULT"];

const SIGNATURES: [(&str, &str, SignatureScheme); 9] = [
    ("ecdsa_secp256r1_sha256", "ECDSA+SHA256", SignatureScheme::ECDSA_NISTP256_SHA256),
    ("ecdsa_secp384r1_sha384", "ECDSA+SHA384", SignatureScheme::ECDSA_NISTP384_SHA384),
    ("ed25519", "ed25519", SignatureScheme::ED25519),
    ("rsa_pss_rsae_sha256", "RSA-PSS+SHA256", SignatureScheme::RSA_PSS_SHA256),
    ("rsa_pss_rsae_sha384", "RSA-PSS+SHA384", SignatureScheme::RSA_PSS_SHA384),
    ("rsa_pss_rsae_sha512", "RSA-PSS+SHA512", SignatureScheme::RSA_PSS_SHA512),
    ("rsa_pkcs1_sha256", "RSA+SHA256", SignatureScheme::RSA_PKCS1_SHA256),
    ("rsa_pkcs1_sha384", "RSA+SHA384", SignatureScheme::RSA_PKCS1_SHA384),
    ("rsa_pkcs1_sha512", "RSA+SHA512", SignatureScheme::RSA_PKCS1_SHA512),
];

/// The name of a suite in the IANA registry; that of the library marks those of TLS 1.3.
pub(super) fn iana_name(suite: SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)
}

/// What `settings` let be offered: suites and groups, and signatures in the order of preference.
pub(super) fn provider(settings: &Settings) -> anyhow::Result<(CryptoProvider, Vec<SignatureScheme>)> {
    let offers = &settings.offers;
    let whole = ring::default_provider();
    let mut signatures = whole.signature_verification_algorithms.supported_schemes();
    if settings.insecure {
        signatures.extend(OLD_SCHEMES);
    }
    let mut provider = whole;
    provider.cipher_suites =
        TLS13.iter().map(|suite| suite.1).chain(TLS12.iter().map(|suite| suite.2)).collect();
    if let Some(list) = &offers.ciphers {
        let (old, new) = (tls12(list), tls13(list));
        if old.is_empty() && new.is_empty() {
            let known = TLS12.iter().map(|(_, name, _)| *name);
            return Err(nothing_left(&settings.option("ciphers"), list, known));
        }
        provider.cipher_suites.retain(|suite| suite.tls13().is_some() && new.is_empty());
        provider.cipher_suites.extend([new, old].concat());
    }
    if let Some(list) = &offers.tls13_ciphers {
        let new = tls13(list);
        if new.is_empty() {
            let known = TLS13.iter().map(|(name, _)| *name);
            return Err(nothing_left(&settings.option("tls13-ciphers"), list, known));
        }
        provider.cipher_suites.retain(|suite| suite.tls13().is_none());
        provider.cipher_suites.splice(0..0, new);
    }
    if let Some(list) = &offers.groups {
        if let Some(unknown) = words(list).find(|word| !is_known_group(word)) {
            return Err(nothing_left(&settings.option("curves"), unknown, ["X25519", "P-256", "P-384"]));
        }
        provider.kx_groups = words(list).filter_map(group).collect();
        if provider.kx_groups.is_empty() {
            return Err(nothing_left(&settings.option("curves"), list, ["X25519", "P-256", "P-384"]));
        }
    }
    if let Some(list) = &offers.signatures {
        signatures = words(list).filter_map(signature).collect();
        if signatures.is_empty() {
            let known = SIGNATURES.iter().map(|(_, name, _)| *name);
            return Err(nothing_left(&settings.option("sigalgs"), list, known));
        }
    }
    Ok((provider, signatures))
}

fn nothing_left<'a>(option: &str, list: &str, known: impl IntoIterator<Item = &'a str>) -> anyhow::Error {
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    let shown = one_line(list.as_bytes());
    Failure::Cipher.error(format!("{option}: {shown} names nothing supported; supported: {known}"))
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ',', ' ']).filter(|word| !word.is_empty())
}

/// The suites of TLS 1.2 that OpenSSL's list names, in its order (openssl-ciphers(1)).
fn tls12(list: &str) -> Vec<SupportedCipherSuite> {
    let mut chosen: Vec<&Suite> = Vec::new();
    let mut banned: Vec<&str> = Vec::new();
    for word in words(list).map(|word| word.split('@').next().unwrap_or(word)) {
        let fits = |name: &str| TLS12.iter().filter(move |suite| is_meant(suite, name)).collect::<Vec<_>>();
        if let Some(name) = word.strip_prefix('!') {
            banned.extend(fits(name).iter().map(|suite| suite.0));
            chosen.retain(|suite| !banned.contains(&suite.0));
        } else if let Some(name) = word.strip_prefix('-') {
            let removed = fits(name);
            chosen.retain(|suite| !removed.iter().any(|removed| removed.0 == suite.0));
        } else if let Some(name) = word.strip_prefix('+') {
            let last = fits(name);
            sort_by_key(&mut chosen, |suite| last.iter().any(|last| last.0 == suite.0));
        } else {
            let new = fits(word);
            let is_new = |suite: &&&Suite| {
                !banned.contains(&suite.0) && !chosen.iter().any(|chosen| chosen.0 == suite.0)
            };
            let new: Vec<_> = new.iter().filter(is_new).copied().collect();
            chosen.extend(new);
        }
    }
    chosen.into_iter().map(|(_, _, suite)| *suite).collect()
}

/// Whether a word of the list means the suite: its name, or keywords joined by `+`.
fn is_meant((iana, openssl, _): &Suite, word: &str) -> bool {
    if iana.eq_ignore_ascii_case(word) || openssl.eq_ignore_ascii_case(word) || ALL.contains(&word) {
        return true;
    }
    let has = |keyword: &str| match keyword {
        "ECDHE" | "EECDH" | "kECDHE" | "kEECDH" | "AEAD" | "TLSv1.2" => true,
        "ECDSA" | "aECDSA" => openssl.contains("-ECDSA-"),
        "RSA" | "aRSA" => openssl.contains("-RSA-"),
        "AES" => openssl.contains("AES"),
        "AESGCM" => openssl.contains("GCM"),
        "AES128" => openssl.contains("AES128"),
        "AES256" => openssl.contains("AES256"),
        "CHACHA20" => openssl.contains("CHACHA20"),
        "SHA256" => openssl.ends_with("SHA256"),
        "SHA384" => openssl.ends_with("SHA384"),
        _ => false,
    };
    word.split('+').all(has)
}

fn tls13(list: &str) -> Vec<SupportedCipherSuite> {
    let find = |word: &str| TLS13.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    words(list).filter_map(find).map(|(_, suite)| *suite).collect()
}

fn group(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    match name.to_ascii_lowercase().as_str() {
        "x25519" => Some(kx_group::X25519),
        "p-256" | "secp256r1" | "prime256v1" => Some(kx_group::SECP256R1),
        "p-384" | "secp384r1" => Some(kx_group::SECP384R1),
        _ => None,
    }
}

/// Whether OpenSSL, for whose lists these are, knows a group by this name, which need not be supported here; others are
/// typos. Unlike in lists of ciphers, such a name makes OpenSSL refuse the list.
fn is_known_group(name: &str) -> bool {
    const FAMILIES: [&str; 10] =
        ["x25519", "x448", "p-", "b-", "k-", "secp", "sect", "prime", "brainpoolp", "ffdhe"];
    const HYBRID: &str = "mlkem";
    let name = name.to_ascii_lowercase();
    // A question mark passes over what is not known (openssl 3.5).
    name.starts_with('?') || FAMILIES.iter().any(|family| name.starts_with(family)) || name.contains(HYBRID)
}

fn signature(name: &str) -> Option<SignatureScheme> {
    let same = |(iana, openssl, _): &&(&str, &str, _)| {
        iana.eq_ignore_ascii_case(name) || openssl.eq_ignore_ascii_case(name)
    };
    SIGNATURES.iter().find(same).map(|(_, _, scheme)| *scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_nobody_knows_is_refused() {
        for (list, is_taken) in [
            ("X25519:P-521", true),
            ("X25519MLKEM768:x25519", true),
            ("?bogus:P-256", true),
            ("X25519:bogus", false),
            ("P-521", false),
        ] {
            let mut settings = Settings::default();
            settings.offers.groups = Some(list.to_owned());
            assert_eq!(provider(&settings).is_ok(), is_taken, "{list}");
        }
    }

    fn names(list: &str) -> Vec<&'static str> {
        let suites = tls12(list);
        let name = |suite: &SupportedCipherSuite| TLS12.iter().find(|(_, _, own)| own == suite);
        suites.iter().filter_map(name).map(|(_, openssl, _)| *openssl).collect()
    }

    #[test]
    fn lists_of_suites_are_read_as_by_openssl() {
        assert_eq!(names("ECDHE-RSA-AES128-GCM-SHA256:nonsense"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(names("tls_ecdhe_rsa_with_aes_128_gcm_sha256"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(names("DEFAULT@SECLEVEL=1").len(), 6);
        assert_eq!(names("HIGH:!aNULL:!MD5").len(), 6);
        assert_eq!(
            names("ECDHE+AESGCM:!RSA"),
            ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
        );
        assert_eq!(names("CHACHA20,ALL")[0], "ECDHE-ECDSA-CHACHA20-POLY1305");
        assert_eq!(names("aRSA:-AES:+AES128"), ["ECDHE-RSA-CHACHA20-POLY1305"]);
        assert_eq!(names("RC4-SHA:DES-CBC3-SHA"), Vec::<&str>::new());
    }

    #[test]
    fn suites_of_one_version_leave_the_other_alone() {
        let offered = |ciphers: Option<&str>, tls13: Option<&str>| {
            let mut settings = Settings::default();
            settings.offers.ciphers = ciphers.map(str::to_owned);
            settings.offers.tls13_ciphers = tls13.map(str::to_owned);
            let suites = provider(&settings).unwrap().0.cipher_suites;
            suites.into_iter().map(iana_name).collect::<Vec<_>>()
        };
        assert_eq!(offered(Some("ECDHE-RSA-AES128-GCM-SHA256"), None).len(), 4);
        assert_eq!(offered(None, Some("TLS_AES_128_GCM_SHA256")).len(), 7);
        let both = offered(Some("ECDHE-RSA-AES128-GCM-SHA256"), Some("TLS_AES_128_GCM_SHA256"));
        assert_eq!(both, ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
        assert_eq!(offered(Some("TLS_AES_128_GCM_SHA256"), None), ["TLS_AES_128_GCM_SHA256"]);
    }
}
