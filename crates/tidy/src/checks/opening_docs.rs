//! Every file of Rust opens by saying what it is.

use crate::{Complaint, Repository};

/// Complains of files that do not open with `//!`.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let silent = repository.rust_files().filter(|(file, _)| !file.text.starts_with("//! "));
    silent
        .map(|(file, _)| Complaint::at(&file.path, 1, "opens without `//! …`: say what the file is"))
        .collect()
}
