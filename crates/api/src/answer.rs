//! Answers: the envelope of the Prometheus API and plain texts.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use model::Annotations;
use serde::Serialize;

use crate::error::ApiError;
use crate::json::JsonWriter;

/// How many warnings (and infos) are listed before the rest is only counted.
const REMARKS_LISTED_MAX: usize = 10;

/// The media type of the API's answers.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer of the API before it is packed for the client.
pub(crate) struct Success<T> {
    pub(crate) data: T,
    pub(crate) warnings: Vec<String>,
    pub(crate) infos: Vec<String>,
}

impl<T: Serialize> Success<T> {
    pub(crate) fn new(data: T) -> Self {
        Self { data, warnings: Vec::new(), infos: Vec::new() }
    }

    pub(crate) fn with(data: T, annotations: &Annotations) -> Self {
        Self { data, warnings: annotations.warnings().to_vec(), infos: annotations.infos().to_vec() }
    }

    /// Writes the whole answer.
    pub(crate) fn into_response(self) -> Response {
        let mut json = JsonWriter::new(Vec::with_capacity(512));
        let written = write_start(&mut json)
            .and_then(|()| json.value(&self.data))
            .and_then(|()| write_end(&mut json, &self.warnings, &self.infos))
            .and_then(|()| json.into_inner());
        match written {
            Ok(body) => json_response(StatusCode::OK, body),
            Err(error) => {
                ApiError::new(crate::ErrorType::Internal, format!("error marshaling JSON: {error}"))
                    .into_response()
            }
        }
    }
}

/// Writes the envelope up to the data.
pub(crate) fn write_start<W: std::io::Write>(json: &mut JsonWriter<W>) -> std::io::Result<()> {
    json.raw(r#"{"status":"success","data":"#)
}

/// Writes the remarks and the envelope's end.
pub(crate) fn write_end<W: std::io::Write>(
    json: &mut JsonWriter<W>,
    warnings: &[String],
    infos: &[String],
) -> std::io::Result<()> {
    for (key, kind, texts) in [("warnings", "warning", warnings), ("infos", "info", infos)] {
        if !texts.is_empty() {
            json.raw(&format!(r#","{key}":"#))?;
            json.value(&listed(texts, kind))?;
        }
    }
    json.raw("}")
}

/// The first remarks and a count of those left out.
fn listed(texts: &[String], kind: &str) -> Vec<String> {
    let mut listed: Vec<String> = texts.iter().take(REMARKS_LISTED_MAX).cloned().collect();
    if texts.len() > REMARKS_LISTED_MAX {
        listed.push(format!("{} more {kind} annotations omitted", texts.len() - REMARKS_LISTED_MAX));
    }
    listed
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    status: &'a str,
    error_type: &'a str,
    error: &'a str,
}

impl ApiError {
    /// Writes the error in the API's envelope.
    pub(crate) fn into_response(self) -> Response {
        let failure = Failure { status: "error", error_type: self.error_type.as_str(), error: &self.text };
        // A text and two words always have a JSON form.
        let body = serde_json::to_vec(&failure).unwrap_or_default();
        json_response(self.error_type.status(), body)
    }
}

/// An answer of JSON bytes.
pub(crate) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

/// An answer of plain text.
pub(crate) fn text_response(status: StatusCode, text: impl Into<String>) -> Response {
    let mut response = Response::new(Body::from(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A failure as Go's server words it: plain text with a line break, which browsers are not to guess at.
pub(crate) fn text_error(status: StatusCode, text: &str) -> Response {
    let mut response = text_response(status, format!("{text}\n"));
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(HeaderName::from_static("x-content-type-options"), nosniff);
    response
}

/// An answer without a body.
pub(crate) fn empty_response(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A redirection; GET and HEAD get the small page that Go's server sends along.
pub(crate) fn redirect(status: StatusCode, location: &str, method_is_get: bool) -> Response {
    let body = if method_is_get {
        let shown =
            location.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
        format!("<a href=\"{shown}\">{}</a>.\n\n", status.canonical_reason().unwrap_or(""))
    } else {
        String::new()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(http::header::LOCATION, location);
    }
    if method_is_get {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
    }
    response
}
