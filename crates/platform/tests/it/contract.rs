//! What every file system must do; each function gets an empty folder of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::ErrorKind;
use std::path::Path;

use platform::{DirEntry, FileSystem};

fn write(fs: &dyn FileSystem, path: &Path, bytes: &[u8]) {
    fs.create(path).unwrap().append(bytes).unwrap();
}

fn read(fs: &dyn FileSystem, path: &Path) -> Vec<u8> {
    fs.read(path, 1 << 20).unwrap()
}

pub(crate) fn appended_bytes_are_read_at_their_offsets(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    let mut file = fs.create(&path).unwrap();
    assert!(file.is_empty());
    file.append(b"hello ").unwrap();
    let reader = fs.open(&path).unwrap();
    file.append(b"world").unwrap();
    file.sync().unwrap();
    assert_eq!(file.len(), 11);
    assert_eq!(reader.len().unwrap(), 11);
    let mut buffer = [0; 5];
    reader.read_exact_at(&mut buffer, 6).unwrap();
    assert_eq!(&buffer, b"world");
    assert_eq!(reader.read_exact_at(&mut buffer, 7).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(fs.metadata(&path).unwrap().len, 11);
}

pub(crate) fn create_empties_and_open_append_goes_on(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    write(fs, &path, b"one");
    let mut file = fs.open_append(&path).unwrap();
    assert_eq!(file.len(), 3);
    file.append(b"two").unwrap();
    assert_eq!(read(fs, &path), b"onetwo");
    assert_eq!(fs.create(&path).unwrap().len(), 0);
    assert_eq!(read(fs, &path), b"");
    fs.open_append(&root.join("new")).unwrap().append(b"x").unwrap();
    assert_eq!(read(fs, &root.join("new")), b"x");
}

pub(crate) fn truncate_cuts_and_later_appends_go_on_from_there(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    let mut file = fs.create(&path).unwrap();
    file.append(b"abcdef").unwrap();
    file.truncate(2).unwrap();
    assert_eq!(file.len(), 2);
    file.append(b"X").unwrap();
    assert_eq!(read(fs, &path), b"abX");
    file.truncate(5).unwrap();
    file.append(b"Y").unwrap();
    assert_eq!(read(fs, &path), b"abX\0\0Y");
}

pub(crate) fn missing_files_and_folders_are_not_found(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("missing");
    let inside = path.join("f");
    let kinds = [
        fs.open(&path).unwrap_err().kind(),
        fs.map(&path, 0).unwrap_err().kind(),
        fs.metadata(&path).unwrap_err().kind(),
        fs.list(&path).unwrap_err().kind(),
        fs.remove_file(&path).unwrap_err().kind(),
        fs.remove_dir_all(&path).unwrap_err().kind(),
        fs.sync_dir(&path).unwrap_err().kind(),
        fs.rename(&path, &root.join("to")).unwrap_err().kind(),
        fs.hard_link(&path, &root.join("to")).unwrap_err().kind(),
        fs.create(&inside).unwrap_err().kind(),
        fs.open_append(&inside).unwrap_err().kind(),
        fs.lock(&inside).unwrap_err().kind(),
    ];
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::NotFound), "{kinds:?}");
    assert!(!fs.exists(&path).unwrap());
    write(fs, &root.join("f"), b"");
    assert!(fs.exists(&root.join("f")).unwrap());
    assert_eq!(fs.list(&root.join("f")).unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs.open(&root.join("f/g")).unwrap_err().kind(), ErrorKind::NotADirectory);
}

pub(crate) fn rename_replaces_files_and_empty_folders_only(fs: &dyn FileSystem, root: &Path) {
    let at = |name: &str| root.join(name);
    write(fs, &at("a"), b"a");
    write(fs, &at("b"), b"b");
    fs.rename(&at("a"), &at("b")).unwrap();
    assert_eq!(read(fs, &at("b")), b"a");
    assert!(!fs.exists(&at("a")).unwrap());
    fs.rename(&at("b"), &at("b")).unwrap();
    assert_eq!(read(fs, &at("b")), b"a");

    fs.create_dir_all(&at("full")).unwrap();
    write(fs, &at("full/f"), b"f");
    fs.create_dir_all(&at("empty")).unwrap();
    assert_eq!(fs.rename(&at("empty"), &at("full")).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
    assert_eq!(fs.rename(&at("b"), &at("full")).unwrap_err().kind(), ErrorKind::IsADirectory);
    assert_eq!(fs.rename(&at("full"), &at("b")).unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs.rename(&at("full"), &at("full/in")).unwrap_err().kind(), ErrorKind::InvalidInput);
    fs.rename(&at("full"), &at("empty")).unwrap();
    assert_eq!(read(fs, &at("empty/f")), b"f");
    assert!(!fs.exists(&at("full")).unwrap());
}

pub(crate) fn a_renamed_or_removed_file_stays_open(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    let mut file = fs.create(&path).unwrap();
    let reader = fs.open(&path).unwrap();
    fs.rename(&path, &root.join("g")).unwrap();
    file.append(b"one").unwrap();
    assert_eq!(read(fs, &root.join("g")), b"one");
    fs.remove_file(&root.join("g")).unwrap();
    file.append(b"two").unwrap();
    file.sync().unwrap();
    let mut buffer = [0; 6];
    reader.read_exact_at(&mut buffer, 0).unwrap();
    assert_eq!(&buffer, b"onetwo");
    assert!(fs.list(root).unwrap().is_empty());
}

pub(crate) fn hard_links_share_their_bytes(fs: &dyn FileSystem, root: &Path) {
    let (a, b) = (root.join("a"), root.join("b"));
    write(fs, &a, b"x");
    fs.hard_link(&a, &b).unwrap();
    assert_eq!(fs.hard_link(&a, &b).unwrap_err().kind(), ErrorKind::AlreadyExists);
    fs.open_append(&b).unwrap().append(b"y").unwrap();
    assert_eq!(read(fs, &a), b"xy");
    fs.remove_file(&a).unwrap();
    assert_eq!(read(fs, &b), b"xy");
}

pub(crate) fn folders_are_created_listed_and_removed(fs: &dyn FileSystem, root: &Path) {
    let inner = root.join("x/y/z");
    fs.create_dir_all(&inner).unwrap();
    fs.create_dir_all(&inner).unwrap();
    assert!(fs.metadata(&inner).unwrap().is_dir);
    write(fs, &root.join("x/b"), b"");
    write(fs, &root.join("x/a"), b"");
    let entry = |name: &str, is_dir| DirEntry { name: name.to_owned(), is_dir };
    assert_eq!(fs.list(&root.join("x")).unwrap(), [entry("a", false), entry("b", false), entry("y", true)]);
    assert_eq!(fs.create_dir_all(&root.join("x/a")).unwrap_err().kind(), ErrorKind::AlreadyExists);
    fs.sync_dir(&root.join("x")).unwrap();
    fs.remove_dir_all(&root.join("x")).unwrap();
    assert!(fs.list(root).unwrap().is_empty());
}

pub(crate) fn a_lock_is_exclusive_until_dropped(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("lock");
    let held = fs.lock(&path).unwrap();
    assert_eq!(fs.lock(&path).unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(held);
    drop(fs.lock(&path).unwrap());
    assert!(fs.exists(&path).unwrap());
}

pub(crate) fn maps_cover_what_was_asked_for(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    write(fs, &path, b"mapped bytes");
    let map = fs.map(&path, 6).unwrap();
    assert_eq!(&map[..], b"mapped");
    assert_eq!(&fs.map(&path, 0).unwrap()[..], b"");
    assert_eq!(fs.map(&path, 13).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    fs.remove_file(&path).unwrap();
    assert_eq!(&map.clone()[..], b"mapped");
}

pub(crate) fn write_atomic_replaces_the_whole_file(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    fs.write_atomic(&path, b"a long first content").unwrap();
    fs.write_atomic(&path, b"short").unwrap();
    assert_eq!(read(fs, &path), b"short");
    assert_eq!(fs.list(root).unwrap().len(), 1);
}

pub(crate) fn read_refuses_what_is_too_large(fs: &dyn FileSystem, root: &Path) {
    let path = root.join("f");
    write(fs, &path, b"12345");
    assert_eq!(fs.read(&path, 5).unwrap(), b"12345");
    assert_eq!(fs.read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert!(fs.space(root).unwrap().available > 0);
}
