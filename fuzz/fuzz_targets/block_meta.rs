//! What is known of a block: never a panic; what reads is written so that it reads the same.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use platform::simulated::SimulatedFileSystem;
use tsdb::BlockMeta;

fuzz_target!(|text: &[u8]| {
    let fs = SimulatedFileSystem::new();
    let folder = Path::new("/01BX5ZZKBKACTAV9WEVGEMMVRZ");
    lapwing_fuzz::write(&fs, &folder.join("meta.json"), text);
    if let Ok(meta) = BlockMeta::read(&fs, folder) {
        let text = meta.to_json();
        meta.write(&fs, folder).unwrap();
        assert_eq!(BlockMeta::read(&fs, folder).unwrap().to_json(), text);
    }
});
