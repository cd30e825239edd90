//! How a connection is secured.

use super::authentication::more_than_one;
use crate::{
    decode::{Check, Decoder, Invalid, section},
    values::{FilePath, Secret},
    yaml::Node,
};

section! {
    /// How the server proves who it is, and the client.
    pub struct TlsConfig as "config.plain" {
        /// Certificates of who vouches for the server, in place.
        ca: String = String::new() => ["ca"];
        /// The client's certificate, in place.
        cert: String = String::new() => ["cert"];
        /// The client's key, in place.
        key: Secret = Secret::default() => ["key"];
        /// A file of certificates of who vouches for the server.
        ca_file: FilePath = FilePath::default() => ["ca_file"];
        /// A file that holds the client's certificate.
        cert_file: FilePath = FilePath::default() => ["cert_file"];
        /// A file that holds the client's key.
        key_file: FilePath = FilePath::default() => ["key_file"];
        /// The name of a secret that holds certificates of who vouches for the server.
        ca_ref: String = String::new() => ["ca_ref"];
        /// The name of a secret that holds the client's certificate.
        cert_ref: String = String::new() => ["cert_ref"];
        /// The name of a secret that holds the client's key.
        key_ref: String = String::new() => ["key_ref"];
        /// The name that the server's certificate must bear.
        server_name: String = String::new() => ["server_name"];
        /// Whether anyone may answer.
        insecure_skip_verify: bool = false => ["insecure_skip_verify", always];
        /// The oldest version of TLS that is spoken.
        min_version: TlsVersion = TlsVersion::default() => ["min_version"];
        /// The newest version of TLS that is spoken.
        max_version: TlsVersion = TlsVersion::default() => ["max_version"];
    }
}

impl Check for TlsConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let certificate = [self.cert.as_str(), self.cert_file.as_str(), self.cert_ref.as_str()];
        let key = [self.key.expose(), self.key_file.as_str(), self.key_ref.as_str()];
        let given = |sources: &[&str]| sources.iter().any(|source| !source.is_empty());
        let message = if more_than_one(&[&self.ca, self.ca_file.as_str(), &self.ca_ref]) {
            "at most one of ca, ca_file & ca_ref must be configured"
        } else if more_than_one(&certificate) {
            "at most one of cert, cert_file & cert_ref must be configured"
        } else if more_than_one(&key) {
            "at most one of key and key_file must be configured"
        } else if given(&certificate) && !given(&key) {
            "exactly one of key or key_file must be configured when a client certificate is configured"
        } else if given(&key) && !given(&certificate) {
            "exactly one of cert or cert_file must be configured when a client key is configured"
        } else {
            return Ok(());
        };
        Err(decoder.invalid(node, message))
    }
}

/// A version of TLS, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// Whatever the program speaks of itself.
    #[default]
    Unset,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    const NAMES: [(&'static str, TlsVersion); 4] = [
        ("TLS10", TlsVersion::Tls10),
        ("TLS11", TlsVersion::Tls11),
        ("TLS12", TlsVersion::Tls12),
        ("TLS13", TlsVersion::Tls13),
    ];
}

impl crate::decode::Field for TlsVersion {
    fn zero() -> Self {
        TlsVersion::Unset
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        let Some((_, version)) = TlsVersion::NAMES.iter().find(|(name, _)| *name == text) else {
            let problem = decoder.invalid(node, format!("unknown TLS version: {text}"));
            return Err(Box::new(problem.expected("TLS10, TLS11, TLS12 or TLS13")));
        };
        *self = *version;
        Ok(true)
    }

    fn encode(&self) -> crate::yaml::Yaml {
        let name = TlsVersion::NAMES.iter().find(|(_, version)| version == self).map(|(name, _)| *name);
        crate::yaml::Yaml::Text(name.unwrap_or_default().into())
    }

    fn is_zero(&self) -> bool {
        *self == TlsVersion::Unset
    }
}
