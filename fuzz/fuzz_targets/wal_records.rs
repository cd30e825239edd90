//! Records with the right checksums in the log, and in the log of late samples: the start goes on, and a second one comes
//! to the same.
#![no_main]

use std::path::Path;

use lapwing_fuzz::{DATA, floats, open, split, write_log};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|bytes: &[u8]| {
    let parts = split(bytes);
    let (mut in_order, mut late) = (Vec::new(), Vec::new());
    for (number, part) in parts.into_iter().enumerate() {
        if number % 4 == 3 { late.push(part) } else { in_order.push(part) }
    }
    let disk = SimulatedFileSystem::new();
    write_log(&disk, &Path::new(DATA).join("wal"), &in_order);
    write_log(&disk, &Path::new(DATA).join("wbl"), &late);
    let image = disk.process_image();
    let first = floats(&open(&disk));
    assert_eq!(first, floats(&open(&image)));
});
