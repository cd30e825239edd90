//! What a start does with the files that the last process has left: finish what it had begun, and read the log.
//!
//! The log is one row of records, and its order counts; what can be done side by side is. One thread reads ahead
//! ([`reading`]), one takes the records in their order ([`records`]), and samples are put in their places by others,
//! each for series of its own ([`lanes`]). On one core, and for logs that are soon read, one thread does it all.

mod heard;
mod lanes;
mod pool;
mod reading;
mod records;
mod segments;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc::channel;
use std::thread::ScopedJoinHandle;

use model::SeriesRef;
use platform::FileSystem;
use tracing::{info, warn};
use wal::{Position, Segment};

use crate::Error;
use crate::head::{Ambiguous, LateLog, LateReplay, Loaded, Memory};
use lanes::Lanes;
use reading::Reading;
use records::{FiledChunks, Replay};
use segments::{close_gaps, read_segment, repair, sync_last};

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
/// A log that is shorter is read by one thread.
const SHORT_LOG_BYTES: u64 = 1 << 20;
/// More lanes than this would wait for what comes before them.
const LANES_MAX: usize = 8;

/// What a start has read.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// Where the chunk snapshot ends that was used.
    pub(crate) snapshot: Option<Position>,
    /// Length of the segments that were read.
    pub(crate) log_bytes: u64,
    /// References of the log whose series has another one here.
    renamed: HashMap<SeriesRef, SeriesRef>,
    /// References of the log that have been those of several series.
    ambiguous: Ambiguous,
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
    let mut replay = Replay::new(memory, fs, progress, filed);
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
    replay.files = heard::files(&**fs, checkpoint.as_ref(), &segments, &data.join("wbl"))?;
    let snapshot = if are_whole { replay.snapshot(data, &segments)? } else { None };
    replay.check_heard()?;
    if let Some(position) = snapshot {
        segments.retain(|segment| segment.number >= position.segment);
    }
    progress.begin(&segments);
    let log_bytes = bytes_of(&**fs, &segments)?;
    sync_last(&**fs, &segments)?;
    let mut all = Vec::new();
    if let Some(checkpoint) = checkpoint.filter(|_| snapshot.is_none()) {
        all = wal::segments(&**fs, &checkpoint.path)?;
        info!(checkpoint = %checkpoint.path.display(), "WAL checkpoint is loaded");
    }
    all.append(&mut segments);
    let from = snapshot.unwrap_or_default();
    let all_bytes = bytes_of(&**fs, &all)?;
    let threads = if all_bytes < SHORT_LOG_BYTES { NonZero::<usize>::MIN } else { cores() };
    let unknown = read(&mut replay, &all, from, threads)?;
    replay.tell_unknown(unknown);
    let newest = memory.max_time();
    let renamed: HashMap<SeriesRef, SeriesRef> = replay.renamed.into_iter().collect();
    *memory.heard_until.lock() = renamed.keys().map(|series| (*series, newest)).collect();
    memory.renamed.lock().clone_from(&renamed);
    let ambiguous = replay.ambiguous;
    Ok(Replayed { snapshot, log_bytes: log_bytes.saturating_sub(from.offset), renamed, ambiguous, late })
}

/// Cores that a start may use.
pub(crate) fn cores() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

fn bytes_of(fs: &dyn FileSystem, segments: &[Segment]) -> Result<u64, Error> {
    let len = |segment: &Segment| fs.metadata(&segment.path).map(|metadata| metadata.len);
    segments.iter().map(|segment| len(segment).map_err(Error::io("look up", &segment.path))).sum()
}

/// Reads segments into memory, and enters all series into the index; gives the number of samples whose series is
/// not there.
fn read(
    replay: &mut Replay<'_>,
    segments: &[Segment],
    from: Position,
    threads: NonZero<usize>,
) -> Result<u64, Error> {
    let (memory, reading) = (replay.memory, Reading::new(replay.fs, replay.memory, from));
    if threads == NonZero::<usize>::MIN {
        let (mut lanes, mut taken) = (Lanes::none(memory), Ok(()));
        reading.read(segments, &mut |item| {
            taken = replay.take(item, &mut lanes);
            taken.is_ok()
        })?;
        taken?;
        memory.fill_index(threads);
        return lanes.finish();
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        let ahead = scope.spawn(move || reading.read(segments, &mut |item| sender.send(item).is_ok()));
        let mut lanes = Lanes::start(scope, memory, threads.get().min(LANES_MAX) as u32);
        let taken = receiver.into_iter().try_for_each(|item| replay.take(item, &mut lanes));
        if taken.is_ok() {
            memory.fill_index(threads);
        }
        let unknown = lanes.finish();
        join(ahead)?;
        taken?;
        unknown
    })
}

/// What a thread gives at its end; where it has panicked, this one does.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
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
    let (renamed, ambiguous) = (&replayed.renamed, &replayed.ambiguous);
    let mut replay = LateReplay::new(memory, renamed, ambiguous, std::mem::take(&mut replayed.late));
    let mut is_whole = !segments.is_empty() && !close_gaps(&**fs, folder, &segments, memory)?;
    sync_last(&**fs, &segments)?;
    let mut damaged = Vec::new();
    for segment in &segments {
        let (is_sound, damages) = read_segment(fs, segment, memory, &mut |_, record| replay.record(record))?;
        is_whole &= is_sound && damages.is_empty();
        damaged.push((segment, damages));
    }
    let unnamed = replay.finish(is_whole);
    memory.hear_unknown();
    // Once it is repaired, the log says no longer that something may be missing in it.
    let named = if unnamed.is_empty() { Ok(()) } else { log.name_chunks(memory, &unnamed) };
    match named {
        Ok(()) => damaged.iter().for_each(|(segment, damages)| repair(fs, segment, damages, memory)),
        Err(error) => warn!(%error, "WBL cannot be written; it is left as it is"),
    }
    memory.seal_recovered();
    Ok(!segments.is_empty())
}

/// The chunks that files hold, those of late samples apart, and whether all could be read.
fn load_chunks(memory: &Memory) -> Result<(FiledChunks, Vec<Loaded>, bool), Error> {
    let (mut filed, mut late) = (FiledChunks::default(), Vec::new());
    let from = memory.append_from();
    let mut known = memory.labels.write();
    let found = memory.files.load(|loaded| {
        let Loaded { series, chunk, out_of_order } = loaded;
        // The series may be gone: with its reference another one would get its chunks at a later start.
        known.hear(series);
        if out_of_order {
            late.push(loaded);
        } else if chunk.end() >= from {
            filed.entry(series).or_default().push(chunk);
        }
    })?;
    memory.metrics.mmap_chunk_corruptions.add(found.damaged as u64);
    Ok((filed, late, found.are_whole()))
}
