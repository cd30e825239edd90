//! The forms of authentication.

use std::collections::BTreeMap;

use super::{ProxyConfig, TlsConfig};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    values::{FilePath, Secret},
    yaml::Node,
};

section! {
    /// User name and password.
    pub struct BasicAuth as "config.plain" {
        /// The name.
        username: String = String::new() => ["username"];
        /// A file that holds the name.
        username_file: FilePath = FilePath::default() => ["username_file"];
        /// The name of a secret that is the name.
        username_ref: String = String::new() => ["username_ref"];
        /// The password.
        password: Secret = Secret::default() => ["password"];
        /// A file that holds the password.
        password_file: FilePath = FilePath::default() => ["password_file"];
        /// The name of a secret that is the password.
        password_ref: String = String::new() => ["password_ref"];
    }
}

section! {
    /// Credentials that go into the `Authorization` header behind a word for their kind.
    pub struct Authorization as "config.Authorization" {
        /// The kind; `Bearer` unless given.
        kind: String = String::new() => ["type"];
        /// The credentials.
        credentials: Secret = Secret::default() => ["credentials"];
        /// A file that holds the credentials.
        credentials_file: FilePath = FilePath::default() => ["credentials_file"];
        /// The name of a secret that is the credentials.
        credentials_ref: String = String::new() => ["credentials_ref"];
    }
}

section! {
    /// Where a token is asked for, and with what.
    pub struct OAuth2 as "config.plain" {
        /// Who asks.
        client_id: String = String::new() => ["client_id", always];
        /// With which secret.
        client_secret: Secret = Secret::default() => ["client_secret", always];
        /// A file that holds the secret.
        client_secret_file: FilePath = FilePath::default() => ["client_secret_file"];
        /// The name of a secret that is the secret.
        client_secret_ref: String = String::new() => ["client_secret_ref"];
        /// The key's id, for tokens signed by the client.
        client_certificate_key_id: String = String::new() => ["client_certificate_key_id"];
        /// The key, for tokens signed by the client.
        client_certificate_key: Secret = Secret::default() => ["client_certificate_key"];
        /// A file that holds the key.
        client_certificate_key_file: FilePath = FilePath::default() => ["client_certificate_key_file"];
        /// The name of a secret that is the key.
        client_certificate_key_ref: String = String::new() => ["client_certificate_key_ref"];
        /// `client_credentials`, or the grant with a token signed by the client.
        grant_type: String = String::new() => ["grant_type"];
        /// How such a token is signed.
        signature_algorithm: String = String::new() => ["signature_algorithm"];
        /// Who issues such a token.
        iss: String = String::new() => ["iss"];
        /// For whom such a token is.
        audience: String = String::new() => ["audience"];
        /// What else such a token says.
        claims: BTreeMap<String, String> = BTreeMap::new() => ["claims"];
        /// What is asked for.
        scopes: Vec<String> = Vec::new() => ["scopes"];
        /// Who is asked.
        token_url: String = String::new() => ["token_url", always];
        /// Parameters to send along.
        endpoint_params: BTreeMap<String, String> = BTreeMap::new() => ["endpoint_params"];
        /// How the connection is secured.
        tls_config: TlsConfig = TlsConfig::default() => ["tls_config"];
        /// Proxies.
        proxy: ProxyConfig = ProxyConfig::default() => [inline];
    }
}

/// The grant for which the client signs the token itself.
const GRANT_JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

impl Check for BasicAuth {}

impl BasicAuth {
    pub(super) fn check_sources(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if more_than_one(&[&self.username, self.username_file.as_str(), &self.username_ref]) {
            let message =
                "at most one of basic_auth username, username_file & username_ref must be configured";
            return Err(decoder.invalid_key(node, "basic_auth", message));
        }
        if more_than_one(&[self.password.expose(), self.password_file.as_str(), &self.password_ref]) {
            let message =
                "at most one of basic_auth password, password_file & password_ref must be configured";
            return Err(decoder.invalid_key(node, "basic_auth", message));
        }
        Ok(())
    }
}

impl Check for Authorization {}

impl Authorization {
    /// Checks where the credentials come from, and fills in the kind.
    pub(super) fn check_sources(&mut self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let sources = [self.credentials.expose(), self.credentials_file.as_str(), &self.credentials_ref];
        if more_than_one(&sources) {
            let message = "at most one of authorization credentials & credentials_file must be configured";
            return Err(decoder.invalid(node, message));
        }
        self.kind = self.kind.trim().to_string();
        if self.kind.is_empty() {
            self.kind = "Bearer".into();
        }
        if self.kind.eq_ignore_ascii_case("basic") {
            let message = "authorization type cannot be set to \"basic\", use \"basic_auth\" instead";
            return Err(decoder.invalid_key(node, "type", message));
        }
        Ok(())
    }
}

impl Check for OAuth2 {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        self.proxy.check(node, decoder)
    }
}

impl OAuth2 {
    /// Whether the client shows who it is with a statement that it signs, not with a secret.
    pub fn signs_assertions(&self) -> bool {
        self.grant_type == GRANT_JWT_BEARER
    }

    /// Checks what cannot be done without; `node` is the section that holds the key `oauth2`.
    pub(super) fn check_required(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        if self.client_id.is_empty() {
            return Err(decoder.invalid_key(node, "oauth2", "oauth2 client_id must be configured"));
        }
        if self.token_url.is_empty() {
            return Err(decoder.invalid_key(node, "oauth2", "oauth2 token_url must be configured"));
        }
        if self.signs_assertions() {
            let key = &self.client_certificate_key;
            if more_than_one(&[
                key.expose(),
                self.client_certificate_key_file.as_str(),
                &self.client_certificate_key_ref,
            ]) {
                let message = "at most one of oauth2 client_certificate_key, client_certificate_key_file & \
                               client_certificate_key_ref must be configured using \
                               grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer";
                return Err(decoder.invalid_key(node, "oauth2", message));
            }
            if !["", "RS256", "RS384", "RS512"].contains(&self.signature_algorithm.as_str()) {
                let message = "valid signature algorithms are RS256, RS384 and RS512";
                return Err(decoder.invalid_key(node, "oauth2", message));
            }
        } else if more_than_one(&[
            self.client_secret.expose(),
            self.client_secret_file.as_str(),
            &self.client_secret_ref,
        ]) {
            let message = "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured \
                           using grant-type=client_credentials";
            return Err(decoder.invalid_key(node, "oauth2", message));
        }
        Ok(())
    }
}

/// Whether more than one of the ways to give a value is used.
pub(super) fn more_than_one(given: &[&str]) -> bool {
    given.iter().filter(|text| !text.is_empty()).count() > 1
}
