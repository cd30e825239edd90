//! What an HTTP client block of a configuration file says, checked.

use std::path::PathBuf;

use crate::{OAuth2, Proxy, Secret, SecretSource};

/// How requests are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How the client shows who it is.
    pub auth: Auth,
    /// How servers are trusted, and the client's own certificate.
    pub tls: TlsSettings,
    /// Proxies between this machine and servers.
    pub proxy: Proxy,
    /// The socket of this machine that leads to the server, whatever the URLs say.
    pub unix_socket: Option<PathBuf>,
    /// Headers that go with each request.
    pub headers: Vec<Header>,
    /// Whether redirections are followed.
    pub follow_redirects: bool,
    /// Whether HTTP/2 is offered to servers with TLS.
    pub enable_http2: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auth: Auth::None,
            tls: TlsSettings::default(),
            proxy: Proxy::default(),
            unix_socket: None,
            headers: Vec::new(),
            follow_redirects: true,
            enable_http2: true,
        }
    }
}

/// How the client shows who it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// It does not.
    #[default]
    None,
    /// A name and a password.
    Basic {
        /// The name; a file is allowed as for the password.
        username: Option<SecretSource>,
        /// The password.
        password: Option<SecretSource>,
    },
    /// `Authorization: <scheme> <credentials>`.
    Header {
        /// `Bearer`, mostly.
        scheme: String,
        /// What stands behind the scheme.
        credentials: Option<SecretSource>,
    },
    /// A token that another server gives for credentials.
    OAuth2(Box<OAuth2>),
}

/// A header that goes with each request; it may have several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// Its values.
    pub values: Vec<SecretSource>,
}

/// TLS to the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// Certificates that sign the server's; without any, those of the system.
    pub ca: Option<PemSource>,
    /// The client's certificate chain.
    pub cert: Option<PemSource>,
    /// The key of the client's certificate.
    pub key: Option<SecretSource>,
    /// The name that the server's certificate must have, where it is not the host of the URL.
    pub server_name: Option<String>,
    /// Takes any certificate.
    pub insecure_skip_verify: bool,
    /// The oldest version that is spoken.
    pub min_version: Option<TlsVersion>,
    /// The newest version that is spoken.
    pub max_version: Option<TlsVersion>,
}

/// Where certificates stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PemSource {
    /// In the configuration.
    Inline(String),
    /// In a file.
    File(PathBuf),
}

/// Versions of TLS. 1.0 and 1.1 can be named but are not spoken: as a minimum they mean 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// `TLS10`
    Tls10,
    /// `TLS11`
    Tls11,
    /// `TLS12`
    Tls12,
    /// `TLS13`
    Tls13,
}

impl Auth {
    /// A bearer token.
    pub fn bearer(token: Secret) -> Self {
        Self::Header { scheme: "Bearer".to_owned(), credentials: Some(SecretSource::Inline(token)) }
    }
}
