//! How the text of a label becomes a number.

#[cfg(test)]
mod tests;

use logql_syntax::ast::Conversion;
use logql_syntax::quantity;

use crate::pipeline::{no_bytes, no_duration, no_number};

/// Reads the value of an unwrapped label: a number, a size in bytes, or a duration in seconds; with the reason in the
/// original's words where it is none.
///
/// # Errors
/// The text is not of the form.
pub fn convert(conversion: Option<Conversion>, text: &str) -> Result<f64, String> {
    match conversion {
        None => model::number::parse_float(text).ok_or_else(|| no_number(text)),
        Some(Conversion::Bytes) => {
            quantity::parse_bytes(text).map(|bytes| bytes as f64).ok_or_else(|| no_bytes(text))
        }
        Some(Conversion::Duration | Conversion::DurationSeconds) => {
            quantity::parse_go_duration(text).map(|nanos| nanos as f64 / 1e9).ok_or_else(|| no_duration(text))
        }
    }
}
