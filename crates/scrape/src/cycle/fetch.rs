//! Asking a target.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use http_client::{Client, Error as HttpError, Request};
use wire::exposition::{Protocol, accept_header, negotiate};

use crate::ingest::Body;
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

pub(super) async fn fetch(
    client: &Client,
    job: &JobSettings,
    target: &Target,
    headers: &Headers,
) -> Result<Body, ScrapeError> {
    let url = target.uri.clone().ok_or_else(|| HttpError::Url {
        url: target.scrape_url().to_owned(),
        reason: "invalid character in URL".to_owned(),
    })?;
    let mut headers = headers.0.clone();
    let timeout = model::number::format_plain(target.timeout.as_secs_f64());
    if let Ok(timeout) = HeaderValue::from_str(&timeout) {
        headers.insert(HeaderName::from_static("x-prometheus-scrape-timeout-seconds"), timeout);
    }
    let request = Request { method: Method::GET, url, headers, body: Bytes::new(), timeout: target.timeout };
    let response = client.send(request).await?;
    if response.status != StatusCode::OK {
        return Err(ScrapeError::Status(response.status_text()));
    }
    let content_type = response.header(CONTENT_TYPE.as_str()).map(str::to_owned);
    let bytes = response.bytes(job.limits.body_bytes).await?;
    let format = negotiate(content_type.as_deref(), job.fallback_scrape_protocol.map(Protocol::format))?;
    Ok(Body { bytes, format })
}
