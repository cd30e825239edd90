//! Bodies: their form and compression, decompressed within bounds.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, StatusCode};

use super::Refused;

/// The longest body that is read, decompressed.
pub(super) const BODY_BYTES_MAX: u64 = 32 << 20;
const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    is_json: bool,
    is_compressed: bool,
}

/// The form that headers tell of.
///
/// # Errors
/// One that is not taken.
pub(super) fn form(headers: &HeaderMap) -> Result<Form, Refused> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let refuse = |text: String| Err(Refused::new(StatusCode::BAD_REQUEST, text));
    let is_json = match text(CONTENT_TYPE) {
        JSON => true,
        PROTOBUF => false,
        other => {
            return refuse(format!("unsupported content type: {other}, supported: [{JSON}, {PROTOBUF}]"));
        }
    };
    match text(CONTENT_ENCODING) {
        "gzip" => Ok(Form { is_json, is_compressed: true }),
        "" => Ok(Form { is_json, is_compressed: false }),
        other => {
            refuse(format!("unsupported compression: {other}. Only \"gzip\" or no compression supported"))
        }
    }
}

/// The request in protobuf.
///
/// # Errors
/// A body that is damaged or too long.
pub(super) fn protobuf(form: Form, body: &[u8]) -> Result<Cow<'_, [u8]>, Refused> {
    let too_large = || Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "request body too large");
    let bytes = if form.is_compressed {
        let mut bytes = Vec::new();
        let read = MultiGzDecoder::new(body).take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| Refused::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        Cow::Owned(bytes)
    } else {
        Cow::Borrowed(body)
    };
    if bytes.len() as u64 > BODY_BYTES_MAX {
        return Err(too_large());
    }
    if !form.is_json {
        return Ok(bytes);
    }
    let request = wire::otlp::json::to_protobuf(&bytes);
    request.map(Cow::Owned).map_err(|error| Refused::new(StatusCode::BAD_REQUEST, error.to_string()))
}
