//! Compression of answers by what the client accepts.

use std::io::Write;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, VARY};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;

/// A compression that answers can be given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Deflate,
    Zstd,
}

impl Encoding {
    /// The first one listed that is known; `None` for none.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
        accepted.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next()?;
            if parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000")) {
                return None;
            }
            match name {
                "gzip" => Some(Self::Gzip),
                "deflate" => Some(Self::Deflate),
                "zstd" => Some(Self::Zstd),
                _ => None,
            }
        })
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
        }
    }
}

/// Compresses an answer whose body is there already; a streamed one has chosen its encoding itself.
pub(crate) fn compressed(request: &HeaderMap, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    // The original compresses the smallest answer too, but not one without a body.
    let whole = body.size_hint().exact().is_some_and(|bytes| bytes > 0);
    let encoding =
        Encoding::negotiate(request).filter(|_| whole && !head.headers.contains_key(CONTENT_ENCODING));
    let Some(encoding) = encoding else { return Response::from_parts(head, body) };
    // The body's bytes are all there: collecting them never waits.
    let Some(bytes) = futures_util::FutureExt::now_or_never(body.collect()).and_then(Result::ok) else {
        return Response::from_parts(head, Body::empty());
    };
    let bytes = bytes.to_bytes();
    match encode(encoding, &bytes) {
        Ok(packed) => {
            head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str()));
            head.headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(packed.len()));
            Response::from_parts(head, Body::from(packed))
        }
        Err(_) => Response::from_parts(head, Body::from(bytes)),
    }
}

fn encode(encoding: Encoding, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(encoding, Vec::with_capacity(bytes.len() / 4))?;
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// An encoder of any of the compressions.
pub(crate) enum Encoder<W: Write> {
    Gzip(GzEncoder<W>),
    Deflate(ZlibEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    pub(crate) fn new(encoding: Encoding, sink: W) -> std::io::Result<Self> {
        Ok(match encoding {
            Encoding::Gzip => Self::Gzip(GzEncoder::new(sink, Compression::fast())),
            Encoding::Deflate => Self::Deflate(ZlibEncoder::new(sink, Compression::fast())),
            Encoding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(sink, 1)?),
        })
    }

    pub(crate) fn finish(self) -> std::io::Result<W> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Deflate(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Deflate(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.flush(),
            Self::Deflate(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}
