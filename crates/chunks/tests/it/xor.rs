//! XOR chunks as the original writes them.

use chunks::{Encoding, XorAppender, xor};

use crate::recorded;

#[test]
fn recorded_chunks_decode_and_encode_to_the_same_bytes() {
    let chunks = recorded::chunks_of(Encoding::Xor);
    let mut samples = 0;
    for chunk in &chunks {
        let (mut timestamps, mut values) = (Vec::new(), Vec::new());
        samples += xor::decode(chunk, &mut timestamps, &mut values).unwrap();
        assert!(timestamps.is_sorted(), "{timestamps:?}");
        let mut bytes = Vec::new();
        let mut appender = XorAppender::new(&mut bytes);
        for (timestamp, value) in timestamps.iter().zip(&values) {
            appender.append(&mut bytes, *timestamp, *value).unwrap();
        }
        assert_eq!(bytes, *chunk);
    }
    assert!(samples > 10_000, "{samples}");
}

#[test]
fn recorded_chunks_cut_anywhere_are_refused() {
    for chunk in recorded::chunks_of(Encoding::Xor).iter().take(50) {
        for len in 0..chunk.len() {
            let (mut timestamps, mut values) = (vec![1], vec![2.0]);
            let cut = chunk.get(..len).unwrap();
            assert!(xor::decode(cut, &mut timestamps, &mut values).is_err(), "{len} of {}", chunk.len());
            assert_eq!((timestamps, values), (vec![1], vec![2.0]));
        }
    }
}
