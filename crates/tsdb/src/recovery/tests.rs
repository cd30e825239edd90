//! Logs of any records come to what a reader comes to who takes them one after the other, however many threads read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use model::{Histogram, Labels, SeriesRef};
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use proptest::prelude::*;
use storage::{Querier, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;
use wal::record::{
    HistogramColumns, Samples, SeriesEncoder, Tombstone, encode_histograms, encode_samples, encode_tombstones,
};
use wal::{Batch, Position};

use super::records::{FiledChunks, Replay};
use super::{ReplayProgress, read};
use crate::Settings;
use crate::exemplars::Exemplars;
use crate::head::{ChunkFiles, Head, HeadQuerier, HeadRange, LateLog, LateParts, Memory};
use crate::metrics::Metrics;

const FOLDER: &str = "/data/wal";

/// A record of a log.
#[derive(Debug, Clone)]
enum Record {
    /// References, and which labels.
    Series(Vec<(SeriesRef, u8)>),
    Floats(Vec<(SeriesRef, i64, f64)>),
    Histograms(Vec<(SeriesRef, i64, f64)>),
    Deleted(Vec<(SeriesRef, i64, i64)>),
}

/// Labels as a log may hold them: short ones mostly, some long, some in no order.
fn pairs(which: u8) -> Vec<(String, String)> {
    let value =
        if which.is_multiple_of(5) { "x".repeat(100 + usize::from(which) * 20) } else { "y".to_owned() };
    let mut pairs = vec![("__name__".to_owned(), format!("m{which}")), ("same".to_owned(), value)];
    if which.is_multiple_of(7) {
        pairs.reverse();
    }
    pairs
}

/// References of few series, far enough apart for lanes of their own, some with the place of another.
fn reference() -> impl Strategy<Value = SeriesRef> {
    (1..14_u64, 0..8_u64)
        .prop_map(|(number, again)| SeriesRef(number * 300 + (again.saturating_sub(6) << 32)))
}

fn record() -> impl Strategy<Value = Record> {
    let samples = || prop::collection::vec((reference(), 0..1000_i64, -5..5_i32), 1..30);
    let float = |(series, time, value): (SeriesRef, i64, i32)| (series, time, f64::from(value));
    prop_oneof![
        2 => prop::collection::vec((reference(), 0..20_u8), 1..4).prop_map(Record::Series),
        4 => samples().prop_map(move |all| Record::Floats(all.into_iter().map(float).collect())),
        1 => samples().prop_map(move |all| Record::Histograms(all.into_iter().map(float).collect())),
        1 => (reference(), 0..1000_i64, 0..300_i64)
            .prop_map(|(series, start, len)| Record::Deleted(vec![(series, start, start + len)])),
    ]
}

/// Later records hold later samples, mostly.
fn log() -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(record(), 0..60).prop_map(|mut records| {
        for (number, record) in records.iter_mut().enumerate() {
            if let Record::Floats(samples) | Record::Histograms(samples) = record {
                samples.iter_mut().for_each(|sample| sample.1 += number as i64 * 300);
            }
        }
        records
    })
}

fn histogram(sum: f64) -> Histogram {
    Histogram { count: 1, zero_count: 1, sum, ..Histogram::default() }
}

fn encode(record: &Record, batch: &mut Batch) {
    let mut bytes = Vec::new();
    match record {
        Record::Series(series) => {
            let mut encoder = SeriesEncoder::default();
            for (series, which) in series {
                let pairs = pairs(*which);
                encoder.push(*series, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            }
            bytes.extend_from_slice(encoder.bytes());
        }
        Record::Floats(samples) => {
            let mut columns = Samples::default();
            samples.iter().for_each(|(series, time, value)| columns.push(*series, *time, *value));
            encode_samples(&columns, &mut bytes);
        }
        Record::Histograms(samples) => {
            let mut columns = HistogramColumns::default();
            for (series, time, value) in samples {
                columns.push(*series, *time, 0, histogram(*value));
            }
            encode_histograms(&columns, 0..columns.len(), |record| batch.push(record)).unwrap();
            return;
        }
        Record::Deleted(spans) => {
            let tombstone = |(series, min_time, max_time): &(SeriesRef, i64, i64)| Tombstone {
                series: *series,
                min_time: *min_time,
                max_time: *max_time,
            };
            encode_tombstones(&spans.iter().map(tombstone).collect::<Vec<_>>(), &mut bytes);
        }
    }
    batch.push(&bytes).unwrap();
}

/// Times and values by labels.
type Dump = BTreeMap<String, (Vec<(i64, u64)>, Vec<(i64, u64)>)>;

/// What a log comes to.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    samples: Dump,
    renamed: BTreeMap<SeriesRef, SeriesRef>,
    ambiguous: BTreeSet<SeriesRef>,
    unknown: u64,
}

/// Takes the records one after the other.
#[derive(Default)]
struct Plain {
    series: HashMap<u32, (SeriesRef, u8)>,
    renamed: BTreeMap<SeriesRef, SeriesRef>,
    ambiguous: BTreeSet<SeriesRef>,
    next: u64,
    /// Every reference of the log, until one is needed that is none of them.
    all: Vec<SeriesRef>,
    samples: HashMap<u8, Vec<(i64, u64, bool)>>,
    deleted: Vec<(u8, i64, i64)>,
    unknown: u64,
}

impl Plain {
    fn find(&self, series: SeriesRef) -> Option<u8> {
        let here = self.renamed.get(&series).copied().unwrap_or(series);
        self.series.get(&(here.0 as u32)).filter(|(found, _)| *found == here).map(|(_, which)| *which)
    }

    fn take(&mut self, record: &Record) {
        match record {
            Record::Series(series) => series.iter().for_each(|(series, which)| self.name(*series, *which)),
            Record::Floats(samples) => samples.iter().for_each(|sample| self.append(*sample, false)),
            Record::Histograms(samples) => samples.iter().for_each(|sample| self.append(*sample, true)),
            Record::Deleted(spans) => {
                for (series, start, end) in spans {
                    self.deleted.extend(self.find(*series).map(|which| (which, *start, *end)));
                }
            }
        }
    }

    fn hear(&mut self, series: SeriesRef) {
        self.next = self.next.max(u64::from(series.0 as u32) + 1);
    }

    fn name(&mut self, series: SeriesRef, which: u8) {
        let before = self.series.get(&(series.0 as u32)).copied();
        if before.is_some_and(|before| before != (series, which)) {
            std::mem::take(&mut self.all).into_iter().for_each(|series| self.hear(series));
        }
        let present = self.series.values().find(|(_, other)| *other == which).map(|(series, _)| *series);
        let here = present.unwrap_or_else(|| {
            self.hear(series);
            let here = if before.is_none() { series } else { SeriesRef(self.next.max(1)) };
            self.series.insert(here.0 as u32, (here, which));
            self.hear(here);
            here
        });
        self.hear(series);
        let meant =
            self.renamed.remove(&series).or(before.map(|before| before.0).filter(|before| *before == series));
        if meant.is_some_and(|meant| meant != here) {
            self.ambiguous.insert(series);
        }
        if here != series {
            self.renamed.insert(series, here);
        }
    }

    fn append(&mut self, (series, time, value): (SeriesRef, i64, f64), is_histogram: bool) {
        let Some(which) = self.find(series) else {
            self.unknown += 1;
            return;
        };
        let samples = self.samples.entry(which).or_default();
        if samples.last().is_none_or(|(last, ..)| *last < time) {
            samples.push((time, value.to_bits(), is_histogram));
        }
    }

    fn outcome(self) -> Outcome {
        let mut dump = Dump::new();
        for (which, samples) in &self.samples {
            let of = |histograms: bool| -> Vec<(i64, u64)> {
                let is_deleted = |time: i64| {
                    self.deleted.iter().any(|(of, start, end)| of == which && (*start..=*end).contains(&time))
                };
                let seen = samples.iter().filter(|(time, _, kind)| *kind == histograms && !is_deleted(*time));
                seen.map(|(time, value, _)| (*time, *value)).collect()
            };
            let columns = (of(false), of(true));
            if columns != Default::default() {
                dump.insert(Labels::from_pairs(pairs(*which)).to_string(), columns);
            }
        }
        Outcome { samples: dump, renamed: self.renamed, ambiguous: self.ambiguous, unknown: self.unknown }
    }
}

fn write(disk: &SimulatedFileSystem, records: &[Record]) {
    let parts = wal_parts(disk);
    let mut log = wal::Log::open(parts, Path::new(FOLDER), wal::Settings::default()).unwrap();
    for record in records {
        let mut batch = Batch::default();
        encode(record, &mut batch);
        log.append(&batch).unwrap();
    }
}

fn wal_parts(disk: &SimulatedFileSystem) -> wal::Parts {
    let clock = Arc::new(SimulatedClock::new(0));
    wal::Parts { fs: Arc::new(disk.clone()), clock, metrics: wal::Metrics::new(&Registry::new(), "wal") }
}

/// What a log comes to, and the references of new series after that.
fn replay(disk: &SimulatedFileSystem, threads: usize) -> (Outcome, Vec<SeriesRef>) {
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let (registry, settings) = (Registry::new(), Settings::default());
    let files = ChunkFiles::new(Arc::clone(&fs), Path::new("/data/chunks_head"));
    let metrics = Metrics::new(&registry);
    let memory =
        Memory::new(settings.clone(), metrics, files, Exemplars::new(&registry, None), &Arc::default());
    let segments = wal::segments(&*fs, Path::new(FOLDER)).unwrap();
    let progress = ReplayProgress::default();
    let mut replay = Replay::new(&memory, &fs, &progress, FiledChunks::default());
    replay.files.clone_from(&segments);
    let threads = NonZero::new(threads).unwrap();
    let unknown = read(&mut replay, &segments, Position::default(), threads).unwrap();
    let renamed = replay.renamed.into_iter().collect();
    let ambiguous = replay.ambiguous.into_iter().collect();
    memory.hear_unknown();
    let late = LateParts { fs: Arc::clone(&fs), clock: Arc::new(SimulatedClock::new(0)), registry };
    let late = LateLog::new(late, Path::new("/data/wbl"), settings.wal);
    let head = Head::open(memory, wal_parts(disk), Path::new(FOLDER), late).unwrap();
    let range = HeadRange { in_order: TimeRange::ALL, late: TimeRange::ALL };
    let samples = dump(&HeadQuerier::new(Arc::clone(&head), range));
    let new = |which| {
        head.memory.series(&Labels::from_pairs([("__name__".to_owned(), format!("new{which}"))]), 0).unwrap()
    };
    (Outcome { samples, renamed, ambiguous, unknown }, (0..3).map(new).collect())
}

/// Every reference that a log knows.
fn references(records: &[Record]) -> Vec<SeriesRef> {
    let of = |record: &Record| -> Vec<SeriesRef> {
        match record {
            Record::Series(series) => series.iter().map(|(series, _)| *series).collect(),
            Record::Floats(samples) | Record::Histograms(samples) => {
                samples.iter().map(|(series, ..)| *series).collect()
            }
            Record::Deleted(spans) => spans.iter().map(|(series, ..)| *series).collect(),
        }
    };
    records.iter().flat_map(of).collect()
}

/// Takes the records one after the other.
fn plain(records: &[Record]) -> Outcome {
    let mut plain = Plain { all: references(records), ..Plain::default() };
    records.iter().for_each(|record| plain.take(record));
    plain.outcome()
}

fn dump(querier: &HeadQuerier) -> Dump {
    let set = querier.select(&[], &SelectHints::default()).unwrap();
    let mut dump = Dump::new();
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        let floats =
            columns.timestamps.iter().copied().zip(columns.values.iter().map(|value| value.to_bits()));
        let histograms = &columns.histograms;
        let sums = histograms.values.iter().map(|histogram| histogram.sum.to_bits());
        let both: (Vec<_>, Vec<_>) =
            (floats.collect(), histograms.timestamps.iter().copied().zip(sums).collect());
        if both != Default::default() {
            dump.insert(set.labels(position).to_string(), both);
        }
    }
    dump
}

proptest! {
    #[test]
    fn any_number_of_threads_comes_to_what_the_records_say_one_by_one(records in log(), threads in 1..5_usize) {
        let disk = SimulatedFileSystem::new();
        write(&disk, &records);
        let (outcome, new) = replay(&disk, threads);
        prop_assert_eq!(outcome, plain(&records));
        let known = references(&records);
        prop_assert!(new.iter().all(|series| !known.contains(series)), "{:?} of {:?}", new, known);
    }
}

/// The series of samples is told behind them: then they were another's, whoever reads faster.
#[test]
fn samples_before_their_series_are_nobodys() {
    let disk = SimulatedFileSystem::new();
    let (early, late) = (SeriesRef(300), SeriesRef(900));
    let mut records = vec![Record::Series(vec![(early, 1)])];
    for number in 0..2000 {
        records.push(Record::Floats((0..20).map(|i| (early, number * 20 + i, 1.0)).collect()));
    }
    records.push(Record::Floats(vec![(late, 7, 1.0)]));
    records.push(Record::Series(vec![(late, 2)]));
    records.push(Record::Floats(vec![(late, 9, 1.0)]));
    write(&disk, &records);
    let expected = plain(&records);
    assert_eq!(expected.unknown, 1);
    for threads in [1, 2, 3] {
        assert_eq!(replay(&disk, threads).0, expected);
    }
}

/// Two references of one series: the second one is no free number for a new series, which the next start would take for
/// the first one.
#[test]
fn a_second_reference_of_a_series_is_no_others() {
    let disk = SimulatedFileSystem::new();
    write(&disk, &[Record::Series(vec![(SeriesRef(1), 1), (SeriesRef(2), 1)])]);
    let (outcome, new) = replay(&disk, 1);
    assert_eq!(outcome.renamed, BTreeMap::from([(SeriesRef(2), SeriesRef(1))]));
    assert_eq!(new, [SeriesRef(3), SeriesRef(4), SeriesRef(5)]);
}

/// A series whose number is taken gets one that the rest of the log does not know.
#[test]
fn a_series_whose_number_is_taken_gets_none_that_follows() {
    let disk = SimulatedFileSystem::new();
    let (first, again) = (SeriesRef(1), SeriesRef((1 << 32) + 1));
    let later = [(SeriesRef(2), 3), (SeriesRef(3), 4)];
    write(&disk, &[Record::Series(vec![(first, 1), (again, 2)]), Record::Series(later.to_vec())]);
    let (outcome, new) = replay(&disk, 1);
    assert_eq!(outcome.renamed, BTreeMap::from([(again, SeriesRef(4))]));
    assert_eq!(new.first(), Some(&SeriesRef(5)));
}

/// Where the log gives two series one reference, each has what stands behind its own labels.
#[test]
fn samples_of_a_reference_that_two_series_have_go_to_the_one_that_was_told_last() {
    let disk = SimulatedFileSystem::new();
    let series = SeriesRef(1);
    let records = [
        Record::Series(vec![(series, 1)]),
        Record::Floats(vec![(series, 1, 1.0)]),
        Record::Series(vec![(series, 2)]),
        Record::Floats(vec![(series, 2, 2.0)]),
        Record::Series(vec![(series, 1)]),
        Record::Floats(vec![(series, 3, 3.0)]),
    ];
    write(&disk, &records);
    let (outcome, _) = replay(&disk, 1);
    assert_eq!(outcome, plain(&records));
    let times: Vec<Vec<i64>> =
        outcome.samples.values().map(|(floats, _)| floats.iter().map(|(time, _)| *time).collect()).collect();
    assert_eq!(times, [vec![1, 3], vec![2]]);
    assert_eq!(outcome.ambiguous, BTreeSet::from([series]));
}
