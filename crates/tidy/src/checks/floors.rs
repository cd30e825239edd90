//! A crate depends only on crates of strictly lower floors.

use crate::{Complaint, DependencyKind, Package, Repository};

/// The packages that stand beside the house: they may depend on anything, and the house on them for tests alone.
const BESIDE: &[&str] = &["testkit", "simulator", "tidy", "benches", "queries"];

/// What the binary itself offers to users and therefore depends on: `lapwing test promql` runs testkit's scripts, `lapwing
/// bench` the benchmarks.
const OFFERED: &[(&str, &str)] = &[("lapwing", "testkit"), ("lapwing", "benches")];

/// Complains of dependencies that go up or stay on a floor, and of packages that do not say where they stand.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    repository.packages.iter().flat_map(|package| check_package(repository, package)).collect()
}

fn check_package(repository: &Repository, package: &Package) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut complain = |message: String| complaints.push(Complaint::about(&package.name, message));
    let folder = package.folder.rsplit('/').next().unwrap_or_default();
    if folder != package.name {
        complain(format!("stands in the folder `{folder}`; name both the same"));
    }
    if package.does.as_deref().is_none_or(str::is_empty) {
        complain("says not what it holds: give `does` in [package.metadata.architecture]".into());
    }
    let beside = BESIDE.contains(&package.name.as_str());
    let floor = match (package.floor, beside) {
        (Some(floor), false) => floor,
        (None, true) => return complaints,
        (None, false) => {
            complain("stands on no floor: give `floor` in [package.metadata.architecture]".into());
            return complaints;
        }
        (Some(_), true) => {
            complain("stands beside the house and has no floor".into());
            return complaints;
        }
    };
    for dependency in &package.dependencies {
        let Some(other) = repository.package(&dependency.name) else { continue };
        if dependency.kind == DependencyKind::Development {
            continue;
        }
        match other.floor {
            None if OFFERED.contains(&(package.name.as_str(), other.name.as_str())) => {}
            None => complain(format!("depends on `{}` for more than tests", other.name)),
            Some(below) if below < floor => {}
            Some(above) => complain(format!(
                "(floor {floor}) depends on `{}` (floor {above}); only lower floors may be depended on",
                other.name
            )),
        }
    }
    complaints
}
