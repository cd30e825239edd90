//! What is taken, what is refused, and what is there after a restart.

use std::path::Path;
use std::time::Duration;

use model::{MatchOp, Matcher};
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedClock, SimulatedFileSystem};
use storage::logs::{
    AppendRules, Columns, EntryColumns, EntryRange, LogQueryable, MetadataWanted, RejectReason, StreamRate,
};

use crate::fixture::*;

#[test]
fn entries_are_read_by_time_and_those_of_equal_time_as_they_came() {
    let store = open(&SimulatedFileSystem::new());
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON + 2, "c"), entry(NOON, "a"), entry(NOON + 2, "b"), entry(NOON + 1, "x")]);
    let lines: Vec<_> = content(&store)[&web.to_string()].iter().map(|(_, line, _)| line.clone()).collect();
    assert_eq!(lines, ["a", "x", "c", "b"]);
}

#[test]
fn the_same_entry_is_stored_once() {
    let store = open(&SimulatedFileSystem::new());
    let web = labels(&[("app", "web")]);
    let with = |value: &str| (NOON, "a".to_owned(), vec![("level".to_owned(), value.to_owned())]);
    let report = push(&store, &web, &[entry(NOON, "a"), entry(NOON, "a"), with("x"), with("y"), with("x")]);
    assert_eq!((report.stored, report.duplicates), (3, 2));
    // Many of one time are looked up and not compared, and older ones too.
    let many: Vec<Entry> = (0..100).map(|number| entry(NOON + 5, &format!("line {number}"))).collect();
    assert_eq!(push(&store, &web, &many).stored, 100);
    assert_eq!(push(&store, &web, &many).duplicates, 100);
    assert_eq!(push(&store, &web, &[entry(NOON + 3, "late"), entry(NOON + 3, "late")]).stored, 1);
    assert_eq!(push(&store, &web, &[entry(NOON, "a")]).duplicates, 1);
}

#[test]
fn rules_of_order_are_those_of_the_stream() {
    let store = open(&SimulatedFileSystem::new());
    let (web, db) = (labels(&[("app", "web")]), labels(&[("app", "db")]));
    push(&store, &web, &[entry(NOON + 100, "new")]);
    let window = AppendRules { out_of_order_window: Some(50), ..AppendRules::default() };
    let report = try_push(&store, &web, &[entry(NOON + 50, "in"), entry(NOON + 49, "out")], &window).unwrap();
    assert_eq!(report.stored, 1);
    assert_eq!((report.rejected[0].stream, report.rejected[0].entry), (0, 1));
    assert_eq!(report.rejected[0].reason, RejectReason::TooFarBehind { oldest: NOON + 50 });
    assert_eq!(try_push(&store, &db, &[entry(NOON - 1_000, "old")], &window).unwrap().stored, 1);
    let ordered = AppendRules { ordered: true, ..AppendRules::default() };
    let report =
        try_push(&store, &web, &[entry(NOON + 99, "late"), entry(NOON + 100, "also")], &ordered).unwrap();
    assert_eq!((report.stored, &report.rejected[0].reason), (1, &RejectReason::OutOfOrder));
}

#[test]
fn streams_and_their_rates_are_limited() {
    let disk = SimulatedFileSystem::new();
    let clock = std::sync::Arc::new(SimulatedClock::new(NOON / 1_000_000));
    let resources = logstore::Resources { clock: clock.clone(), ..resources(&disk) };
    let store = logstore::LogStore::open(resources, PATH.as_ref(), logstore::Settings::default()).unwrap();
    let (web, db) = (labels(&[("app", "web")]), labels(&[("app", "db")]));
    let rules = AppendRules {
        streams_max: 1,
        stream_rate: Some(StreamRate { per_second: 1.0, burst: 10 }),
        ..AppendRules::default()
    };
    assert_eq!(try_push(&store, &web, &[entry(NOON, "12345678")], &rules).unwrap().stored, 1);
    let report = try_push(&store, &db, &[entry(NOON, "a"), entry(NOON, "b")], &rules).unwrap();
    assert_eq!(report.rejected.len(), 2);
    assert_eq!(report.rejected[1].reason, RejectReason::StreamLimit);
    let report = try_push(&store, &web, &[entry(NOON, "abc"), entry(NOON, "d")], &rules).unwrap();
    assert_eq!(report.rejected[0].reason, RejectReason::StreamRate { bytes: 4 });
    clock.advance(Duration::from_secs(2));
    assert_eq!(try_push(&store, &web, &[entry(NOON, "abc"), entry(NOON, "d")], &rules).unwrap().stored, 2);
    assert_eq!(store.active_streams(TENANT), 1);
}

#[test]
fn streams_and_labels_are_found_by_matchers() {
    let store = open(&SimulatedFileSystem::new());
    for (app, host) in [("web", "a"), ("web", "b"), ("db", "a")] {
        push(&store, &labels(&[("app", app), ("host", host)]), &[entry(NOON, "x")]);
    }
    push(&store, &labels(&[("old", "yes")]), &[entry(NOON - 1_000, "x")]);
    let querier = store.log_querier(TENANT, EntryRange::new(NOON, NOON + 1)).unwrap();
    let web = [Matcher::new("app", MatchOp::Regex, "we.").unwrap()];
    assert_eq!(querier.streams(&web).unwrap().len(), 2);
    assert_eq!(querier.label_names(&[], None).unwrap().items, ["app", "host"]);
    assert_eq!(querier.label_values("host", &[Matcher::equal("app", "db")], None).unwrap().items, ["a"]);
    assert_eq!(querier.select(&web).unwrap().blocks().len(), 2);
    assert!(store.log_querier("other", EntryRange::ALL).unwrap().streams(&[]).unwrap().is_empty());
}

#[test]
fn only_named_columns_are_read() {
    let store = open(&SimulatedFileSystem::new());
    let metadata = vec![("level".to_owned(), "info".to_owned()), ("trace".to_owned(), "1".to_owned())];
    push(&store, &labels(&[("app", "web")]), &[(NOON, "a".to_owned(), metadata), entry(NOON + 1, "b\nc")]);
    let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
    let mut columns = EntryColumns::default();
    let named = MetadataWanted::Named(vec!["level".to_owned()]);
    blocks.read(0, &Columns { metadata: named, timestamps: false, ..Columns::TIMES }, &mut columns).unwrap();
    assert_eq!((columns.rows, columns.timestamps.len(), columns.text.len()), (2, 0, 0));
    assert_eq!(columns.metadata.len(), 1);
    assert_eq!((columns.metadata[0].get(0), columns.metadata[0].get(1)), (Some("info"), None));
    let header = blocks.blocks()[0];
    assert_eq!((header.rows, header.line_bytes, header.metadata_bytes), (2, 4, 15));
}

#[test]
fn a_push_that_cannot_be_logged_is_not_stored() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON, "kept")]);
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace));
    let error = try_push(&store, &web, &[entry(NOON + 1, "lost")], &AppendRules::default()).unwrap_err();
    assert_eq!(error.kind(), storage::ErrorKind::Unavailable);
    assert_eq!(content(&store)[&web.to_string()], [entry(NOON, "kept")]);
    disk.clear_faults();
    assert_eq!(push(&store, &web, &[entry(NOON + 1, "lost")]).stored, 1);
    assert_eq!(content(&open(&disk.process_image())), content(&store));
}

#[test]
fn pushes_are_refused_below_the_reserve_and_taken_again_above() {
    let disk = SimulatedFileSystem::new();
    disk.set_capacity(Some(1_000_000));
    let settings = logstore::Settings { disk_reserve_bytes: Some(40_000), ..logstore::Settings::default() };
    let store = open_with(&disk, settings);
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON, "kept")]);
    let filler = Path::new("/filler");
    disk.create(filler).unwrap().append(&[0; 965_000]).unwrap();
    store.sync().unwrap();
    let error = try_push(&store, &web, &[entry(NOON + 1, "no")], &AppendRules::default()).unwrap_err();
    assert_eq!(error.kind(), storage::ErrorKind::Unavailable);
    assert_eq!(content(&store).len(), 1);
    disk.remove_file(filler).unwrap();
    store.sync().unwrap();
    assert_eq!(push(&store, &web, &[entry(NOON + 1, "yes")]).stored, 1);
}

#[test]
fn nothing_is_taken_after_the_end() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON, "kept")]);
    store.close().unwrap();
    let error = try_push(&store, &web, &[entry(NOON, "no")], &AppendRules::default()).unwrap_err();
    assert_eq!(error.kind(), storage::ErrorKind::Unavailable);
    assert_eq!(content(&open(&disk))[&web.to_string()], [entry(NOON, "kept")]);
}

#[test]
fn nothing_is_written_after_the_end() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON, "kept")]);
    store.close().unwrap();
    // The head is larger now than it may be: a push would write it down first.
    store.apply(logstore::Settings { head_bytes_max: 1, lock: false, ..logstore::Settings::default() });
    let files = || {
        let mut names: Vec<_> =
            disk.list(Path::new("/logs/wal")).unwrap().into_iter().map(|file| file.name).collect();
        names.sort_unstable();
        (names, crate::parts::part_files(&disk))
    };
    let before = files();
    let error = try_push(&store, &web, &[entry(NOON + 1, "no")], &AppendRules::default()).unwrap_err();
    assert_eq!(error.to_string(), storage::Error::from(logstore::Error::Closed).to_string());
    assert!(matches!(store.flush(), Err(logstore::Error::Closed)));
    assert_eq!(files(), before);
}
