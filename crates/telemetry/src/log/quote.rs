//! Texts as logfmt and JSON write them.

use std::fmt::Write;

/// Appends a text as logfmt has it: bare where that is unambiguous, else in quotes with Go's escapes.
pub(super) fn push_logfmt_text(out: &mut String, text: &str) {
    let ambiguous = |c: char| c == ' ' || c == '"' || c == '=' || c == '\u{FFFD}' || c.is_control();
    if !text.is_empty() && !text.contains(ambiguous) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() && u32::from(c) < 0x80 => push_code(out, "\\x", c, 2),
            c if c.is_control() => push_code(out, "\\u", c, 4),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends a text as a JSON string.
pub(super) fn push_json_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => push_code(out, "\\u", c, 4),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn push_code(out: &mut String, prefix: &str, c: char, digits: usize) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{prefix}{:0digits$x}", u32::from(c));
}
