//! One request to a store.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use http::{Method, StatusCode, Uri};
use http_client::{Client, Request, Response};
use platform::{Clock, FileSystem};

use super::item::Counts;
use crate::{Error, Version, WriteSettings};

const VERSION: HeaderName = HeaderName::from_static("x-prometheus-remote-write-version");
const ATTEMPT: HeaderName = HeaderName::from_static("retry-attempt");
/// How much of a refusal is read.
const REFUSAL_BYTES_MAX: u64 = 1024;

/// Makes requests to one store.
pub(super) struct Sender {
    client: Client,
    url: Uri,
    timeout: Duration,
    version: Version,
    retry_on_429: bool,
    headers: HeaderMap,
    clock: Arc<dyn Clock>,
}

impl Sender {
    pub(super) fn new(
        settings: &WriteSettings,
        (files, clock): (Arc<dyn FileSystem>, Arc<dyn Clock>),
        user_agent: &str,
    ) -> Result<Self, Error> {
        let client = Client::new(settings.client.clone(), files)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("snappy"));
        let (content_type, version) = match settings.version {
            Version::V1 => ("application/x-protobuf", "0.1.0"),
            Version::V2 => ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0"),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(VERSION, HeaderValue::from_static(version));
        if let Ok(user_agent) = HeaderValue::from_str(user_agent) {
            headers.insert(USER_AGENT, user_agent);
        }
        Ok(Self {
            client,
            url: settings.url.clone(),
            timeout: settings.timeout,
            version: settings.version,
            retry_on_429: settings.queue.retry_on_429,
            headers,
            clock,
        })
    }

    /// Sends a request for the `attempt`th time (the first is 0); `counts` is what it holds of values.
    pub(super) async fn send(&self, body: Bytes, attempt: u32, counts: Option<Counts>) -> Result<(), Error> {
        let mut headers = self.headers.clone();
        if attempt > 0 {
            headers.insert(ATTEMPT, HeaderValue::from(attempt));
        }
        let (method, url, timeout) = (Method::POST, self.url.clone(), self.timeout);
        let response = self.client.send(Request { method, url, headers, body, timeout }).await?;
        if !response.status.is_success() {
            return Err(self.refused(response).await);
        }
        let counts = counts.filter(|_| self.version == Version::V2);
        let outcome = counts.map_or(Ok(()), |counts| check_stored(&response, counts));
        // Read to the end, so that the connection serves again.
        let _ = response.bytes(Some(REFUSAL_BYTES_MAX)).await;
        outcome
    }

    async fn refused(&self, response: Response) -> Error {
        let (code, status) = (response.status, response.status_text());
        let may_change =
            code.is_server_error() || (code == StatusCode::TOO_MANY_REQUESTS && self.retry_on_429);
        let retry_after = response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| wait_of(text, self.clock.now_ms()));
        let body = response.bytes(Some(REFUSAL_BYTES_MAX)).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&body).lines().next().unwrap_or_default().to_owned();
        Error::Status { status, text, may_change, retry_after }
    }
}

/// A store of version 2.0 says how much it has stored.
fn check_stored(response: &Response, counts: Counts) -> Result<(), Error> {
    let stored = |what: &str| {
        let header = response.header(&format!("x-prometheus-remote-write-{what}-written"));
        header.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
    };
    let nothing = ["samples", "histograms", "exemplars"].into_iter().all(|what| stored(what) == 0);
    let Counts { samples, histograms, exemplars } = counts;
    if nothing && samples + histograms + exemplars > 0 {
        return Err(Error::NothingStored { samples, histograms, exemplars });
    }
    Ok(())
}

/// The wait that a `Retry-After` header asks for: seconds or a date.
fn wait_of(text: &str, now_ms: i64) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = http_date(text)?.saturating_mul(1000).saturating_sub(now_ms);
    u64::try_from(wait).ok().map(Duration::from_millis)
}

/// Seconds since the Unix epoch of `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Source: RFC 9110, section 5.6.7 (the one form that is written today).
fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.strip_suffix(" GMT")?.split(' ').skip(1);
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (clock.next()??, clock.next()??, clock.next()??);
    // Days since the epoch in the calendar of years that begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_seconds_or_dates() {
        assert_eq!(wait_of("120", 0), Some(Duration::from_secs(120)));
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        let wait = wait_of("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770_000);
        assert_eq!(wait, Some(Duration::from_secs(7)));
        assert_eq!(wait_of("soon", 0), None);
    }
}
