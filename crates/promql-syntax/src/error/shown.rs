//! Parts of messages as Go formats them.

use std::fmt;

use model::quote::quote;

/// ` in CONTEXT, expected EXPECTED`, each part if there is one.
pub(super) struct InContext<'a> {
    pub(super) context: &'a str,
    pub(super) expected: &'a str,
}

impl fmt::Display for InContext<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.context.is_empty() {
            write!(formatter, " in {}", self.context)?;
        }
        if !self.expected.is_empty() {
            write!(formatter, ", expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// A character in single quotes, escaped as Go does it; what stands for the end is shown as it shows it.
pub(super) struct QuotedChar(pub(super) Option<char>);

impl fmt::Display for QuotedChar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("'\u{fffd}'"),
            Some('\'') => formatter.write_str(r"'\''"),
            Some('"') => formatter.write_str("'\"'"),
            Some(character) => {
                let quoted = quote(character.encode_utf8(&mut [0; 4]));
                write!(formatter, "'{}'", quoted.get(1..quoted.len() - 1).unwrap_or(""))
            }
        }
    }
}

/// `U+0071 'q'`, the character only where it can be shown.
pub(super) struct CodePoint(pub(super) char);

impl fmt::Display for CodePoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "U+{:04X}", u32::from(self.0))?;
        let quoted = quote(self.0.encode_utf8(&mut [0; 4]));
        // What the quoting leaves as it is can be shown, and so can what it escapes for other reasons.
        if quoted.chars().count() == 3 || matches!(self.0, '"' | '\\') {
            write!(formatter, " '{}'", self.0)?;
        }
        Ok(())
    }
}

/// Six decimals, and Go's names of what has none.
pub(super) struct FixedPoint(pub(super) f64);

impl fmt::Display for FixedPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() {
            write!(formatter, "{:.6}", self.0)
        } else {
            formatter.write_str(&model::number::format_plain(self.0))
        }
    }
}
