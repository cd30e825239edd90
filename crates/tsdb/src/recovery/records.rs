//! Takes what was read of the log, in its order: series, deletions, exemplars and metadata here, samples to the lanes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use foldhash::fast::RandomState;
use model::SeriesRef;
use platform::FileSystem;
use tracing::warn;
use wal::Segment;
use wal::record::{
    DecodeError, Exemplars, RecordType, Tombstone, decode_exemplars, decode_metadata, decode_series_bytes,
    decode_tombstones,
};

use super::ReplayProgress;
use super::heard::hear_all;
use super::lanes::{Columns, Lanes, Load};
use super::reading::Item;
use super::segments::{repair, tell_senseless};
use crate::Error;
use crate::exemplars::Offered;
use crate::head::{Ambiguous, FileChunk, LAST_HEARD, Memory, RecoveredSeries};

/// Chunks in files by the references that the log knows their series by.
pub(super) type FiledChunks = HashMap<SeriesRef, Vec<FileChunk>, RandomState>;

/// References of the log whose series has another one here.
pub(super) type Renamed = HashMap<SeriesRef, SeriesRef, RandomState>;

/// What the log has told so far.
pub(super) struct Replay<'a> {
    pub(super) memory: &'a Memory,
    pub(super) fs: &'a Arc<dyn FileSystem>,
    pub(super) progress: &'a ReplayProgress,
    /// Chunks in files whose series the log has not named yet.
    pub(super) filed: FiledChunks,
    pub(super) renamed: Renamed,
    /// References that were those of several series.
    pub(super) ambiguous: Ambiguous,
    /// All files that know references, beside those of chunks.
    pub(super) files: Vec<Segment>,
    /// Whether all references of these files were heard of.
    has_heard: Result<bool, Error>,
    /// How many records of series there were.
    told: u32,
    /// The segment being read; none of a checkpoint.
    segment: Option<Segment>,
    unknown_deleted: u64,
    unknown_exemplars: u64,
}

impl<'a> Replay<'a> {
    pub(super) fn new(
        memory: &'a Memory,
        fs: &'a Arc<dyn FileSystem>,
        progress: &'a ReplayProgress,
        filed: FiledChunks,
    ) -> Self {
        Self {
            memory,
            fs,
            progress,
            filed,
            renamed: Renamed::default(),
            ambiguous: Ambiguous::default(),
            files: Vec::new(),
            has_heard: Ok(false),
            told: 0,
            segment: None,
            unknown_deleted: 0,
            unknown_exemplars: 0,
        }
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// Where full chunks cannot be written to files.
    pub(super) fn take(&mut self, item: Item, lanes: &mut Lanes<'_, '_>) -> Result<(), Error> {
        let columns = match item {
            Item::Segment(segment) => {
                self.progress.show(&segment);
                self.segment = Some(segment);
                return Ok(());
            }
            Item::End(segment, damages) => {
                repair(self.fs, &segment, &damages, self.memory);
                return Ok(());
            }
            Item::Record(offset, record) => {
                if let (Err(error), Some(segment)) = (self.record(&record, lanes), &self.segment) {
                    tell_senseless(segment, offset, error, self.memory);
                }
                return self.check_heard();
            }
            Item::Floats(mut samples) => {
                rename(&self.renamed, &mut samples.refs);
                Columns::Floats(Arc::new(samples))
            }
            Item::Histograms(mut columns) => {
                rename(&self.renamed, &mut columns.refs);
                Columns::Histograms(Arc::new(columns))
            }
            Item::FloatHistograms(mut columns) => {
                rename(&self.renamed, &mut columns.refs);
                Columns::FloatHistograms(Arc::new(columns))
            }
        };
        lanes.give(&Load { columns, told: self.told })
    }

    /// Tells of what the log says of series that it has not named.
    pub(super) fn tell_unknown(&self, samples: u64) {
        let unknown = &self.memory.metrics.replay_unknown_refs;
        if samples > 0 {
            warn!(samples, "Unknown series references in the WAL");
            unknown.with(&["samples"]).add(samples);
        }
        if self.unknown_deleted > 0 {
            unknown.with(&["tombstones"]).add(self.unknown_deleted);
        }
        if self.unknown_exemplars > 0 {
            warn!(exemplars = self.unknown_exemplars, "Unknown series references in the WAL");
            unknown.with(&["exemplars"]).add(self.unknown_exemplars);
        }
    }

    fn record(&mut self, record: &[u8], lanes: &Lanes<'_, '_>) -> Result<(), DecodeError> {
        match RecordType::of(record) {
            Some(RecordType::Series) => {
                self.told = self.told.saturating_add(1);
                let mut known = self.memory.recover_series(self.told);
                decode_series_bytes(record, |series, pairs, bytes| {
                    let _ = self.series(&mut known, (series, pairs, bytes), lanes);
                })
            }
            Some(RecordType::Metadata) => {
                let mut entries = Vec::new();
                let decoded = decode_metadata(record, &mut entries);
                for entry in entries {
                    let series = here(&self.renamed, entry.series);
                    match self.memory.pages.read(series, |_| ()) {
                        Some(()) => self.memory.set_metadata(series, entry.metadata),
                        None => self.memory.note_unknown(series),
                    }
                }
                decoded
            }
            Some(RecordType::Tombstones) => {
                let mut tombstones = Vec::new();
                let decoded = decode_tombstones(record, &mut tombstones);
                self.tombstones(tombstones);
                decoded
            }
            Some(RecordType::Exemplars) if self.memory.exemplars.are_kept() => {
                let mut columns = Exemplars::default();
                let decoded = decode_exemplars(record, &mut columns);
                self.exemplars(columns);
                decoded
            }
            _ => Ok(()),
        }
    }

    /// Makes a series, with the chunks that files hold of it; gives the reference that it has here.
    pub(super) fn series<'r>(
        &mut self,
        known: &mut RecoveredSeries<'_, 'r>,
        (series, pairs, bytes): (SeriesRef, &[(&'r str, &'r str)], &[u8]),
        lanes: &Lanes<'_, '_>,
    ) -> SeriesRef {
        if matches!(self.has_heard, Ok(false)) && known.is_taken(series, pairs) {
            // What follows may speak of the reference that it would get otherwise.
            self.has_heard = hear_all(self.fs, &self.files, known).map(|()| true);
        }
        let recovered = known.take(series, pairs, bytes);
        if !self.filed.is_empty()
            && let Some(chunks) = self.filed.remove(&series)
        {
            if !recovered.is_new {
                // They go behind what the log has told of it so far.
                lanes.wait();
            }
            self.memory.attach(recovered.series, chunks);
        }
        self.note_meaning(series, recovered.series);
        recovered.series
    }

    /// Notes what the log means by a reference from here on.
    fn note_meaning(&mut self, series: SeriesRef, here: SeriesRef) {
        let is_other = if series == here {
            !self.renamed.is_empty() && self.renamed.remove(&series).is_some()
        } else {
            match self.renamed.insert(series, here) {
                Some(before) => before != here,
                None => self.memory.pages.read(series, |_| ()).is_some(),
            }
        };
        if is_other {
            warn!(reference = series.0, "WAL gives several series one reference");
            self.ambiguous.insert(series);
        }
    }

    /// Fails where not all references could be heard of that must have been.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(super) fn check_heard(&mut self) -> Result<(), Error> {
        std::mem::replace(&mut self.has_heard, Ok(true)).map(|has_heard| self.has_heard = Ok(has_heard))
    }

    pub(super) fn exemplars(&mut self, mut columns: Exemplars) {
        rename(&self.renamed, &mut columns.refs);
        let from = self.memory.append_from();
        let heads = columns.refs.into_iter().zip(columns.timestamps);
        for ((series, timestamp), (value, labels)) in
            heads.zip(columns.values.into_iter().zip(columns.labels))
        {
            if timestamp < from {
                continue;
            }
            if self.memory.pages.read(series, |_| ()).is_none() {
                self.unknown_exemplars += 1;
                self.memory.note_unknown(series);
                continue;
            }
            // The log does not say whose the time was.
            self.memory.add_exemplar(series, Offered { timestamp, has_own_time: false, value, labels });
        }
    }

    pub(super) fn tombstones(&mut self, mut tombstones: Vec<Tombstone>) {
        let from = self.memory.append_from();
        for mark in tombstones.extract_if(.., |tombstone| tombstone.max_time == LAST_HEARD.max_time) {
            self.memory.note_unknown(mark.series);
        }
        tombstones.retain(|tombstone| tombstone.max_time >= from);
        for tombstone in &mut tombstones {
            tombstone.series = here(&self.renamed, tombstone.series);
        }
        self.unknown_deleted += self.memory.hide(&tombstones);
    }
}

impl ReplayProgress {
    /// Says which segments will be read.
    pub(super) fn begin(&self, segments: &[Segment]) {
        let number = |segment: Option<&Segment>| segment.map_or(0, |segment| i64::from(segment.number));
        self.min.store(number(segments.first()), Ordering::Relaxed);
        self.max.store(number(segments.last()), Ordering::Relaxed);
        self.current.store(number(segments.first()), Ordering::Relaxed);
    }

    fn show(&self, segment: &Segment) {
        // The segments of a checkpoint have numbers of their own, below those of the log.
        self.current.fetch_max(i64::from(segment.number), Ordering::Relaxed);
    }
}

fn here(renamed: &Renamed, series: SeriesRef) -> SeriesRef {
    renamed.get(&series).copied().unwrap_or(series)
}

fn rename(renamed: &Renamed, refs: &mut [SeriesRef]) {
    if !renamed.is_empty() {
        for series in refs {
            *series = here(renamed, *series);
        }
    }
}
