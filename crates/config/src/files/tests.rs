//! Patterns and what they find.

use platform::{FileSystem, real::RealFileSystem};

use super::{glob, pattern, read_text};

#[test]
fn patterns_match_as_in_a_shell() {
    for (pattern, name, fits) in [
        ("*.yml", "a.yml", true),
        ("*.yml", ".yml", true),
        ("*.yml", "a.yaml", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("[a-c]x", "bx", true),
        ("[^a-c]x", "bx", false),
        ("[a\\-]x", "-x", true),
        ("a\\*", "a*", true),
        ("a\\*", "ab", false),
        ("*a*b*", "xxaxxbxx", true),
        ("*é", "aé", true),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(pattern::matches(pattern, name), fits, "{pattern} {name}");
    }
}

#[test]
fn malformed_patterns_are_refused() {
    for pattern in ["[", "[]", "[]a]", "[a", "[-]", "[a-]", "a\\", "[^]"] {
        assert!(pattern::check(pattern).is_err(), "{pattern}");
    }
    assert!(pattern::check("[a]*?\\[").is_ok());
}

#[test]
fn files_are_found_sorted_and_folders_may_be_patterns() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.yml", "a.yml", "c.txt"] {
        RealFileSystem.write_atomic(&folder.path().join(name), b"").unwrap();
    }
    RealFileSystem.create_dir_all(&folder.path().join("d1")).unwrap();
    RealFileSystem.write_atomic(&folder.path().join("d1/x.yml"), b"").unwrap();
    let found = |pattern: &str| {
        let paths = glob(&RealFileSystem, &format!("{}/{pattern}", folder.path().display())).unwrap();
        let strip =
            |path: std::path::PathBuf| path.strip_prefix(folder.path()).unwrap().display().to_string();
        paths.into_iter().map(strip).collect::<Vec<_>>()
    };
    assert_eq!(found("*.yml"), ["a.yml", "b.yml"]);
    assert_eq!(found("d*/*.yml"), ["d1/x.yml"]);
    assert_eq!(found("c.txt"), ["c.txt"]);
    assert!(found("none.yml").is_empty() && found("none/*").is_empty());
    assert!(glob(&RealFileSystem, "a[").is_err());
}

#[test]
fn texts_lose_their_byte_order_mark_and_what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    RealFileSystem.write_atomic(&path, b"\xef\xbb\xbfa: \xff").unwrap();
    assert_eq!(read_text(&RealFileSystem, &path).unwrap(), "a: \u{fffd}");
    assert!(read_text(&RealFileSystem, folder.path()).is_err());
    // A file without a length of its own.
    assert!(read_text(&RealFileSystem, std::path::Path::new("/proc/self/status")).unwrap().contains("Name:"));
}
