//! A lint is silenced where it is expected, with a reason, and not otherwise.

use crate::{Complaint, Repository};

/// Complains of `allow` attributes, and of `expect` attributes without a reason.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (file, rust) in repository.rust_files() {
        for (at, attribute) in attributes(&rust.code) {
            let line = || rust.code.get(..at).unwrap_or_default().matches('\n').count() + 1;
            if has_call(attribute, "allow") {
                let message = "silences a lint with `allow`: use `#[expect(…, reason = \"…\")]`";
                complaints.push(Complaint::at(&file.path, line(), message));
            }
            if has_call(attribute, "expect") && !attribute.contains("reason") {
                complaints.push(Complaint::at(&file.path, line(), "expects a lint without a reason"));
            }
        }
    }
    complaints
}

/// The attributes in `code`, each with where it begins.
fn attributes(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.match_indices('#').filter_map(|(at, _)| {
        let attribute = code.get(at..)?;
        let body = attribute.strip_prefix("#[").or_else(|| attribute.strip_prefix("#!["))?;
        let mut depth = 1;
        let end = body.find(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            depth == 0
        })?;
        Some((at, body.get(..end)?))
    })
}

/// Whether `attribute` is `name(…)`, or holds it behind a condition.
fn has_call(attribute: &str, name: &str) -> bool {
    attribute.match_indices(name).any(|(at, _)| {
        let before = attribute.get(..at).unwrap_or_default().trim_end();
        let after = attribute.get(at + name.len()..).unwrap_or_default();
        after.trim_start().starts_with('(') && (before.is_empty() || before.ends_with(','))
    })
}
