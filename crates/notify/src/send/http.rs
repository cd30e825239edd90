//! Requests and what their answers mean.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Uri};
use http_client::Request;

use super::{Failure, Tools};

/// The most of an answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// The most of an answer that a complaint shows.
const SHOWN_BYTES_MAX: usize = 2048;

/// A request to be sent.
pub(crate) struct Post {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout: Duration,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) is_json: bool,
    pub(crate) body: Vec<u8>,
}

impl Post {
    /// JSON; a line feed stands at its end, as the original's encoder leaves it.
    pub(crate) fn json(url: impl Into<String>, body: String, timeout: Duration) -> Post {
        let mut body = body.into_bytes();
        body.push(b'\n');
        let (method, content_type) = (Method::POST, "application/json");
        Post { method, url: url.into(), content_type, headers: Vec::new(), body, timeout }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Post {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends it and reads the answer. What fails on the way may pass; addresses are secret and are not told.
    pub(crate) async fn send(self, tools: &Tools) -> Result<Answer, Failure> {
        let bad_url = |_| Failure::lasting("the address of the receiver is none");
        let url: Uri = without_gaps(&self.url).parse().map_err(bad_url)?;
        let mut headers = HeaderMap::new();
        if !self.content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if let Ok(agent) = HeaderValue::try_from(&tools.user_agent) {
            headers.insert(USER_AGENT, agent);
        }
        for (name, value) in &self.headers {
            let value = HeaderValue::try_from(value);
            let value = value.map_err(|_| Failure::lasting(format!("invalid value of header {name}")))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let request =
            Request { method: self.method, url, headers, body: self.body.into(), timeout: self.timeout };
        let failed = |error: http_client::Error| {
            let text = match error {
                http_client::Error::Exchange { reason, .. } => reason,
                other => other.to_string(),
            };
            let timed_out = text.contains("deadline");
            let reason = if timed_out { "contextDeadlineExceeded" } else { "other" };
            Failure { may_retry: true, text, reason }
        };
        let response = tools.client.send(request).await.map_err(failed)?;
        let status = response.status.as_u16();
        let is_json =
            response.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        // An answer that is too long, or breaks off, has been answered all the same.
        let body = response.bytes(Some(ANSWER_BYTES_MAX)).await.unwrap_or_default();
        Ok(Answer { status, is_json, body })
    }
}

/// An address with what templates put into it that no address holds, blanks first of all, escaped.
fn without_gaps(url: &str) -> Cow<'_, str> {
    let is_gap = |byte: u8| byte <= b' ' || byte >= 0x7f || b"\"<>\\^`{|}".contains(&byte);
    if !url.bytes().any(is_gap) {
        return Cow::Borrowed(url);
    }
    let mut out = String::with_capacity(url.len() + 16);
    for byte in url.bytes() {
        if is_gap(byte) {
            out.push_str(&format!("%{byte:02X}"));
        } else {
            out.push(char::from(byte));
        }
    }
    Cow::Owned(out)
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        let shown = self.body.get(..self.body.len().min(SHOWN_BYTES_MAX)).unwrap_or_default();
        String::from_utf8_lossy(shown).into_owned()
    }
}

/// What a status means: 2xx is fine, 5xx may pass, and so may `codes`.
pub(crate) fn check_status(answer: &Answer, codes: &[u16]) -> Result<(), Failure> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let reason = match status {
        401 | 403 => "authError",
        429 => "rateLimited",
        400..=499 => "clientError",
        500..=599 => "serverError",
        _ => "other",
    };
    let text = match answer.text() {
        text if text.is_empty() => format!("unexpected status code {status}"),
        text => format!("unexpected status code {status}: {text}"),
    };
    Err(Failure { may_retry: status / 100 == 5 || codes.contains(&status), text, reason })
}

/// Names and values as a form or a query has them, sorted by name.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(sorted).finish()
}
