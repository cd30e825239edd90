//! Records with and without the labels of their streams.

use super::*;
use crate::head::ChunkBuilder;

fn labels(app: &str) -> Labels {
    Labels::from_pairs([("app", app)])
}

/// A record of one line in each stream: number, labels, and what was told of it.
fn record(epoch: u64, streams: &mut [(u32, Labels, Told)]) -> Vec<u8> {
    let mut writer = RecordWriter::new("t", epoch);
    for (number, labels, told) in streams {
        let mut chunk = ChunkBuilder::with_room(8);
        let place = chunk.add(b"line", &[]).unwrap();
        writer.push(Numbered { number: *number, labels, told }, 5, &chunk.finish(), place);
        writer.end_stream();
    }
    writer.bytes().to_vec()
}

/// The streams of records that have entries, and how many streams are not known.
fn read(records: &[&[u8]]) -> (Vec<String>, u64) {
    let (mut names, mut found, mut left_out) = (Names::default(), Vec::new(), 0);
    for record in records {
        let begin = |tenant: &str, labels: Labels| format!("{tenant} {labels}");
        left_out += decode(record, &mut names, begin, |_, stream, entry| {
            assert_eq!((entry.timestamp, entry.line, entry.set), (5, &b"line"[..], &[][..]));
            found.push(stream.clone());
        })
        .unwrap();
    }
    (found, left_out)
}

#[test]
fn labels_are_told_ever_more_seldom_in_an_epoch() {
    let mut streams = [(7, labels("a"), Told::default()), (9, labels("b"), Told::default())];
    let records: Vec<Vec<u8>> = (0..9).map(|_| record(3, &mut streams)).collect();
    let tells: Vec<bool> = records.iter().map(|record| record.len() == records[0].len()).collect();
    assert_eq!(tells, [true, true, false, true, false, false, false, true, false]);
    let both = |times: usize| -> Vec<String> {
        (0..times).flat_map(|_| [r#"t {app="a"}"#, r#"t {app="b"}"#]).map(str::to_owned).collect()
    };
    let slices: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    assert_eq!(read(&slices), (both(9), 0));
    // Whichever is missing, the others are read.
    for missing in 0..9 {
        let left: Vec<&[u8]> = [&slices[..missing], &slices[missing + 1..]].concat();
        assert_eq!(read(&left), (both(8), 0), "without {missing}");
    }
    // Where all that told them are missing, they are not known until they are told again.
    assert_eq!(read(&slices[2..]), (both(6), 2));
    assert_eq!(read(&[&record(4, &mut streams)]), (both(1), 0));
}

#[test]
fn numbers_of_another_epoch_mean_nothing() {
    let first = record(3, &mut [(7, labels("a"), Told::default())]);
    let mut other = [(7, labels("b"), Told::default())];
    let later: Vec<Vec<u8>> = (0..3).map(|_| record(4, &mut other)).collect();
    assert_eq!(read(&[&first, &later[2]]), (vec![r#"t {app="a"}"#.to_owned()], 1));
}

/// A write that fails ends an epoch while other pushes are under way in it.
#[test]
fn records_of_two_epochs_may_stand_mixed() {
    let (mut before, mut after) = ([(7, labels("a"), Told::default())], [(7, labels("b"), Told::default())]);
    let of_before: Vec<Vec<u8>> = (0..3).map(|_| record(3, &mut before)).collect();
    let of_after: Vec<Vec<u8>> = (0..3).map(|_| record(4, &mut after)).collect();
    let mixed = [&of_before[0], &of_before[1], &of_after[0], &of_after[1], &of_before[2], &of_after[2]];
    let (a, b) = (r#"t {app="a"}"#.to_owned(), r#"t {app="b"}"#.to_owned());
    let expected = vec![a.clone(), a.clone(), b.clone(), b.clone(), a, b];
    assert_eq!(read(&mixed.map(Vec::as_slice)), (expected, 0));
}

#[test]
fn records_that_tell_all_labels_are_read() {
    // The example of `docs/formats/log-wal.md`.
    let record = b"\x41\x01t\x09\0\0\0\x04\x01a\x01b\x02\x01\0x";
    let mut found = Vec::new();
    let begin = |tenant: &str, labels: Labels| format!("{tenant} {labels}");
    let left_out = decode(record, &mut Names::default(), begin, |tenant, stream, entry| {
        found.push((tenant.to_owned(), stream.clone(), entry.timestamp, entry.line.to_vec()));
    });
    let expected = ("t".to_owned(), r#"t {a="b"}"#.to_owned(), 1, b"x".to_vec());
    assert_eq!((left_out, found), (Some(0), vec![expected]));
}

#[test]
fn the_example_of_the_format_is_written() {
    let mut told = Told::default();
    let mut writer = RecordWriter::new("t", 1);
    let mut chunk = ChunkBuilder::with_room(8);
    let place = chunk.add(b"x", &[]).unwrap();
    let labels = Labels::from_pairs([("a", "b")]);
    let stream = Numbered { number: 3, labels: &labels, told: &mut told };
    writer.push(stream, 1, &chunk.finish(), place);
    writer.end_stream();
    assert_eq!(writer.bytes(), b"\x42\x01t\x01\x0a\0\0\0\x03\x05\x01a\x01b\x02\x01\0x");
}
