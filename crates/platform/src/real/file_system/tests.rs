//! What mapped files take of the process's memory.

use std::fs;
use std::path::Path;

use super::RealFileSystem;
use crate::FileSystem;

const BYTES: usize = 1 << 20;

/// Resident kibibytes of the mappings of a file, as the system tells them.
fn resident_kib(path: &Path) -> usize {
    let (name, maps) =
        (path.display().to_string(), fs::read_to_string("/proc/self/smaps").unwrap_or_default());
    let mut is_of_file = false;
    let mut sizes = Vec::new();
    for line in maps.lines() {
        match line.strip_prefix("Rss:") {
            None if line.contains('-') => is_of_file = line.ends_with(&name),
            Some(size) if is_of_file => sizes.extend(size.trim().trim_end_matches(" kB").parse::<usize>()),
            _ => {}
        }
    }
    assert!(!sizes.is_empty(), "{name} is not mapped");
    sizes.iter().sum()
}

#[test]
fn a_map_that_is_given_back_leaves_memory_and_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed");
    let written: Vec<u8> = (0..BYTES).map(|at| (at / 7) as u8).collect();
    fs::write(&path, &written).unwrap();
    let map = RealFileSystem.map(&path, BYTES as u64).unwrap();
    assert_eq!(map[..], written);
    assert_eq!(resident_kib(&path), BYTES / 1024);
    map.give_back();
    assert_eq!(resident_kib(&path), 0);
    assert_eq!(map[..], written);
}
