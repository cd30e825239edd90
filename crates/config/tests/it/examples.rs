//! Files as users have them.

use std::{fs, path::PathBuf};

use config::rule_file::{RuleChecks, RuleFile};

use crate::{shared, source};

fn files_in(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "yml")).collect()
}

#[test]
fn every_file_of_users_loads() {
    let Some(folder) = shared("examples/prometheus") else { return };
    let files = files_in(folder.clone());
    assert!(!files.is_empty());
    for path in files {
        let loaded = source(&path).load().unwrap_or_else(|error| panic!("{}", error.explain()));
        let dotted = fs::read_to_string(&path).unwrap().contains("retention.time:");
        assert_eq!(!loaded.warnings.is_empty(), dotted, "{}: {:?}", path.display(), loaded.warnings);
        if dotted {
            let retention = loaded.config.storage.tsdb.unwrap().retention.unwrap();
            assert_eq!(retention.time.unwrap().as_secs(), 30 * 24 * 3600);
            assert_eq!(retention.size.to_string(), "50GiB");
        }
    }
    let checks = RuleChecks { expression: &|_| Ok(()), template: &|_, _| Ok(()) };
    for path in files_in(folder.join("rules")) {
        let file = RuleFile::parse(&fs::read_to_string(&path).unwrap(), &checks, false).unwrap();
        assert!(file.rules() > 0);
    }
}

#[test]
fn every_recorded_valid_configuration_loads_and_prints_what_loads_again() {
    let Some(folder) = shared("conformance/prometheus/config/valid") else { return };
    let mut failed = Vec::new();
    for path in files_in(folder) {
        // What names other files was recorded with them.
        let Ok(loaded) = source(&path).load() else {
            failed.push(path);
            continue;
        };
        let again = tempfile::NamedTempFile::new().unwrap();
        fs::write(again.path(), loaded.config.to_yaml()).unwrap();
        source(again.path()).load().unwrap_or_else(|error| panic!("{}: {}", path.display(), error.explain()));
    }
    assert_eq!(failed, Vec::<PathBuf>::new());
}
