//! The table of crates in `docs/architecture.md` is generated from the manifests.

use crate::{Complaint, Package, Repository};

/// The page that holds the table.
pub const PAGE: &str = "docs/architecture.md";

/// What stands before and after the table.
const BEGIN: &str = "<!-- code map: begin -->";
const END: &str = "<!-- code map: end -->";

/// Complains if the table is not what the manifests say.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let Some(page) = repository.file(PAGE) else {
        return vec![Complaint::about(PAGE, "is missing")];
    };
    match rewritten(&page.text, &repository.packages) {
        None => vec![Complaint::about(PAGE, format!("lacks the lines `{BEGIN}` and `{END}`"))],
        Some(text) if text == page.text => Vec::new(),
        Some(_) => {
            vec![Complaint::about(PAGE, "the table of crates is stale: run `cargo run -p tidy -- --write`")]
        }
    }
}

/// The text of the page with a fresh table; none if it has no place for one.
pub fn rewritten(page: &str, packages: &[Package]) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, "\n", &table(packages), END, after].concat())
}

fn table(packages: &[Package]) -> String {
    let mut packages: Vec<&Package> = packages.iter().collect();
    packages.sort_by_key(|package| (package.floor.unwrap_or(u64::MAX), &package.name));
    let mut table = String::from("| floor | crate | holds |\n|---|---|---|\n");
    for package in packages {
        let floor = package.floor.map_or("–".into(), |floor| floor.to_string());
        let does = package.does.as_deref().unwrap_or_default().replace('|', "\\|");
        table.push_str(&format!("| {floor} | `{}` | {does} |\n", package.name));
    }
    table
}
