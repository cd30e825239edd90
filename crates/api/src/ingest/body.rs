//! Bodies as text, decompressed within bounds.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};

use super::samples::Refused;

/// The longest text that is read.
pub(super) const TEXT_BYTES_MAX: u64 = 32 << 20;

/// The text of a body.
///
/// # Errors
/// It is compressed otherwise than with gzip, damaged, too long, or no UTF-8.
pub(super) fn text<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, str>, Refused> {
    let refuse = |status, text: String| Err(Refused { status, text });
    let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let bytes = match encoding {
        "" | "identity" => Cow::Borrowed(body),
        "gzip" => {
            let mut bytes = Vec::new();
            if let Err(error) = MultiGzDecoder::new(body).take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes) {
                return refuse(StatusCode::BAD_REQUEST, format!("cannot decompress gzip data: {error}"));
            }
            Cow::Owned(bytes)
        }
        other => {
            let text = format!("{other} encoding not supported");
            return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, text);
        }
    };
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "request body too large".to_owned());
    }
    let text = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|error| error.utf8_error()),
    };
    text.or_else(|error| refuse(StatusCode::BAD_REQUEST, format!("the body is no UTF-8: {error}")))
}
