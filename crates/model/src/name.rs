//! Names of metrics and labels: what the classic syntax allows, and how other names are escaped.

mod escaping;
#[cfg(test)]
mod tests;

pub use escaping::{EscapingScheme, escape, unescape_values};

/// Whether a metric name is one of the classic syntax: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub fn is_legacy_metric_name(name: &str) -> bool {
    is_legacy(name, |byte| byte == b':')
}

/// Whether a label name is one of the classic syntax: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub fn is_legacy_label_name(name: &str) -> bool {
    is_legacy(name, |_| false)
}

fn is_legacy(name: &str, also: impl Fn(u8) -> bool) -> bool {
    let starts = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || also(byte))
}

/// Which names are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ValidationScheme {
    /// Any text that is valid UTF-8 and not empty.
    #[default]
    Utf8,
    /// The classic syntax.
    Legacy,
}

impl ValidationScheme {
    /// Whether a metric may be called so.
    pub fn is_metric_name(self, name: &str) -> bool {
        match self {
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => is_legacy_metric_name(name),
        }
    }

    /// Whether a label may be called so.
    pub fn is_label_name(self, name: &str) -> bool {
        match self {
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => is_legacy_label_name(name),
        }
    }
}
