//! Records with the right checksums in the log, and in the log of late samples: the start goes on, and a second one comes
//! to the same.
#![no_main]

use std::path::Path;

use lapwing_fuzz::{DATA, floats, open, split, write_log};
use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;

fuzz_target!(|bytes: &[u8]| {
    let parts = split(bytes);
    let (late, in_order): (Vec<_>, Vec<_>) =
        parts.iter().enumerate().partition(|(number, _)| number % 4 == 3);
    let records =
        |numbered: Vec<(usize, &&[u8])>| numbered.into_iter().map(|(_, part)| *part).collect::<Vec<_>>();
    let disk = SimulatedFileSystem::new();
    write_log(&disk, &Path::new(DATA).join("wal"), &records(in_order));
    write_log(&disk, &Path::new(DATA).join("wbl"), &records(late));
    let image = disk.process_image();
    let first = floats(&open(&disk));
    assert_eq!(first, floats(&open(&image)));
});
