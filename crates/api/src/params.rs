//! Parameters of a request: those of the URL and those of a form, together.

#[cfg(test)]
mod tests;

use crate::error::ApiError;
use crate::time::{EARLIEST_MS, LATEST_MS, parse_time};

/// Parameters by name; one name may come several times, those of a form stand before those of the URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    /// What is wrong with the first part that is not well-formed.
    fault: Option<String>,
}

impl Params {
    /// Reads a URL's query and a form's body, both percent-encoded.
    ///
    /// A part that is not well-formed (a broken escape, a `;`) is left out; [`Params::check_form`] tells of it.
    pub(crate) fn new(url_query: &str, form: &[u8]) -> Self {
        let mut params = Self::default();
        for part in form.split(|byte| *byte == b'&').chain(url_query.as_bytes().split(|byte| *byte == b'&')) {
            match fault_of(part) {
                None if part.is_empty() => {}
                None => {
                    let mut sides = part.splitn(2, |byte| *byte == b'=');
                    let mut side = || decoded(sides.next().unwrap_or_default());
                    params.pairs.push((side(), side()));
                }
                Some(fault) => {
                    params.fault.get_or_insert(fault);
                }
            }
        }
        params
    }

    /// Refuses parameters of which a part is not well-formed. Only some of the original's endpoints do; the others
    /// go on with what is there.
    ///
    /// # Errors
    /// The original's text.
    pub(crate) fn check_form(&self) -> Result<(), ApiError> {
        match &self.fault {
            None => Ok(()),
            Some(fault) => Err(ApiError::bad_data(format!("error parsing form values: {fault}"))),
        }
    }

    /// The first value of a name, empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(present, _)| present == name).map_or("", |(_, value)| value)
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    /// A time in milliseconds; `None` where it is missing or empty.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.time_text(name).map_err(|error| ApiError::parameter(name, error))
    }

    /// As [`Params::time`], with the bare text of what is wrong.
    pub(crate) fn time_text(&self, name: &str) -> Result<Option<i64>, String> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        parse_time(text).map(Some).map_err(|error| format!("invalid time value for '{name}': {error}"))
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

/// Reads a whole number with the error text of Go's `strconv.Atoi`.
pub(crate) fn parse_int(text: &str) -> Result<i64, String> {
    parse_int_as("Atoi", text)
}

/// Reads a whole number with the error text of one of Go's functions.
pub(crate) fn parse_int_as(function: &str, text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("strconv.{function}: parsing {}: invalid syntax", model::quote::quote(text)));
    }
    text.parse()
        .map_err(|_| format!("strconv.{function}: parsing {}: value out of range", model::quote::quote(text)))
}

/// Reads a truth value as Go's `strconv.ParseBool` does.
pub(crate) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {}: invalid syntax", model::quote::quote(text))),
    }
}

/// The text that a name or a value stands for, whose escapes are well-formed.
fn decoded(encoded: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next().unwrap_or(&b'0')).to_digit(16).unwrap_or(0) as u8;
                let high = digit();
                high << 4 | digit()
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// What Go says of a part of a form that is not well-formed.
fn fault_of(part: &[u8]) -> Option<String> {
    if part.contains(&b';') {
        return Some("invalid semicolon separator in query".to_owned());
    }
    let mut rest = part;
    while let Some(position) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(position + 1..position + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            let shown = rest.get(position..).unwrap_or_default();
            let shown = String::from_utf8_lossy(shown.get(..3).unwrap_or(shown));
            return Some(format!("invalid URL escape {}", model::quote::quote(&shown)));
        }
        rest = rest.get(position + 3..).unwrap_or_default();
    }
    None
}
