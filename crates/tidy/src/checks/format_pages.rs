//! A page on a format that the sources link to exists.

use crate::{Complaint, Repository};

/// The folder of these pages.
const FOLDER: &str = "docs/formats/";

/// Complains of links to pages on formats that are not there.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, _) in repository.rust_files() {
        for (number, line) in file.text.lines().enumerate() {
            for (at, _) in line.match_indices(FOLDER) {
                let page = line.get(at..).map_or("", page_name);
                if page.ends_with(".md") && repository.file(page).is_none() {
                    let message = format!("links to `{page}`, which does not exist");
                    complaints.push(Complaint::at(&file.path, number + 1, message));
                }
            }
        }
    }
    complaints
}

/// The path that `text` begins with.
fn page_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "/._-".contains(c)));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim_end_matches('.')
}
