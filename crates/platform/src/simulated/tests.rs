//! What the simulated file system keeps and loses.

use std::io;
use std::path::Path;

use super::{Fault, FaultKind, Operation, SimulatedFileSystem};
use crate::FileSystem;

fn disk() -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    disk.create_dir_all(Path::new("/d")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    disk
}

fn content(disk: &SimulatedFileSystem, path: &str) -> Option<Vec<u8>> {
    disk.read(Path::new(path), 1 << 20).ok()
}

#[test]
fn synced_bytes_survive_every_crash_and_written_ones_some() {
    let disk = disk();
    let mut file = disk.create(Path::new("/d/f")).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    file.append(b"synced").unwrap();
    file.sync().unwrap();
    file.append(b" written").unwrap();
    let mut lengths = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let bytes = content(&disk.crash_image(seed), "/d/f").expect("the name was synced");
        assert!(b"synced written".starts_with(&bytes[..]), "{bytes:?}");
        assert!(bytes.starts_with(b"synced"));
        lengths.insert(bytes.len());
    }
    assert_eq!(lengths, (6..=14).collect());
    assert_eq!(content(&disk.process_image(), "/d/f").unwrap(), b"synced written");
}

#[test]
fn an_unsynced_name_may_be_lost_with_its_synced_bytes() {
    let disk = disk();
    let mut file = disk.create(Path::new("/d/f")).unwrap();
    file.append(b"x").unwrap();
    file.sync().unwrap();
    let kept = (0..100).filter(|&seed| content(&disk.crash_image(seed), "/d/f").is_some()).count();
    assert!((1..100).contains(&kept), "{kept}");
    disk.sync_dir(Path::new("/d")).unwrap();
    assert!((0..100).all(|seed| content(&disk.crash_image(seed), "/d/f").is_some()));
}

#[test]
fn folders_created_synced_survive_every_crash() {
    let disk = disk();
    disk.create_dir_all_synced(Path::new("/d/a/b/c")).unwrap();
    assert!((0..100).all(|seed| disk.crash_image(seed).exists(Path::new("/d/a/b/c")).unwrap()));
    disk.create_dir_all_synced(Path::new("/d/a/b/c")).unwrap();
}

#[test]
fn a_rename_within_a_folder_is_atomic_in_every_image() {
    let disk = disk();
    disk.write_atomic(Path::new("/d/f"), b"old").unwrap();
    let mut file = disk.create(Path::new("/d/f.new")).unwrap();
    file.append(b"new").unwrap();
    file.sync().unwrap();
    disk.rename(Path::new("/d/f.new"), Path::new("/d/f")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        seen.insert(content(&disk.crash_image(seed), "/d/f").expect("old or new"));
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn a_cut_below_the_synced_length_is_undone_by_some_crashes() {
    let disk = disk();
    let mut file = disk.create(Path::new("/d/f")).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    file.append(b"abcdef").unwrap();
    file.sync().unwrap();
    file.truncate(3).unwrap();
    file.append(b"X").unwrap();
    let seen: std::collections::BTreeSet<_> =
        (0..200).map(|seed| content(&disk.crash_image(seed), "/d/f").unwrap()).collect();
    let expected: [&[u8]; 3] = [b"abc", b"abcX", b"abcdef"];
    assert_eq!(seen.iter().map(Vec::as_slice).collect::<Vec<_>>(), expected);
}

#[test]
fn unsynced_sectors_may_read_as_zeros() {
    let disk = disk();
    let mut file = disk.create(Path::new("/d/f")).unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    file.append(&[7; 5000]).unwrap();
    assert!((0..100).any(|seed| content(&disk.crash_image(seed), "/d/f").unwrap().contains(&0)));
}

#[test]
fn the_same_seed_gives_the_same_image() {
    let disk = disk();
    disk.create(Path::new("/d/f")).unwrap().append(&[9; 3000]).unwrap();
    for seed in 0..50 {
        assert_eq!(
            content(&disk.crash_image(seed), "/d/f"),
            content(&disk.crash_image(seed), "/d/f"),
            "seed {seed}"
        );
    }
}

#[test]
fn a_stop_point_ends_the_process_there() {
    let run = |disk: &SimulatedFileSystem| -> io::Result<()> {
        let mut file = disk.create(Path::new("/d/f"))?;
        file.append(b"one")?;
        file.append(b"two")?;
        file.sync()
    };
    let whole = disk();
    let before = whole.operation_count();
    run(&whole).unwrap();
    assert_eq!(whole.operation_count() - before, 4);
    for stop in 0..4 {
        let disk = disk();
        disk.stop_at(disk.operation_count() + stop);
        run(&disk).unwrap_err();
        assert!(disk.has_stopped());
        disk.create(Path::new("/d/g")).unwrap_err();
        let after = content(&disk.process_image(), "/d/f");
        match stop {
            0 => assert_eq!(after, None),
            _ => assert!(b"onetwo".starts_with(&after.unwrap()[..])),
        }
    }
}

#[test]
fn the_nth_operation_fails_once_and_may_write_a_part() {
    let disk = disk();
    let mut file = disk.create(Path::new("/d/f")).unwrap();
    disk.inject(Fault::nth(Operation::Append, 1, FaultKind::Io).on("/d/").writing(2));
    file.append(b"abc").unwrap();
    assert_eq!(file.append(b"def").unwrap_err().raw_os_error(), Some(5));
    assert_eq!(content(&disk, "/d/f").unwrap(), b"abcde");
    file.truncate(3).unwrap();
    file.append(b"def").unwrap();
    assert_eq!(content(&disk, "/d/f").unwrap(), b"abcdef");
    disk.inject(Fault::always(Operation::Sync, FaultKind::NoSpace));
    assert_eq!(file.sync().unwrap_err().kind(), io::ErrorKind::StorageFull);
    disk.clear_faults();
    file.sync().unwrap();
}

#[test]
fn a_full_disk_takes_what_fits_and_room_comes_back_with_a_removal() {
    let disk = disk();
    disk.set_capacity(Some(10));
    let mut one = disk.create(Path::new("/d/1")).unwrap();
    one.append(b"1234567").unwrap();
    let mut two = disk.create(Path::new("/d/2")).unwrap();
    assert_eq!(two.append(b"12345").unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(disk.space(Path::new("/")).unwrap().available, 0);
    two.truncate(0).unwrap();
    disk.remove_file(Path::new("/d/1")).unwrap();
    assert_eq!(disk.space(Path::new("/")).unwrap().available, 10);
    two.append(b"12345").unwrap();
    assert_eq!(content(&disk, "/d/2").unwrap(), b"12345");
}

#[test]
fn an_image_of_an_image_needs_no_lock_and_holds_the_same() {
    let disk = disk();
    let _held = disk.lock(Path::new("/d/lock")).unwrap();
    let image = disk.process_image();
    image.lock(Path::new("/d/lock")).unwrap();
}
