//! Records with the right checksums in a chunk snapshot: the start goes on.
#![no_main]

use lapwing_fuzz::{floats, open, snapshot_folder, split, write_log};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|bytes: &[u8]| {
    let disk = SimulatedFileSystem::new();
    write_log(&disk, &snapshot_folder(), &split(bytes));
    floats(&open(&disk));
});
