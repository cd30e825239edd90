//! A part with right checksums: the start goes on, what opens can be read, shown, merged away and read again.
#![no_main]

use std::path::Path;

use lapwing_fuzz::logs::{LOGS, content, open, part};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|bytes: &[u8]| {
    let disk = SimulatedFileSystem::new();
    let path = Path::new(LOGS).join("parts/fake/2023-11-15/00000001.0.part");
    lapwing_fuzz::write(&disk, &path, &part(bytes));
    let _ = logstore::inspect_part(&disk, &path);
    let store = open(&disk);
    let first = content(&store);
    // What cannot be merged stays as it is.
    let _ = store.maintain();
    drop(store);
    assert_eq!(first, content(&open(&disk)));
});
