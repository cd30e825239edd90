//! `unsafe` stands only in files that say at their top why.

use super::leftovers::has_word;
use crate::{Complaint, Repository};

/// What such a file says.
const SAYS: &str = "#![expect(unsafe_code";

/// Complains of `unsafe` in files that do not announce it.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in repository.rust_files() {
        let announced = rust.code.split_whitespace().collect::<String>().contains(&SAYS.replace(' ', ""));
        let first = rust.code.lines().position(|line| has_word(line, "unsafe"));
        if let Some(line) = first.filter(|_| !announced) {
            let message = format!("holds `unsafe` without `{SAYS}, reason = \"…\")]` at its top");
            complaints.push(Complaint::at(&file.path, line + 1, message));
        }
    }
    complaints
}
