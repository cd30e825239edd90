//! One store that is asked.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use http_client::{Client, Request, Response};
use platform::FileSystem;
use tokio::time::Instant;
use wire::remote::compress;
use wire::remote::read::ReadRequest;

use super::answer::{ANSWER_BYTES_MAX, Series, read_chunks, read_samples};
use crate::read_metrics::StoreMetrics;
use crate::{Error, ReadSettings};

const VERSION: HeaderName = HeaderName::from_static("x-prometheus-remote-read-version");
/// How much of a refusal is read.
const REFUSAL_BYTES_MAX: u64 = 64 << 10;
const SAMPLES: &str = "application/x-protobuf";
const CHUNKS: &str = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

/// Asks one store.
pub(super) struct ReadClient {
    settings: ReadSettings,
    client: Client,
    headers: HeaderMap,
    metrics: StoreMetrics,
}

impl ReadClient {
    pub(super) fn new(
        settings: ReadSettings,
        files: Arc<dyn FileSystem>,
        user_agent: &str,
        metrics: StoreMetrics,
    ) -> Result<Self, Error> {
        let client = Client::new(settings.client.clone(), files)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("snappy"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("snappy"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(SAMPLES));
        headers.insert(VERSION, HeaderValue::from_static("0.1.0"));
        if let Ok(user_agent) = HeaderValue::from_str(user_agent) {
            headers.insert(USER_AGENT, user_agent);
        }
        Ok(Self { settings, client, headers, metrics })
    }

    pub(super) fn settings(&self) -> &ReadSettings {
        &self.settings
    }

    pub(super) fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }

    /// Whether two clients share their metrics.
    pub(super) fn is_shown_as(&self, other: &Self) -> bool {
        self.metrics.is_of(&other.metrics)
    }

    /// Asks for the series of one query.
    ///
    /// # Errors
    /// No answer, one of refusal, or one that cannot be read; the texts are the original's.
    pub(super) async fn ask(&self, request: &ReadRequest) -> Result<Series, Error> {
        let _present = self.metrics.begin();
        let began = Instant::now();
        let response = self
            .client
            .send(Request {
                method: Method::POST,
                url: self.settings.url.clone(),
                headers: self.headers.clone(),
                body: Bytes::from(compress(&request.encode())),
                timeout: self.settings.timeout,
            })
            .await
            .map_err(|error| Error::Read(format!("error sending request: {error}")))?;
        if !response.status.is_success() {
            return Err(self.refused(response).await);
        }
        let code = response.status.as_u16();
        let answered = |form| self.metrics.answered(form, code, began.elapsed().as_secs_f64());
        let form = response.header(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
        if form.starts_with(SAMPLES) {
            let body = response.bytes(Some(ANSWER_BYTES_MAX)).await;
            answered("sampled");
            let body = body.map_err(|error| {
                Error::Read(format!("error reading response. HTTP status code: {code}: {error}"))
            })?;
            read_samples(&body)
        } else if form.starts_with(CHUNKS) {
            answered("chunked");
            read_chunks(response, self.settings.frame_bytes_max).await
        } else {
            Err(Error::Read(format!("unsupported content type: {form}")))
        }
    }

    async fn refused(&self, response: Response) -> Error {
        let status = response.status_text();
        let body = response.bytes(Some(REFUSAL_BYTES_MAX)).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&body);
        let url = &self.settings.url;
        Error::Read(format!("remote server {url} returned http status {status}: {}", text.trim_end()))
    }
}
