//! XOR chunks by hand and at random.

use proptest::prelude::*;

use super::{XorAppender, decode};
use crate::Error;

fn encode(samples: &[(i64, f64)]) -> Vec<u8> {
    let mut bytes = vec![0xAA; 7];
    let mut appender = XorAppender::new(&mut bytes);
    for (timestamp, value) in samples {
        appender.append(&mut bytes, *timestamp, *value).unwrap();
    }
    bytes
}

fn decoded(bytes: &[u8]) -> Result<Vec<(i64, u64)>, Error> {
    let (mut timestamps, mut values) = (Vec::new(), Vec::new());
    let count = decode(bytes, &mut timestamps, &mut values)?;
    assert_eq!((count, count), (timestamps.len(), values.len()));
    Ok(timestamps.into_iter().zip(values.into_iter().map(f64::to_bits)).collect())
}

#[test]
fn bytes_are_as_specified() {
    // Worked out by hand from the specification, section 6.8.
    let mut expected = vec![
        0x00, 0x05, // five samples
        0xD0, 0x0F, // t0 = 1000, signed: 2000
        0x3F, 0xF0, 0, 0, 0, 0, 0, 0,    // v0 = 1.0
        0x0F, // t1 - t0 = 15
    ];
    let bits = concat!(
        "0",  // v1 = v0
        "0",  // as far as before
        "11", // 1.0 to 2.0: 3ff0... ^ 4000... = 7ff0..., a new window
        "00001",
        "001011", // 1 zero above, 11 bits
        "11111111111",
        "1000000000000001", // one later than expected: 10 and 14 bits
        "0",                // the same value
        "10",
        "11111111111111", // one earlier than that
        "10",
        "11111111111", // back to 1.0 in the same window
    );
    for byte in bits.as_bytes().chunks(8) {
        let text = format!("{:0<8}", String::from_utf8_lossy(byte));
        expected.push(u8::from_str_radix(&text, 2).unwrap());
    }
    let samples = [(1000, 1.0), (1015, 1.0), (1030, 2.0), (1046, 2.0), (1061, 1.0)];
    assert_eq!(encode(&samples), expected);
}

#[test]
fn differences_at_the_borders_of_each_width_come_back() {
    for dod in [8191_i64, 65535, 524_287, i64::MAX >> 1] {
        for dod in [dod, dod + 1, dod + 2, -dod, -dod - 1, -dod - 2] {
            let samples = [(0, 0.0), (10, 0.0), (20 + dod, 0.0), (30 + 2 * (dod >> 20), 1.0)];
            let bytes = encode(&samples);
            let expected: Vec<_> = samples.iter().map(|(t, v)| (*t, v.to_bits())).collect();
            assert_eq!(decoded(&bytes), Ok(expected), "{dod}");
        }
    }
}

#[test]
fn widths_change_where_specified() {
    // Two bits and 14, three and 17, four and 20, four and 64, behind one bit of value; one more for the value.
    for (dod, bits) in [
        (0, 1),
        (8192, 16),
        (-8191, 16),
        (8193, 20),
        (-8192, 20),
        (65536, 20),
        (-65535, 20),
        (65537, 24),
        (-65536, 24),
        (524_288, 24),
        (-524_287, 24),
        (524_289, 68),
        (-524_288, 68),
    ] {
        let len = encode(&[(0, 0.0), (1 << 20, 0.0), ((2 << 20) + dod, 0.0)]).len();
        let before = encode(&[(0, 0.0), (1 << 20, 0.0)]).len() - 1;
        assert_eq!(len - before, (1 + bits + 1_usize).div_ceil(8), "{dod}");
    }
}

#[test]
fn a_header_alone_is_an_empty_chunk() {
    assert_eq!(decoded(&[0, 0]), Ok(vec![]));
    assert_eq!(decoded(&[0]), Err(Error::NoHeader { len: 1 }));
    assert_eq!(decoded(&[0, 1]), Err(Error::Truncated { len: 2, samples: 1 }));
}

#[test]
fn a_chunk_counts_up_to_65535_samples() {
    let mut bytes = Vec::new();
    let mut appender = XorAppender::new(&mut bytes);
    for timestamp in 0..65535 {
        appender.append(&mut bytes, timestamp, 0.5).unwrap();
    }
    let before = bytes.clone();
    assert_eq!(appender.append(&mut bytes, 65535, 0.5), Err(Error::Full));
    assert_eq!(bytes, before);
    assert_eq!(decoded(&bytes).unwrap().len(), 65535);
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (0..5_u8).prop_map(f64::from),
        (-1000..1000_i32).prop_map(|value| f64::from(value) / 10.0),
        Just(model::sample::stale_nan()),
    ]
}

fn timestamps() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), 0..100_000_i64, (0..1000_i64).prop_map(|scrape| scrape * 15_000)]
}

proptest! {
    #[test]
    fn what_lies_behind_a_time_may_be_left_out(
        distances in prop::collection::vec((0..4_i64, values()), 0..300),
        last in -5..1500_i64,
    ) {
        let mut time = 0;
        let samples: Vec<(i64, f64)> = distances
            .into_iter()
            .map(|(distance, value)| {
                time += distance.max(1) * 5;
                (time, value)
            })
            .collect();
        let (mut timestamps, mut found) = (vec![7], vec![7.0]);
        let count = super::decode_until(&encode(&samples), last, &mut timestamps, &mut found).unwrap();
        prop_assert_eq!((count + 1, count + 1), (timestamps.len(), found.len()));
        let wanted = samples.iter().filter(|(time, _)| *time <= last).count();
        prop_assert!(count >= wanted);
        let expected: Vec<_> = samples.iter().take(count).map(|(t, v)| (*t, v.to_bits())).collect();
        let found: Vec<_> = timestamps.into_iter().zip(found.into_iter().map(f64::to_bits)).skip(1).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn samples_come_back(samples in prop::collection::vec((timestamps(), values()), 0..300)) {
        let expected: Vec<_> = samples.iter().map(|(t, v)| (*t, v.to_bits())).collect();
        prop_assert_eq!(decoded(&encode(&samples)), Ok(expected));
    }

    #[test]
    fn a_chunk_taken_up_again_goes_on_as_if_it_had_not_been_left(
        samples in prop::collection::vec((timestamps(), values()), 1..100),
        cut in 0..100_usize,
        garbage in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let cut = cut.min(samples.len());
        let mut bytes = encode(&samples[..cut]);
        bytes.extend(garbage);
        let mut appender = XorAppender::resume(&mut bytes).unwrap();
        prop_assert_eq!(appender.last_timestamp(), cut.checked_sub(1).map(|last| samples[last].0));
        for (timestamp, value) in &samples[cut..] {
            appender.append(&mut bytes, *timestamp, *value).unwrap();
        }
        prop_assert_eq!(bytes, encode(&samples));
    }

    #[test]
    fn any_bytes_give_samples_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decoded(&bytes);
        let _ = XorAppender::resume(&mut bytes.clone());
    }

    #[test]
    fn a_damaged_byte_gives_samples_or_an_error(
        samples in prop::collection::vec((timestamps(), values()), 1..100),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = encode(&samples);
        *place.get_mut(&mut bytes) = byte;
        let _ = decoded(&bytes);
    }
}
