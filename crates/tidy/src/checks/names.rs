//! A thing is named for what it holds.

use crate::{Complaint, Repository};

/// Names that say nothing.
const EMPTY: &[&str] = &["util", "utils", "common", "misc", "types", "manager", "helper", "helpers", "tools"];

/// Complains of files, folders and crates whose names say nothing.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, _) in repository.rust_files() {
        let path = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        for part in path.split('/').filter(|part| EMPTY.contains(part)) {
            let message = format!("`{part}` says nothing: name it for what it holds");
            complaints.push(Complaint::about(&file.path, message));
        }
    }
    complaints
}
