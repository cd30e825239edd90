//! How requests are sent: authentication, TLS, proxies, headers. These keys stand inside other sections.

mod authentication;
mod tls;

use std::{collections::BTreeMap, path::Path};

use platform::FileSystem;

pub use authentication::{Authorization, BasicAuth, OAuth2};
pub use tls::{TlsConfig, TlsVersion};

use crate::{
    decode::{Check, Decoder, Field, Invalid, decode_document, section},
    error::Error,
    files::{describe, read_text},
    values::{FilePath, Secret, Url},
    yaml::Node,
};

section! {
    /// How requests are sent.
    pub struct HttpClientConfig as "config.plain" {
        /// User name and password for the `Authorization` header.
        basic_auth: Option<BasicAuth> = None => ["basic_auth"];
        /// Credentials of another kind for the `Authorization` header.
        authorization: Option<Authorization> = None => ["authorization"];
        /// Where to get a token for the `Authorization` header.
        oauth2: Option<OAuth2> = None => ["oauth2"];
        /// The old way to give `authorization.credentials`; empty after loading.
        bearer_token: Secret = Secret::default() => ["bearer_token"];
        /// The old way to give `authorization.credentials_file`; empty after loading.
        bearer_token_file: FilePath = FilePath::default() => ["bearer_token_file"];
        /// How the server proves who it is, and the client.
        tls_config: TlsConfig = TlsConfig::default() => ["tls_config"];
        /// Whether redirects are followed.
        follow_redirects: bool = true => ["follow_redirects", always];
        /// Whether HTTP/2 is offered.
        enable_http2: bool = true => ["enable_http2", always];
        /// Proxies.
        proxy: ProxyConfig = ProxyConfig::default() => [inline];
        /// Headers to add to each request.
        http_headers: BTreeMap<String, Header> = BTreeMap::new() => ["http_headers"];
    }
}

section! {
    /// Which proxy stands between.
    pub struct ProxyConfig as "config.plain" {
        /// The proxy.
        proxy_url: Url = Url::default() => ["proxy_url"];
        /// Hosts that are reached without it, separated by commas.
        no_proxy: String = String::new() => ["no_proxy"];
        /// Take both from the environment instead.
        proxy_from_environment: bool = false => ["proxy_from_environment"];
        /// Headers for the proxy.
        proxy_connect_header: BTreeMap<String, Vec<Secret>> = BTreeMap::new() => ["proxy_connect_header"];
    }
}

section! {
    /// The values of one header.
    pub struct Header as "config.Header" {
        /// Values that may be seen.
        values: Vec<String> = Vec::new() => ["values"];
        /// Values that may not.
        secrets: Vec<Secret> = Vec::new() => ["secrets"];
        /// Files that hold a value each.
        files: Vec<FilePath> = Vec::new() => ["files"];
    }
}

impl Check for Header {}

/// Headers that belong to the client or the protocol and cannot be set.
const RESERVED_HEADERS: [&str; 15] = [
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
];

impl Check for ProxyConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let (has_url, has_exceptions) = (!self.proxy_url.is_empty(), !self.no_proxy.is_empty());
        if !self.proxy_connect_header.is_empty() && !self.proxy_from_environment && !has_url {
            let message = "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured";
            return Err(decoder.invalid_key(node, "proxy_connect_header", message));
        }
        if self.proxy_from_environment && has_url {
            let message = "if proxy_from_environment is configured, proxy_url must not be configured";
            return Err(decoder.invalid_key(node, "proxy_url", message));
        }
        if self.proxy_from_environment && has_exceptions {
            let message = "if proxy_from_environment is configured, no_proxy must not be configured";
            return Err(decoder.invalid_key(node, "no_proxy", message));
        }
        if has_exceptions && !has_url {
            let message = "if no_proxy is configured, proxy_url must also be configured";
            return Err(decoder.invalid_key(node, "no_proxy", message));
        }
        Ok(())
    }
}

/// The section stands inside others, whose checks call this one.
impl Check for HttpClientConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let token = !self.bearer_token.is_empty();
        let token_file = !self.bearer_token_file.is_empty();
        if token && token_file {
            let message = "at most one of bearer_token & bearer_token_file must be configured";
            return Err(decoder.invalid_key(node, "bearer_token_file", message));
        }
        if (self.basic_auth.is_some() || self.oauth2.is_some()) && (token || token_file) {
            let message =
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
            return Err(decoder.invalid_key(
                node,
                if token { "bearer_token" } else { "bearer_token_file" },
                message,
            ));
        }
        if let Some(auth) = &self.basic_auth {
            auth.check_sources(node, decoder)?;
        }
        if self.authorization.is_some() {
            self.check_authorization(node, decoder, token || token_file)?;
        } else {
            self.take_bearer_token();
        }
        if self.oauth2.is_some() && self.basic_auth.is_some() {
            return Err(decoder.invalid_key(node, "oauth2", ONE_AUTHENTICATION));
        }
        if let Some(oauth2) = &self.oauth2 {
            oauth2.check_required(node, decoder)?;
        }
        self.proxy.check(node, decoder)?;
        self.check_headers(node, decoder)
    }
}

const ONE_AUTHENTICATION: &str = "at most one of basic_auth, oauth2 & authorization must be configured";

impl HttpClientConfig {
    /// Reads a file that holds nothing but this section.
    ///
    /// # Errors
    /// The file cannot be read or is refused.
    pub fn load(path: &Path, files: &dyn FileSystem) -> Result<HttpClientConfig, Error> {
        let text = read_text(files, path)
            .map_err(|error| Error::Read { path: path.into(), message: describe("open", path, &error) })?;
        let mut config = HttpClientConfig::default();
        decode_document(&mut config, &text, &mut Decoder::default())
            .map_err(|fault| Error::File { path: path.into(), fault })?;
        config.join_folder(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Whether some form of authentication is configured, by the names of the keys.
    pub(crate) fn authentication(&self) -> impl Iterator<Item = &'static str> {
        let basic = self.basic_auth.as_ref().map(|_| "basic_auth");
        let authorization = self.authorization.as_ref().map(|_| "authorization");
        let oauth2 = self.oauth2.as_ref().map(|_| "oauth2");
        basic.into_iter().chain(authorization).chain(oauth2)
    }

    fn check_authorization(
        &mut self,
        node: &Node,
        decoder: &Decoder,
        has_token: bool,
    ) -> Result<(), Invalid> {
        let Some(authorization) = &mut self.authorization else { return Ok(()) };
        if has_token {
            let message = "authorization is not compatible with bearer_token & bearer_token_file";
            return Err(decoder.invalid_key(node, "authorization", message));
        }
        let inside = node.get("authorization").map_or(node, |inside| inside);
        authorization.check_sources(inside, decoder)?;
        if self.basic_auth.is_some() || self.oauth2.is_some() {
            return Err(decoder.invalid_key(node, "authorization", ONE_AUTHENTICATION));
        }
        Ok(())
    }

    /// Makes an authorization of the old keys.
    fn take_bearer_token(&mut self) {
        if self.bearer_token.is_empty() && self.bearer_token_file.is_empty() {
            return;
        }
        self.authorization = Some(Authorization {
            kind: "Bearer".into(),
            credentials: std::mem::take(&mut self.bearer_token),
            credentials_file: std::mem::take(&mut self.bearer_token_file),
            credentials_ref: String::new(),
        });
    }

    fn check_headers(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        for name in self.http_headers.keys() {
            let canonical = canonical_header(name);
            if RESERVED_HEADERS.contains(&canonical.as_str()) {
                let message = format!("setting header {} is not allowed", model::quote::quote(&canonical));
                return Err(decoder.invalid_key(node, "http_headers", message));
            }
        }
        Ok(())
    }
}

/// The name of a header as it is usually written: `Content-Type`.
pub(crate) fn canonical_header(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.chars().all(is_token) {
        return name.into();
    }
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}
