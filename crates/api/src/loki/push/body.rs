//! Bodies of pushes: their form and compression, within bounds.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::Read;
use std::str::Utf8Chunk;

use axum::body::Body;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use lz4_flex::frame::FrameDecoder;
use wire::remote::{Decompressor, decompressed_len};

use super::room::{Room, Share, too_large};
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
    if let Some(fault) = media_fault(media) {
        return Err(Refusal::bad(format!("mime: {fault}\n")));
    }
    if parts.any(|parameter| !parameter.contains('=')) && !text.trim_end().ends_with(';') {
        return Err(Refusal::bad("mime: invalid media parameter\n"));
    }
    Ok(if media.eq_ignore_ascii_case("application/json") { Kind::Json } else { Kind::Protobuf })
}

/// What is wrong with the name of a media type, in the words of Go's `mime`: a token, or two with a slash between.
fn media_fault(media: &str) -> Option<&'static str> {
    let is_token = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte);
    let behind_token = |text: &str| text.bytes().take_while(|byte| is_token(*byte)).count();
    let split = |text| str::split_at_checked(text, behind_token(text)).unwrap_or((text, ""));
    let (kind, rest) = split(media);
    match rest.strip_prefix('/').map(split) {
        _ if kind.is_empty() => Some("no media type"),
        None if rest.is_empty() => None,
        None => Some("expected slash after first token"),
        Some(("", _)) => Some("expected token after slash"),
        Some((_, "")) => None,
        Some(_) => Some("unexpected content after media subtype"),
    }
}

/// A body, and its share of the memory for bodies.
pub(super) struct Received {
    bytes: Vec<u8>,
    share: Share,
}

/// Reads a body as there is room for it.
pub(super) async fn receive(
    room: &Room,
    headers: &HeaderMap,
    mut body: Body,
    bytes_max: usize,
) -> Result<Received, Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = announced.filter(|length| *length > bytes_max) {
        return Err(too_large(length, bytes_max));
    }
    let mut share = room.share(announced.unwrap_or(0));
    // Memory that is not written to costs nothing yet.
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refusal::bad(format!("{error}\n")))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large(bytes_max + 1, bytes_max));
        }
        share.hold(bytes.len() + data.len()).await?;
        bytes.extend_from_slice(&data);
    }
    Ok(Received { bytes, share })
}

/// The body of a push as it was before it was compressed.
pub(super) struct Decoded<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) room: CopyRoom<'a>,
}

/// Room for a copy of a body beside the body.
pub(super) struct CopyRoom<'a> {
    share: &'a mut Share,
    /// Bytes that are held without the copy.
    held: usize,
}

impl CopyRoom<'_> {
    /// A body with replacement characters for what is not UTF-8; `None` where all of it is.
    pub(super) fn replaced<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<Cow<'b, str>>, Refusal> {
        if std::str::from_utf8(bytes).is_ok() {
            return Ok(None);
        }
        let len_of = |chunk: Utf8Chunk<'_>| {
            let replaced =
                if chunk.invalid().is_empty() { 0 } else { char::REPLACEMENT_CHARACTER.len_utf8() };
            chunk.valid().len() + replaced
        };
        self.share.hold_here(self.held + bytes.utf8_chunks().map(len_of).sum::<usize>())?;
        Ok(Some(String::from_utf8_lossy(bytes)))
    }
}

impl Received {
    /// The body of a push as it was before it was compressed; `unpacker` holds one of protobuf.
    pub(super) fn decoded<'a>(
        &'a mut self,
        headers: &HeaderMap,
        kind: Kind,
        bytes_max: usize,
        unpacker: &'a mut Decompressor,
    ) -> Result<Decoded<'a>, Refusal> {
        let Self { bytes: body, share } = self;
        let bytes = decompressed(body, share, headers, &OF_PUSHES, bytes_max)?;
        let mut held = body.len() + if matches!(bytes, Cow::Owned(_)) { bytes.len() } else { 0 };
        let bytes = match kind {
            Kind::Json => bytes,
            Kind::Protobuf => {
                let bad = |error| Refusal::bad(format!("{error}\n"));
                let len = decompressed_len(&bytes).map_err(bad)?;
                if len > bytes_max {
                    return Err(too_large(len, bytes_max));
                }
                held += len;
                share.hold_here(held)?;
                unpacker.decompress(&bytes, bytes_max).map(Cow::Borrowed).map_err(bad)?
            }
        };
        Ok(Decoded { bytes, room: CopyRoom { share, held } })
    }

    /// The body without the compression that its header tells, of all that are known.
    pub(super) fn decompressed(
        &mut self,
        headers: &HeaderMap,
        bytes_max: usize,
    ) -> Result<Cow<'_, [u8]>, Refusal> {
        decompressed(&self.bytes, &mut self.share, headers, &OF_OTHERS, bytes_max)
    }
}

/// What pushes may be compressed with; snappy belongs to protobuf itself.
const OF_PUSHES: [&str; 4] = ["", "snappy", "gzip", "deflate"];
/// What bodies of others may be compressed with.
const OF_OTHERS: [&str; 6] = ["", "snappy", "gzip", "deflate", "zstd", "lz4"];

fn decompressed<'a>(
    body: &'a [u8],
    share: &mut Share,
    headers: &HeaderMap,
    taken: &[&str],
    bytes_max: usize,
) -> Result<Cow<'a, [u8]>, Refusal> {
    let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !taken.contains(&encoding) {
        let shown = model::quote::quote(encoding);
        return Err(Refusal::bad(format!("Content-Encoding {shown} not supported\n")));
    }
    let mut read = |reader: &mut dyn Read, damaged| unpack(reader, body.len(), share, bytes_max, damaged);
    match encoding {
        "gzip" => read(&mut MultiGzDecoder::new(body), "gzip: invalid header"),
        "deflate" => read(&mut DeflateDecoder::new(body), "flate: corrupt input"),
        "zstd" => {
            let mut decoder = zstd::stream::read::Decoder::new(body).map_err(Refusal::bad)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(Refusal::internal)?;
            read(&mut decoder, "zstd: corrupt input")
        }
        "lz4" => read(&mut FrameDecoder::new(body), "lz4: corrupt input"),
        _ => Ok(Cow::Borrowed(body)),
    }
}

/// The largest window of a frame of Zstandard: 8 MiB, which decoders are asked to take.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Decompresses a body of `len` bytes as there is room for it.
fn unpack(
    reader: &mut dyn Read,
    len: usize,
    share: &mut Share,
    bytes_max: usize,
    damaged: &str,
) -> Result<Cow<'static, [u8]>, Refusal> {
    const PIECE_BYTES: usize = 256 << 10;
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        share.hold_here(len + before + PIECE_BYTES)?;
        let mut piece = (&mut *reader).take(PIECE_BYTES as u64);
        piece.read_to_end(&mut bytes).map_err(|_| Refusal::bad(format!("{damaged}\n")))?;
        if bytes.len() > bytes_max {
            return Err(too_large(bytes.len(), bytes_max));
        }
        if bytes.len() - before < PIECE_BYTES {
            return Ok(Cow::Owned(bytes));
        }
    }
}
