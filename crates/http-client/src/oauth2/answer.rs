//! What a server of tokens answers (RFC 6749, section 5).

use serde_json::Value;
use tokio::time::Instant;

use super::LIFE_MIN;
use crate::Secret;
use std::time::Duration;

/// A token that a server gave.
#[derive(Debug, Clone)]
pub(super) struct Token {
    kind: String,
    token: Secret,
    life: Option<Duration>,
}

impl Token {
    /// The header that shows the token.
    pub(super) fn authorization(&self) -> String {
        let kind = match self.kind.to_ascii_lowercase().as_str() {
            "" | "bearer" => "Bearer",
            "mac" => "MAC",
            "basic" => "Basic",
            _ => &self.kind,
        };
        format!("{kind} {}", self.token.expose())
    }

    /// Until when it is used; `None` for ever.
    pub(super) fn until(&self) -> Option<Instant> {
        Some(Instant::now() + self.life?.saturating_sub(LIFE_MIN))
    }
}

/// Reads an answer.
///
/// # Errors
/// It holds no token, in the words of Go's library.
pub(super) fn read(success: bool, status: &str, content_type: &str, body: &[u8]) -> Result<Token, String> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_form = matches!(
        media_type.to_ascii_lowercase().as_str(),
        "application/x-www-form-urlencoded" | "text/plain"
    );
    let fields = if is_form { form(body) } else { json(body) };
    let text =
        |name: &str| fields.as_ref().and_then(|fields| fields.get(name)).map(as_text).unwrap_or_default();
    let error = text("error");
    if !success || !error.is_empty() {
        return Err(refusal(status, body, &error, &text("error_description"), &text("error_uri")));
    }
    if fields.is_none() {
        return Err("oauth2: cannot parse json: invalid answer".to_owned());
    }
    let token = text("access_token");
    if token.is_empty() {
        return Err("oauth2: server response missing access_token".to_owned());
    }
    let life = text("expires_in").parse::<f64>().ok().filter(|life| *life > 0.0 && life.is_finite());
    // Beyond some decades it is for ever.
    let life = life.filter(|life| *life < 1e9).map(Duration::from_secs_f64);
    Ok(Token { kind: text("token_type"), token: Secret::new(token), life })
}

fn refusal(status: &str, body: &[u8], error: &str, description: &str, uri: &str) -> String {
    if error.is_empty() {
        return format!("oauth2: cannot fetch token: {status}\nResponse: {}", String::from_utf8_lossy(body));
    }
    let mut text = format!("oauth2: \"{error}\"");
    for part in [description, uri] {
        if !part.is_empty() {
            text.push_str(&format!(" \"{part}\""));
        }
    }
    text
}

type Fields = serde_json::Map<String, Value>;

fn json(body: &[u8]) -> Option<Fields> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

fn form(body: &[u8]) -> Option<Fields> {
    let text = std::str::from_utf8(body).ok()?;
    let pairs = text.trim().split('&').filter_map(|pair| pair.split_once('='));
    let decoded = |text: &str| crate::client::percent_decoded(&text.replace('+', " "));
    Some(pairs.map(|(name, value)| (decoded(name), Value::String(decoded(value)))).collect())
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
