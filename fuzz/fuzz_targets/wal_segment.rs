//! A segment of a log: never a panic, always an end, and every byte is either read or reported as damaged.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;
use wal::{SegmentReader, segment_path, segments};

fuzz_target!(|bytes: &[u8]| {
    let fs = SimulatedFileSystem::new();
    let folder = Path::new("/wal");
    lapwing_fuzz::write(&fs, &segment_path(folder, 0), bytes);
    let segment = segments(&fs, folder).unwrap().remove(0);
    let mut reader = SegmentReader::open(&fs, &segment).unwrap();
    let mut before = None;
    while let Some(entry) = reader.next_entry().unwrap() {
        drop(entry);
        let at = reader.position();
        assert!(before.is_none_or(|before| at >= before));
        before = Some(at);
    }
    assert_eq!(reader.position(), bytes.len() as u64);
});
