//! Bodies of answers: read within a limit, decompressed on the way.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::Error;

/// The most that any body may hold once it is decompressed, whatever the caller's own limit.
pub const BODY_BYTES_MAX: u64 = 1 << 30;

/// Reads a body to its end. It must stay below `limit` bytes, or at most [`BODY_BYTES_MAX`] without one.
pub(crate) async fn read(body: Incoming, gzip: bool, limit: Option<u64>) -> Result<Vec<u8>, Error> {
    let limit = limit.unwrap_or(BODY_BYTES_MAX + 1);
    let expected = body.size_hint().exact().unwrap_or(0);
    if !gzip && expected >= limit {
        return Err(Error::BodyTooLarge { limit });
    }
    let plain = Limited { bytes: Vec::with_capacity(usize::try_from(expected).unwrap_or(0)), limit };
    if gzip { read_gzip(body, plain).await } else { read_plain(body, plain).await }
}

async fn read_plain(mut body: Incoming, mut out: Limited) -> Result<Vec<u8>, Error> {
    while let Some(frame) = next(&mut body).await? {
        out.write_all(&frame).map_err(|_| Error::BodyTooLarge { limit: out.limit })?;
    }
    Ok(out.bytes)
}

async fn read_gzip(mut body: Incoming, out: Limited) -> Result<Vec<u8>, Error> {
    let mut unpacking = Unpacking::new(out);
    while let Some(frame) = next(&mut body).await? {
        unpacking.add(&frame)?;
    }
    unpacking.finish()
}

/// Unpacks a whole body into `out`, whose memory is used again. The outcome must stay below `limit` bytes.
pub(crate) fn unpack(packed: &[u8], out: &mut Vec<u8>, limit: u64) -> Result<(), Error> {
    out.clear();
    let mut unpacking = Unpacking::new(Limited { bytes: std::mem::take(out), limit });
    unpacking.add(packed)?;
    *out = unpacking.finish()?;
    Ok(())
}

/// A gzip body on its way.
struct Unpacking {
    decoder: MultiGzDecoder<Limited>,
    limit: u64,
    any: bool,
}

impl Unpacking {
    fn new(out: Limited) -> Self {
        Self { limit: out.limit, decoder: MultiGzDecoder::new(out), any: false }
    }

    fn add(&mut self, packed: &[u8]) -> Result<(), Error> {
        self.any |= !packed.is_empty();
        let limit = self.limit;
        self.decoder.write_all(packed).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => Error::BodyTooLarge { limit },
            _ if error.to_string().contains("header") => Error::GzipHeader,
            io::ErrorKind::UnexpectedEof => Error::Body("unexpected EOF".to_owned()),
            _ => Error::Gzip(error.to_string()),
        })
    }

    fn finish(self) -> Result<Vec<u8>, Error> {
        if !self.any {
            return Err(Error::Body("EOF".to_owned()));
        }
        match self.decoder.finish() {
            Ok(out) => Ok(out.bytes),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(Error::BodyTooLarge { limit: self.limit })
            }
            // The stream is damaged or, far more often, cut off; the library does not say which.
            Err(_) => Err(Error::Body("unexpected EOF".to_owned())),
        }
    }
}

/// The next bytes of a body, `None` at its end.
pub(crate) async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Error> {
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(error)) => return Err(Error::Body(crate::error::reason(&error, ""))),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// Bytes that must stay fewer than a limit.
struct Limited {
    bytes: Vec<u8>,
    limit: u64,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + bytes.len()) as u64 >= self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
