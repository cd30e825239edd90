//! What of the language is on.

/// Which experimental parts of the language are on. The default is none of them, as in the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// `promql-experimental-functions`: functions and aggregations marked so.
    pub experimental_functions: bool,
    /// `promql-extended-range-selectors`: `anchored` and `smoothed`.
    pub extended_range_selectors: bool,
    /// `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
    pub binop_fill_modifiers: bool,
}

impl Options {
    /// Everything on.
    pub const ALL: Self =
        Self { experimental_functions: true, extended_range_selectors: true, binop_fill_modifiers: true };
}
