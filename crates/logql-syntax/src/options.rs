//! What the grammar takes beyond the original.

/// Whether queries are read that the original refuses although their meaning is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Selectors may match every stream (`{}`, `{job!="a"}`); the original wants a matcher that refuses the empty
    /// value.
    pub any_selector: bool,
    /// `|= "a" or |= "b"` is read as `|= "a" or "b"`.
    pub repeated_filter_operators: bool,
}

impl Options {
    /// The original's grammar.
    pub const STRICT: Self = Self { any_selector: false, repeated_filter_operators: false };
}

impl Default for Options {
    /// Both are taken.
    fn default() -> Self {
        Self { any_selector: true, repeated_filter_operators: true }
    }
}
