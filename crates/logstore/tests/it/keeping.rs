//! Merging, retention and deletion.

use std::sync::Arc;
use std::time::Duration;

use logstore::{
    CancelRefusal, DeleteMode, DeleteSelector, LogStore, ReadDeleteQuery, Resources, Retention, Settings,
    StreamRetention, inspect_log, inspect_part,
};
use model::Matcher;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};

use crate::fixture::*;
use crate::parts::{fill, part_files, small, sorted};

const DAY: i64 = 86_400_000_000_000;

pub(crate) fn open_at(
    disk: &SimulatedFileSystem,
    settings: Settings,
    days: i64,
) -> (LogStore, Arc<SimulatedClock>) {
    let clock = Arc::new(SimulatedClock::new((NOON + days * DAY) / 1_000_000));
    let resources = Resources { clock: clock.clone(), ..resources(disk) };
    let settings = Settings { lock: false, ..settings };
    (LogStore::open(resources, PATH.as_ref(), settings).unwrap(), clock)
}

#[test]
fn merged_parts_hold_the_same_entries_once() {
    for settings in [Settings::default(), small()] {
        let disk = SimulatedFileSystem::new();
        let (store, _) = open_at(&disk, settings.clone(), 10);
        for seed in 1..6 {
            fill(&store, seed);
            store.flush().unwrap();
        }
        let expected = sorted(content(&store));
        let before = part_files(&disk).len();
        store.maintain().unwrap();
        let after = part_files(&disk).len();
        assert!(after <= 3 && before >= 10, "{before} {after}");
        assert_eq!(sorted(content(&store)), expected);
        let reopened = open_with(&disk.process_image(), settings);
        assert_eq!(sorted(content(&reopened)), expected);
        // Nothing overlaps any more.
        let blocks = storage::logs::LogQueryable::log_querier(&store, TENANT, storage::logs::EntryRange::ALL)
            .unwrap()
            .select(&[])
            .unwrap();
        let entries: usize = blocks.blocks().iter().map(|header| header.rows).sum();
        assert_eq!(entries, expected.values().map(Vec::len).sum::<usize>());
        let text = inspect_part(&disk, &part_files(&disk)[0]).unwrap();
        assert!(text.contains("app=\"app-0\"") && text.contains("stands for"), "{text}");
    }
}

#[test]
fn parts_that_were_merged_are_merged_again() {
    let disk = SimulatedFileSystem::new();
    let (store, _) = open_at(&disk, small(), 10);
    let stream = labels(&[("app", "a")]);
    for round in 0..3 {
        for flush in 0..3 {
            let from = NOON + (round * 3 + flush) * 1_000;
            let line = |row: i64| format!("line {row} of round {round}, id={:x}", (from + row) ^ 0x5EED);
            let entries: Vec<Entry> = (0..20).map(|row| entry(from + row * 10, &line(row))).collect();
            push(&store, &stream, &entries);
            store.flush().unwrap();
        }
        let expected = content(&store);
        assert_eq!(expected.values().map(Vec::len).sum::<usize>() as i64, 60 * (round + 1));
        store.maintain().unwrap();
        assert_eq!((content(&store), part_files(&disk).len()), (expected.clone(), 1));
        assert_eq!(content(&open_with(&disk.process_image(), small())), expected);
        let asked =
            vec![vec![storage::logs::Needle { bytes: b"line 7 of round 0, id=".to_vec(), any_case: false }]];
        let all = storage::logs::EntryRange::ALL;
        let blocks =
            storage::logs::LogQueryable::log_querier(&store, TENANT, all).unwrap().select(&[]).unwrap();
        let left = (0..blocks.blocks().len()).filter(|block| !blocks.excludes(*block, &asked)).count();
        assert!(left > 0 && left < blocks.blocks().len(), "{left} of {}", blocks.blocks().len());
    }
}

#[test]
fn a_damaged_filter_does_not_hold_up_merging() {
    let disk = SimulatedFileSystem::new();
    let stream = labels(&[("app", "a")]);
    let fill = |store: &LogStore, round: i64| {
        for flush in 0..3 {
            let from = NOON + (round * 3 + flush) * 1_000;
            let line = |row: i64| format!("line {row} of flush {flush} of round {round}");
            let entries: Vec<Entry> = (0..20).map(|row| entry(from + row * 10, &line(row))).collect();
            push(store, &stream, &entries);
            store.flush().unwrap();
        }
    };
    let (store, _) = open_at(&disk, small(), 10);
    fill(&store, 0);
    store.maintain().unwrap();
    let disk = disk.process_image();
    // The footer has 48 bytes and begins with where the filters begin.
    let break_filter = |bytes: &mut Vec<u8>| {
        let footer = bytes.len() - 48;
        let filters = u64::from_le_bytes(bytes[footer..footer + 8].try_into().unwrap());
        bytes[filters as usize] ^= 0x55;
    };
    disk.damage(&part_files(&disk)[0], break_filter).unwrap();
    let (store, _) = open_at(&disk, small(), 10);
    fill(&store, 1);
    let expected = content(&store);
    assert_eq!(expected.values().map(Vec::len).sum::<usize>(), 120);
    store.maintain().unwrap();
    assert_eq!((content(&store), part_files(&disk).len()), (expected, 1));
}

#[test]
fn a_part_with_a_damaged_column_stays_and_the_others_are_merged() {
    let disk = SimulatedFileSystem::new();
    let stream = labels(&[("app", "a")]);
    let (store, _) = open_at(&disk, small(), 10);
    let flush = |number: i64| {
        let from = NOON + number * 1_000;
        let entries: Vec<Entry> =
            (0..20).map(|row| entry(from + row * 10, &format!("line {row} of {number}"))).collect();
        push(&store, &stream, &entries);
        store.flush().unwrap();
    };
    flush(0);
    // The first column begins behind the name of the format.
    disk.damage(&part_files(&disk)[0], |bytes| bytes[12] ^= 0x55).unwrap();
    (1..5).for_each(flush);
    assert!(store.maintain().is_err());
    assert_eq!(part_files(&disk).len(), 2, "the damaged one, and what the others became");
    // It is not tried again.
    store.maintain().unwrap();
}

#[test]
fn a_part_that_was_replaced_is_removed_at_the_start() {
    let disk = SimulatedFileSystem::new();
    let (store, _) = open_at(&disk, small(), 10);
    for seed in 1..4 {
        fill(&store, seed);
        store.flush().unwrap();
    }
    let expected = sorted(content(&store));
    let removed = Fault::always(Operation::Remove, FaultKind::Io).on("parts");
    disk.inject(removed);
    store.maintain().unwrap_err();
    assert_eq!(sorted(content(&store)), expected);
    let image = disk.process_image();
    let files = part_files(&image).len();
    assert_eq!(sorted(content(&open_with(&image, small()))), expected);
    assert!(part_files(&image).len() < files);
}

use platform::simulated::{Fault, FaultKind, Operation};

#[test]
fn entries_past_their_retention_go_by_stream_and_by_day() {
    let disk = SimulatedFileSystem::new();
    let days = |days: u64| Some(Duration::from_secs(days * 86_400));
    let kept = StreamRetention { matchers: vec![Matcher::equal("app", "app-1")], priority: 1, period: None };
    let retention = Retention { period: days(3), streams: vec![kept] };
    let (store, clock) = open_at(&disk, Settings { retention, ..small() }, 1);
    fill(&store, 1);
    store.flush().unwrap();
    let all = sorted(content(&store));
    store.maintain().unwrap();
    assert_eq!(sorted(content(&store)), all);
    clock.advance(Duration::from_secs(30 * 86_400));
    store.maintain().unwrap();
    let left = sorted(content(&store));
    assert_eq!(left.len(), 1);
    assert_eq!(left.values().next(), all.get("{app=\"app-1\", host=\"h1\"}"));
    assert_eq!(sorted(content(&open_with(&disk.process_image(), small()))), left);
}

#[test]
fn the_oldest_days_go_where_there_is_too_much() {
    let disk = SimulatedFileSystem::new();
    let (store, _) = open_at(&disk, small(), 2);
    for day in 0..4 {
        push(&store, &labels(&[("app", "web")]), &[entry(NOON + day * DAY, "a line of a day")]);
    }
    store.flush().unwrap();
    let bytes: u64 =
        part_files(&disk).iter().map(|path| platform::FileSystem::metadata(&disk, path).unwrap().len).sum();
    store.apply(Settings { retention_bytes: Some(bytes - 1), lock: false, ..small() });
    store.maintain().unwrap();
    let left = content(&store);
    let times: Vec<i64> = left.values().flatten().map(|(time, _, _)| *time).collect();
    assert_eq!(times, [NOON + DAY, NOON + 2 * DAY, NOON + 3 * DAY]);
}

/// A query here is the name of an application, and after a colon what a line must hold.
fn reads() -> ReadDeleteQuery {
    Arc::new(|query| {
        let (app, text) = query.split_once(':').ok_or("no colon")?;
        let text = text.to_owned();
        Ok(DeleteSelector {
            matchers: vec![Matcher::equal("app", app)],
            rows: (!text.is_empty()).then(|| -> logstore::RowPredicate {
                Arc::new(move |row| String::from_utf8_lossy(row.line).contains(&text))
            }),
        })
    })
}

#[test]
fn deleted_entries_are_hidden_at_once_and_leave_the_parts_later() {
    let disk = SimulatedFileSystem::new();
    let settings = Settings { delete_cancel_period: Duration::from_secs(60), ..small() };
    let (store, clock) = open_at(&disk, settings.clone(), 10);
    store.load_deletes(reads()).unwrap();
    fill(&store, 1);
    store.flush().unwrap();
    fill(&store, 2);
    let mut expected = sorted(content(&store));
    let id = store.delete(TENANT, "app-2:row 7,", NOON, i64::MAX - 1).unwrap();
    let other = store.delete(TENANT, "app-4:", i64::MIN, i64::MAX - 1).unwrap();
    assert_ne!(id, other);
    let deleted = "{app=\"app-2\", host=\"h0\"}";
    let before = expected[deleted].len();
    expected.get_mut(deleted).unwrap().retain(|(_, line, _)| !line.contains("row 7,"));
    assert!(expected[deleted].len() < before);
    expected.remove("{app=\"app-4\", host=\"h0\"}");
    let sound = |store: &LogStore| {
        let mut found = sorted(content(store));
        found.retain(|_, entries| !entries.is_empty());
        assert_eq!(found, expected);
    };
    sound(&store);
    // Also after a restart, and without the requests once they are processed.
    let (again, _) = open_at(&disk.process_image(), settings.clone(), 10);
    again.load_deletes(reads()).unwrap();
    sound(&again);
    assert!(!store.delete_requests(TENANT)[0].is_processed);
    clock.advance(Duration::from_secs(61));
    store.maintain().unwrap();
    let requests = store.delete_requests(TENANT);
    assert!(requests.iter().all(|request| request.is_processed && request.parts_done == request.parts_all));
    sound(&store);
    sound(&open_with(&disk.process_image(), settings));
    assert_eq!(store.cancel_delete(TENANT, &id, true).unwrap(), Err(CancelRefusal::Processed));
}

#[test]
fn a_damaged_part_holds_up_its_own_request_alone() {
    let disk = SimulatedFileSystem::new();
    let settings = Settings { delete_cancel_period: Duration::from_secs(60), ..small() };
    let (store, clock) = open_at(&disk, settings, 10);
    store.load_deletes(reads()).unwrap();
    for (day, app) in [(0, "a"), (1, "b")] {
        let entries = [entry(NOON + day * DAY, "goes"), entry(NOON + day * DAY + 1, "stays")];
        push(&store, &labels(&[("app", app)]), &entries);
    }
    store.flush().unwrap();
    disk.damage(&part_files(&disk)[0], |bytes| bytes[12] ^= 0x55).unwrap();
    for query in ["a:goes", "b:goes"] {
        store.delete(TENANT, query, i64::MIN, i64::MAX - 1).unwrap();
    }
    clock.advance(Duration::from_secs(61));
    assert!(store.maintain().is_err());
    let processed =
        || store.delete_requests(TENANT).iter().map(|request| request.is_processed).collect::<Vec<_>>();
    assert_eq!(processed(), [false, true]);
    // It is not tried again, and writes no head down for it.
    push(&store, &labels(&[("app", "c")]), &[entry(NOON, "in memory")]);
    let parts = part_files(&disk);
    store.maintain().unwrap();
    assert_eq!((part_files(&disk), processed()), (parts, vec![false, true]));
}

#[test]
fn a_request_can_be_taken_back_until_it_is_due() {
    let (store, clock) = open_at(&SimulatedFileSystem::new(), small(), 1);
    store.load_deletes(reads()).unwrap();
    fill(&store, 1);
    let all = sorted(content(&store));
    let id = store.delete(TENANT, "app-4:", i64::MIN, i64::MAX - 1).unwrap();
    assert_eq!(store.cancel_delete("other", &id, false).unwrap(), Err(CancelRefusal::Unknown));
    assert_eq!(store.cancel_delete(TENANT, &id, false).unwrap(), Ok(()));
    assert_eq!(sorted(content(&store)), all);
    let id = store.delete(TENANT, "app-4:", i64::MIN, i64::MAX - 1).unwrap();
    clock.advance(Duration::from_secs(25 * 3_600));
    assert_eq!(store.cancel_delete(TENANT, &id, false).unwrap(), Err(CancelRefusal::Begun));
    assert_eq!(store.cancel_delete(TENANT, &id, true).unwrap(), Ok(()));
}

#[test]
fn the_log_is_shown_as_text() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    push(&store, &labels(&[("app", "web")]), &[entry(NOON, "abc"), entry(NOON + 1, "de")]);
    let text = inspect_log(&disk, "/logs/wal/00000000".as_ref()).unwrap();
    assert!(
        text.contains("fake {app=\"web\"}: 2 entries, 5 bytes, from 1700049600000000000 (2023-11-15)"),
        "{text}"
    );
}

#[test]
fn requests_of_a_tenant_that_may_not_delete_do_not_hold() {
    let disk = SimulatedFileSystem::new();
    let settings = Settings { delete_cancel_period: Duration::from_secs(60), ..small() };
    let (store, clock) = open_at(&disk, settings.clone(), 10);
    store.load_deletes(reads()).unwrap();
    fill(&store, 1);
    let found = || {
        let mut found = sorted(content(&store));
        found.retain(|_, entries| !entries.is_empty());
        found
    };
    let all = found();
    store.delete(TENANT, "app-4:", i64::MIN, i64::MAX - 1).unwrap();
    let hidden = found();
    assert_ne!(hidden, all);
    let with = |mode| {
        let tenant_delete_modes = [(TENANT.to_owned(), mode)].into();
        Settings { tenant_delete_modes, lock: false, ..settings.clone() }
    };
    store.apply(with(DeleteMode::Ignore));
    clock.advance(Duration::from_secs(61));
    store.maintain().unwrap();
    assert_eq!(found(), all);
    // The request is kept: it holds again, and hides alone first.
    store.apply(with(DeleteMode::Hide));
    store.maintain().unwrap();
    assert_eq!(found(), hidden);
    assert!(!store.delete_requests(TENANT)[0].is_processed);
    store.apply(with(DeleteMode::Remove));
    store.maintain().unwrap();
    assert_eq!(found(), hidden);
    assert!(store.delete_requests(TENANT)[0].is_processed);
}

#[test]
fn the_work_between_requests_is_told_in_metrics() {
    let disk = SimulatedFileSystem::new();
    let clock = Arc::new(SimulatedClock::new((NOON + 10 * DAY) / 1_000_000));
    let resources = Resources { clock: clock.clone(), ..resources(&disk) };
    let registry = resources.registry.clone();
    let settings = Settings { delete_cancel_period: Duration::from_secs(60), lock: false, ..small() };
    let store = LogStore::open(resources, PATH.as_ref(), settings).unwrap();
    store.load_deletes(reads()).unwrap();
    let value = |name: &str| -> f64 {
        let families = registry.gather();
        let family = families.iter().find(|family| family.name == name).unwrap_or_else(|| panic!("{name}"));
        family
            .metrics
            .iter()
            .map(|metric| match &metric.value {
                telemetry::Value::Counter(value) | telemetry::Value::Gauge(value) => *value,
                telemetry::Value::Histogram { count, .. } => *count as f64,
                _ => 0.0,
            })
            .sum()
    };
    push(&store, &labels(&[("app", "web")]), &[entry(NOON, "abc"), entry(NOON + 1, "de")]);
    assert!(value("loki_ingester_wal_logged_bytes_total") > 5.0);
    store.flush().unwrap();
    assert_eq!(value("loki_ingester_chunks_flushed_total"), 1.0);
    assert_eq!(value("loki_ingester_chunk_entries"), 1.0);
    assert_eq!(value("loki_ingester_checkpoint_creations_total"), 1.0);
    store.delete(TENANT, "web:abc", i64::MIN, i64::MAX - 1).unwrap();
    clock.advance(Duration::from_secs(100));
    store.maintain().unwrap();
    assert_eq!(value("loki_compactor_deleted_lines"), 1.0);
    assert_eq!(value("loki_compactor_delete_requests_processed_total"), 1.0);
    assert_eq!(value("loki_compactor_oldest_pending_delete_request_age_seconds"), 40.0);
    let now = (NOON + 10 * DAY) as f64 / 1e9 + 100.0;
    assert_eq!(
        value("loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"),
        now
    );
    assert_eq!(value("loki_compactor_apply_retention_last_successful_run_timestamp_seconds"), now);
    assert_eq!(value("loki_boltdb_shipper_compactor_running"), 1.0);
    store.close().unwrap();
    assert_eq!(value("loki_boltdb_shipper_compactor_running"), 0.0);
}
