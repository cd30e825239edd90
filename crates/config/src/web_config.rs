//! `web.config.file`: how the server's own listener is secured, and who may come in (specification, section 5.4).

use std::{collections::BTreeMap, path::Path};

use model::quote::quote;
use platform::FileSystem;

#[cfg(test)]
mod tests;
mod users;

use crate::{
    decode::{Check, Decoder, Field, Invalid, decode_document, section},
    error::{Error, Fault, Problem},
    files::{describe, read_text},
    prometheus::TlsVersion,
    values::{FilePath, GoDuration, Secret},
    yaml::Node,
};

section! {
    /// How the server's own listener is secured, and who may come in.
    pub struct WebConfig as "web.Config" {
        /// TLS.
        tls: WebTlsConfig = WebTlsConfig::default() => ["tls_server_config"];
        /// HTTP.
        http: WebHttpConfig = WebHttpConfig::default() => ["http_server_config"];
        /// How many requests may come.
        rate_limit: RateLimitConfig = RateLimitConfig::default() => ["rate_limit"];
        /// Who may come in: names, and bcrypt's hashes of passwords. Everyone when there are none.
        users: BTreeMap<String, Secret> = BTreeMap::new() => ["basic_auth_users"];
    }
}

section! {
    /// How the listener speaks TLS; it does not when neither certificate nor key is given.
    pub struct WebTlsConfig as "web.TLSConfig" {
        /// The certificate, in place.
        cert: String = String::new() => ["cert"];
        /// The key, in place.
        key: Secret = Secret::default() => ["key"];
        /// Certificates of who vouches for clients, in place.
        client_ca: String = String::new() => ["client_ca"];
        /// A file that holds the certificate.
        cert_file: FilePath = FilePath::default() => ["cert_file"];
        /// A file that holds the key.
        key_file: FilePath = FilePath::default() => ["key_file"];
        /// Whether clients are asked for certificates, in Go's words; see [`ClientAuth`].
        client_auth_type: String = String::new() => ["client_auth_type"];
        /// A file of certificates of who vouches for clients.
        client_ca_file: FilePath = FilePath::default() => ["client_ca_file"];
        /// The cipher suites that are spoken up to TLS 1.2; a good choice unless given.
        cipher_suites: Vec<CipherSuite> = Vec::new() => ["cipher_suites"];
        /// The curves that keys are agreed on, best first; a good choice unless given.
        curve_preferences: Vec<Curve> = Vec::new() => ["curve_preferences"];
        /// The oldest version that is spoken.
        min_version: TlsVersion = TlsVersion::Tls12 => ["min_version"];
        /// The newest version that is spoken.
        max_version: TlsVersion = TlsVersion::Tls13 => ["max_version"];
        /// Whether the server chooses the cipher suite; it always does.
        prefer_server_cipher_suites: bool = true => ["prefer_server_cipher_suites"];
        /// Names of which a client's certificate must bear one; any unless given.
        client_allowed_sans: Vec<String> = Vec::new() => ["client_allowed_sans"];
    }
}

section! {
    /// How the listener speaks HTTP.
    pub struct WebHttpConfig as "web.HTTPConfig" {
        /// Whether HTTP/2 is spoken.
        http2: bool = true => ["http2"];
        /// Headers to add to each answer.
        headers: BTreeMap<String, String> = BTreeMap::new() => ["headers"];
    }
}

section! {
    /// How many requests may come; as many as like when no interval is given.
    pub struct RateLimitConfig as "web.RateLimiterConfig" {
        /// How many at once.
        burst: isize = 0 => ["burst"];
        /// How long until there may be one more.
        interval: GoDuration = GoDuration::default() => ["interval"];
    }
}

impl Check for WebConfig {}
impl Check for WebTlsConfig {}
impl Check for WebHttpConfig {}
impl Check for RateLimitConfig {}

/// Whether clients are asked for certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// They are not.
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

impl WebTlsConfig {
    /// Whether clients are asked for certificates; `None` when `client_auth_type` is no answer.
    pub fn client_auth(&self) -> Option<ClientAuth> {
        Some(match self.client_auth_type.as_str() {
            "" | "NoClientCert" => ClientAuth::None,
            "RequestClientCert" => ClientAuth::Request,
            "RequireAnyClientCert" | "RequireClientCert" => ClientAuth::RequireAny,
            "VerifyClientCertIfGiven" => ClientAuth::VerifyIfGiven,
            "RequireAndVerifyClientCert" => ClientAuth::RequireAndVerify,
            _ => return None,
        })
    }

    /// Whether TLS is spoken.
    pub fn is_on(&self) -> bool {
        let keys = [self.cert.as_str(), self.cert_file.as_str(), self.key.expose(), self.key_file.as_str()];
        let clients = [&self.client_auth_type, self.client_ca_file.as_str(), &self.client_ca];
        keys.into_iter().chain(clients).any(|text| !text.is_empty())
    }
}

/// Texts of which a value must be one.
macro_rules! one_of {
    ($(#[$meta:meta])* $name:ident, $word:literal, $names:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name(pub String);

        impl Field for $name {
            fn zero() -> Self {
                $name::default()
            }

            fn type_name() -> String {
                "string".into()
            }

            fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
                if !self.0.decode(node, decoder)? {
                    return Ok(false);
                }
                if !$names.contains(&self.0.as_str()) {
                    let problem = decoder.invalid(node, format!(concat!("unknown ", $word, ": {}"), self.0));
                    return Err(Box::new(problem.expected(format!("one of {}", $names.join(", ")))));
                }
                Ok(true)
            }

            fn encode(&self) -> crate::yaml::Yaml {
                self.0.encode()
            }

            fn is_zero(&self) -> bool {
                self.0.is_empty()
            }
        }
    };
}

one_of!(
    /// The name of a cipher suite.
    CipherSuite,
    "cipher",
    CIPHER_SUITES
);

one_of!(
    /// The name of a curve.
    Curve,
    "curve",
    CURVES
);

/// The cipher suites that nothing is known against.
const CIPHER_SUITES: [&str; 13] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
];

const CURVES: [&str; 4] = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

/// Headers that may be added, and the values they may have where not all are good.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

/// Whether certificate and key, both in PEM, belong together; the error is worded as Go words it.
pub type KeyPairCheck<'a> = &'a dyn Fn(&str, &str) -> Result<(), String>;

impl WebConfig {
    /// Reads a file and checks it, and the files of certificates and keys that it names.
    ///
    /// # Errors
    /// The file cannot be read or is refused; displayed without the file's name, [`Error::explain`] has it.
    pub fn load(path: &Path, files: &dyn FileSystem, key_pair: KeyPairCheck<'_>) -> Result<WebConfig, Error> {
        let text = read_text(files, path)
            .map_err(|error| Error::Read { path: path.into(), message: describe("open", path, &error) })?;
        let refuse = |fault| Error::WebConfigFile { path: path.into(), fault };
        let mut config = WebConfig::default();
        let mut decoder = Decoder::default();
        let node = decode_document(&mut config, &text, &mut decoder).map_err(refuse)?;
        let refuse_at = |key: &str, message: String| {
            let at = key.split('.').fold(&*node, |node, part| node.get(part).map_or(node, |node| node)).at;
            refuse(Fault::Invalid(Box::new(Problem::new(at, key, message))))
        };
        config.check_headers().map_err(|message| refuse_at("http_server_config.headers", message))?;
        config.join_folder(path.parent().unwrap_or(Path::new("")));
        config.tls.check(files, key_pair).map_err(|message| refuse_at("tls_server_config", message))?;
        for hash in config.users.values() {
            users::check_hash(hash.expose()).map_err(|message| refuse_at("basic_auth_users", message))?;
        }
        Ok(config)
    }

    fn check_headers(&self) -> Result<(), String> {
        for (name, value) in &self.http.headers {
            let Some((_, values)) = HEADERS.iter().find(|(known, _)| known == name) else {
                return Err(format!("HTTP header {} can not be configured", quote(name)));
            };
            if !values.is_empty() && !values.contains(&value.as_str()) {
                let allowed: Vec<String> = values.iter().map(|value| quote(value)).collect();
                let (allowed, got) = (allowed.join(" "), quote(value));
                return Err(format!(
                    "invalid value for {name}. Expected one of: [{allowed}], but got: {got}"
                ));
            }
        }
        Ok(())
    }
}

impl WebTlsConfig {
    fn check(&self, files: &dyn FileSystem, key_pair: KeyPairCheck<'_>) -> Result<(), String> {
        if !self.is_on() {
            return Ok(());
        }
        if self.cert.is_empty() && self.cert_file.is_empty() {
            return Err("missing one of cert or cert_file".into());
        }
        if self.key.is_empty() && self.key_file.is_empty() {
            return Err("missing one of key or key_file".into());
        }
        let read = |what: &str, in_place: &str, file: &FilePath| match file.path() {
            Some(path) => read_text(files, path).map_err(|error| {
                format!("failed to read {what}_file ({}): {}", file.as_str(), describe("open", path, &error))
            }),
            None => Ok(in_place.to_string()),
        };
        let cert = read("cert", &self.cert, &self.cert_file)?;
        let key = read("key", self.key.expose(), &self.key_file)?;
        if !cert.contains("-----BEGIN ") {
            return Err(
                "failed to load X509KeyPair: tls: failed to find any PEM data in certificate input".into()
            );
        }
        if !key.contains("-----BEGIN ") {
            return Err("failed to load X509KeyPair: tls: failed to find any PEM data in key input".into());
        }
        key_pair(&cert, &key).map_err(|message| format!("failed to load X509KeyPair: {message}"))?;
        if let Some(path) = self.client_ca_file.path() {
            read_text(files, path).map_err(|error| describe("open", path, &error))?;
        }
        match self.client_auth() {
            None => Err(format!("invalid ClientAuth: {}", self.client_auth_type)),
            Some(ClientAuth::None) if !self.client_ca_file.is_empty() || !self.client_ca.is_empty() => {
                Err("client CA's have been configured without a Client Auth Policy".into())
            }
            Some(_) => Ok(()),
        }
    }
}
