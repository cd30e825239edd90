//! Bodies of requests, bounded one by one and together.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};
use tokio::sync::OwnedSemaphorePermit;

use super::{COMPRESSED_BYTES_MAX, Remote};
use crate::answer::text_error;

/// A body, and its share of the memory for bodies.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// Reads a body once there is room for it.
///
/// # Errors
/// The answer to a body that is too long or breaks off.
pub(crate) async fn receive(remote: &Remote, headers: &HeaderMap, body: Body) -> Result<Received, Response> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // Who does not say how much comes is expected to send as much as is taken.
    let len = announced.unwrap_or(COMPRESSED_BYTES_MAX);
    if len > COMPRESSED_BYTES_MAX {
        return Err(too_large());
    }
    let kib = u32::try_from(len / 1024 + 1).unwrap_or(u32::MAX);
    let room = std::sync::Arc::clone(&remote.body_room).acquire_many_owned(kib).await;
    let Ok(room) = room else { return Err(too_large()) };
    match Limited::new(body, COMPRESSED_BYTES_MAX).collect().await {
        Ok(collected) => Ok(Received { bytes: collected.to_bytes(), _room: room }),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(error) => Err(text_error(StatusCode::BAD_REQUEST, &error.to_string())),
    }
}

fn too_large() -> Response {
    text_error(StatusCode::PAYLOAD_TOO_LARGE, "request body too large")
}
