//! What is compressed here is what everybody decompresses.

use model::SeriesRef;
use proptest::prelude::*;

use super::super::{Samples, encode_samples};
use super::pack_samples;

/// The record as a reader of Snappy's format finds it, and its length; `None` where it was not taken.
fn unpacked(samples: &Samples) -> Option<(Vec<u8>, usize)> {
    let mut out = b"before".to_vec();
    let raw_len = pack_samples(samples.into(), &mut out);
    let packed = out.strip_prefix(b"before").unwrap();
    let Some(raw_len) = raw_len else {
        assert!(packed.is_empty());
        return None;
    };
    let record = snap::raw::Decoder::new().decompress_vec(packed).unwrap();
    assert_eq!(record.len(), raw_len);
    Some((record, packed.len()))
}

fn plain(samples: &Samples) -> Vec<u8> {
    let mut record = Vec::new();
    encode_samples(samples, &mut record);
    record
}

/// A scrape: neighbouring series, one time, values by their place.
fn scrape(series: u64, value: impl Fn(u64) -> f64) -> Samples {
    let mut samples = Samples::default();
    (0..series).for_each(|number| samples.push(SeriesRef(7 + number), 1_700_000_000_000, value(number)));
    samples
}

#[test]
fn whole_numbers_and_equal_neighbours_become_shorter() {
    let equal = scrape(700, |_| 0.1);
    let whole = scrape(700, |number| (number * 37 % 1000) as f64);
    // Every other value has nothing in common with the one before it.
    let mixed = scrape(700, |number| if number % 2 == 0 { number as f64 } else { (number as f64).sqrt() });
    for (samples, most) in [(equal, 0.6), (whole, 0.85), (mixed, 0.95)] {
        let (record, len) = unpacked(&samples).unwrap();
        assert!(record == plain(&samples));
        assert!((len as f64) < most * record.len() as f64, "{len} of {}", record.len());
    }
}

#[test]
fn copies_reach_back_as_far_as_the_format_goes_and_no_further() {
    // One value with zeros at its end, many without, and one again: nearer than 2 KiB, nearer than 64 KiB, and further.
    for between in [1, 100, 190, 191, 192, 1000, 5900, 5957, 5958, 5959, 5960, 5961, 7000] {
        let samples = scrape(between + 600, |number| match number {
            0 => 3.0,
            _ if number == between => 5.0,
            _ if number < between => (number as f64).sqrt() + 0.1,
            _ => 0.25,
        });
        let (record, _) = unpacked(&samples).unwrap();
        assert!(record == plain(&samples), "{between} between");
    }
}

#[test]
fn what_does_not_become_smaller_and_what_has_start_times_is_left() {
    assert_eq!(unpacked(&Samples::default()), None);
    assert_eq!(unpacked(&scrape(300, |number| (number as f64 + 0.5).sqrt())), None);
    let mut started = scrape(100, |_| 1.0);
    started.push_with_start(SeriesRef(1), 5, 4, 1.0);
    assert_eq!(unpacked(&started), None);
}

proptest! {
    #[test]
    fn any_samples_come_back(
        samples in prop::collection::vec(
            (
                prop_oneof![0..200_u64, any::<u64>()],
                prop_oneof![Just(1_000_i64), 900..2_000_i64, any::<i64>()],
                prop_oneof![Just(0.0), Just(1.0), (0..1_000_u32).prop_map(f64::from), any::<f64>()],
            ),
            1..300,
        ),
    ) {
        let mut columns = Samples::default();
        samples.iter().for_each(|(series, time, value)| columns.push(SeriesRef(*series), *time, *value));
        if let Some((record, _)) = unpacked(&columns) {
            prop_assert!(record == plain(&columns));
        }
    }
}
