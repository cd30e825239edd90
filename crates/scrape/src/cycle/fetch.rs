//! Asking a target.

use http::StatusCode;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http_client::{Body, Error as HttpError, Lane};
use wire::exposition::{Format, Protocol, accept_header, negotiate};

use crate::{JobSettings, ScrapeError, Target};

/// The headers that all scrapes of a job send.
#[derive(Debug, Clone)]
pub(crate) struct Headers(HeaderMap);

impl Headers {
    pub(crate) fn new(job: &JobSettings, user_agent: &str) -> Self {
        let mut headers = HeaderMap::new();
        let accept = accept_header(&job.scrape_protocols, job.name_escaping);
        let encoding = if job.enable_compression { "gzip" } else { "identity" };
        for (name, value) in
            [(ACCEPT, accept.as_str()), (ACCEPT_ENCODING, encoding), (USER_AGENT, user_agent)]
        {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        Self(headers)
    }
}

/// Asks the target; `body` is what it answers then.
pub(super) async fn fetch(
    lane: &mut Lane,
    job: &JobSettings,
    target: &Target,
    headers: &Headers,
    body: &mut Body,
) -> Result<Format, ScrapeError> {
    let url = target.uri.as_ref().ok_or_else(|| HttpError::Url {
        url: target.scrape_url().to_owned(),
        reason: "invalid character in URL".to_owned(),
    })?;
    let mut headers = headers.0.clone();
    let timeout = model::number::format_plain(target.timeout.as_secs_f64());
    if let Ok(timeout) = HeaderValue::from_str(&timeout) {
        headers.insert(HeaderName::from_static("x-prometheus-scrape-timeout-seconds"), timeout);
    }
    let answer = lane.get(url, &headers, target.timeout, job.limits.body_bytes, body).await?;
    if answer.status != StatusCode::OK {
        return Err(ScrapeError::Status(answer.status_text));
    }
    let fallback = job.fallback_scrape_protocol.map(Protocol::format);
    Ok(negotiate(answer.content_type.as_deref(), fallback)?)
}
