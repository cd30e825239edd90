//! One file per check.

pub mod absent_dependencies;
pub mod code_map;
pub mod file_lengths;
pub mod floors;
pub mod foreign_names;
pub mod format_pages;
pub mod function_lengths;
pub mod leftovers;
pub mod lint_attributes;
pub mod names;
pub mod opening_docs;
pub mod unsafe_files;

use crate::{Complaint, Repository};

/// A check: its name, and the function that makes it.
pub type Check = (&'static str, fn(&Repository) -> Vec<Complaint>);

/// All checks.
pub const ALL: &[Check] = &[
    ("floors", floors::check),
    ("absent dependencies", absent_dependencies::check),
    ("code map", code_map::check),
    ("opening docs", opening_docs::check),
    ("file lengths", file_lengths::check),
    ("function lengths", function_lengths::check),
    ("lint attributes", lint_attributes::check),
    ("leftovers", leftovers::check),
    ("foreign names", foreign_names::check),
    ("names", names::check),
    ("format pages", format_pages::check),
    ("unsafe files", unsafe_files::check),
];

#[cfg(test)]
mod tests;
