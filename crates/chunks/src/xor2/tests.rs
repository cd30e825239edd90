//! XOR2 chunks by hand and at random.

use model::stale_nan;
use proptest::prelude::*;

use super::{Xor2Appender, decode};
use crate::Error;

type Sample = (i64, i64, f64);

fn encode(samples: &[Sample]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut appender = Xor2Appender::new(&mut bytes);
    for (timestamp, start, value) in samples {
        appender.append(&mut bytes, (*timestamp, *start), *value).unwrap();
    }
    bytes
}

fn decoded(bytes: &[u8]) -> Result<Vec<(i64, i64, u64)>, Error> {
    let (mut timestamps, mut values, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let count = decode(bytes, &mut timestamps, &mut values, &mut starts)?;
    assert_eq!((count, count, count), (timestamps.len(), values.len(), starts.len()));
    let values = values.into_iter().map(f64::to_bits);
    Ok(timestamps.into_iter().zip(starts).zip(values).map(|((t, start), value)| (t, start, value)).collect())
}

fn bits_of(samples: &[Sample]) -> Vec<(i64, i64, u64)> {
    samples.iter().map(|(t, start, value)| (*t, *start, value.to_bits())).collect()
}

fn bytes_of_bits(lines: &[&str]) -> Vec<u8> {
    let bits: String = lines.concat().split_whitespace().collect();
    let byte =
        |bits: &[u8]| u8::from_str_radix(&format!("{:0<8}", String::from_utf8_lossy(bits)), 2).unwrap();
    bits.as_bytes().chunks(8).map(byte).collect()
}

#[test]
fn bytes_are_as_specified() {
    // Worked out by hand from the specification, section 6.8.
    let samples = [
        (1000, 0, 1.0),
        (1015, 0, 1.0),
        (1030, 0, 1.0),
        (1045, 0, 2.0),
        (1060, 0, 1.0),
        (1075, 0, stale_nan()),
        (1091, 0, 1.0),
        (1106, 0, stale_nan()),
    ];
    let mut expected = vec![0, 8, 0, 0xD0, 0x0F, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0x0F];
    expected.extend(bytes_of_bits(&[
        "0",                             // the second value as the first
        "0",                             // nothing changed
        "10 1 00001 001011 11111111111", // as far as before, a new window
        "10 0 11111111111",              // back in the same window
        "11111",                         // the end
        "110 0000000000001 0",           // one later than expected, the value before the end
        "110 1111111111111 111",         // one earlier, the end
    ]));
    assert_eq!(encode(&samples), expected);
    assert_eq!(decoded(&expected), Ok(bits_of(&samples)));
}

#[test]
fn start_times_cost_nothing_while_they_stay() {
    let constant: Vec<Sample> = (0..100).map(|n| (1000 + n * 15, 900, 1.0)).collect();
    let none: Vec<Sample> = constant.iter().map(|(t, _, value)| (*t, 0, *value)).collect();
    let bytes = encode(&constant);
    assert_eq!(bytes[2], 0x80);
    // The distance of 100 from the first sample is 200 as a signed variable integer.
    assert_eq!(&bytes[13..15], [0xC8, 0x01]);
    assert_eq!(bytes.len(), encode(&none).len() + 2);
    assert_eq!(decoded(&bytes), Ok(bits_of(&constant)));
    // The sample before as start time: one bit each from the second sample on.
    let deltas: Vec<Sample> =
        (0..100).map(|n| (1000 + n * 15, if n == 0 { 0 } else { 985 + n * 15 }, 1.0)).collect();
    let bytes = encode(&deltas);
    assert_eq!(bytes[2], 1);
    let sample_bits = 16 + 64 + 8 + 1 + 98;
    assert_eq!(bytes.len(), 3 + (sample_bits + 99_usize).div_ceil(8));
    assert_eq!(decoded(&bytes), Ok(bits_of(&deltas)));
}

#[test]
fn the_127th_sample_behind_the_first_tells_its_start_time() {
    for count in [127, 128, 300] {
        let samples: Vec<Sample> = (0..count).map(|n| (n * 15, 7, 1.0)).collect();
        let bytes = encode(&samples);
        assert_eq!(bytes[2], if count > 127 { 0xFF } else { 0x80 }, "{count}");
        assert_eq!(decoded(&bytes), Ok(bits_of(&samples)));
    }
    let late: Vec<Sample> = (0..300).map(|n| (n * 15, if n < 200 { 0 } else { n * 15 - 100 }, 1.0)).collect();
    assert_eq!(encode(&late)[2], 0x7F);
    assert_eq!(decoded(&encode(&late)), Ok(bits_of(&late)));
}

fn samples(max: usize) -> impl Strategy<Value = Vec<Sample>> {
    let value = prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (0..3_u8).prop_map(f64::from),
        (0..3_u8).prop_map(f64::from),
        Just(stale_nan()),
    ];
    let after = prop_oneof![
        4 => Just(15_000_i64),
        1 => 14_000..16_000_i64,
        1 => any::<i64>(),
        1 => -600_000..600_000_i64,
        1 => prop::sample::select(vec![4095 + 15_000, 4096 + 15_000, 15_000 - 4096, 15_000 - 4097]),
    ];
    let start = prop_oneof![8 => Just(None), 1 => any::<i64>().prop_map(Some), 1 => Just(Some(0))];
    prop::collection::vec((after, start, value), 0..max).prop_map(|samples| {
        let (mut timestamp, mut start_time) = (0_i64, 0);
        let next = |(after, start, value): (i64, Option<i64>, f64)| {
            timestamp = timestamp.wrapping_add(after);
            start_time = start.unwrap_or(start_time);
            (timestamp, start_time, value)
        };
        samples.into_iter().map(next).collect()
    })
}

proptest! {
    #[test]
    fn samples_come_back(samples in samples(300)) {
        prop_assert_eq!(decoded(&encode(&samples)), Ok(bits_of(&samples)));
    }

    #[test]
    fn a_chunk_taken_up_again_goes_on_as_if_it_had_not_been_left(
        samples in samples(200),
        cut in 0..200_usize,
        garbage in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let cut = cut.min(samples.len());
        let mut bytes = encode(&samples[..cut]);
        bytes.extend(garbage);
        let mut appender = Xor2Appender::resume(&mut bytes).unwrap();
        prop_assert_eq!(appender.last_value().map(f64::to_bits), cut.checked_sub(1).map(|n| samples[n].2.to_bits()));
        for (timestamp, start, value) in &samples[cut..] {
            appender.append(&mut bytes, (*timestamp, *start), *value).unwrap();
        }
        prop_assert_eq!(bytes, encode(&samples));
    }

    #[test]
    fn any_bytes_give_samples_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decoded(&bytes);
        let _ = Xor2Appender::resume(&mut bytes.clone());
    }

    #[test]
    fn a_damaged_byte_gives_samples_or_an_error(
        samples in samples(200), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = encode(&samples);
        *place.get_mut(&mut bytes) = byte;
        let _ = decoded(&bytes);
    }
}
