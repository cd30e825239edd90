//! Bytes of a chunk, in any encoding (the first byte): what decodes is written anew and decodes to the same.
#![no_main]

use chunks::{Encoding, recode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, data)) = bytes.split_first() else { return };
    let Ok(encoding) = Encoding::from_id(*first) else { return };
    let mut samples = Vec::new();
    if recode::decode(encoding, data, &mut samples).is_err() {
        return;
    }
    // Histograms whose buckets are not those of their spans are refused.
    let Ok(chunks) = recode::encode(&samples) else { return };
    let mut again = Vec::new();
    for chunk in &chunks {
        recode::decode(chunk.encoding, &chunk.data, &mut again).expect("what was written reads");
    }
    assert_eq!(samples.len(), again.len());
    for (before, after) in samples.iter().zip(&again) {
        assert_eq!(before.timestamp, after.timestamp);
        if let (recode::Value::Float(before), recode::Value::Float(after)) = (&before.value, &after.value) {
            assert_eq!(before.to_bits(), after.to_bits());
        }
    }
});
