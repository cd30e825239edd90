//! The server that is asked: its API over HTTP, with the errors of the original's client.

use std::cell::OnceCell;
use std::fmt;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::Url;
use config::prometheus::HttpClientConfig;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_client::{Client, Request, Response};
use platform::FileSystem;
use platform::real::RealFileSystem;
use serde_json::Value;

use crate::cli::tool::{ToolCall, ToolFlag, list, value};

pub(crate) const HTTP_CONFIG: ToolFlag =
    value("http.config.file", "", "HTTP client configuration file to connect to Prometheus.");
pub(super) const HEADER: ToolFlag = list("header", "", "Extra headers to send to server (KEY=VALUE).");

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// A server, and how to talk to it.
pub(crate) struct Server {
    /// Without a slash at its end.
    base: String,
    client: Client,
    headers: HeaderMap,
    runtime: tokio::runtime::Runtime,
    /// Whether the server does not know POST for questions.
    only_get: OnceCell<()>,
}

/// What the API answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) data: Value,
    pub(crate) warnings: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The connection failed.
    Http(String),
    /// The API refused, or answered what cannot be used; the kind stands before the text.
    Api { kind: String, text: String },
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(text) => formatter.write_str(text),
            Self::Api { kind, text } => write!(formatter, "{kind}: {text}"),
        }
    }
}

impl Server {
    /// The server at `url`, with the client's settings and headers of the command line.
    ///
    /// # Errors
    /// The URL is none, a file cannot be read or a header has no value.
    pub(crate) fn new(url: &str, call: &ToolCall) -> Result<Self, String> {
        Self::with(url, call, |_| {})
    }

    /// As [`Server::new`], over HTTP 1 alone, so that connections can go on in another protocol; `adjust` sets more.
    ///
    /// # Errors
    /// As [`Server::new`].
    pub(crate) fn over_http1(
        url: &str,
        call: &ToolCall,
        adjust: impl FnOnce(&mut http_client::Settings),
    ) -> Result<Self, String> {
        Self::with(url, call, |settings| {
            settings.enable_http2 = false;
            adjust(settings);
        })
    }

    fn with(
        url: &str,
        call: &ToolCall,
        adjust: impl FnOnce(&mut http_client::Settings),
    ) -> Result<Self, String> {
        let checked = Url::parse(url).map_err(|error| format!("invalid URL: {error}"))?;
        let text = checked.to_string();
        // An address without a scheme, as in `//host:9090`.
        let text = if text.starts_with("//") { format!("http:{text}") } else { text };
        let mut settings = match call.get(HTTP_CONFIG.name) {
            "" => http_client::Settings::default(),
            path => load_settings(path)?,
        };
        adjust(&mut settings);
        let client = Client::new(settings, Arc::new(RealFileSystem)).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        for header in call.all(HEADER.name) {
            let (name, value) =
                header.split_once('=').ok_or_else(|| format!("expected KEY=VALUE got '{header}'"))?;
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            headers.insert(name, HeaderValue::try_from(value).map_err(|error| error.to_string())?);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let base = text.trim_end_matches('/').to_owned();
        Ok(Self { base, client, headers, runtime, only_get: OnceCell::new() })
    }

    /// Sends a header with every request.
    ///
    /// # Errors
    /// A value that no header has.
    pub(crate) fn add_header(&mut self, name: &str, value: &str) -> Result<(), String> {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Asks the API with POST, or with GET where the server does not take POST.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub(crate) fn post(&self, path: &str, params: &[(&str, String)]) -> Result<Answer, NoAnswer> {
        let encoded = encode(params);
        if self.only_get.get().is_none() {
            let url = format!("{}/api/v1/{path}", self.base);
            let (status, body) = self.exchange(Method::POST, &url, Some(encoded))?;
            if !matches!(status, 405 | 501) {
                return read_answer(status, &body);
            }
            let _ = self.only_get.set(());
        }
        self.get(path, params)
    }

    /// Asks the API with GET.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub(super) fn get(&self, path: &str, params: &[(&str, String)]) -> Result<Answer, NoAnswer> {
        let url = format!("{}/api/v1/{path}?{}", self.base, encode(params));
        let (status, body) = self.exchange(Method::GET, &url, None)?;
        read_answer(status, &body)
    }

    /// Posts JSON; gives the status and the body of the answer.
    ///
    /// # Errors
    /// There was no answer.
    pub(crate) fn post_json(&self, url: &str, body: String) -> Result<(u16, Vec<u8>), NoAnswer> {
        self.send(Method::POST, url, Some(("application/json", body)))
    }

    /// One request; gives the status and the body of the answer.
    ///
    /// # Errors
    /// There was no answer.
    pub(crate) fn exchange(
        &self,
        method: Method,
        url: &str,
        form: Option<String>,
    ) -> Result<(u16, Vec<u8>), NoAnswer> {
        self.send(method, url, form.map(|form| ("application/x-www-form-urlencoded", form)))
    }

    /// Waits for what is asked of the server otherwise.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Sends a request with further headers; its answer is still to be read.
    ///
    /// # Errors
    /// There was no answer.
    pub(crate) async fn open(&self, url: &str, more: HeaderMap) -> Result<Response, NoAnswer> {
        let failed = |error: &dyn fmt::Display| NoAnswer::Http(error.to_string());
        let mut headers = self.headers.clone();
        headers.extend(more);
        let url = url.parse().map_err(|error: http::uri::InvalidUri| failed(&error))?;
        let request =
            Request { method: Method::GET, url, headers, body: String::new().into(), timeout: TIMEOUT };
        self.client.send(request).await.map_err(|error| failed(&error))
    }

    fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<(&'static str, String)>,
    ) -> Result<(u16, Vec<u8>), NoAnswer> {
        let failed = |error: &dyn fmt::Display| NoAnswer::Http(error.to_string());
        let mut headers = self.headers.clone();
        let (kind, body) = body.unzip();
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let request = Request {
            method,
            url: url.parse().map_err(|error: http::uri::InvalidUri| failed(&error))?,
            headers,
            body: body.unwrap_or_default().into(),
            timeout: TIMEOUT,
        };
        self.runtime.block_on(async {
            let response = self.client.send(request).await.map_err(|error| failed(&error))?;
            let status = response.status.as_u16();
            let body = response.bytes(Some(ANSWER_BYTES_MAX)).await.map_err(|error| failed(&error))?;
            Ok((status, body))
        })
    }
}

/// Parameters as a form, sorted by name as the original sends them.
fn encode(params: &[(&str, String)]) -> String {
    let mut sorted: Vec<_> = params.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let pairs = sorted.into_iter().map(|(name, value)| (*name, value.as_str()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Reads the settings of the client from a file.
fn load_settings(path: &str) -> Result<http_client::Settings, String> {
    if RealFileSystem.metadata(Path::new(path)).is_err() {
        return Err(format!("path '{path}' does not exist"));
    }
    let failed = |error: &dyn fmt::Display| format!("failed to load HTTP config file: {error}");
    let block = HttpClientConfig::load(Path::new(path), &RealFileSystem).map_err(|error| failed(&error))?;
    crate::server::http_settings(&block).map_err(|error| failed(&error))
}

/// Takes an answer apart.
fn read_answer(status: u16, body: &[u8]) -> Result<Answer, NoAnswer> {
    let bad = |text: String| NoAnswer::Api { kind: "bad_response".to_owned(), text };
    let is_refusal = matches!(status, 400 | 422);
    if !(200..300).contains(&status) && !is_refusal {
        let detail = String::from_utf8_lossy(body).trim_end().to_owned();
        let side = match status {
            400..500 => "client",
            500..600 => "server",
            _ => return Err(bad(format!("bad response code {status}"))),
        };
        let (kind, text) = (format!("{side}_error"), format!("{side} error: {status} (detail: {detail})"));
        return Err(NoAnswer::Api { kind, text });
    }
    let mut read: Value = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let text = |key: &str| read.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let refused = text("status") == "error";
    if is_refusal && !refused {
        return Err(bad("inconsistent body for response code".to_owned()));
    }
    if refused {
        return Err(NoAnswer::Api { kind: text("errorType"), text: text("error") });
    }
    let warnings = read.get("warnings").and_then(Value::as_array).into_iter().flatten();
    let warnings = warnings.filter_map(Value::as_str).map(str::to_owned).collect();
    let data = read.get_mut("data").map(Value::take).unwrap_or_default();
    Ok(Answer { data, warnings })
}

#[cfg(test)]
mod tests;
