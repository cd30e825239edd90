//! Answers in Loki's shapes.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::refusal::Refusal;
use crate::json::JsonWriter;

/// The media type of answers about logs; the rest of the surface writes it in small letters.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");

/// An answer of JSON that is written already.
pub(super) fn json_bytes(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// An answer of any value.
pub(super) fn json(value: &impl Serialize) -> Result<Response, Refusal> {
    let body = serde_json::to_vec(value).map_err(Refusal::internal)?;
    Ok(json_bytes(body))
}

/// An answer that is written piece by piece.
pub(super) fn written(
    write: impl FnOnce(&mut JsonWriter<Vec<u8>>) -> std::io::Result<()>,
) -> Result<Response, Refusal> {
    let mut json = JsonWriter::new(Vec::with_capacity(4 << 10));
    let body = write(&mut json).and_then(|()| json.into_inner()).map_err(Refusal::internal)?;
    Ok(json_bytes(body))
}

/// An answer of another media type.
pub(super) fn typed(kind: &'static str, body: impl Into<String>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A plain text.
pub(super) fn text(body: impl Into<String>) -> Response {
    typed("text/plain; charset=utf-8", body)
}

/// It is done; there is nothing to tell.
pub(super) fn done() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
