//! The repository is tidy.

use tidy::{Repository, checks};

#[test]
fn repository_is_tidy() {
    let repository = Repository::load(&Repository::root()).unwrap();
    assert!(repository.files.len() > 20 && repository.packages.len() > 1, "nothing was read");
    let complaints: Vec<String> = checks::ALL
        .iter()
        .flat_map(|(name, check)| {
            check(&repository).into_iter().map(move |complaint| format!("{name}: {complaint}"))
        })
        .collect();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
