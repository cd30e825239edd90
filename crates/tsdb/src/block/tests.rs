//! The small files of a block, and what is deleted.

use std::collections::BTreeSet;

use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use proptest::prelude::*;
use serde_json::json;

use super::recode::{self, Sample, Value};
use super::{BlockMeta, Interval, Intervals, Tombstones, Ulid};

#[test]
fn names_are_26_characters_that_sort_by_time() {
    let name: Ulid = "01M7X1T0NBBJ2R1KDRDY0FQXGH".parse().unwrap();
    assert_eq!(name.to_string(), "01M7X1T0NBBJ2R1KDRDY0FQXGH");
    let [early, late] = [1_700_000_000_000, 1_700_000_000_001].map(Ulid::new);
    assert_eq!((early.time_ms(), late.time_ms()), (1_700_000_000_000, 1_700_000_000_001));
    assert!(early.to_string() < late.to_string());
    assert_ne!(Ulid::new(5), Ulid::new(5));
    for text in ["", "01M7X1T0NBBJ2R1KDRDY0FQXG", "01M7X1T0NBBJ2R1KDRDY0FQXGU", "81M7X1T0NBBJ2R1KDRDY0FQXGH"]
    {
        assert!(text.parse::<Ulid>().is_err(), "{text}");
    }
}

#[test]
fn members_that_are_not_known_survive() {
    let fs = SimulatedFileSystem::new();
    let folder = std::path::Path::new("/block");
    fs.create_dir_all(folder).unwrap();
    let mut meta = BlockMeta::new(Ulid::new(1), 0, 10);
    meta.extensions
        .insert("thanos".to_owned(), json!({"labels": {"a": "b"}, "downsample": {"resolution": 0}}));
    meta.write(&fs, folder).unwrap();
    let mut read = BlockMeta::read(&fs, folder).unwrap();
    assert_eq!(read, meta);
    read.compaction.failed = true;
    read.write(&fs, folder).unwrap();
    let text = String::from_utf8(fs.read(&folder.join("meta.json"), 10_000).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["thanos"], json!({"labels": {"a": "b"}, "downsample": {"resolution": 0}}));
    assert_eq!(json["compaction"]["failed"], json!(true));
}

#[test]
fn a_meta_file_of_another_version_or_none_at_all_is_refused() {
    let fs = SimulatedFileSystem::new();
    let folder = std::path::Path::new("/block");
    fs.create_dir_all(folder).unwrap();
    assert!(BlockMeta::read(&fs, folder).is_err());
    let mut meta = BlockMeta::new(Ulid::new(1), 0, 10);
    meta.version = 2;
    meta.write(&fs, folder).unwrap();
    let error = BlockMeta::read(&fs, folder).unwrap_err().to_string();
    assert_eq!(error, "/block/meta.json: unexpected meta file version 2");
    fs.write_atomic(&folder.join("meta.json"), b"{\"ulid\": 5").unwrap();
    assert!(BlockMeta::read(&fs, folder).is_err());
}

/// `tombstones` of the first recorded block.
const RECORDED: [u8; 23] = [
    0x01, 0x30, 0xba, 0x30, // magic
    0x01, // version
    0x83, 0x06, // series 771
    0x80, 0x9d, 0x94, 0x86, 0xfa, 0x62, // from 1700008200000
    0x80, 0xbc, 0xdd, 0x86, 0xfa, 0x62, // to 1700008800000
    0xaa, 0x0e, 0x01, 0xaf, // CRC-32C of the entry
];

#[test]
fn tombstones_are_as_specified() {
    let mut tombstones = Tombstones::default();
    tombstones.add(771, Interval { start: 1_700_008_200_000, end: 1_700_008_800_000 });
    assert_eq!(tombstones.encode(), RECORDED);
    assert_eq!(Tombstones::decode(&RECORDED), Some(tombstones));
    for len in 0..RECORDED.len() {
        assert_eq!(Tombstones::decode(&RECORDED[..len]), None, "{len}");
    }
    for place in 0..RECORDED.len() {
        let mut damaged = RECORDED;
        damaged[place] ^= 0x10;
        assert_eq!(Tombstones::decode(&damaged), None, "{place}");
    }
}

proptest! {
    #[test]
    fn intervals_are_a_set_of_times(spans in prop::collection::vec((0..60_i64, 0..8_i64), 0..12)) {
        let intervals: Intervals =
            spans.iter().map(|(start, len)| Interval { start: *start, end: start + len }).collect();
        let times: BTreeSet<i64> = spans.iter().flat_map(|(start, len)| *start..=start + len).collect();
        for time in -1..70 {
            prop_assert_eq!(intervals.contains(time), times.contains(&time));
            for end in time..70 {
                prop_assert_eq!(intervals.overlaps(time, end), times.range(time..=end).next().is_some());
                prop_assert_eq!(intervals.covers(time, end), (time..=end).all(|time| times.contains(&time)));
            }
        }
        let apart: Vec<Interval> = intervals.iter().collect();
        prop_assert!(apart.is_sorted_by(|a, b| a.end + 1 < b.start), "{:?}", apart);
    }

    #[test]
    fn recoded_floats_come_back(
        samples in prop::collection::btree_map(0..100_000_i64, (any::<f64>(), 0..3_i64), 0..400),
    ) {
        let samples: Vec<Sample> = samples
            .into_iter()
            .map(|(timestamp, (value, start))| Sample { timestamp, start, value: Value::Float(value) })
            .collect();
        let mut found = Vec::new();
        for chunk in recode::encode(&samples).unwrap() {
            let before = found.len();
            recode::decode(chunk.encoding, &chunk.data, &mut found).unwrap();
            prop_assert!(found.len() - before <= 120);
            prop_assert_eq!(found[before].timestamp, chunk.start);
            prop_assert_eq!(found.last().unwrap().timestamp, chunk.end);
        }
        prop_assert_eq!(found, samples);
    }
}

#[test]
fn of_samples_at_one_time_that_of_the_first_source_stays() {
    let sample = |timestamp, value| Sample { timestamp, start: 0, value: Value::Float(value) };
    let merged = recode::merge(vec![
        vec![sample(1, 1.0), sample(3, 1.0)],
        vec![sample(0, 2.0), sample(1, 2.0), sample(4, 2.0)],
        vec![sample(4, 3.0), sample(5, 3.0)],
    ]);
    assert_eq!(merged, [sample(0, 2.0), sample(1, 1.0), sample(3, 1.0), sample(4, 2.0), sample(5, 3.0)]);
}
