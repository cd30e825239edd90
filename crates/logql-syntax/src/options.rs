//! What the grammar takes beyond the original.

/// Which queries are read that the original refuses, mostly or unless it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Selectors may match every stream (`{}`, `{job!="a"}`); the original wants a matcher that refuses the empty
    /// value.
    pub any_selector: bool,
    /// `|= "a" or |= "b"` is read as `|= "a" or "b"`.
    pub repeated_filter_operators: bool,
    /// `variants(…) of (…)` is read; the original's grammar knows it where it is switched on.
    pub variants: bool,
}

impl Options {
    /// The original's grammar.
    pub const STRICT: Self = Self { any_selector: false, repeated_filter_operators: false, variants: false };
}

impl Default for Options {
    /// Everything is taken.
    fn default() -> Self {
        Self { any_selector: true, repeated_filter_operators: true, variants: true }
    }
}
