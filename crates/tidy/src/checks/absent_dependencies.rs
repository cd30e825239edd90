//! What crates must not know of each other, beyond the order of the floors.

use std::collections::BTreeSet;

use crate::{Complaint, DependencyKind, Package, Repository};

/// Who must not depend on what, not even through another crate of the workspace, and why.
const ABSENT: &[(&[&str], &[&str], &str)] = &[
    (
        &["tsdb", "logstore"],
        &["promql-syntax", "logql-syntax", "promql-engine", "logql-engine", "template", "vectors"],
        "a store knows no query language",
    ),
    (
        &["tsdb", "logstore"],
        &["http-client", "api", "axum", "hyper", "hyper-util", "http", "tower"],
        "a store knows no HTTP",
    ),
    (
        &["promql-engine", "logql-engine"],
        &["tsdb", "logstore", "wal", "index", "chunks"],
        "an engine knows the contracts of `storage`, not a store",
    ),
    (&["promql-syntax", "logql-syntax"], &["storage"], "the syntax tree is plain data"),
    (&["alerting"], &["platform", "http-client"], "alerting does no I/O"),
];

/// The crate that may depend on `config`.
const KNOWS_CONFIG: &str = "lapwing";

/// The floors in which nothing is async, and the crates in them that are all the same.
const SYNC_FLOORS_MAX: u64 = 3;
const ASYNC_CRATES: &[&str] = &["http-client", "discovery"];
const ASYNC_RUNTIMES: &[&str] =
    &["tokio", "tokio-util", "async-std", "smol", "futures-util", "hyper", "axum"];

/// Complains of dependencies that must not be there.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for package in &repository.packages {
        let known = known(repository, package);
        for (_, others, why) in ABSENT.iter().filter(|(who, ..)| who.contains(&package.name.as_str())) {
            for other in others.iter().filter(|other| known.contains(**other)) {
                complaints.push(Complaint::about(&package.name, format!("depends on `{other}`: {why}")));
            }
        }
        let own: Vec<&str> = product_dependencies(package).collect();
        if package.floor.is_some() && package.name != KNOWS_CONFIG && own.contains(&"config") {
            let message = format!("depends on `config`, which `{KNOWS_CONFIG}` alone may know");
            complaints.push(Complaint::about(&package.name, message));
        }
        let is_sync = package.floor.is_some_and(|floor| floor <= SYNC_FLOORS_MAX);
        if is_sync && !ASYNC_CRATES.contains(&package.name.as_str()) {
            for runtime in ASYNC_RUNTIMES.iter().filter(|runtime| own.contains(runtime)) {
                let message =
                    format!("depends on `{runtime}`: nothing on floors 0 to {SYNC_FLOORS_MAX} is async");
                complaints.push(Complaint::about(&package.name, message));
            }
        }
    }
    complaints
}

fn product_dependencies(package: &Package) -> impl Iterator<Item = &str> {
    let product = |kind| kind == DependencyKind::Product;
    package.dependencies.iter().filter(move |d| product(d.kind)).map(|d| d.name.as_str())
}

/// All that `package` depends on, also through other packages of the workspace.
fn known<'r>(repository: &'r Repository, package: &'r Package) -> BTreeSet<&'r str> {
    let mut known = BTreeSet::new();
    let mut open = vec![package];
    while let Some(package) = open.pop() {
        for name in product_dependencies(package) {
            if known.insert(name) {
                open.extend(repository.package(name));
            }
        }
    }
    known
}
