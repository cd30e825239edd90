//! What is refused, as Loki tells it: a status and a plain text.

use axum::response::Response;
use http::StatusCode;
use storage::ErrorKind;

use crate::answer::text_response;

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    /// The request is wrong.
    pub(crate) fn bad(text: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text.to_string())
    }

    /// Something failed inside, or is told as if it had.
    pub(crate) fn internal(text: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, text.to_string())
    }

    /// There is no such path.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "404 page not found\n")
    }

    /// The store is not open.
    pub(crate) fn starting() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Ingester not ready: the logs are being opened")
    }

    /// The server is ending.
    pub(crate) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Ingester is stopping or already stopped.\n")
    }

    /// The client has gone: nobody reads this.
    pub(crate) fn canceled() -> Self {
        let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, "the request was cancelled by the client")
    }

    /// The query's time is over.
    pub(crate) fn timed_out() -> Self {
        let text = "request timed out, decrease the duration of the request or add more label matchers (prefer exact match over regex match) to reduce the amount of data processed";
        Self::new(StatusCode::GATEWAY_TIMEOUT, text)
    }

    pub(crate) fn into_response(self) -> Response {
        if self.status.is_server_error() && self.status != StatusCode::SERVICE_UNAVAILABLE {
            tracing::error!(error = self.text, "request about logs failed");
        }
        let mut response = text_response(self.status, self.text);
        let nosniff = http::HeaderValue::from_static("nosniff");
        response.headers_mut().insert(http::HeaderName::from_static("x-content-type-options"), nosniff);
        response
    }
}

impl From<storage::Error> for Refusal {
    fn from(error: storage::Error) -> Self {
        match error.kind() {
            ErrorKind::Canceled => Self::canceled(),
            ErrorKind::Invalid | ErrorKind::OverLimit => Self::bad(error),
            ErrorKind::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            ErrorKind::NotFound | ErrorKind::Corrupt | ErrorKind::Internal => Self::internal(error),
        }
    }
}

impl From<logql_syntax::ParseError> for Refusal {
    fn from(error: logql_syntax::ParseError) -> Self {
        Self::bad(error)
    }
}
