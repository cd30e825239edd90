//! Parameters of a request: those of the URL and those of a form, together.

#[cfg(test)]
mod tests;

use crate::error::ApiError;
use crate::time::{EARLIEST_MS, LATEST_MS, parse_time};

/// Parameters by name; one name may come several times, those of a form stand before those of the URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a URL's query and a form's body, both percent-encoded.
    ///
    /// A part that is not well-formed (a broken escape, a `;`) is left out, as the original does.
    pub(crate) fn new(url_query: &str, form: &[u8]) -> Self {
        let mut params = Vec::new();
        for part in form.split(|byte| *byte == b'&').chain(url_query.as_bytes().split(|byte| *byte == b'&')) {
            if !part.is_empty() && !part.contains(&b';') && escapes_are_whole(part) {
                params.extend(
                    form_urlencoded::parse(part).map(|(name, value)| (name.into_owned(), value.into_owned())),
                );
            }
        }
        Self(params)
    }

    /// The first value of a name, empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(present, _)| present == name).map_or("", |(_, value)| value)
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// All parameters, percent-encoded as in a URL.
    pub(crate) fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// A time in milliseconds; `None` where it is missing or empty.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        parse_time(text)
            .map(Some)
            .map_err(|error| ApiError::parameter(name, format!("invalid time value for '{name}': {error}")))
    }

    /// The span from `start` to `end`, all of time where they are missing.
    pub(crate) fn time_range(&self) -> Result<storage::TimeRange, ApiError> {
        let start = self.time("start")?.unwrap_or(EARLIEST_MS);
        let end = self.time("end")?.unwrap_or(LATEST_MS);
        Ok(storage::TimeRange::new(start, end))
    }

    /// The limit of an answer; `None` where it is missing, empty or 0.
    pub(crate) fn limit(&self) -> Result<Option<usize>, ApiError> {
        let text = self.get("limit");
        if text.is_empty() {
            return Ok(None);
        }
        let limit = parse_int(text).map_err(|error| ApiError::parameter("limit", error))?;
        match usize::try_from(limit) {
            Ok(0) => Ok(None),
            Ok(limit) => Ok(Some(limit)),
            Err(_) => Err(ApiError::parameter("limit", "limit must be non-negative")),
        }
    }
}

/// Reads a whole number with Go's error text.
pub(crate) fn parse_int(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("strconv.Atoi: parsing {}: invalid syntax", model::quote::quote(text)));
    }
    text.parse()
        .map_err(|_| format!("strconv.Atoi: parsing {}: value out of range", model::quote::quote(text)))
}

fn escapes_are_whole(part: &[u8]) -> bool {
    let mut rest = part;
    while let Some(position) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(position + 1..position + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return false;
        }
        rest = rest.get(position + 3..).unwrap_or_default();
    }
    true
}
