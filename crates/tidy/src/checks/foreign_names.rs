//! Nothing tells of the machine it was written on, or of where packages are fetched from.

use crate::{Complaint, Repository};

/// Folders of machines. (In two parts each, so that this file does not hold them.)
const FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/tmp/", "wt/"),
    concat!("/tmp/", "hive"),
    concat!("/tmp/", "peers"),
];

/// Hosts that packages are fetched from.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("artifactory", "."),
];

/// Complains of paths of machines and of hosts of registries.
pub fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &repository.files {
        for (number, line) in file.text.lines().enumerate() {
            let mut complain = |message| complaints.push(Complaint::at(&file.path, number + 1, message));
            for folder in FOLDERS.iter().filter(|folder| has_path(line, folder)) {
                complain(format!("names a folder of one machine: `{folder}`"));
            }
            for host in HOSTS.iter().filter(|host| line.contains(**host)) {
                complain(format!("names a host of packages: `{host}`"));
            }
        }
    }
    complaints
}

/// Whether an absolute path in `line` begins with `folder`.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}/*".contains(c))
    })
}
