//! What must be there, what may be there, and what must not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use tsdb::{Db, Settings};

/// Samples by series and time, as text.
pub(super) type Content = BTreeMap<String, BTreeMap<i64, String>>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) series: String,
    pub(super) time: i64,
    pub(super) text: String,
}

#[derive(Debug, Clone)]
pub(super) struct Deletion {
    pub(super) series: String,
    pub(super) range: TimeRange,
}

impl Deletion {
    fn concerns(&self, series: &str, time: i64) -> bool {
        self.series == series && self.range.contains(time)
    }
}

/// The value of a sample.
pub(super) enum Value {
    Float(f64),
    /// A histogram of so many observations.
    Int(u64),
    /// The same as a float histogram.
    Fractions(u64),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => write!(formatter, "{:x}", value.to_bits()),
            Self::Int(count) | Self::Fractions(count) => write!(formatter, "h{}", *count as f64),
        }
    }
}

/// Something that was acknowledged.
#[derive(Debug, Clone)]
enum Event {
    Sample(Sample),
    Deletion(Deletion),
}

/// What was asked of a store, and what it has acknowledged.
#[derive(Debug, Clone)]
pub(super) struct Oracle {
    /// In the order of the acknowledgements.
    events: Vec<Event>,
    /// So many of the events survive a crash of the machine.
    synced: usize,
    /// What was sent, acknowledged or not.
    sent: Content,
    /// What was asked to be deleted, acknowledged or not.
    deletions: Vec<Deletion>,
    retention: Option<Duration>,
    range_ms: i64,
    newest: i64,
    /// Blocks may be gone, whatever their age.
    without_blocks: bool,
}

/// What a start must come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Certain {
    samples: Content,
    gone: Vec<Deletion>,
}

impl Oracle {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            events: Vec::new(),
            synced: 0,
            sent: Content::new(),
            deletions: Vec::new(),
            retention: settings.retention,
            range_ms: settings.block_duration_min.as_millis() as i64,
            newest: 0,
            without_blocks: false,
        }
    }

    /// Samples were sent in one commit.
    pub(super) fn committed(&mut self, samples: Vec<Sample>, acknowledged: bool) {
        self.newest = samples.iter().map(|sample| sample.time).fold(self.newest, i64::max);
        for sample in &samples {
            let sent = self.sent.entry(sample.series.clone()).or_default();
            let before = sent.insert(sample.time, sample.text.clone());
            assert!(before.is_none_or(|before| before == sample.text), "a time has one value");
        }
        if acknowledged {
            self.events.extend(samples.into_iter().map(Event::Sample));
        }
    }

    /// All that was acknowledged is synced.
    pub(super) fn synced(&mut self) {
        self.synced = self.events.len();
    }

    /// A deletion is asked for.
    pub(super) fn deleted(&mut self, deletion: Deletion, run: impl FnOnce() -> bool) {
        self.deletions.push(deletion.clone());
        if run() {
            self.events.push(Event::Deletion(deletion));
        }
    }

    /// From here on blocks are removed by size.
    pub(super) fn blocks_may_go(&mut self) {
        self.without_blocks = true;
    }

    /// What survives the end of the process.
    pub(super) fn acknowledged(&self) -> Certain {
        self.certain(self.events.len())
    }

    /// What survives the end of the machine.
    pub(super) fn durable(&self) -> Certain {
        self.certain(self.synced)
    }

    fn certain(&self, count: usize) -> Certain {
        let mut certain = Certain::default();
        for event in &self.events[..count] {
            match event {
                Event::Sample(sample) => {
                    let series = certain.samples.entry(sample.series.clone()).or_default();
                    series.entry(sample.time).or_insert_with(|| sample.text.clone());
                }
                // The log may bring back what was deleted in blocks that are gone as a whole.
                Event::Deletion(_) if self.without_blocks => {}
                Event::Deletion(deletion) => certain.gone.push(deletion.clone()),
            }
        }
        for (series, samples) in &mut certain.samples {
            let may_be_gone = |time| self.deletions.iter().any(|deletion| deletion.concerns(series, time));
            samples.retain(|time, _| !may_be_gone(*time) && *time >= self.kept_from());
        }
        certain
    }

    /// Before this time retention may have removed anything.
    fn kept_from(&self) -> i64 {
        if self.without_blocks {
            // A range is written as a block when half of another has followed it.
            return self.newest - self.range_ms / 2;
        }
        let ranges = self.newest.div_euclid(self.range_ms) + 1;
        let retention = self.retention.map_or(i64::MAX, |kept| kept.as_millis() as i64);
        (ranges * self.range_ms).saturating_sub(retention)
    }

    /// Holds what a store gives against what it must give.
    pub(super) fn check(&self, db: &Db, certain: &Certain, context: &str) {
        let (found, errors) = read(db);
        assert!(errors.is_empty(), "{context}: {errors:?}");
        for (series, samples) in &certain.samples {
            let empty = BTreeMap::new();
            let present = found.get(series).unwrap_or(&empty);
            for (time, text) in samples {
                assert_eq!(present.get(time), Some(text), "{context}: {series} at {time}");
            }
        }
        self.check_true(&found, context);
        for (series, samples) in &found {
            for time in samples.keys() {
                let deleted = certain.gone.iter().find(|deletion| deletion.concerns(series, *time));
                assert!(deleted.is_none(), "{context}: {series} at {time} is back");
            }
        }
    }

    /// What is not acknowledged may be there too, but only as it was sent.
    pub(super) fn check_true(&self, found: &Content, context: &str) {
        for (series, samples) in found {
            let sent = self.sent.get(series);
            for (time, text) in samples {
                let was_sent = sent.and_then(|sent| sent.get(time)) == Some(text);
                assert!(was_sent, "{context}: {series} at {time} was never {text}");
            }
        }
    }
}

/// All that a store gives, by the label `id`, and what it cannot read. Where something cannot be read, the rest is asked
/// for in pieces.
pub(super) fn read(db: &Db) -> (Content, BTreeSet<String>) {
    let (content, errors) = read_range(db, TimeRange::ALL);
    if errors.is_empty() {
        return (content, errors);
    }
    let (mut content, mut errors) = (Content::new(), BTreeSet::new());
    for piece in 0..PIECES {
        let (part, failed) = read_range(db, TimeRange::new(piece * PIECE, (piece + 1) * PIECE - 1));
        for (series, mut samples) in part {
            content.entry(series).or_default().append(&mut samples);
        }
        errors.extend(failed);
    }
    (content, errors)
}

/// The pieces that a store is read in: minutes from 0 up.
pub(super) const PIECE: i64 = 10 * 60_000;
const PIECES: i64 = 9;

fn read_range(db: &Db, range: TimeRange) -> (Content, BTreeSet<String>) {
    let (mut content, mut errors) = (Content::new(), BTreeSet::new());
    let querier = db.querier(range).unwrap();
    let set = match querier.select(&[], &SelectHints { sorted: true, ..SelectHints::default() }) {
        Ok(set) => set,
        Err(error) => return (content, BTreeSet::from([error.to_string()])),
    };
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        if let Err(error) = set.read(position, range, &mut columns) {
            errors.insert(error.to_string());
            continue;
        }
        let floats = columns.timestamps.iter().zip(columns.values.iter().map(|value| Value::Float(*value)));
        let histograms = columns.histograms.values.iter();
        let histograms = histograms.map(|histogram| Value::Int(histogram.count as u64));
        let histograms = columns.histograms.timestamps.iter().zip(histograms);
        let samples =
            content.entry(set.labels(position).get("id").unwrap_or_default().to_owned()).or_default();
        for (time, value) in floats.chain(histograms) {
            let before = samples.insert(*time, value.to_string());
            assert_eq!(before, None, "a time stands twice");
        }
    }
    content.retain(|_, samples| !samples.is_empty());
    (content, errors)
}
