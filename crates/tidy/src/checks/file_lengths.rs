//! No file grows past what a reader can hold.

use crate::{Complaint, Repository};

/// What a file may have, in lines.
const LINES_MAX: usize = 600;

/// From how many lines on a file is worth a look.
const REVIEW_LINES: usize = 400;

/// Files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[];

/// Complains of files that are too long, and of exceptions that are needed no more.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    check_against(repository, LONGER)
}

pub(super) fn check_against(repository: &Repository, longer: &[(&str, &str)]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, _) in repository.rust_files() {
        let lines = file.text.lines().count();
        match (lines > LINES_MAX, longer.iter().any(|(path, _)| *path == file.path)) {
            (true, false) => complaints.push(Complaint::about(
                &file.path,
                format!("has {lines} lines, and {LINES_MAX} are allowed: split it, or give a reason in tidy's file_lengths.rs"),
            )),
            (false, true) => complaints.push(Complaint::about(
                &file.path,
                "is no longer too long: take it out of tidy's file_lengths.rs",
            )),
            _ => {}
        }
    }
    for (path, _) in longer.iter().filter(|(path, _)| repository.file(path).is_none()) {
        complaints.push(Complaint::about(path, "does not exist: take it out of tidy's file_lengths.rs"));
    }
    complaints
}

/// How long the files of the product are, in a line.
pub fn report(repository: &Repository) -> String {
    let product = repository.rust_files().filter(|(file, _)| !file.is_test());
    let mut lengths: Vec<usize> = product.map(|(file, _)| file.text.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    let long = lengths.iter().filter(|lines| **lines > REVIEW_LINES).count();
    let longest = lengths.last().copied().unwrap_or(0);
    format!(
        "{} files of Rust without tests: median {median} lines, longest {longest}, {long} over {REVIEW_LINES}",
        lengths.len()
    )
}
