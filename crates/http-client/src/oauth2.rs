//! Tokens that another server gives for credentials (RFC 6749, section 4.4; RFC 7523, section 2.1).

mod answer;
mod assertion;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Uri};
use platform::FileSystem;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::auth::{basic, read_or_empty};
use crate::{Client, Error, Proxy, Request, Secret, SecretSource, Settings, TlsSettings};

use answer::Token;

/// A token is not used any more when it has only so long to live.
const LIFE_MIN: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Which server is asked for tokens, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2 {
    /// Who asks.
    pub client_id: String,
    /// How the client shows who it is.
    pub grant: Grant,
    /// The server.
    pub token_url: Uri,
    /// What the token is to be good for.
    pub scopes: Vec<String>,
    /// Parameters that are sent along.
    pub endpoint_params: Vec<(String, String)>,
    /// TLS to the server.
    pub tls: TlsSettings,
    /// Proxies before the server.
    pub proxy: Proxy,
}

/// How the client shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// With a secret.
    ClientCredentials {
        /// The secret.
        secret: Option<SecretSource>,
    },
    /// With a statement that it signs.
    JwtBearer {
        /// The private key, an RSA key as PEM.
        key: Option<SecretSource>,
        /// The key's id.
        key_id: String,
        /// How it signs.
        algorithm: SignatureAlgorithm,
        /// Who says it; the client's id where this is empty.
        issuer: String,
        /// To whom it is said; the server's URL where this is empty.
        audience: String,
        /// What else it says.
        claims: Vec<(String, String)>,
    },
}

/// How a statement is signed: RSA with PKCS 1 padding and a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureAlgorithm {
    /// SHA-256.
    #[default]
    Rs256,
    /// SHA-384.
    Rs384,
    /// SHA-512.
    Rs512,
}

/// Gets tokens and keeps the present one until it ends.
pub(crate) struct Tokens {
    settings: OAuth2,
    files: Arc<dyn FileSystem>,
    client: Client,
    present: Mutex<Option<Present>>,
}

struct Present {
    token: Token,
    /// The secret that it was got with: a rotated one is used at once.
    secret: Secret,
    until: Option<Instant>,
    /// Whether the server wants the credentials in the form, not in a header.
    in_form: bool,
}

impl Tokens {
    pub(crate) fn new(settings: &OAuth2, files: Arc<dyn FileSystem>) -> Result<Self, Error> {
        let connection =
            Settings { tls: settings.tls.clone(), proxy: settings.proxy.clone(), ..Settings::default() };
        let client = Client::new(connection, Arc::clone(&files))?;
        Ok(Self { settings: settings.clone(), files, client, present: Mutex::new(None) })
    }

    /// The `Authorization` header of a request, with a token that is got where there is none.
    ///
    /// # Errors
    /// Why there is no token, in the words of Go's library.
    pub(crate) async fn authorization(&self, deadline: Instant) -> Result<String, String> {
        let secret = self.secret().map_err(|error| error.to_string())?;
        // One request for a token at a time: the others wait for its answer.
        let mut present = self.present.lock().await;
        if let Some(present) = &*present
            && present.secret == secret
            && present.until.is_none_or(|until| Instant::now() < until)
        {
            return Ok(present.token.authorization());
        }
        let in_form = present.as_ref().is_some_and(|present| present.in_form);
        let got = self.get(secret, in_form, deadline).await?;
        let authorization = got.token.authorization();
        *present = Some(got);
        Ok(authorization)
    }

    fn secret(&self) -> Result<Secret, Error> {
        match &self.settings.grant {
            Grant::ClientCredentials { secret } => {
                read_or_empty(secret.as_ref(), self.files.as_ref(), "oauth2 client secret")
            }
            Grant::JwtBearer { key, .. } => {
                read_or_empty(key.as_ref(), self.files.as_ref(), "oauth2 client certificate key")
            }
        }
    }

    async fn get(&self, secret: Secret, in_form: bool, deadline: Instant) -> Result<Present, String> {
        if matches!(self.settings.grant, Grant::JwtBearer { .. }) {
            let form = assertion::form(&self.settings, &secret)?;
            let token = self.ask(form, None, deadline).await?;
            return Ok(Present { until: token.until(), token, secret, in_form });
        }
        // A server may want the credentials in a header or in the form and does not say which: the standard's
        // way first, then the other.
        let mut failed = String::new();
        for in_form in [in_form, true] {
            match self.ask(self.form(&secret, in_form), (!in_form).then_some(&secret), deadline).await {
                Ok(token) => return Ok(Present { until: token.until(), token, secret, in_form }),
                Err(error) => failed = error,
            }
            if in_form {
                break;
            }
        }
        Err(failed)
    }

    /// The form of a request with the client's credentials.
    fn form(&self, secret: &Secret, in_form: bool) -> Vec<(String, String)> {
        let mut form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        if !self.settings.scopes.is_empty() {
            form.push(("scope".to_owned(), self.settings.scopes.join(" ")));
        }
        form.extend(self.settings.endpoint_params.iter().cloned());
        if in_form {
            form.push(("client_id".to_owned(), self.settings.client_id.clone()));
            if !secret.expose().is_empty() {
                form.push(("client_secret".to_owned(), secret.expose().to_owned()));
            }
        }
        form
    }

    async fn ask(
        &self,
        mut form: Vec<(String, String)>,
        in_header: Option<&Secret>,
        deadline: Instant,
    ) -> Result<Token, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(secret) = in_header {
            let text = basic(&encoded(&self.settings.client_id), &encoded(secret.expose()));
            let mut value = HeaderValue::try_from(text).map_err(|error| error.to_string())?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        form.sort();
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request {
            method: Method::POST,
            url: self.settings.token_url.clone(),
            headers,
            body: Bytes::from(pairs.join("&")),
            timeout: deadline.saturating_duration_since(Instant::now()),
        };
        // The client of the tokens has no tokens of its own, so that this ends.
        let response = Box::pin(self.client.send(request)).await.map_err(|error| error.to_string())?;
        let status = response.status;
        let text = response.status_text();
        let content_type = response.header(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        let body = response.bytes(Some(ANSWER_BYTES_MAX)).await;
        let body = body.map_err(|error| format!("oauth2: cannot fetch token: {error}"))?;
        answer::read(status.is_success(), &text, &content_type, &body)
    }
}

/// A text as forms write it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
