//! Which message a request holds, by its headers.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::WriteMessage;

const MEDIA_TYPE: &str = "application/x-protobuf";

/// The message that a request holds.
///
/// # Errors
/// Why it is not taken, in the original's words.
pub(super) fn message(headers: &HeaderMap, accepted: &[WriteMessage]) -> Result<WriteMessage, String> {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"));
    let content_type = text(CONTENT_TYPE);
    let message = message_of(content_type)?;
    if !accepted.contains(&message) {
        let names: Vec<&str> = accepted.iter().map(|message| message.as_str()).collect();
        let (name, names) = (message.as_str(), names.join(" "));
        return Err(format!("{name} protobuf message is not accepted by this server; accepted [{names}]"));
    }
    let encoding = text(CONTENT_ENCODING);
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("snappy") {
        return Err(format!(
            "{encoding} encoding (compression) is not accepted by this server; only snappy is acceptable"
        ));
    }
    Ok(message)
}

fn message_of(content_type: &str) -> Result<WriteMessage, String> {
    // Senders before version 1.0 said nothing.
    if content_type.is_empty() {
        return Ok(WriteMessage::V1);
    }
    let mut parts = content_type.split(';').map(str::trim);
    if parts.next() != Some(MEDIA_TYPE) {
        return Err(format!(
            "expected {MEDIA_TYPE} as the first (media) part, got {content_type} content-type"
        ));
    }
    for part in parts {
        let Some((name, value)) = part.split_once('=') else {
            return Err(format!(
                "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got {part} in {content_type} content-type"
            ));
        };
        if name == "proto" {
            return WriteMessage::from_name(value).ok_or_else(|| {
                let supported = WriteMessage::ALL.map(WriteMessage::as_str).join(", ");
                format!(
                    "got {content_type} content type; unknown remote write protobuf message {value}, supported: {supported}"
                )
            });
        }
    }
    Ok(WriteMessage::V1)
}
