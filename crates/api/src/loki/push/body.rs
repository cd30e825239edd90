//! Bodies of pushes: their form and compression, within bounds.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::remote::Decompressor;

use crate::loki::refusal::Refusal;

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Protobuf,
}

/// The form that the header tells; everything but JSON is protobuf.
pub(super) fn kind(headers: &HeaderMap) -> Result<Kind, Refusal> {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    if media.is_empty() {
        return Err(Refusal::bad("mime: no media type\n"));
    }
    if parts.any(|parameter| !parameter.contains('=')) && !text.trim_end().ends_with(';') {
        return Err(Refusal::bad("mime: invalid media parameter\n"));
    }
    Ok(if media.eq_ignore_ascii_case("application/json") { Kind::Json } else { Kind::Protobuf })
}

/// A body, and its share of the memory for bodies.
pub(super) struct Received {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// Reads a body once there is room for it.
pub(super) async fn receive(
    room: &Arc<Semaphore>,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<Received, Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // Who does not say how much comes sends a batch of a shipper, most probably.
    let length = announced.unwrap_or(4 << 20);
    if length > bytes_max {
        return Err(too_large(length, bytes_max));
    }
    let kib = u32::try_from(length / 1024 + 1).unwrap_or(u32::MAX);
    let room = Arc::clone(room).acquire_many_owned(kib).await.map_err(Refusal::internal)?;
    match Limited::new(body, bytes_max).collect().await {
        Ok(collected) => Ok(Received { bytes: collected.to_bytes(), _room: room }),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(bytes_max + 1, bytes_max)),
        Err(error) => Err(Refusal::bad(format!("{error}\n"))),
    }
}

fn too_large(length: usize, max: usize) -> Refusal {
    let text = format!("loki: message size too large than max ({length} vs {max})\n");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
}

impl Received {
    /// The body of a push as it was before it was compressed; `unpacker` holds one of protobuf.
    pub(super) fn decoded<'a>(
        &'a self,
        headers: &HeaderMap,
        kind: Kind,
        bytes_max: usize,
        unpacker: &'a mut Decompressor,
    ) -> Result<Cow<'a, [u8]>, Refusal> {
        let bytes = self.decompressed(headers, bytes_max)?;
        match kind {
            Kind::Json => Ok(bytes),
            Kind::Protobuf => {
                let decoded = unpacker.decompress(&bytes, bytes_max);
                decoded.map(Cow::Borrowed).map_err(|error| Refusal::bad(format!("{error}\n")))
            }
        }
    }

    /// The body without the compression that its header tells; snappy belongs to protobuf itself.
    pub(super) fn decompressed(
        &self,
        headers: &HeaderMap,
        bytes_max: usize,
    ) -> Result<Cow<'_, [u8]>, Refusal> {
        let encoding =
            headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match encoding {
            "" | "snappy" => Ok(Cow::Borrowed(&self.bytes)),
            "gzip" => read(MultiGzDecoder::new(self.bytes.as_ref()), bytes_max, "gzip: invalid header"),
            "deflate" => read(DeflateDecoder::new(self.bytes.as_ref()), bytes_max, "flate: corrupt input"),
            "zstd" => {
                let decoder = zstd::stream::read::Decoder::new(self.bytes.as_ref());
                read(decoder.map_err(Refusal::bad)?, bytes_max, "zstd: corrupt input")
            }
            other => {
                let shown = model::quote::quote(other);
                Err(Refusal::bad(format!("Content-Encoding {shown} not supported\n")))
            }
        }
    }
}

fn read(reader: impl Read, bytes_max: usize, damaged: &str) -> Result<Cow<'static, [u8]>, Refusal> {
    let mut bytes = Vec::new();
    let mut bounded = reader.take(bytes_max as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(|_| Refusal::bad(format!("{damaged}\n")))?;
    if bytes.len() > bytes_max {
        return Err(too_large(bytes.len(), bytes_max));
    }
    Ok(Cow::Owned(bytes))
}
