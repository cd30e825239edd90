//! The stages that take labels out of the line.

pub(crate) mod interest;
pub(crate) mod json;
pub(crate) mod json_paths;
pub(crate) mod logfmt;
pub(crate) mod pattern;
pub(crate) mod regexp;
pub(crate) mod scan_json;
pub(crate) mod scan_logfmt;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod unpack;

/// What becomes of a row after a label was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Go on.
    Continue,
    /// A condition that follows does not hold.
    Drop,
}
