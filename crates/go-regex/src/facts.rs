//! What can be said of every text that a pattern matches.

/// Whether a required literal stands in the text as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// Byte for byte.
    None,
    /// In any mixture of ASCII upper and lower case; the literal itself is given in lower case.
    Ascii,
}

/// Every match holds at least one of these literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredLiterals {
    /// The alternatives; never empty, and none of them is the empty string.
    pub any_of: Vec<String>,
    /// How all of them are to be compared.
    pub folding: Folding,
}

/// What is known of a pattern; `None` and the empty list mean "not known".
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) set: Option<Vec<String>>,
    pub(crate) prefix: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) required: Vec<RequiredLiterals>,
    pub(crate) everything: bool,
    pub(crate) non_empty: bool,
}
