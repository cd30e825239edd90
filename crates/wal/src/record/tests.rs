//! Records have the bytes of the specification, and no bytes make a decoder panic.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, Histogram, Labels, Metadata, MetricType, SeriesRef, Span};
use proptest::prelude::*;

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encode<H: RecordHistogram>(columns: &HistogramColumns<H>, out: &mut Vec<u8>) {
    encode_histograms(columns, 0..columns.len(), |record| {
        out.extend_from_slice(record);
        Ok::<(), ()>(())
    })
    .unwrap();
}

fn histogram() -> Histogram {
    Histogram {
        counter_reset_hint: CounterResetHint::NotReset,
        schema: 1,
        zero_threshold: 0.5,
        zero_count: 2,
        count: 9,
        sum: 1.0,
        positive_spans: vec![Span { offset: -1, length: 2 }],
        negative_spans: vec![],
        positive_buckets: vec![4, -1],
        negative_buckets: vec![],
        custom_values: Arc::default(),
    }
}

/// The bytes are explained in `docs/formats/wal.md`.
#[test]
fn records_have_their_golden_bytes() {
    let mut series = SeriesEncoder::default();
    series.push(SeriesRef(1), [("__name__", "up"), ("job", "n")].into_iter());
    assert_eq!(
        hex(series.bytes()),
        "010000000000000001020 85f5f6e616d655f5f027570036a6f62016e".replace(' ', "")
    );

    let mut samples = Samples::default();
    samples.push(SeriesRef(5), 1000, 1.0);
    samples.push(SeriesRef(3), 1001, -1.0);
    let mut record = Vec::new();
    encode_samples(&samples, &mut record);
    assert_eq!(
        hex(&record),
        concat!(
            "02",
            "0000000000000005",
            "00000000000003e8", // type, base reference, base time
            "00",
            "00",
            "3ff0000000000000", // the sample that they are of
            "03",
            "02",
            "bff0000000000000", // -2, +1
        )
    );

    samples.start_timestamps[1] = 990;
    record.clear();
    encode_samples(&samples, &mut record);
    assert_eq!(
        hex(&record),
        concat!("0b", "0a", "d00f", "00", "3ff0000000000000", "03", "02", "02", "bc0f", "bff0000000000000")
    );

    record.clear();
    encode_tombstones(&[Tombstone { series: SeriesRef(7), min_time: -1, max_time: 64 }], &mut record);
    assert_eq!(hex(&record), "030000000000000007018001");

    record.clear();
    encode_mmap_markers(&[MmapMarker { series: SeriesRef(7), chunk: 1 << 32 | 8 }], &mut record);
    assert_eq!(hex(&record), "0500000000000000070000000100000008");

    let metadata = Metadata { metric_type: MetricType::Counter, unit: "s".into(), help: String::new() };
    record.clear();
    encode_metadata([(SeriesRef(300), &metadata)], &mut record);
    assert_eq!(hex(&record), "06ac02010204554e495401730448454c5000");

    let mut exemplars = Exemplars::default();
    exemplars.push(SeriesRef(2), 10, 0.0, Labels::from_pairs([("t", "x")]));
    record.clear();
    encode_exemplars(&exemplars, &mut record);
    assert_eq!(
        hex(&record),
        "040000000000000002000000000000000a00000000000000000000010174 0178".replace(' ', "")
    );

    let mut columns = HistogramColumns::default();
    columns.push(SeriesRef(2), 10, 0, histogram());
    record.clear();
    encode(&columns, &mut record);
    assert_eq!(
        hex(&record),
        concat!(
            "07",
            "0000000000000002",
            "000000000000000a",
            "00",
            "00", // type, bases, the first of them
            "02",
            "02",
            "3fe0000000000000",
            "02",
            "09",
            "3ff0000000000000", // hint to sum
            "01",
            "01",
            "02",
            "00", // one positive span, no negative one
            "02",
            "08",
            "01",
            "00", // two positive buckets, no negative one
        )
    );
}

#[test]
fn an_empty_batch_writes_no_record() {
    let mut record = Vec::new();
    encode_samples(&Samples::default(), &mut record);
    encode(&HistogramColumns::<Histogram>::default(), &mut record);
    encode_exemplars(&Exemplars::default(), &mut record);
    encode_tombstones(&[], &mut record);
    encode_metadata([], &mut record);
    assert_eq!(record, []);
    assert_eq!(SeriesEncoder::default().bytes(), []);
}

#[test]
fn custom_buckets_have_their_own_record_type_and_bounds() {
    let custom = Histogram {
        schema: model::histogram::CUSTOM_BUCKETS_SCHEMA,
        custom_values: [0.5, 1.0].into(),
        ..histogram()
    };
    let mut columns = HistogramColumns::default();
    columns.push(SeriesRef(1), 1, 0, custom.clone());
    let mut record = Vec::new();
    encode(&columns, &mut record);
    assert_eq!(RecordType::of(&record), Some(RecordType::CustomHistograms));
    let mut read = HistogramColumns::default();
    decode_histograms(&record, &mut read).unwrap();
    assert_eq!(read, columns);

    let mut floats = HistogramColumns::default();
    floats.push(SeriesRef(1), 1, 0, custom.to_float());
    record.clear();
    encode(&floats, &mut record);
    assert_eq!(RecordType::of(&record), Some(RecordType::CustomFloatHistograms));
    let mut read: HistogramColumns<FloatHistogram> = HistogramColumns::default();
    decode_float_histograms(&record, &mut read).unwrap();
    assert_eq!(read, floats);
}

#[test]
fn custom_and_exponential_buckets_go_to_two_records_and_with_starts_to_one() {
    let custom = Histogram {
        schema: model::histogram::CUSTOM_BUCKETS_SCHEMA,
        custom_values: [0.5, 1.0].into(),
        ..histogram()
    };
    let mut columns = HistogramColumns::default();
    for (number, histogram) in [custom.clone(), histogram(), custom, histogram()].into_iter().enumerate() {
        columns.push(SeriesRef(number as u64), 10, 0, histogram);
    }
    let types = |columns: &HistogramColumns<Histogram>, part| {
        let mut records = Vec::new();
        encode_histograms(columns, part, |record| {
            let mut read = HistogramColumns::default();
            decode_histograms(record, &mut read).unwrap();
            records.push((record[0], read.refs.iter().map(|series| series.0).collect::<Vec<_>>()));
            Ok::<(), ()>(())
        })
        .unwrap();
        records
    };
    assert_eq!(types(&columns, 0..4), [(7, vec![1, 3]), (9, vec![0, 2])]);
    assert_eq!(types(&columns, 2..3), [(9, vec![2])]);
    columns.start_timestamps[1] = 5;
    assert_eq!(types(&columns, 0..4), [(12, vec![0, 1, 2, 3])]);
    assert_eq!(types(&columns, 2..4), [(7, vec![3]), (9, vec![2])]);
}

#[test]
fn records_of_another_type_and_huge_counts_are_refused() {
    let mut samples = Samples::default();
    assert_eq!(decode_samples(&[9, 0], &mut samples), Err(DecodeError::RecordType(9)));
    assert_eq!(decode_samples(&[], &mut samples), Err(DecodeError::End("the record type")));
    let mut huge = vec![1, 0, 0, 0, 0, 0, 0, 0, 1];
    huge.extend([0xff; 9]);
    huge.push(1);
    let refused = decode_series(&huge, |_, _| {});
    assert!(matches!(refused, Err(DecodeError::Count { field: "labels", .. })), "{refused:?}");
}

fn decode_any(bytes: &[u8]) {
    decode_series(bytes, |_, _| {}).ok();
    decode_samples(bytes, &mut Samples::default()).ok();
    decode_tombstones(bytes, &mut Vec::new()).ok();
    decode_exemplars(bytes, &mut Exemplars::default()).ok();
    decode_mmap_markers(bytes, &mut Vec::new()).ok();
    decode_metadata(bytes, &mut Vec::new()).ok();
    decode_histograms(bytes, &mut HistogramColumns::default()).ok();
    decode_float_histograms(bytes, &mut HistogramColumns::default()).ok();
}

proptest! {
    #[test]
    fn samples_come_back(entries in prop::collection::vec(any::<(u64, i64, i64, u64)>(), 0..50)) {
        let mut samples = Samples::default();
        for (series, timestamp, start, value) in entries {
            samples.push_with_start(SeriesRef(series), timestamp, start, f64::from_bits(value));
        }
        let mut record = Vec::new();
        encode_samples(&samples, &mut record);
        let mut read = Samples::default();
        if !record.is_empty() {
            decode_samples(&record, &mut read).unwrap();
        }
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&read.values), bits(&samples.values));
        prop_assert_eq!((read.refs, read.timestamps), (samples.refs, samples.timestamps));
        prop_assert_eq!(read.start_timestamps, samples.start_timestamps);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(kind in 0u8..15, mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        bytes.insert(0, kind);
        decode_any(&bytes);
    }

    #[test]
    fn no_damaged_record_makes_a_decoder_panic(at in 0usize..200, byte in any::<u8>(), cut in 0usize..200) {
        let mut columns = HistogramColumns::default();
        columns.push(SeriesRef(2), 10, 0, histogram());
        columns.push(SeriesRef(2), 20, 5, histogram());
        let mut record = Vec::new();
        encode(&columns, &mut record);
        if let Some(damaged) = record.get_mut(at) {
            *damaged = byte;
        }
        decode_any(&record);
        record.truncate(cut);
        decode_any(&record);
    }
}

/// As Prometheus 3.5 has written them, and as `docs/formats/chunk_snapshot.md` explains them.
#[test]
fn records_of_a_snapshot_have_their_golden_bytes() {
    let data = [0x00, 0x01, 0xd0, 0x0f, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0];
    let chunk = SnapshotChunk { start: 1000, end: 1000, encoding: 1, data: &data };
    let mut record = Vec::new();
    let last = LastSample::Float(1.5);
    encode_snapshot_series(SeriesRef(7), [("a", "b")].into_iter(), Some((chunk, &last)), &mut record);
    let golden = "010000000000000007010161016200000000000000000100000000000003e800000000000003e8010c\
        0001d00f3ff8000000000000"
        .to_owned();
    assert_eq!(hex(&record), golden + &"00".repeat(56) + "3ff8000000000000");
    let labels: &[u8] = &[1, 1, b'a', 1, b'b'];
    let mut texts = LabelTexts::default();
    decode_labels(&[2, 1, b'a', 1, b'a', 1, b'c', 1, b'd'], &mut texts).unwrap();
    assert_eq!(decode_labels(labels, &mut texts), Ok(&labels[1..]));
    assert_eq!(texts.pairs(), [("a", "b")]);
    let series = SnapshotRecord::Series { series: SeriesRef(7), labels, chunk: Some(chunk) };
    assert_eq!(decode_snapshot(&record), Ok(series));
    for cut in 0..record.len() - 64 {
        assert!(decode_snapshot(&record[..cut]).is_err(), "{cut}");
    }
    record.clear();
    encode_snapshot_series(SeriesRef(7), texts.pairs().iter().copied(), None, &mut record);
    assert_eq!(hex(&record), "0100000000000000070101610162000000000000000000");
    assert_eq!(
        decode_snapshot(&record),
        Ok(SnapshotRecord::Series { series: SeriesRef(7), labels, chunk: None })
    );
    let recorded: Vec<u8> =
        vec![0x02, 0x0e, 0x01, 0x45, 0x9e, 0xf7, 0xd9, 0xec, 0xbf, 0x68, 0xbe, 0x96, 0xda, 0xec, 0xbf, 0x68];
    let tombstones =
        vec![Tombstone { series: SeriesRef(0x45), min_time: 1_795_276_094_927, max_time: 1_795_276_096_927 }];
    record.clear();
    encode_snapshot_tombstones(&tombstones, &mut record);
    assert_eq!(hex(&record), hex(&recorded));
    assert_eq!(decode_snapshot(&recorded), Ok(SnapshotRecord::Tombstones(tombstones)));
    let mut exemplars = Exemplars::default();
    exemplars.push(SeriesRef(7), 1000, 1.5, Labels::from_pairs([("t", "x")]));
    record.clear();
    encode_snapshot_exemplars(&exemplars, &mut record);
    assert_eq!(hex(&record), "03000000000000000700000000000003e800003ff80000000000000101740178");
    assert_eq!(decode_snapshot(&record), Ok(SnapshotRecord::Exemplars(exemplars)));
    assert_eq!(decode_snapshot(&[9]), Err(DecodeError::RecordType(9)));
}

proptest! {
    #[test]
    fn no_bytes_of_a_snapshot_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_snapshot(&bytes);
    }
}

#[test]
fn samples_near_to_the_first_and_far_from_it_come_back() {
    let mut samples = Samples::default();
    for series in [0, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 1 << 40] {
        for time in [0, 1, 63, 64, -64, -65, 1 << 50] {
            samples.push(
                SeriesRef((1_i64 << 41).wrapping_add(series) as u64),
                1_000 + time,
                time as f64 / 3.0,
            );
        }
    }
    let (mut record, mut read) = (Vec::new(), Samples::default());
    encode_samples(&samples, &mut record);
    assert_eq!(decode_samples(&record, &mut read), Ok(()));
    assert_eq!(read, samples);
    // As the format's description counts: type, first reference and time, then 1 + 1 + 8 bytes of the first sample.
    assert_eq!(record.get(17..19), Some(&[0, 0][..]));
}
