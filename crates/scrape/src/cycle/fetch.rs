//! Asking a target.

use http::StatusCode;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http_client::{Body, Lane, Question};
use wire::exposition::{Format, Protocol, accept_header, negotiate};

use crate::target::refusal;
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

/// How one target is asked.
pub(super) struct Asking {
    question: Result<Question, ScrapeError>,
    /// The content type of the last answer that had one, and the format that it stands for.
    last: Option<(String, Format)>,
}

impl Asking {
    pub(super) fn new(target: &Target, headers: &Headers) -> Self {
        let mut headers = headers.0.clone();
        let timeout = model::number::format_plain(target.timeout.as_secs_f64());
        if let Ok(timeout) = HeaderValue::from_str(&timeout) {
            headers.insert(HeaderName::from_static("x-prometheus-scrape-timeout-seconds"), timeout);
        }
        let url = target.uri.clone().ok_or_else(|| refusal(target.scrape_url()).into());
        Self { question: url.map(|url| Question::new(url, headers)), last: None }
    }

    /// Asks the target; `body` is what it answers then.
    pub(super) async fn fetch(
        &mut self,
        lane: &mut Lane,
        job: &JobSettings,
        target: &Target,
        body: &mut Body,
    ) -> Result<Format, ScrapeError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        let answer = lane.get(question, target.timeout, job.limits.body_bytes, body).await?;
        if answer.status != StatusCode::OK {
            return Err(ScrapeError::Status(answer.status_text.into_owned()));
        }
        if let Some((content_type, format)) = &self.last
            && answer.content_type.as_ref() == Some(content_type)
        {
            return Ok(*format);
        }
        let fallback = job.fallback_scrape_protocol.map(Protocol::format);
        let format = negotiate(answer.content_type.as_deref(), fallback)?;
        self.last = answer.content_type.map(|content_type| (content_type, format));
        Ok(format)
    }
}
