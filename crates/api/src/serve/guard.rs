//! Who may come in, how often, and which headers go with every answer: what a `web.config.file` says of requests.

mod passwords;
mod rate;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;

use self::passwords::Passwords;
use self::rate::Rate;
use crate::answer::text_error;

/// As the original reads it: bits behind the last byte may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Where the rules come from; asked for each request and each handshake, so that a changed file holds at once.
pub trait GuardSource: Send + Sync {
    /// The rules for requests.
    ///
    /// # Errors
    /// Why they cannot be told now.
    fn rules(&self) -> Result<Arc<Rules>, String>;

    /// What TLS is spoken with, where it is.
    ///
    /// # Errors
    /// Why it cannot be told now.
    fn tls(&self) -> Result<Arc<rustls::ServerConfig>, String>;

    /// Whether TLS is spoken; fixed for the life of the listener.
    fn speaks_tls(&self) -> bool;
}

/// The rules for requests.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Names of users with bcrypt's hashes of their passwords; without any, everyone may come in.
    pub users: BTreeMap<String, String>,
    /// Headers of every answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How long until there may be one more request; none for as many as like.
    pub rate_interval: Option<Duration>,
    /// How many requests may come at once.
    pub rate_burst: u32,
}

/// Holds requests against the rules; one for all listeners.
pub(super) struct Guard {
    source: Option<Arc<dyn GuardSource>>,
    passwords: Passwords,
    rate: Rate,
}

impl Guard {
    pub(super) fn new(source: Option<Arc<dyn GuardSource>>) -> Arc<Self> {
        Arc::new(Self { source, passwords: Passwords::default(), rate: Rate::default() })
    }

    /// What TLS is spoken with; `None` where it is not.
    pub(super) fn tls(&self) -> Option<Result<Arc<rustls::ServerConfig>, String>> {
        self.source.as_ref().filter(|source| source.speaks_tls()).map(|source| source.tls())
    }

    /// The rules as they are now; `None` where there are none.
    ///
    /// # Errors
    /// The answer to a request that cannot be held against them.
    pub(super) fn rules(&self) -> Result<Option<Arc<Rules>>, Box<Response>> {
        let Some(source) = &self.source else { return Ok(None) };
        source.rules().map(Some).map_err(|error| {
            tracing::error!(error, "web configuration cannot be read");
            Box::new(text_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
        })
    }

    /// Lets a request in, or answers it.
    ///
    /// # Errors
    /// The answer to a request that is not let in.
    pub(super) async fn admit(&self, rules: &Rules, request: &HeaderMap) -> Result<(), Response> {
        if let Some(interval) = rules.rate_interval
            && !self.rate.take(Instant::now(), interval, rules.rate_burst)
        {
            return Err(text_error(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
        }
        if rules.users.is_empty() {
            return Ok(());
        }
        if let Some((user, password)) = credentials(request)
            && self.passwords.are_right(&rules.users, user, password).await
        {
            return Ok(());
        }
        let mut response = text_error(StatusCode::UNAUTHORIZED, "Unauthorized");
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        Err(response)
    }
}

/// Adds the headers of every answer.
pub(super) fn add_headers(rules: &Rules, response: &mut Response) {
    for (name, value) in &rules.headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
}

/// The name and password that a request shows.
fn credentials(request: &HeaderMap) -> Option<(String, String)> {
    let value = request.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}
