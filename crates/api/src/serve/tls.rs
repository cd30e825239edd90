//! TLS of the listener: settings become what rustls speaks with.

mod clients;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SupportedProtocolVersion};

/// How the listener speaks TLS.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// The certificate chain, PEM.
    pub cert: String,
    /// Its key, PEM.
    pub key: String,
    /// Certificates of who vouches for clients, PEM; empty for none.
    pub client_ca: String,
    /// Whether clients are asked for certificates.
    pub client_auth: ClientAuth,
    /// Names of which a client's certificate must bear one; any where there are none.
    pub client_allowed_sans: Vec<String>,
    /// Whether TLS 1.2 is spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 is spoken.
    pub tls13: bool,
    /// Go's names of the cipher suites of TLS 1.2; a good choice where there are none.
    pub cipher_suites: Vec<String>,
    /// Go's names of the curves, best first; a good choice where there are none.
    pub curves: Vec<String>,
    /// Whether HTTP/2 is offered.
    pub http2: bool,
}

/// Whether clients are asked for certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// They are not.
    #[default]
    None,
    /// They are, and need not have one.
    Request,
    /// They must have one, whoever vouches for it.
    RequireAny,
    /// They need not have one, but one they have must be vouched for.
    VerifyIfGiven,
    /// They must have one that is vouched for.
    RequireAndVerify,
}

impl TlsSettings {
    /// What rustls speaks with.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn build(&self) -> Result<Arc<ServerConfig>, String> {
        let provider = Arc::new(self.provider()?);
        let versions = self.versions()?;
        let clients = clients::verifier(self, &provider)?;
        let (chain, key) = key_pair(&self.cert, &self.key)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| error.to_string())?;
        let builder = match clients {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| error.to_string())?;
        config.alpn_protocols = if self.http2 { vec![b"h2".to_vec()] } else { Vec::new() };
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(Arc::new(config))
    }

    fn versions(&self) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
        let spoken = [(self.tls12, &rustls::version::TLS12), (self.tls13, &rustls::version::TLS13)];
        let versions: Vec<_> = spoken.into_iter().filter(|(on, _)| *on).map(|(_, version)| version).collect();
        if versions.is_empty() {
            return Err("no version of TLS from 1.2 on is allowed".to_owned());
        }
        Ok(versions)
    }

    /// The cryptography, without the suites and curves that are not asked for. Suites of TLS 1.3 are not chosen, as
    /// in Go.
    fn provider(&self) -> Result<CryptoProvider, String> {
        let mut provider = ring::default_provider();
        if !self.cipher_suites.is_empty() {
            provider.cipher_suites.retain(|suite| {
                let name = format!("{:?}", suite.suite());
                name.starts_with("TLS13_") || self.cipher_suites.contains(&name)
            });
        }
        if !self.curves.is_empty() {
            let groups: Vec<_> = self
                .curves
                .iter()
                .filter_map(|curve| {
                    let name = match curve.as_str() {
                        "CurveP256" => "secp256r1",
                        "CurveP384" => "secp384r1",
                        other => other,
                    };
                    provider.kx_groups.iter().find(|group| format!("{:?}", group.name()) == name).copied()
                })
                .collect();
            if groups.is_empty() {
                return Err(format!("none of the curves {} is spoken", self.curves.join(", ")));
            }
            provider.kx_groups = groups;
        }
        Ok(provider)
    }
}

/// Checks that a certificate and a key, both PEM, belong together.
///
/// # Errors
/// They do not, or one of them is none.
pub fn check_key_pair(cert: &str, key: &str) -> Result<(), String> {
    let (chain, key) = key_pair(cert, key)?;
    let key =
        ring::default_provider().key_provider.load_private_key(key).map_err(|error| error.to_string())?;
    match CertifiedKey::new(chain, key).keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err("tls: private key does not match public key".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn key_pair(cert: &str, key: &str) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let chain = certificates(cert)?;
    if chain.is_empty() {
        return Err("tls: failed to find any PEM data in certificate input".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| format!("tls: {error}"))?;
    Ok((chain, key))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("tls: {error}"))
}
