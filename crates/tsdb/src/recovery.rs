//! What a start does with the files that the last process has left: finish what it had begun, and read the log.

mod snapshot;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use foldhash::fast::RandomState;
use model::{Labels, SeriesRef};
use platform::FileSystem;
use tracing::{info, warn};
use wal::record::{
    DecodeError, Exemplars, HistogramColumns, RecordType, Samples, Tombstone, decode_exemplars,
    decode_float_histograms, decode_histograms, decode_metadata, decode_samples, decode_series,
    decode_tombstones, pack_labels,
};
use wal::{Damage, DamageReason, Entry, Position, Segment, SegmentReader};

use crate::Error;
use crate::exemplars::Offered;
use crate::head::{
    Applied, FileChunk, HeadHistogram, LateLog, LateReplay, Loaded, Memory, apply_floats, apply_histograms,
};

/// How far the log has been read, for whoever shows the start's progress.
#[derive(Debug, Default)]
pub struct ReplayProgress {
    /// The first segment that is read.
    pub min: AtomicI64,
    /// The last segment that is read.
    pub max: AtomicI64,
    /// The segment being read.
    pub current: AtomicI64,
}

/// So many series with full chunks in memory are waited for while the log is read.
const SEALED_MAX: usize = 16 * 1024;
/// A gap between segments of at most this many is closed with empty ones.
const GAP_MAX: u32 = 1024;

/// What a start has read.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// Where the chunk snapshot ends that was used.
    pub(crate) snapshot: Option<Position>,
    /// Length of the segments that were read.
    pub(crate) log_bytes: u64,
    /// References of the log whose series has another one here.
    renamed: HashMap<SeriesRef, SeriesRef>,
    /// Chunks of late samples in files, until the log of late samples is read.
    late: Vec<Loaded>,
}

/// Reads the chunk snapshot or the checkpoint, and the segments of the log into memory, and repairs what is
/// damaged.
pub(crate) fn replay(
    fs: &Arc<dyn FileSystem>,
    folder: &Path,
    memory: &Memory,
    progress: &ReplayProgress,
) -> Result<Replayed, Error> {
    wal::remove_leftovers(&**fs, folder)?;
    let (filed, late, are_whole) = load_chunks(memory)?;
    let mut replay = Replay {
        memory,
        filed,
        from: Position::default(),
        renamed: HashMap::new(),
        samples: Samples::default(),
        unknown: 0,
        unknown_deleted: 0,
        unknown_exemplars: 0,
    };
    let checkpoint = wal::last_checkpoint(&**fs, folder)?;
    let mut segments = wal::segments(&**fs, folder)?;
    if let Some(checkpoint) = &checkpoint {
        let covered = segments.partition_point(|segment| segment.number <= checkpoint.number);
        for segment in segments.drain(..covered) {
            // The checkpoint stands for it; the last process ended before it could remove it.
            fs.remove_file(&segment.path).map_err(Error::io("remove", &segment.path))?;
        }
        wal::remove_checkpoints_before(&**fs, folder, checkpoint.number)?;
    }
    close_gaps(&**fs, folder, &segments, memory)?;
    let data = folder.parent().unwrap_or(folder);
    let snapshot = if are_whole { replay.snapshot(fs, data, &segments)? } else { None };
    if let Some(position) = snapshot {
        replay.from = position;
        segments.retain(|segment| segment.number >= position.segment);
    }
    let number = |segment: Option<&Segment>| segment.map_or(0, |segment| i64::from(segment.number));
    progress.min.store(number(segments.first()), Ordering::Relaxed);
    progress.max.store(number(segments.last()), Ordering::Relaxed);
    progress.current.store(number(segments.first()), Ordering::Relaxed);
    if let Some(checkpoint) = checkpoint.filter(|_| snapshot.is_none()) {
        for segment in wal::segments(&**fs, &checkpoint.path)? {
            replay.segment(fs, &segment)?;
        }
        info!(checkpoint = %checkpoint.path.display(), "WAL checkpoint loaded");
    }
    sync_last(&**fs, &segments)?;
    let mut log_bytes = 0;
    for segment in &segments {
        log_bytes += fs.metadata(&segment.path).map_err(Error::io("look up", &segment.path))?.len;
        progress.current.store(i64::from(segment.number), Ordering::Relaxed);
        replay.segment(fs, segment)?;
    }
    let newest = memory.max_time();
    *memory.renamed_until.lock() = replay.renamed.keys().map(|series| (*series, newest)).collect();
    memory.renamed.lock().clone_from(&replay.renamed);
    if replay.unknown > 0 {
        warn!(samples = replay.unknown, "Unknown series references in the WAL");
        memory.metrics.replay_unknown_refs.with(&["samples"]).add(replay.unknown);
    }
    if replay.unknown_deleted > 0 {
        memory.metrics.replay_unknown_refs.with(&["tombstones"]).add(replay.unknown_deleted);
    }
    if replay.unknown_exemplars > 0 {
        warn!(exemplars = replay.unknown_exemplars, "Unknown series references in the WAL");
        memory.metrics.replay_unknown_refs.with(&["exemplars"]).add(replay.unknown_exemplars);
    }
    let log_bytes = log_bytes.saturating_sub(replay.from.offset);
    Ok(Replayed { snapshot, log_bytes, renamed: replay.renamed, late })
}

/// Reads the log of late samples into memory, and repairs what is damaged; says whether there is one.
pub(crate) fn replay_late(
    fs: &Arc<dyn FileSystem>,
    log: &LateLog,
    memory: &Memory,
    replayed: &mut Replayed,
) -> Result<bool, Error> {
    let folder = log.folder();
    wal::remove_leftovers(&**fs, folder)?;
    let segments = wal::segments(&**fs, folder)?;
    let mut replay = LateReplay::new(memory, &replayed.renamed, std::mem::take(&mut replayed.late));
    let mut is_whole = !segments.is_empty() && !close_gaps(&**fs, folder, &segments, memory)?;
    sync_last(&**fs, &segments)?;
    let mut damaged = Vec::new();
    for segment in &segments {
        let (is_sound, damages) = read_segment(fs, segment, memory, &mut |_, record| replay.record(record))?;
        is_whole &= is_sound && damages.is_empty();
        damaged.push((segment, damages));
    }
    let unnamed = replay.finish(is_whole);
    // Once it is repaired, the log says no longer that something may be missing in it.
    let named = if unnamed.is_empty() { Ok(()) } else { log.name_chunks(memory, &unnamed) };
    match named {
        Ok(()) => damaged.iter().for_each(|(segment, damages)| repair(fs, segment, damages, memory)),
        Err(error) => warn!(%error, "WBL cannot be written; it is left as it is"),
    }
    memory.seal_recovered();
    Ok(!segments.is_empty())
}

/// Segments behind the last one must not survive a crash of the machine that it does not survive whole.
fn sync_last(fs: &dyn FileSystem, segments: &[Segment]) -> Result<(), Error> {
    let Some(last) = segments.last() else { return Ok(()) };
    let mut file = fs.open_append(&last.path).map_err(Error::io("open", &last.path))?;
    file.sync().map_err(Error::io("sync", &last.path))
}

/// Segments that are gone are lost, but the log must stay one that others can open. Says whether there are such.
fn close_gaps(
    fs: &dyn FileSystem,
    folder: &Path,
    segments: &[Segment],
    memory: &Memory,
) -> Result<bool, Error> {
    let mut any = false;
    for (before, after) in segments.iter().zip(segments.iter().skip(1)) {
        let missing = before.number + 1..after.number;
        if missing.is_empty() {
            continue;
        }
        any = true;
        memory.metrics.log.corruptions.inc();
        warn!(
            from = missing.start,
            to = after.number - 1,
            "WAL segments are missing, their records are lost"
        );
        for number in missing.take(GAP_MAX as usize) {
            let path = wal::segment_path(folder, number);
            fs.create(&path).map_err(Error::io("create", path))?;
        }
    }
    Ok(any)
}

/// Chunks in files by the references that the log knows their series by.
type FiledChunks = HashMap<SeriesRef, Vec<FileChunk>, RandomState>;

/// The chunks that files hold, those of late samples apart, and whether all could be read.
fn load_chunks(memory: &Memory) -> Result<(FiledChunks, Vec<Loaded>, bool), Error> {
    let (mut filed, mut late) = (FiledChunks::default(), Vec::new());
    let from = memory.append_from();
    let found = memory.files.load(|loaded| {
        let Loaded { series, chunk, out_of_order } = loaded;
        if out_of_order {
            late.push(loaded);
        } else if chunk.end() >= from {
            filed.entry(series).or_default().push(chunk);
        }
    })?;
    memory.metrics.mmap_chunk_corruptions.add(found.damaged as u64);
    Ok((filed, late, found.are_whole()))
}

/// Takes a record and where it stands in its segment.
type TakeRecord<'a> = dyn FnMut(u64, &[u8]) -> Result<(), DecodeError> + 'a;

/// Hands the records of a segment and where they stand to `take`; says whether they made sense, and what is damaged.
fn read_segment(
    fs: &Arc<dyn FileSystem>,
    segment: &Segment,
    memory: &Memory,
    take: &mut TakeRecord<'_>,
) -> Result<(bool, Vec<Damage>), Error> {
    let mut reader = SegmentReader::open(&**fs, segment)?;
    let mut damages: Vec<Damage> = Vec::new();
    let mut is_sound = true;
    while let Some(entry) = reader.next_entry()? {
        match entry {
            Entry::Damage(damage) => damages.push(damage),
            Entry::Record { offset, bytes } => {
                if memory.sealed.lock().len() >= SEALED_MAX {
                    // A start must not take more memory than the work before it did.
                    memory.file_chunks()?;
                }
                if let Err(error) = take(offset, bytes) {
                    let reason = DamageReason::Record(error);
                    let damage = Damage { segment: segment.number, offset, reason };
                    warn!(path = %segment.path.display(), %damage, "WAL record makes no sense and is left out");
                    memory.metrics.log.reader_corruptions.inc();
                    is_sound = false;
                }
            }
        }
    }
    for damage in &damages {
        warn!(path = %segment.path.display(), %damage, "WAL is damaged, the records there are lost");
        memory.metrics.log.reader_corruptions.inc();
    }
    Ok((is_sound, damages))
}

fn repair(fs: &Arc<dyn FileSystem>, segment: &Segment, damages: &[Damage], memory: &Memory) {
    if damages.is_empty() {
        return;
    }
    memory.metrics.log.corruptions.inc();
    let compression = memory.settings().wal.compression;
    if let Err(error) = wal::repair(fs, segment, damages, compression) {
        warn!(%error, "WAL could not be repaired; it is read in spite of the damage");
    }
}

struct Replay<'a> {
    memory: &'a Memory,
    /// Chunks in files whose series the log has not named yet.
    filed: FiledChunks,
    /// What stands before it in the log is known from a snapshot.
    from: Position,
    /// References of the log whose series has another one here.
    renamed: HashMap<SeriesRef, SeriesRef>,
    samples: Samples,
    unknown: u64,
    unknown_deleted: u64,
    unknown_exemplars: u64,
}

impl Replay<'_> {
    fn segment(&mut self, fs: &Arc<dyn FileSystem>, segment: &Segment) -> Result<(), Error> {
        let (memory, from) = (self.memory, self.from);
        let (_, damages) = read_segment(fs, segment, memory, &mut |offset, record| {
            let is_known = Position { segment: segment.number, offset } < from;
            if is_known { Ok(()) } else { self.record(record) }
        })?;
        repair(fs, segment, &damages, memory);
        Ok(())
    }

    fn histograms<H: HeadHistogram>(
        &mut self,
        record: &[u8],
        decode: impl Fn(&[u8], &mut HistogramColumns<H>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut columns = HistogramColumns::default();
        let decoded = decode(record, &mut columns);
        rename(&self.renamed, &mut columns.refs);
        let mut applied = Applied::new(self.memory, Memory::RECOVERED);
        apply_histograms(&mut applied, &columns, 0..columns.len());
        self.unknown += applied.finish();
        decoded
    }

    /// Makes a series, with the chunks that files hold of it; gives the reference that it has here.
    fn series(&mut self, series: SeriesRef, labels: &Labels) -> SeriesRef {
        let here = self.memory.recovered_series(series, labels);
        if let Some(chunks) = self.filed.remove(&series) {
            self.memory.attach(here, chunks);
        }
        if here != series {
            self.renamed.insert(series, here);
        }
        here
    }

    fn exemplars(&mut self, mut columns: Exemplars) {
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
                continue;
            }
            // The log does not say whose the time was.
            self.memory.add_exemplar(series, Offered { timestamp, has_own_time: false, value, labels });
        }
    }

    fn tombstones(&mut self, mut tombstones: Vec<Tombstone>) {
        let from = self.memory.append_from();
        tombstones.retain(|tombstone| tombstone.max_time >= from);
        for tombstone in &mut tombstones {
            tombstone.series = self.renamed.get(&tombstone.series).copied().unwrap_or(tombstone.series);
        }
        self.unknown_deleted += self.memory.hide(&tombstones);
    }

    fn record(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        match RecordType::of(record) {
            Some(RecordType::Series) => decode_series(record, |series, pairs| {
                self.series(series, &pack_labels(pairs));
            }),
            Some(RecordType::Samples | RecordType::SamplesV2) => {
                self.samples.clear();
                let decoded = decode_samples(record, &mut self.samples);
                rename(&self.renamed, &mut self.samples.refs);
                let mut applied = Applied::new(self.memory, Memory::RECOVERED);
                apply_floats(&mut applied, &self.samples, 0..self.samples.len());
                self.unknown += applied.finish();
                decoded
            }
            Some(RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2) => {
                self.histograms(record, decode_histograms)
            }
            Some(
                RecordType::FloatHistograms
                | RecordType::CustomFloatHistograms
                | RecordType::FloatHistogramsV2,
            ) => self.histograms(record, decode_float_histograms),
            Some(RecordType::Metadata) => {
                let mut entries = Vec::new();
                let decoded = decode_metadata(record, &mut entries);
                for entry in entries {
                    let series = self.renamed.get(&entry.series).copied().unwrap_or(entry.series);
                    self.memory.set_metadata(series, entry.metadata);
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
}

fn rename(renamed: &HashMap<SeriesRef, SeriesRef>, refs: &mut [SeriesRef]) {
    if !renamed.is_empty() {
        for series in refs {
            *series = renamed.get(series).copied().unwrap_or(*series);
        }
    }
}
