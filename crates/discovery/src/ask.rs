//! Questions to servers that answer with JSON.

use std::time::Duration;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use http_client::{Client, Request, Response};
use serde::de::DeserializeOwned;

use crate::Error;
use crate::discoverer::Context;

/// The most that an answer may hold.
const ANSWER_BYTES_MAX: u64 = 256 << 20;

/// A server that is asked again and again.
#[derive(Clone)]
pub(crate) struct Server {
    client: Client,
    /// What stands before each path.
    base: String,
    headers: HeaderMap,
}

impl Server {
    /// A server whose URLs begin with `base`.
    pub(crate) fn new(
        settings: http_client::Settings,
        base: impl Into<String>,
        context: &Context,
    ) -> Result<Self, Error> {
        let client = Client::new(settings, context.files.clone())?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Ok(user_agent) = HeaderValue::from_str(&context.user_agent) {
            headers.insert(USER_AGENT, user_agent);
        }
        Ok(Self { client, base: base.into(), headers })
    }

    /// Sends a header with each question.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// Asks and takes answers with status 200 alone.
    pub(crate) async fn ask(
        &self,
        path: &str,
        query: &[(&str, String)],
        timeout: Duration,
    ) -> Result<Response, Error> {
        let mut url = format!("{}{path}", self.base);
        if !query.is_empty() {
            url.push('?');
            let start = url.len();
            url = Serializer::for_suffix(url, start).extend_pairs(query).finish();
        }
        let parsed = url.parse().map_err(|_| Error::Url { url: url.clone() })?;
        let (method, headers, body) = (Method::GET, self.headers.clone(), Bytes::new());
        let response = self.client.send(Request { method, url: parsed, headers, body, timeout }).await?;
        if response.status == StatusCode::OK { Ok(response) } else { Err(refusal(response).await) }
    }

    /// Asks and reads the answer.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        timeout: Duration,
    ) -> Result<T, Error> {
        read(self.ask(path, query, timeout).await?).await
    }
}

/// Reads an answer.
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let bytes = response.bytes(Some(ANSWER_BYTES_MAX)).await?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Syntax(error.to_string()))
}

/// What a server said instead of an answer.
async fn refusal(response: Response) -> Error {
    let status = response.status;
    let text = response.bytes(Some(4 << 10)).await.unwrap_or_default();
    let reason = String::from_utf8_lossy(&text).trim().to_owned();
    Error::Refused { status, reason }
}
