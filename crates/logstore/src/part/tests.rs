//! Columns come back as they were, filters miss nothing, and damage is an error.

use proptest::prelude::*;

use super::column;
use super::filter::{self, FilterBuilder, NEEDLE_MIN, Pieces};
use super::layout::{Block, ColumnKind, Frame, PartIndex, Section};
use super::numbers::{decode_times, encode_times};
use super::sections::Stored;
use crate::columns::MetadataBuilder;

fn filter_of(text: &[u8], knows_words: bool) -> Vec<u8> {
    let mut filter = Vec::new();
    FilterBuilder::new(knows_words).build(text, &mut filter);
    filter
}

proptest! {
    #[test]
    fn times_come_back(runs in prop::collection::vec((any::<i32>(), prop::collection::vec(0_u64..1 << 40, 1..200)), 1..5), unit in 1_i64..2_000_000) {
        let mut times = Vec::new();
        let mut heads = Vec::new();
        for (start, steps) in &runs {
            let mut time = i64::from(*start);
            heads.push((time, steps.len()));
            for (number, step) in steps.iter().enumerate() {
                if number > 0 {
                    time += (*step as i64 % 1_000_000) * unit;
                }
                times.push(time);
            }
        }
        let mut bytes = Vec::new();
        encode_times(&times, heads.iter().map(|(_, rows)| *rows), &mut bytes);
        let mut back = Vec::new();
        decode_times(&bytes, heads.iter().copied(), &mut back).unwrap();
        prop_assert_eq!(back, times);
        // Anything else is no more than wrong numbers or nothing.
        for cut in 0..bytes.len() {
            decode_times(&bytes[..cut], heads.iter().copied(), &mut Vec::new());
        }
    }

    #[test]
    fn metadata_comes_back(rows in prop::collection::vec(prop::collection::btree_map("[a-c]", "[x-z]{1,3}", 0..3), 1..60), unique in any::<bool>()) {
        let mut builder = MetadataBuilder::default();
        let rows: Vec<Vec<(String, String)>> = rows.into_iter().enumerate().map(|(number, row)| {
            let own = if unique { number.to_string() } else { String::new() };
            row.into_iter().map(|(name, value)| (name, format!("{value}{own}"))).collect()
        }).collect();
        for (number, row) in rows.iter().enumerate() {
            if number > 0 && rows[number - 1] == *row {
                builder.repeat_row();
            } else {
                builder.push_row(row.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            }
        }
        for built in builder.finish() {
            let mut bytes = Vec::new();
            column::encode(&built.values, &mut bytes);
            let values = column::decode(&bytes, rows.len()).unwrap();
            prop_assert_eq!(&values, &built.values);
            let read = storage::logs::MetadataColumn { name: built.name.clone(), values };
            for (number, row) in rows.iter().enumerate() {
                let expected = row.iter().find(|(name, _)| **name == *built.name).map(|(_, value)| value.as_str());
                prop_assert_eq!(read.get(number), expected);
                let sliced = column::slice(&read, number..rows.len());
                prop_assert_eq!(sliced.as_ref().and_then(|sliced| sliced.get(0)), expected);
            }
            for cut in 0..bytes.len() {
                column::decode(&bytes[..cut], rows.len());
            }
        }
    }

    #[test]
    fn a_filter_knows_every_needle_in_either_case(text in "[ -~\n]{0,400}", start in 0_usize..400, len in 0_usize..40, knows_words in any::<bool>()) {
        let filter = filter_of(text.as_bytes(), knows_words);
        let start = start.min(text.len());
        let needle = &text.as_bytes()[start..(start + len).min(text.len())];
        prop_assert!(!Pieces::of(needle).are_absent(&filter, knows_words));
        prop_assert!(!Pieces::of(&needle.to_ascii_uppercase()).are_absent(&filter, knows_words));
    }

    #[test]
    fn foreign_bytes_are_no_index(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = bytes;
        bytes.insert(0, 1);
        PartIndex::decode(&bytes, 8, 8);
    }
}

proptest! {
    // The largest set has two million bits.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_filter_is_what_one_piece_after_the_other_gives(text in "[a-dX-Z\n]{0,6000}", cut in 0_usize..20, knows_words in any::<bool>()) {
        let text = text.get(cut..).unwrap_or_default().as_bytes();
        prop_assert_eq!(filter_of(text, knows_words), filter::folded(text, knows_words));
    }
}

#[test]
fn a_filter_rules_out_most_needles_that_are_not_there() {
    let line = |number: u64| format!("id={:016x} ok\n", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let text: String = (1..20_000).map(line).collect();
    let filter = filter_of(text.as_bytes(), false);
    assert!(filter.len() * 8 < text.len(), "{} of {}", filter.len(), text.len());
    let absent = (100_000..101_000).filter(|number| {
        let id = format!("{:016x}", 0x1234_5678_9ABC_DEF1_u64.wrapping_mul(*number));
        Pieces::of(id.as_bytes()).are_absent(&filter, false)
    });
    let absent = absent.count();
    assert!(absent > 800, "{absent}");
    const { assert!(NEEDLE_MIN <= 12) };
}

#[test]
fn a_filter_of_words_rules_out_short_ones_that_are_not_there() {
    let line = |number: u64| {
        format!("{{\"id\":\"{:016x}\",\"referer\":\"-\"}}\n", number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    };
    let text: String = (1..20_000).map(line).collect();
    let (with, without) = (filter_of(text.as_bytes(), true), filter_of(text.as_bytes(), false));
    for word in ["error", "FATAL", "level=warn", "Oops", "a panic: b"] {
        assert!(Pieces::of(word.as_bytes()).are_absent(&with, true), "{word}");
        assert!(!Pieces::of(&word.as_bytes()[..4]).are_absent(&without, false), "{word}");
    }
    // Nothing is known of fewer letters than four in a row.
    for word in ["err", "a=bcd", "zz-top", "Refer"] {
        assert!(!Pieces::of(word.as_bytes()).are_absent(&with, true), "{word}");
    }
}

#[test]
fn an_index_with_numbers_that_no_part_has_is_none() {
    let block =
        Block { stream: 0, frame: 0, row: 0, rows: 1, start: 5, end: 5, line_bytes: 3, metadata_bytes: 4 };
    let stored = Stored { is_compressed: false, raw_len: 1, len: 1, crc: 0 };
    let frame = Frame {
        offset: 8,
        rows: 1,
        sections: vec![Section { kind: ColumnKind::Times, stored }],
        filter_offset: 9,
        filter_log: 6,
        knows_words: true,
        filter_crc: 0,
        first_block: 0,
        blocks: 1,
    };
    let read = |block: Block| {
        let streams = vec![model::Labels::from_pairs([("a", "b")])];
        let index =
            PartIndex { streams, frames: vec![frame.clone()], blocks: vec![block], ..PartIndex::default() };
        PartIndex::decode(&index.encode(), 8, 9)
    };
    assert_eq!(read(block).map(|index| index.blocks), Some(vec![block]));
    assert_eq!(read(Block { line_bytes: u64::MAX - 1, ..block }), None);
    assert_eq!(read(Block { metadata_bytes: u64::MAX, ..block }), None);
    // More blocks than the frames have.
    let blocks = vec![block; 3];
    let streams = vec![model::Labels::from_pairs([("a", "b")])];
    let index = PartIndex { streams, frames: vec![frame.clone()], blocks, ..PartIndex::default() };
    assert_eq!(PartIndex::decode(&index.encode(), 8, 9), None);
}
