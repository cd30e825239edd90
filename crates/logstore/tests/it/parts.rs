//! The same entries, wherever they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logstore::{LogStore, Settings};
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::logs::{AppendRules, Columns, EntryColumns, EntryRange, LogQueryable, MetadataWanted, Needle};

use crate::fixture::*;

const DAY: i64 = 86_400_000_000_000;

/// Blocks and frames of a few rows.
pub(crate) fn small() -> Settings {
    Settings { block_bytes_max: 300, frame_bytes_min: 100, ..Settings::default() }
}

/// Streams with entries in and out of order, over three days, with metadata of all kinds, and repeated ones.
pub(crate) fn fill(store: &LogStore, seed: i64) {
    for stream in 0..7 {
        let labels = labels(&[("app", &format!("app-{stream}")), ("host", &format!("h{}", stream % 2))]);
        let rows = if stream == 3 { 1 } else { 40 };
        let entries: Vec<Entry> = (0..rows)
            .map(|row| {
                let time = NOON + (row * 7 + stream * seed) % 41 * (DAY / 20);
                let mut metadata =
                    vec![("level".to_owned(), ["info", "warn"][(row % 2) as usize].to_owned())];
                if row % 3 == 0 {
                    metadata.push(("trace".to_owned(), format!("{:032x}", row * 1_234_567 + seed)));
                }
                let text = if row % 11 == 5 { "two\nlines" } else { "one line" };
                (time, format!("{text} of {stream}, row {row}, id={:x}", row * 7_919 + stream), metadata)
            })
            .collect();
        push(store, &labels, &entries);
        push(store, &labels, &entries[..entries.len() / 2]);
    }
}

/// The blocks' numbers are those of their rows, and named columns are those of all.
fn assert_sound(store: &LogStore) {
    let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
    let (mut all, mut some) = (EntryColumns::default(), EntryColumns::default());
    for (number, header) in blocks.blocks().iter().enumerate() {
        blocks.read(number, &Columns::ALL, &mut all).unwrap();
        assert_eq!(
            (all.rows, all.timestamps[0], *all.timestamps.last().unwrap()),
            (header.rows, header.start, header.end)
        );
        assert!(all.timestamps.is_sorted());
        let line_bytes: usize = (0..all.rows).map(|row| all.line(row).len()).sum();
        assert_eq!(line_bytes as u64, header.line_bytes);
        let metadata_bytes: usize = (0..all.rows)
            .flat_map(|row| all.metadata.iter().map(move |column| (column, row)))
            .filter_map(|(column, row)| Some(column.name.len() + column.get(row)?.len()))
            .sum();
        assert_eq!(metadata_bytes as u64, header.metadata_bytes);
        blocks.read(number, &Columns::TIMES, &mut some).unwrap();
        assert_eq!((&some.timestamps, some.rows), (&all.timestamps, all.rows));
        assert!(some.text.is_empty() && some.metadata.is_empty());
        let named = Columns {
            timestamps: false,
            lines: true,
            without_times: false,
            metadata: MetadataWanted::Named(vec!["trace".to_owned()]),
        };
        blocks.read(number, &named, &mut some).unwrap();
        assert_eq!((&some.text, &some.ends), (&all.text, &all.ends));
        assert!(some.metadata.iter().all(|column| &*column.name == "trace"));
    }
}

/// Blocks that share some time say nothing of the order of their equal times.
pub(crate) fn sorted(mut content: BTreeMap<String, Vec<Entry>>) -> BTreeMap<String, Vec<Entry>> {
    content.values_mut().for_each(|entries| entries.sort());
    content
}

#[test]
fn entries_in_memory_in_parts_and_after_a_restart_are_the_same() {
    for settings in [Settings::default(), small()] {
        let disk = SimulatedFileSystem::new();
        let store = open_with(&disk, settings.clone());
        fill(&store, 1);
        let expected = content(&store);
        assert_eq!(expected.len(), 7);
        assert_sound(&store);
        store.flush().unwrap();
        assert_eq!(content(&store), expected);
        assert_sound(&store);
        assert_eq!(content(&open_with(&disk.process_image(), settings.clone())), expected);
        // Some in parts and some in memory, and some in both.
        fill(&store, 2);
        let content = |store: &LogStore| sorted(content(store));
        let expected = content(&store);
        for range in [(NOON, NOON + DAY), (NOON + DAY / 20, NOON + DAY / 20 + 1), (0, NOON)] {
            let range = EntryRange::new(range.0, range.1);
            let mut part: BTreeMap<String, Vec<Entry>> = expected.clone();
            part.values_mut().for_each(|entries| entries.retain(|(time, _, _)| range.contains(*time)));
            part.retain(|_, entries| !entries.is_empty());
            assert_eq!(sorted(content_in(&store, range)), part);
        }
        store.flush().unwrap();
        assert_eq!(content(&store), expected);
        assert_eq!(content(&open_with(&disk.process_image(), settings)), expected);
    }
}

#[test]
fn lines_are_read_without_the_times_that_they_tell() {
    let read = |rows: &[&str]| {
        let store = open(&SimulatedFileSystem::new());
        let line = |row: usize, text: &str| {
            let time = NOON + row as i64 * 1_000_000;
            entry(time, &format!("ts=2023-11-15T12:00:00.{row:03}Z {text}"))
        };
        let entries: Vec<Entry> = rows.iter().enumerate().map(|(row, text)| line(row, text)).collect();
        push(&store, &labels(&[("app", "a")]), &entries);
        store.flush().unwrap();
        let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
        let mut columns = EntryColumns::default();
        let bare = Columns { timestamps: false, without_times: true, ..Columns::ALL };
        blocks.read(0, &bare, &mut columns).unwrap();
        let line = |row: usize| String::from_utf8_lossy(columns.line(row)).into_owned();
        let bare: Vec<String> = (0..columns.rows).map(line).collect();
        blocks.read(0, &Columns::ALL, &mut columns).unwrap();
        let line = |row: usize| String::from_utf8_lossy(columns.line(row)).into_owned();
        assert!((0..columns.rows).all(|row| line(row) == entries[row].1));
        bare
    };
    assert_eq!(read(&["a", "b"]), ["ts=\u{1}Z a", "ts=\u{1}Z b"]);
    // Lengths are those of whole lines.
    assert_eq!(read(&["a\nb"]), ["ts=2023-11-15T12:00:00.000Z a\nb"]);
}

#[test]
fn small_blocks_of_a_part_are_neighbours_and_blocks_in_memory_stand_alone() {
    let store = open(&SimulatedFileSystem::new());
    fill(&store, 1);
    let count = |store: &LogStore| {
        let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
        let numbers: std::collections::BTreeSet<u32> = blocks.neighbours().iter().copied().collect();
        assert_eq!(blocks.neighbours().len(), blocks.blocks().len());
        (blocks.blocks().len(), numbers.len())
    };
    assert_eq!(count(&store), (7, 7));
    store.flush().unwrap();
    // A part for each of three days.
    let (blocks, frames) = count(&store);
    assert!(blocks > 14 && frames == 3, "{blocks} {frames}");
}

#[test]
fn days_without_entries_cost_nothing() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(0, "the first day"), entry(NOON, "now"), entry(NOON - 900 * DAY, "between")]);
    let expected = content(&store);
    store.flush().unwrap();
    let days = disk.list(&Path::new(PATH).join("parts").join(TENANT)).unwrap();
    assert_eq!((days.len(), part_files(&disk).len()), (3, 3));
    assert_eq!(content(&store), expected);
}

#[test]
fn filters_rule_out_what_is_nowhere_and_nothing_that_is_there() {
    let store = open_with(&SimulatedFileSystem::new(), small());
    fill(&store, 1);
    store.flush().unwrap();
    let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
    let needle = |text: &str| Needle { bytes: text.as_bytes().to_vec(), any_case: true };
    let absent = vec![vec![needle("no such words anywhere")]];
    let excluded = (0..blocks.blocks().len()).filter(|block| blocks.excludes(*block, &absent)).count();
    assert!(excluded * 10 > blocks.blocks().len() * 9, "{excluded} of {}", blocks.blocks().len());
    let mut columns = EntryColumns::default();
    for block in 0..blocks.blocks().len() {
        blocks.read(block, &Columns::ALL, &mut columns).unwrap();
        for row in 0..columns.rows {
            let line = String::from_utf8_lossy(columns.line(row)).to_uppercase();
            assert!(
                !blocks
                    .excludes(block, &[vec![needle(&line), needle("absent anyway")], vec![needle("LINE")]])
            );
        }
    }
}

pub(crate) fn part_files(disk: &SimulatedFileSystem) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![Path::new(PATH).join("parts")];
    while let Some(folder) = waiting.pop() {
        for entry in disk.list(&folder).unwrap_or_default() {
            let path = folder.join(&entry.name);
            if entry.is_dir { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_damaged_part_costs_what_is_damaged_and_never_the_start() {
    let whole = SimulatedFileSystem::new();
    let store = open_with(&whole, small());
    fill(&store, 1);
    store.flush().unwrap();
    let expected = content(&store);
    let path = part_files(&whole)[0].clone();
    let len = whole.metadata(&path).unwrap().len as usize;
    for at in (0..len).step_by(37) {
        let disk = whole.process_image();
        disk.damage(&path, |bytes| bytes[at] ^= 0x55).unwrap();
        let store = open_with(&disk, small());
        let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
        let mut columns = EntryColumns::default();
        let mut read = 0;
        for (block, header) in blocks.blocks().iter().enumerate() {
            // Nothing that is not there is ever given.
            if blocks.read(block, &Columns::ALL, &mut columns).is_ok() {
                let stream = &expected[&blocks.streams()[header.stream].to_string()];
                read += columns.rows;
                for row in 0..columns.rows {
                    let line = String::from_utf8_lossy(columns.line(row));
                    assert!(
                        stream
                            .iter()
                            .any(|(time, text, _)| (*time, &**text) == (columns.timestamps[row], &*line))
                    );
                }
            }
            let needle = Needle { bytes: b"one line of".to_vec(), any_case: false };
            let has_it = (0..columns.rows).any(|row| columns.line(row).starts_with(b"one line of"));
            assert!(!has_it || !blocks.excludes(block, &[vec![needle]]), "byte {at}");
        }
        let all: usize = expected.values().map(Vec::len).sum();
        assert!(
            read > 0 && (read >= all / 2 || store.damaged_parts().len() == 1),
            "byte {at}: {read} of {all}"
        );
    }
}

#[test]
fn a_part_of_another_version_is_left_out_and_says_so() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    push(&store, &labels(&[("app", "web")]), &[entry(NOON, "a line")]);
    store.flush().unwrap();
    let path = part_files(&disk)[0].clone();
    let older = disk.process_image();
    // The name of the format stands at both ends, its version behind it.
    older.damage(&path, |bytes| [6, bytes.len() - 2].into_iter().for_each(|at| bytes[at] = 1)).unwrap();
    let store = open(&older);
    let damaged = store.damaged_parts();
    assert!(damaged.len() == 1 && damaged[0].error.contains("version"), "{damaged:?}");
    assert!(content(&store).is_empty());
}

#[test]
fn streams_of_one_service_stand_together_in_a_part() {
    let store =
        open_with(&SimulatedFileSystem::new(), Settings { frame_bytes_min: 4_000, ..Settings::default() });
    for host in 0..40 {
        for service in ["api", "db"] {
            let stream = labels(&[("host", &format!("{host:02}")), ("service_name", service)]);
            let rows: Vec<Entry> =
                (0..4).map(|row| entry(NOON + row, &format!("a line of {service} {row}"))).collect();
            push(&store, &stream, &rows);
        }
    }
    store.flush().unwrap();
    let blocks = store.log_querier(TENANT, EntryRange::ALL).unwrap().select(&[]).unwrap();
    assert!(blocks.streams().is_sorted());
    let mut services: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let (mut together, mut alone) = (EntryColumns::default(), EntryColumns::default());
    for (block, header) in blocks.blocks().iter().enumerate() {
        let of_frame = services.entry(blocks.neighbours()[block]).or_default();
        of_frame.extend(blocks.streams()[header.stream].get("service_name"));
        // What is read at once is what is read block by block.
        let rows = blocks.rows_among_neighbours(block).unwrap();
        blocks.read_neighbours(block, &Columns::ALL, &mut together).unwrap();
        blocks.read(block, &Columns::ALL, &mut alone).unwrap();
        assert_eq!(rows.len(), alone.rows);
        for (row, place) in rows.enumerate() {
            assert_eq!(together.timestamps[place], alone.timestamps[row]);
            assert_eq!(together.line(place), alone.line(row));
        }
    }
    assert!(services.len() > 1);
    assert!(services.values().all(|of_frame| of_frame.iter().all(|service| *service == of_frame[0])));
}

#[test]
fn a_head_that_cannot_be_written_stays_and_is_written_later() {
    let disk = SimulatedFileSystem::new();
    let store = open_with(&disk, Settings { head_bytes_max: 10_000, ..small() });
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace).on("parts"));
    fill(&store, 1);
    let expected = content(&store);
    assert!(part_files(&disk).iter().all(|path| path.extension().unwrap() == "tmp"));
    assert_eq!(content(&open_with(&disk.process_image(), small())), expected);
    disk.clear_faults();
    store.flush().unwrap();
    assert_eq!(content(&store), expected);
    assert!(!part_files(&disk).is_empty());
    assert_eq!(content(&open_with(&disk.process_image(), small())), expected);
}

#[test]
fn a_head_that_is_written_at_a_later_attempt_is_counted_for_what_it_was_ended_for() {
    let disk = SimulatedFileSystem::new();
    let registry = telemetry::Registry::new();
    let settings = Settings { lock: false, head_bytes_max: 2_000, ..small() };
    let resources = logstore::Resources { registry: registry.clone(), ..resources(&disk) };
    let store = LogStore::open(resources, Path::new(PATH), settings).unwrap();
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace).on("parts"));
    let web = labels(&[("app", "web")]);
    push(&store, &web, &[entry(NOON, &"x".repeat(2_000))]);
    disk.clear_faults();
    push(&store, &labels(&[("app", "other")]), &[entry(NOON, "short")]);
    store.flush().unwrap();
    let families = registry.gather();
    let flushed = families.iter().find(|family| family.name == "loki_ingester_chunks_flushed_total").unwrap();
    let mut reasons: Vec<_> =
        flushed.metrics.iter().map(|metric| (metric.labels[0].1.clone(), metric.value.clone())).collect();
    reasons.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [("forced", 1), ("full", 1)];
    let expected =
        expected.map(|(reason, count)| (reason.to_owned(), telemetry::Value::Counter(f64::from(count))));
    assert_eq!(reasons, expected);
}

#[test]
fn memory_does_not_grow_for_ever_where_nothing_can_be_written_down() {
    let disk = SimulatedFileSystem::new();
    let store = open_with(&disk, Settings { head_bytes_max: 2_000, ..small() });
    disk.inject(Fault::always(Operation::Append, FaultKind::NoSpace).on("parts"));
    let web = labels(&[("app", "web")]);
    let results: Vec<_> = (0..400)
        .map(|row| try_push(&store, &web, &[entry(NOON + row, &"x".repeat(100))], &AppendRules::default()))
        .collect();
    let error = results.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), storage::ErrorKind::Unavailable);
    disk.clear_faults();
    push(&store, &web, &[entry(NOON + 1_000, "again")]);
    let stored = results.iter().filter(|result| result.is_ok()).count() + 1;
    assert_eq!(content(&store)[&web.to_string()].len(), stored);
}

#[test]
fn entries_after_the_loss_of_the_log_are_not_taken_for_old_ones() {
    let disk = SimulatedFileSystem::new();
    let store = open(&disk);
    let web = labels(&[("app", "web")]);
    for row in 0..4 {
        push(&store, &web, &[entry(NOON + row, "flushed")]);
        store.flush().unwrap();
    }
    drop(store);
    disk.remove_dir_all(&Path::new(PATH).join("wal")).unwrap();
    let store = open(&disk);
    push(&store, &web, &[entry(NOON + 10, "new")]);
    let expected = content(&store);
    assert_eq!(expected[&web.to_string()].len(), 5);
    assert_eq!(content(&open(&disk.process_image())), expected);
}
