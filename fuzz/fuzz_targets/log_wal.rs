//! Records with right checksums in the log of pushed entries: the start goes on, a second one comes to the same, and what is
//! written to parts is what was there.
#![no_main]

use std::path::Path;

use lapwing_fuzz::logs::{LOGS, content, open};
use lapwing_fuzz::{split, write_log};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|bytes: &[u8]| {
    let disk = SimulatedFileSystem::new();
    let folder = Path::new(LOGS).join("wal");
    write_log(&disk, &folder, &split(bytes));
    for segment in wal::segments(&disk, &folder).unwrap() {
        let _ = logstore::inspect_log(&disk, &segment.path);
    }
    let image = disk.process_image();
    let store = open(&disk);
    let first = content(&store);
    assert_eq!(first, content(&open(&image)));
    store.flush().unwrap();
    assert_eq!(first, content(&store));
    drop(store);
    assert_eq!(first, content(&open(&disk)));
});
