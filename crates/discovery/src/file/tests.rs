//! Files are read when they appear and change, and kept while they are broken.

use std::path::{Path, PathBuf};

use platform::FileSystem;
use platform::real::RealFileSystem;

use super::{Watched, matches};
use crate::Error;

struct Folder {
    folder: tempfile::TempDir,
    watched: Watched,
    errors: Vec<(PathBuf, Error)>,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), watched: Watched::default(), errors: Vec::new() }
    }

    fn write(&self, name: &str, text: &str) {
        RealFileSystem.write_atomic(&self.folder.path().join(name), text.as_bytes()).unwrap();
    }

    fn look(&mut self) -> bool {
        let pattern = self.folder.path().join("*.json").display().to_string();
        let yaml = self.folder.path().join("one.yml").display().to_string();
        let errors = &mut self.errors;
        self.watched.look(&[pattern, yaml], &RealFileSystem, false, &mut |path: &Path, error| {
            errors.push((path.to_owned(), error));
        })
    }

    fn found(&self) -> Vec<String> {
        let path = self.folder.path().display().to_string();
        let groups = self.watched.groups();
        groups
            .iter()
            .map(|group| {
                format!("{} {:?} {:?}", group.source, group.labels, group.targets).replace(&path, "")
            })
            .collect()
    }
}

#[test]
fn changes_are_found_and_broken_files_keep_their_targets() {
    let mut folder = Folder::new();
    folder.look();
    assert_eq!(folder.found(), [""; 0]);
    folder.write("a.json", r#"[{"targets": ["h:1"], "labels": {"x": "y"}}, {"targets": []}]"#);
    folder.write("one.yml", "- targets: ['h:2', 'h:3']\n");
    assert!(folder.look());
    let both = [
        r#"/a.json:0 {__meta_filepath="/a.json", x="y"} [{__address__="h:1"}]"#,
        r#"/a.json:1 {__meta_filepath="/a.json"} []"#,
        r#"/one.yml:0 {__meta_filepath="/one.yml"} [{__address__="h:2"}, {__address__="h:3"}]"#,
    ];
    assert_eq!(folder.found(), both);
    assert!(!folder.look(), "nothing changed");
    folder.write("a.json", "[{");
    folder.look();
    folder.look();
    assert_eq!(folder.found(), both);
    assert_eq!(folder.errors.len(), 1, "{:?}", folder.errors);
    folder.write("a.json", r#"[null]"#);
    folder.look();
    assert_eq!(folder.errors[1].1.to_string(), "nil target group item found (index 0)");
    RealFileSystem.remove_file(&folder.folder.path().join("a.json")).unwrap();
    assert!(folder.look());
    assert_eq!(folder.found(), both[2..]);
}

#[test]
fn unknown_keys_are_refused() {
    let mut folder = Folder::new();
    folder.write("a.json", r#"[{"targets": [], "label": {}}]"#);
    folder.write("one.yml", "- targts: []\n");
    folder.look();
    assert_eq!(folder.errors.len(), 2);
    assert_eq!(folder.found(), [""; 0]);
}

#[test]
fn patterns() {
    for (pattern, name, expected) in [
        ("*.json", "a.json", true),
        ("*.json", ".json", true),
        ("*.json", "a.jsonx", false),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbYbZ", false),
        ("?.yml", "a.yml", true),
        ("?.yml", "ab.yml", false),
        ("a", "a", true),
    ] {
        assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
    }
}
