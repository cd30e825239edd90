//! Records with and without the labels of their streams.

use super::*;
use crate::head::ChunkBuilder;

fn labels(app: &str) -> Labels {
    Labels::from_pairs([("app", app)])
}

/// A record of one line in each stream: number, labels, and the epoch in which they were told last.
fn record(epoch: u64, streams: &mut [(u32, Labels, u64)]) -> Vec<u8> {
    let mut writer = RecordWriter::new("t", epoch);
    for (number, labels, named_in) in streams {
        let mut chunk = ChunkBuilder::with_room(8);
        let place = chunk.add(b"line", &[]).unwrap();
        writer.push(Numbered { number: *number, labels, named_in }, 5, &chunk.finish(), place);
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
fn labels_are_told_once_in_an_epoch() {
    let mut streams = [(7, labels("a"), 0), (9, labels("b"), 0)];
    let first = record(3, &mut streams);
    let second = record(3, &mut streams);
    assert!(second.len() + 2 * "app=a".len() < first.len());
    let both = [r#"t {app="a"}"#, r#"t {app="b"}"#].map(str::to_owned);
    assert_eq!(read(&[&first, &second]), ([both.clone(), both.clone()].concat(), 0));
    // Without the record that tells them they are not known.
    assert_eq!(read(&[&second]), (Vec::new(), 2));
    let third = record(4, &mut streams);
    assert_eq!(read(&[&third]), (both.to_vec(), 0));
}

#[test]
fn numbers_of_another_epoch_mean_nothing() {
    let first = record(3, &mut [(7, labels("a"), 0)]);
    let later = record(4, &mut [(7, labels("b"), 4)]);
    assert_eq!(read(&[&first, &later]), (vec![r#"t {app="a"}"#.to_owned()], 1));
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
    let mut named_in = 0;
    let mut writer = RecordWriter::new("t", 1);
    let mut chunk = ChunkBuilder::with_room(8);
    let place = chunk.add(b"x", &[]).unwrap();
    let labels = Labels::from_pairs([("a", "b")]);
    let stream = Numbered { number: 3, labels: &labels, named_in: &mut named_in };
    writer.push(stream, 1, &chunk.finish(), place);
    writer.end_stream();
    assert_eq!(writer.bytes(), b"\x42\x01t\x01\x0a\0\0\0\x03\x05\x01a\x01b\x02\x01\0x");
}
