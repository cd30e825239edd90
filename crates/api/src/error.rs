//! Errors of the Prometheus API and the one map from their kind to an HTTP status.

use http::StatusCode;
use storage::ErrorKind;

/// What an answer's `errorType` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// A parameter is wrong.
    BadData,
    /// The query failed.
    Execution,
    /// The client went away.
    Canceled,
    /// The query took too long.
    Timeout,
    /// Something failed inside.
    Internal,
    /// There is no such thing.
    NotFound,
    /// No form of answer suits the client.
    NotAcceptable,
    /// It is switched off or not ready.
    Unavailable,
    /// It cannot be done now, later it may.
    Overloaded,
}

impl ErrorType {
    /// The word in the answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Canceled => "canceled",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
            Self::NotFound => "not_found",
            Self::NotAcceptable => "not_acceptable",
            Self::Unavailable | Self::Overloaded => "unavailable",
        }
    }

    /// The status of the answer; `unavailable` is 500 as in the original.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            // 499 is no registered status; the original takes it from nginx.
            Self::Canceled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
            Self::Timeout | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal | Self::Unavailable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        }
    }
}

/// An error of the Prometheus API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// Its kind.
    pub error_type: ErrorType,
    /// Its text.
    pub text: String,
}

impl ApiError {
    /// An error of any kind.
    pub fn new(error_type: ErrorType, text: impl Into<String>) -> Self {
        Self { error_type, text: text.into() }
    }

    /// A wrong parameter, in the original's form.
    pub fn parameter(name: &str, text: impl std::fmt::Display) -> Self {
        Self::new(ErrorType::BadData, format!("invalid parameter {}: {text}", model::quote::quote(name)))
    }

    /// A wrong request that names no parameter.
    pub fn bad_data(text: impl Into<String>) -> Self {
        Self::new(ErrorType::BadData, text)
    }
}

impl From<storage::Error> for ApiError {
    fn from(error: storage::Error) -> Self {
        let error_type = match error.kind() {
            ErrorKind::Canceled => ErrorType::Canceled,
            ErrorKind::Unavailable => ErrorType::Unavailable,
            _ => ErrorType::Execution,
        };
        Self::new(error_type, error.to_string())
    }
}

impl From<promql_engine::Error> for ApiError {
    fn from(error: promql_engine::Error) -> Self {
        use promql_engine::ErrorKind;
        if let promql_engine::Error::Duration(text) = &error {
            return Self::parameter("query", text);
        }
        let error_type = match error.kind() {
            ErrorKind::Execution => ErrorType::Execution,
            ErrorKind::Timeout => ErrorType::Timeout,
            ErrorKind::Canceled => ErrorType::Canceled,
            ErrorKind::Storage => ErrorType::Execution,
            ErrorKind::Unavailable => ErrorType::Overloaded,
        };
        Self::new(error_type, error.to_string())
    }
}
