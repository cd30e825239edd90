//! Bodies of requests, with the complaints that clients know.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Asked, complaint, times};

/// What the framework complains of.
#[derive(Debug)]
pub(super) enum Complaint {
    /// The body cannot be read: status 400.
    Unreadable(String),
    /// The body lacks something or holds what cannot be: status 422 and a code of its own.
    Invalid(u16, String),
    /// The body is of another kind: status 415.
    Kind(String),
}

impl Complaint {
    /// The answer; `what` names the body.
    pub(super) fn into_response(self, what: &str) -> Response {
        match self {
            Complaint::Unreadable(reason) => {
                let message = format!("parsing {what} body from \"\" failed, because {reason}");
                complaint(StatusCode::BAD_REQUEST, 400, &message)
            }
            Complaint::Invalid(code, message) => complaint(StatusCode::UNPROCESSABLE_ENTITY, code, &message),
            Complaint::Kind(kind) => {
                let kind = model::quote::quote(&kind);
                let message = format!("unsupported media type {kind}, only [application/json] are allowed");
                complaint(StatusCode::UNSUPPORTED_MEDIA_TYPE, 415, &message)
            }
        }
    }
}

/// Something that must be there is not.
pub(super) fn required(path: &str) -> Complaint {
    Complaint::Invalid(602, format!("{path} in body is required"))
}

/// A value of the wrong type.
pub(super) fn wrong_type(found: &Value, place: &str) -> Complaint {
    not_into(found, &format!("Go {place}"))
}

/// A value that does not fit where it stands.
pub(super) fn not_into(found: &Value, place: &str) -> Complaint {
    Complaint::Unreadable(format!("json: cannot unmarshal {} into {place}", kind_of(found)))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Says whether the body of a request is JSON by its header.
pub(super) fn check_kind(asked: &Asked) -> Result<(), Complaint> {
    match asked.content_type.as_str() {
        kind if kind.eq_ignore_ascii_case("application/json") => Ok(()),
        "" => Err(Complaint::Kind("application/octet-stream".to_owned())),
        other => Err(Complaint::Kind(other.to_owned())),
    }
}

/// Reads the body of a request as JSON.
pub(super) fn read(asked: &Asked, what: &str) -> Result<Value, Complaint> {
    check_kind(asked)?;
    if asked.body.is_empty() {
        return Err(required(what));
    }
    let text = String::from_utf8_lossy(&asked.body);
    let parsed = first_value(&text).or_else(|error| {
        // Halves of characters stand for nothing, which is no reason to refuse the rest.
        let mended = without_halves(&text);
        if mended == text { Err(error) } else { first_value(&mended) }
    });
    parsed.map_err(|error| Complaint::Unreadable(complain(&text, &error)))
}

/// The value at the beginning of a text; what stands behind it nobody looks at.
fn first_value(text: &str) -> Result<Value, serde_json::Error> {
    Value::deserialize(&mut serde_json::Deserializer::from_str(text))
}

/// What an object has under a key; capitals do not count where it is not written as it should be.
pub(super) fn get<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let in_other_letters = || object.iter().find(|(own, _)| own.eq_ignore_ascii_case(key));
    object.get(key).or_else(|| in_other_letters().map(|(_, value)| value))
}

const LOOKING: &str = "looking for beginning of value";

/// What Go's decoder says of a text that is no JSON.
fn complain(text: &str, error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected EOF".to_owned();
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = line.chars().nth(error.column().saturating_sub(1)).unwrap_or(' ');
    let told = error.to_string();
    let place = [
        ("key must be a string", "looking for beginning of object key string"),
        ("trailing comma", if at == '}' { "looking for beginning of object key string" } else { LOOKING }),
        ("expected `,` or `}`", "after object key:value pair"),
        ("expected `,` or `]`", "after array element"),
        ("expected `:`", "after object key"),
        ("control character", "in string literal"),
        ("invalid escape", "in string escape code"),
    ];
    let known = place.into_iter().find(|(start, _)| told.starts_with(start));
    format!("invalid character {at:?} {}", known.map_or(LOOKING, |(_, place)| place))
}

/// Replaces escapes that are one half of a character.
fn without_halves(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let code =
            |text: &str| u32::from_str_radix(text.get(2..6)?, 16).ok().filter(|_| text.starts_with("\\u"));
        let next = escape.get(6..).and_then(code);
        let (taken, length) = match code(escape) {
            Some(0xd800..=0xdbff) if next.is_some_and(|next| (0xdc00..=0xdfff).contains(&next)) => {
                (escape.get(..12), 12)
            }
            Some(0xd800..=0xdfff) => (Some("\\ufffd"), 6),
            _ => (escape.get(..2), 2),
        };
        out.push_str(taken.unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A text of an object; none where it is missing.
pub(super) fn text(object: &Map<String, Value>, key: &str, place: &str) -> Result<Option<String>, Complaint> {
    text_at(object, key, &format!("struct field {place}.{key} of type string"))
}

/// A text whose type has a reader of its own, so that complaints do not know its place.
pub(super) fn bare_text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, Complaint> {
    text_at(object, key, "value of type string")
}

fn text_at(object: &Map<String, Value>, key: &str, place: &str) -> Result<Option<String>, Complaint> {
    match get(object, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(wrong_type(other, place)),
    }
}

/// A time of an object; the outer none: it is missing; the inner: it is the zero time.
pub(super) fn time(object: &Map<String, Value>, key: &str) -> Result<Option<Option<i64>>, Complaint> {
    match bare_text(object, key)? {
        None => Ok(None),
        Some(text) => times::read(&text).map(Some).map_err(Complaint::Unreadable),
    }
}

/// Names and texts of an object; none where they are missing.
pub(super) fn texts(
    object: &Map<String, Value>,
    key: &str,
    place: &str,
) -> Result<Option<Vec<(String, String)>>, Complaint> {
    let entries = match get(object, key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(entries)) => entries,
        Some(other) => {
            return Err(wrong_type(other, &format!("struct field {place}.{key} of type models.LabelSet")));
        }
    };
    let mut texts = Vec::new();
    for (name, value) in entries {
        match value {
            Value::String(text) => texts.push((name.clone(), text.clone())),
            Value::Null => texts.push((name.clone(), String::new())),
            other => {
                let place = format!("struct field {place}.{key}.{name} of type string");
                return Err(wrong_type(other, &place));
            }
        }
    }
    Ok(Some(texts))
}
