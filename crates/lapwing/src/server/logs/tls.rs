//! TLS of a server for logs alone, as its file says (`server.http_tls_config`); files are read anew for each handshake.

use std::sync::Arc;

use api::serve::{ClientAuth, GuardSource, Rules, TlsSettings};
use config::loki::ServerTls;
use parking_lot::Mutex;

use crate::server::web_security::pem;

/// Certificate, key and certificates for clients.
type Pems = [String; 3];

/// What TLS is spoken with.
pub(super) struct ServesTls {
    config: ServerTls,
    client_auth: ClientAuth,
    /// What was read the last time, and what was made of it.
    built: Mutex<Option<(Pems, Arc<rustls::ServerConfig>)>>,
}

impl ServesTls {
    /// The TLS of a block; `None` where it names no certificate.
    ///
    /// # Errors
    /// What cannot be used.
    pub(super) fn new(config: &ServerTls) -> Result<Option<Arc<Self>>, String> {
        if config.cert.is_empty() && config.cert_file.is_empty() {
            return Ok(None);
        }
        let client_auth = match config.client_auth_type.as_str() {
            "" | "NoClientCert" => ClientAuth::None,
            "RequestClientCert" => ClientAuth::Request,
            "RequireAnyClientCert" | "RequireClientCert" => ClientAuth::RequireAny,
            "VerifyClientCertIfGiven" => ClientAuth::VerifyIfGiven,
            "RequireAndVerifyClientCert" => ClientAuth::RequireAndVerify,
            other => return Err(format!("server.http_tls_config: invalid client_auth_type {other:?}")),
        };
        let serves = Self { config: config.clone(), client_auth, built: Mutex::new(None) };
        serves.tls().map_err(|error| format!("server.http_tls_config: {error}"))?;
        Ok(Some(Arc::new(serves)))
    }
}

impl GuardSource for ServesTls {
    fn rules(&self) -> Result<Arc<Rules>, String> {
        Ok(Arc::default())
    }

    fn tls(&self) -> Result<Arc<rustls::ServerConfig>, String> {
        let ServerTls { cert, cert_file, key, key_file, client_ca, client_ca_file, .. } = &self.config;
        let pems = [pem(cert, cert_file)?, pem(key.expose(), key_file)?, pem(client_ca, client_ca_file)?];
        let mut built = self.built.lock();
        if let Some((known, config)) = &*built
            && *known == pems
        {
            return Ok(Arc::clone(config));
        }
        let [cert, key, client_ca] = pems.clone();
        let settings = TlsSettings {
            cert,
            key,
            client_ca,
            client_auth: self.client_auth,
            client_allowed_sans: Vec::new(),
            tls12: true,
            tls13: true,
            cipher_suites: Vec::new(),
            curves: Vec::new(),
            http2: true,
        };
        let config = settings.build()?;
        *built = Some((pems, Arc::clone(&config)));
        Ok(config)
    }

    fn speaks_tls(&self) -> bool {
        true
    }
}
