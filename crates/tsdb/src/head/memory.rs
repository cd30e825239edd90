//! What the head holds: labels, series, times.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use foldhash::fast::RandomState;
use model::{Labels, Metadata, SeriesRef};
use parking_lot::{Mutex, RwLock};
use platform::{DiskReserve, MemoryBudget, MemoryPart, MemoryShare};
use storage::Error;

use super::chunk::ChunkShape;
use super::files::{ChunkFiles, FileChunk};
use super::isolation::{CommitId, Isolation};
use super::labels::HeadLabels;
use super::late::LateState;
use super::pages::{Pages, number_of};
use super::raw::RawLabels;
use super::series::{Bounds, Series};
use super::sessions::Sessions;
use crate::Settings;
use crate::block::Tombstones;
use crate::exemplars::{Exemplars, Offered};
use crate::metrics::Metrics;

/// What a series takes with its labels, their places in the index and its open chunk, in bytes: an estimate. Series of
/// node exporters took 414 with ten samples each, and take more as their open chunks fill.
const SERIES_BYTES: u64 = 600;
/// What a full chunk takes, in bytes: where it stands in its file.
const CHUNK_BYTES: u64 = 32;

/// Times of the oldest and the newest sample; [`i64::MAX`] and [`i64::MIN`] before the first.
#[derive(Debug)]
struct Times {
    min: i64,
    max: i64,
    /// Of what was appended since old samples began to be removed.
    min_since: i64,
}

/// The series of the head and their samples.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) labels: RwLock<HeadLabels>,
    /// Series by what their senders write.
    pub(crate) raw: RawLabels,
    pub(crate) pages: Pages,
    pub(crate) isolation: Arc<Isolation>,
    pub(crate) metrics: Metrics,
    /// How chunks are made, as the store was opened.
    pub(crate) shape: ChunkShape,
    /// Whether floats are encoded as XOR2, as of the last reload.
    xor2: AtomicBool,
    pub(crate) appenders: Arc<Sessions>,
    pub(crate) readers: Arc<Sessions>,
    /// References of the log that no series has here, since it has another one or is gone, and the time of the newest
    /// sample that may stand under them: so long a checkpoint keeps their labels.
    pub(crate) heard_until: Mutex<HashMap<SeriesRef, i64>>,
    /// Those of them whose series has another one here, and that one.
    pub(crate) renamed: Mutex<HashMap<SeriesRef, SeriesRef>>,
    /// References that a start finds in files whose series is not there.
    pub(super) unknown: Mutex<HashSet<SeriesRef, RandomState>>,
    /// Held by commits, for reading, from before they come to the log until they have come to memory.
    pub(crate) committing: RwLock<()>,
    /// Whether the disk has room for more.
    pub(crate) reserve: DiskReserve,
    /// Where full chunks go.
    pub(crate) files: ChunkFiles,
    /// Series with full chunks that are in no file yet.
    pub(crate) sealed: Mutex<Vec<SeriesRef>>,
    /// Held by whoever moves them to files.
    pub(super) filing: Mutex<()>,
    /// What came out of order, as a whole.
    pub(super) late: LateState,
    /// Types, units and help texts, as far as they are known.
    pub(crate) metadata: RwLock<HashMap<SeriesRef, Arc<Metadata>>>,
    /// Deleted spans of time, by the series' references.
    pub(super) deleted: RwLock<Arc<Tombstones>>,
    pub(crate) exemplars: Arc<Exemplars>,
    settings: Settings,
    times: Mutex<Times>,
    /// What `times` says, to be read without its lock.
    min_time: AtomicI64,
    max_time: AtomicI64,
    /// Older samples are not taken: they belong to blocks.
    append_from: AtomicI64,
    /// Older samples are read from blocks.
    head_from: AtomicI64,
    chunks: AtomicU64,
    /// About what all this takes of the process's memory.
    share: MemoryShare,
}

impl Memory {
    pub(crate) fn new(
        settings: Settings,
        metrics: Metrics,
        files: ChunkFiles,
        exemplars: Arc<Exemplars>,
        budget: &Arc<MemoryBudget>,
    ) -> Self {
        let shape = ChunkShape {
            range_ms: settings.chunk_range_ms(),
            samples: settings.samples_per_chunk.max(4),
            xor2: settings.xor2 || settings.start_timestamps,
            histogram_starts: settings.histogram_start_timestamps,
        };
        Self {
            labels: RwLock::default(),
            raw: RawLabels::default(),
            pages: Pages::new(),
            isolation: Arc::default(),
            metrics,
            shape,
            xor2: AtomicBool::new(shape.xor2),
            appenders: Arc::default(),
            readers: Arc::default(),
            heard_until: Mutex::default(),
            renamed: Mutex::default(),
            unknown: Mutex::default(),
            committing: RwLock::new(()),
            reserve: DiskReserve::default(),
            files,
            sealed: Mutex::default(),
            filing: Mutex::new(()),
            late: LateState::new(settings.out_of_order_window_ms()),
            metadata: RwLock::default(),
            deleted: RwLock::default(),
            exemplars,
            settings,
            times: Mutex::new(Times { min: i64::MAX, max: i64::MIN, min_since: i64::MAX }),
            min_time: AtomicI64::new(i64::MAX),
            max_time: AtomicI64::new(i64::MIN),
            append_from: AtomicI64::new(i64::MIN),
            head_from: AtomicI64::new(i64::MIN),
            chunks: AtomicU64::new(0),
            share: MemoryShare::new(Arc::clone(budget), MemoryPart::Head),
        }
    }

    /// How chunks are made now.
    pub(crate) fn shape_now(&self) -> ChunkShape {
        ChunkShape { xor2: self.xor2.load(Ordering::Relaxed), ..self.shape }
    }

    /// Encodes floats in another way from each series' next chunk on.
    pub(crate) fn set_encoding(&self, settings: &Settings) {
        self.xor2.store(settings.xor2 || settings.start_timestamps, Ordering::Relaxed);
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Says that blocks hold everything up to `time`.
    pub(crate) fn begin_at(&self, time: i64) {
        self.refuse_before(time);
        self.head_from.fetch_max(time, Ordering::AcqRel);
    }

    /// Takes no more samples before `time`.
    pub(crate) fn refuse_before(&self, time: i64) {
        self.append_from.fetch_max(time, Ordering::AcqRel);
    }

    /// Ends the recovery: without samples the head stands at the end of the blocks.
    pub(crate) fn settle(&self) {
        let from = self.head_from();
        if from != i64::MIN && self.max_time() == i64::MIN {
            self.widen(from, from);
        }
    }

    /// Samples before this time are read from blocks.
    pub(crate) fn head_from(&self) -> i64 {
        self.head_from.load(Ordering::Acquire)
    }

    /// Samples before this time are not taken.
    pub(crate) fn append_from(&self) -> i64 {
        self.append_from.load(Ordering::Acquire)
    }

    /// Time of the oldest sample; [`i64::MAX`] before the first.
    pub(crate) fn min_time(&self) -> i64 {
        self.min_time.load(Ordering::Acquire)
    }

    /// Time of the newest sample; [`i64::MIN`] before the first.
    pub(crate) fn max_time(&self) -> i64 {
        self.max_time.load(Ordering::Acquire)
    }

    /// The number of chunks in memory.
    pub(crate) fn chunk_count(&self) -> u64 {
        self.chunks.load(Ordering::Relaxed)
    }

    /// What times are taken now; the first sample ever sets them.
    pub(crate) fn bounds(&self, first: i64) -> Bounds {
        if self.max_time() == i64::MIN {
            self.widen(first, first);
        }
        let newest = self.max_time();
        let half_range = self.shape.range_ms / 2;
        let min_valid = self.append_from.load(Ordering::Acquire).max(newest.saturating_sub(half_range));
        let out_of_order_from = self.late_from(newest);
        Bounds { min_valid, newest, out_of_order_from, discard_out_of_order: false }
    }

    /// Takes the times of appended samples into account.
    pub(crate) fn widen(&self, min_time: i64, max_time: i64) {
        let mut times = self.times.lock();
        times.min_since = times.min_since.min(min_time);
        times.min = times.min.min(min_time);
        times.max = times.max.max(max_time);
        self.show_times(&times);
    }

    fn show_times(&self, times: &Times) {
        self.min_time.store(times.min, Ordering::Release);
        self.max_time.store(times.max, Ordering::Release);
    }

    /// Begins to look for the oldest sample that stays.
    pub(super) fn begin_narrowing(&self) {
        self.times.lock().min_since = i64::MAX;
    }

    /// Sets the time of the oldest sample: the one that was found, or one that was appended meanwhile; without any
    /// the head begins at `min_time`.
    pub(super) fn end_narrowing(&self, min_time: i64, found: Option<i64>) {
        let mut times = self.times.lock();
        if times.max == i64::MIN {
            return;
        }
        // A chunk may reach back before the time from which it counts.
        let oldest = found.map_or(i64::MAX, |found| found.max(min_time)).min(times.min_since);
        times.min = if oldest == i64::MAX { min_time } else { oldest };
        times.max = times.max.max(times.min);
        self.show_times(&times);
    }

    pub(crate) fn add_chunks(&self, count: u64) {
        if count > 0 {
            self.chunks.fetch_add(count, Ordering::Relaxed);
            self.share.take(count * CHUNK_BYTES);
            self.metrics.chunks_created.add(count);
        }
    }

    pub(super) fn remove_chunks(&self, count: u64) {
        self.chunks.fetch_sub(count, Ordering::Relaxed);
        self.share.give_back(count * CHUNK_BYTES);
        self.metrics.chunks_removed.add(count);
    }

    /// Counts series that were made.
    pub(super) fn count_made(&self, count: u64) {
        self.share.take(count * SERIES_BYTES);
        self.metrics.turnover.created.add(count);
        self.metrics.series.add(count as f64);
    }

    /// Counts series that were removed, and those of them that had ended.
    pub(super) fn count_removed(&self, count: u64, stale: u64) {
        self.share.give_back(count * SERIES_BYTES);
        self.metrics.turnover.removed.add(count);
        self.metrics.series.add(-(count as f64));
        self.metrics.stale_series.add(-(stale as f64));
    }

    /// The series with these labels, made if there is none.
    ///
    /// # Errors
    /// `InvalidLabels` without labels, `OverLimit` for a new series beyond the limit or the memory budget.
    ///
    /// It stays as long as the appender session `session` runs.
    pub(crate) fn series(&self, labels: &Labels, session: u64) -> Result<SeriesRef, Error> {
        if labels.is_empty() {
            return Err(Error::InvalidLabels("empty labelset: invalid sample".to_owned()));
        }
        let hash = {
            let known = self.labels.read();
            let hash = known.hash(labels);
            if let Some(series) = known.find(hash, labels) {
                // Under the lock, which a removal needs too.
                self.pages.read(series, |state| state.touch(session));
                return Ok(series);
            }
            hash
        };
        let mut known = self.labels.write();
        if let Some(series) = known.find(hash, labels) {
            self.pages.read(series, |state| state.touch(session));
            return Ok(series);
        }
        if let Some(max) = self.settings.series_max
            && known.count() >= max
        {
            self.metrics.turnover.refused.inc();
            return Err(Error::OverLimit(format!("the head holds {max} series and takes no new ones")));
        }
        let budget = self.share.budget();
        if !budget.takes_series() {
            self.metrics.turnover.refused.inc();
            budget.note_refused_series();
            return Err(Error::OverLimit(format!("no new series are taken: {budget}")));
        }
        let series = known.next_reference();
        self.make(&mut known, series, hash, labels);
        self.pages.read(series, |state| state.touch(session));
        Ok(series)
    }

    /// Gives a series the chunks that files hold of it, as a start finds them.
    pub(crate) fn attach(&self, series: SeriesRef, chunks: Vec<FileChunk>) {
        let attached = self.pages.write(series, |state| {
            let mut attached = chunks;
            attached.retain(|chunk| state.attach(*chunk));
            attached
        });
        let attached = attached.unwrap_or_default();
        if let (Some(first), Some(last)) = (attached.first(), attached.last()) {
            self.widen(first.start(), last.end());
        }
        self.add_chunks(attached.len() as u64);
    }

    fn make(&self, known: &mut HeadLabels, series: SeriesRef, hash: u32, labels: &Labels) {
        // Before its labels can be found: whoever finds them expects the series in its place.
        self.pages.put(Series::new(series));
        known.insert(series, hash, labels);
        self.count_made(1);
    }

    /// Whether an exemplar of a series would be added.
    ///
    /// # Errors
    /// Those of [`Exemplars::check`].
    pub(crate) fn check_exemplar(&self, series: SeriesRef, exemplar: &Offered) -> Result<(), Error> {
        let window = self.late_window();
        self.exemplars.check(series, || self.labels_of(series), exemplar, window)
    }

    /// Adds an exemplar of a series where it fits.
    pub(crate) fn add_exemplar(&self, series: SeriesRef, exemplar: Offered) {
        let window = self.late_window();
        // It was checked when it came; another batch may have been faster since, or the log repeats itself.
        let _ = self.exemplars.add(series, || self.labels_of(series), exemplar, window);
    }

    fn labels_of(&self, series: SeriesRef) -> Labels {
        self.labels.read().labels(number_of(series))
    }

    /// Notes that a file speaks of a series that is not there.
    pub(crate) fn note_unknown(&self, series: SeriesRef) {
        self.unknown.lock().insert(series);
    }

    /// Sees to it that no new series gets a reference that files know as another's.
    pub(crate) fn hear_unknown(&self) {
        let unknown = std::mem::take(&mut *self.unknown.lock());
        let mut known = self.labels.write();
        unknown.into_iter().for_each(|series| known.hear(series));
    }

    /// Keeps what is known of a series' metric.
    pub(crate) fn set_metadata(&self, series: SeriesRef, metadata: Metadata) {
        self.metadata.write().insert(series, Arc::new(metadata));
    }

    /// The commit that everything recovered belongs to: every reader sees it.
    pub(crate) const RECOVERED: CommitId = 0;
}
