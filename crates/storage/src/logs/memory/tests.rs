//! What a reader of the store in memory sees.

use super::*;
use crate::logs::{Columns, EntryColumns, EntryRef, MetadataWanted, Needle};

fn store() -> (MemoryLogs, Labels) {
    let labels = Labels::from_pairs([("app", "web")]);
    let logs = MemoryLogs::with_block_rows(2);
    let entries = [
        EntryRef { timestamp: 30, line: b"third", metadata: &[] },
        EntryRef { timestamp: 10, line: b"first", metadata: &[("level", "info")] },
        EntryRef { timestamp: 20, line: b"second", metadata: &[] },
        EntryRef { timestamp: 20, line: b"second, later", metadata: &[] },
        EntryRef { timestamp: 20, line: b"second", metadata: &[] },
    ];
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    let report = logs.append("a", &push, &AppendRules::default()).unwrap();
    assert_eq!((report.stored, report.duplicates), (4, 1));
    (logs, labels)
}

#[test]
fn blocks_hold_the_entries_in_order_of_time_and_arrival() {
    let (logs, labels) = store();
    let blocks = logs.log_querier("a", EntryRange::new(10, 30)).unwrap().select(&[]).unwrap();
    assert_eq!(blocks.streams(), [labels]);
    let mut lines = Vec::new();
    let mut columns = EntryColumns::default();
    for block in 0..blocks.blocks().len() {
        blocks.read(block, &Columns::ALL, &mut columns).unwrap();
        lines.extend((0..columns.rows).map(|row| (columns.timestamps[row], columns.line(row).to_vec())));
    }
    let expected: [(i64, &[u8]); 3] = [(10, b"first"), (20, b"second"), (20, b"second, later")];
    assert_eq!(lines, expected.map(|(time, line)| (time, line.to_vec())));
    assert!(logs.log_querier("b", EntryRange::ALL).unwrap().streams(&[]).unwrap().is_empty());
}

#[test]
fn only_named_columns_are_read() {
    let (logs, _) = store();
    let blocks = logs.log_querier("a", EntryRange::ALL).unwrap().select(&[]).unwrap();
    let mut columns = EntryColumns::default();
    let named = MetadataWanted::Named(vec!["level".to_owned()]);
    blocks.read(0, &Columns { metadata: named, timestamps: false, ..Columns::TIMES }, &mut columns).unwrap();
    assert_eq!((columns.rows, columns.timestamps.len(), columns.text.len()), (2, 0, 0));
    assert_eq!(columns.metadata[0].get(0), Some("info"));
    assert_eq!(columns.metadata[0].get(1), None);
}

#[test]
fn a_block_is_excluded_where_no_line_has_a_needle_of_each_group() {
    let (logs, _) = store();
    let blocks = logs.log_querier("a", EntryRange::ALL).unwrap().select(&[]).unwrap();
    let needle = |text: &str, any_case| vec![Needle { bytes: text.as_bytes().to_vec(), any_case }];
    assert!(!blocks.excludes(0, &[needle("irs", false)]));
    assert!(blocks.excludes(0, &[needle("IRS", false)]));
    assert!(!blocks.excludes(0, &[needle("IRS", true)]));
    assert!(blocks.excludes(0, &[needle("first", false), needle("second", false)]));
}

#[test]
fn rules_of_order_and_number_name_what_they_refuse() {
    let (logs, labels) = store();
    let late = [EntryRef { timestamp: 9, line: b"late", metadata: &[] }];
    let push = [StreamEntries { labels: &labels, entries: &late, hint: None }];
    let window = AppendRules { out_of_order_window: Some(20), ..AppendRules::default() };
    let report = logs.append("a", &push, &window).unwrap();
    assert_eq!(report.rejected[0].reason, RejectReason::TooFarBehind { oldest: 10 });
    let other = Labels::from_pairs([("app", "db")]);
    let push = [StreamEntries { labels: &other, entries: &late, hint: None }];
    let one = AppendRules { streams_max: 1, ..AppendRules::default() };
    assert_eq!(logs.append("a", &push, &one).unwrap().rejected[0].reason, RejectReason::StreamLimit);
}
