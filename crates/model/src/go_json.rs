//! Texts and numbers as Go's JSON encoder writes them, where answers and labels must be equal to the byte.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use crate::number::push_api;

/// Appends a text in quotes; what HTML would take for its own is escaped too.
pub fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A text in quotes, as [`push_text`] writes it.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_text(&mut out, text);
    out
}

/// Appends a finite number.
pub fn push_number(out: &mut String, number: f64) {
    let start = out.len();
    push_api(out, number);
    // Exponents of one digit have no zero in front there.
    for (long, short) in [("e-0", "e-"), ("e+0", "e+")] {
        if let Some(at) = out.get(start..).and_then(|written| written.find(long)) {
            out.replace_range(start + at..start + at + long.len(), short);
        }
    }
}
