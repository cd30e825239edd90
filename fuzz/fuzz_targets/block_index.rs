//! An index file, its checksums made right: what opens can be walked without a panic.
#![no_main]

use index::{IdSet, IndexReader};
use libfuzzer_sys::fuzz_target;
use platform::Mapped;

fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    lapwing_fuzz::mend_index(&mut file);
    let Ok(index) = IndexReader::open(Mapped::new(file)) else { return };
    for name in index.label_names() {
        for value in index.label_values(name).unwrap_or_default() {
            let _ = index.postings(name, value).map(|ids| ids.into_vec());
        }
    }
    index.symbols().take(1_000).for_each(drop);
    // Entries stand at multiples of 16 bytes.
    for number in 0..bytes.len() as u32 / 16 + 1 {
        let _ = index.series(number);
        let _ = index.labels(number);
        let mut chunks = Vec::new();
        let _ = index.chunks(number, &mut chunks);
        let _ = index.chunks_between(number, (0, 1_000), &mut chunks);
    }
});
