//! The Alertmanager that is asked.

use std::path::Path;

use config::alertmanager::{Config, Loaded};
use http::Method;
use serde_json::Value;

use super::flags::URL;
use crate::cli::tool::ToolCall;
use crate::commands::query::server::Server;

/// An Alertmanager.
pub(super) struct Alertmanager {
    base: String,
    server: Server,
}

impl Alertmanager {
    /// The one that the flags name.
    ///
    /// # Errors
    /// They name none, or a file of theirs cannot be used.
    pub(super) fn new(call: &ToolCall) -> Result<Self, String> {
        let url = match call.get(URL.name) {
            "" => "http://localhost:9093",
            url => url,
        };
        Ok(Self { base: url.trim_end_matches('/').to_owned(), server: Server::new(url, call)? })
    }

    /// Asks with GET.
    ///
    /// # Errors
    /// There is no answer, or it is no success.
    pub(super) fn get(&self, path: &str) -> Result<Value, String> {
        let url = format!("{}/api/v2/{path}", self.base);
        let (status, body) =
            self.server.exchange(Method::GET, &url, None).map_err(|error| error.to_string())?;
        read(status, &body)
    }

    /// Posts a document.
    ///
    /// # Errors
    /// There is no answer, or it is no success.
    pub(super) fn post(&self, path: &str, document: &Value) -> Result<Value, String> {
        let url = format!("{}/api/v2/{path}", self.base);
        let sent = self.server.post_json(&url, document.to_string());
        let (status, body) = sent.map_err(|error| error.to_string())?;
        read(status, &body)
    }

    /// Asks with DELETE.
    ///
    /// # Errors
    /// There is no answer, or it is no success.
    pub(super) fn delete(&self, path: &str) -> Result<(), String> {
        let url = format!("{}/api/v2/{path}", self.base);
        let sent = self.server.exchange(Method::DELETE, &url, None);
        let (status, body) = sent.map_err(|error| error.to_string())?;
        read(status, &body).map(|_| ())
    }
}

fn read(status: u16, body: &[u8]) -> Result<Value, String> {
    let value: Value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(body).map_err(|error| format!("bad answer: {error}"))?
    };
    if (200..300).contains(&status) {
        return Ok(value);
    }
    let text = value.as_str().or_else(|| value.get("message")?.as_str()).unwrap_or_default();
    Err(format!("[{status}] {text}"))
}

/// The configuration that the Alertmanager runs with.
///
/// # Errors
/// It cannot be had.
pub(super) fn running_config(call: &ToolCall) -> Result<Loaded, String> {
    let status = Alertmanager::new(call)?.get("status")?;
    let text = status.pointer("/config/original").and_then(Value::as_str).unwrap_or_default();
    Config::load_text(text, Path::new("alertmanager.yml")).map_err(|error| error.to_string())
}
