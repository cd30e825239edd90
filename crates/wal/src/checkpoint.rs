//! Checkpoints: what is still needed of the oldest segments, rewritten, so that they can be removed.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::path::Path;

use model::{Metadata, SeriesRef};
use platform::FileSystem;

use crate::record::{
    DecodeError, Exemplars, HistogramColumns, RecordHistogram, RecordType, Samples, SeriesEncoder,
    decode_exemplars, decode_float_histograms, decode_histograms, decode_metadata, decode_samples,
    decode_series, decode_tombstones, encode_exemplars, encode_histograms, encode_metadata, encode_samples,
    encode_tombstones,
};
use crate::segment::{checkpoint_path, checkpoints, last_checkpoint, segments};
use crate::{Batch, Entry, Error, Log, Parts, SegmentReader, Settings};

/// How much is collected before it is written.
const FLUSH_BYTES: usize = 1 << 20;
/// How many metadata entries go into one record.
const METADATA_PER_RECORD: usize = 1024;

/// What a checkpoint keeps.
pub struct Keep<'a> {
    /// Whether a series is still known, or needed by samples behind the checkpoint.
    pub series: &'a dyn Fn(SeriesRef) -> bool,
    /// Samples, exemplars and deleted ranges wholly before this time are dropped.
    pub min_time: i64,
}

/// What a checkpoint has dropped, of how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckpointStats {
    /// Series that were read.
    pub series: usize,
    /// Series that were dropped.
    pub series_dropped: usize,
    /// Samples of all kinds that were read.
    pub samples: usize,
    /// Samples that were dropped.
    pub samples_dropped: usize,
    /// Places that could not be read.
    pub damaged: usize,
}

/// Writes the checkpoint that takes the place of the segments in `range` and of the checkpoint before them.
///
/// It appears complete or not at all, and survives a crash once this returns. The segments and the older
/// checkpoint are left for the caller to remove.
///
/// # Errors
/// [`Error::Io`]: then there is no new checkpoint.
pub fn write_checkpoint(
    parts: &Parts,
    folder: &Path,
    range: RangeInclusive<u32>,
    settings: Settings,
    keep: &Keep<'_>,
) -> Result<CheckpointStats, Error> {
    let fs = &*parts.fs;
    let before = last_checkpoint(fs, folder)?;
    if before.as_ref().is_some_and(|before| before.number >= *range.end()) {
        // It was finished, and the end came before the segments could be removed.
        fs.sync_dir(folder).map_err(Error::io("sync", folder))?;
        return Ok(CheckpointStats::default());
    }
    let path = checkpoint_path(folder, *range.end());
    let temporary = path.with_extension(format!("{:08}.tmp", range.end()));
    if fs.exists(&temporary).map_err(Error::io("look up", &temporary))? {
        fs.remove_dir_all(&temporary).map_err(Error::io("remove", &temporary))?;
    }
    let batch = Batch::new(settings.compression);
    let mut checkpoint = Writer {
        keep,
        log: Log::open(parts.clone(), &temporary, settings)?,
        batch,
        record: Vec::new(),
        ends: Vec::new(),
        metadata: BTreeMap::new(),
        stats: CheckpointStats::default(),
    };
    let mut sources = match before {
        Some(before) => segments(fs, &before.path)?,
        None => Vec::new(),
    };
    sources.extend(segments(fs, folder)?.into_iter().filter(|segment| range.contains(&segment.number)));
    for segment in &sources {
        let mut reader = SegmentReader::open(fs, segment)?;
        while let Some(entry) = reader.next_entry()? {
            match entry {
                Entry::Record { bytes, .. } => checkpoint.take(bytes)?,
                Entry::Damage(_) => checkpoint.stats.damaged += 1,
            }
        }
    }
    let stats = checkpoint.finish()?;
    fs.sync_dir(&temporary).map_err(Error::io("sync", &temporary))?;
    fs.rename(&temporary, &path).map_err(Error::io("rename", &temporary))?;
    fs.sync_dir(folder).map_err(Error::io("sync", folder))?;
    Ok(stats)
}

/// Removes the checkpoints before `number`.
///
/// # Errors
/// [`Error::Io`] at the first that cannot be removed.
pub fn remove_checkpoints_before(fs: &dyn FileSystem, folder: &Path, number: u32) -> Result<usize, Error> {
    let old: Vec<_> =
        checkpoints(fs, folder)?.into_iter().filter(|checkpoint| checkpoint.number < number).collect();
    for checkpoint in &old {
        fs.remove_dir_all(&checkpoint.path).map_err(Error::io("remove", &checkpoint.path))?;
    }
    Ok(old.len())
}

/// Removes what unfinished checkpoints and repairs have left; gives how many.
///
/// # Errors
/// [`Error::Io`] at the first that cannot be removed.
pub fn remove_leftovers(fs: &dyn FileSystem, folder: &Path) -> Result<usize, Error> {
    let mut removed = 0;
    if !fs.exists(folder).map_err(Error::io("look up", folder))? {
        return Ok(0);
    }
    for entry in fs.list(folder).map_err(Error::io("list", folder))? {
        let path = folder.join(&entry.name);
        let result = match entry.is_dir {
            true if entry.name.starts_with("checkpoint.") && entry.name.ends_with(".tmp") => {
                fs.remove_dir_all(&path)
            }
            false if entry.name.ends_with(".repair.tmp") => fs.remove_file(&path),
            _ => continue,
        };
        result.map_err(Error::io("remove", &path))?;
        removed += 1;
    }
    Ok(removed)
}

struct Writer<'a> {
    keep: &'a Keep<'a>,
    log: Log,
    batch: Batch,
    record: Vec<u8>,
    /// Ends of the records in `record`, where there are several.
    ends: Vec<usize>,
    metadata: BTreeMap<SeriesRef, Metadata>,
    stats: CheckpointStats,
}

impl Writer<'_> {
    /// Keeps what is needed of one record; a record of an unknown type, or one that makes no sense, is dropped.
    fn take(&mut self, record: &[u8]) -> Result<(), Error> {
        self.record.clear();
        let taken = match RecordType::of(record) {
            Some(RecordType::Series) => self.take_series(record),
            Some(RecordType::Samples | RecordType::SamplesV2) => self.take_samples(record),
            Some(RecordType::Tombstones) => self.take_tombstones(record),
            Some(RecordType::Exemplars) => self.take_exemplars(record),
            Some(RecordType::Metadata) => self.take_metadata(record),
            Some(RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2) => {
                self.take_columns(record, decode_histograms)
            }
            Some(
                RecordType::FloatHistograms
                | RecordType::CustomFloatHistograms
                | RecordType::FloatHistogramsV2,
            ) => self.take_columns(record, decode_float_histograms),
            Some(RecordType::MmapMarkers) | None => Ok(()),
        };
        if taken.is_err() {
            self.stats.damaged += 1;
            return Ok(());
        }
        self.push()
    }

    fn take_series(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut kept = SeriesEncoder::default();
        let stats = &mut self.stats;
        decode_series(record, |series, labels| {
            stats.series += 1;
            if (self.keep.series)(series) {
                kept.push(series, labels.iter().copied());
            } else {
                stats.series_dropped += 1;
            }
        })?;
        self.record.extend_from_slice(kept.bytes());
        Ok(())
    }

    fn take_samples(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut samples = Samples::default();
        decode_samples(record, &mut samples)?;
        let before = samples.len();
        samples.retain_from(self.keep.min_time);
        self.count(before, samples.len());
        encode_samples(&samples, &mut self.record);
        Ok(())
    }

    fn take_columns<H: RecordHistogram>(
        &mut self,
        record: &[u8],
        decode: impl Fn(&[u8], &mut HistogramColumns<H>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut columns = HistogramColumns::default();
        decode(record, &mut columns)?;
        let before = columns.len();
        columns.retain_from(self.keep.min_time);
        self.count(before, columns.len());
        let (records, ends) = (&mut self.record, &mut self.ends);
        let _: Result<(), Infallible> = encode_histograms(&columns, 0..columns.len(), |record| {
            records.extend_from_slice(record);
            ends.push(records.len());
            Ok(())
        });
        Ok(())
    }

    fn take_tombstones(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut tombstones = Vec::new();
        decode_tombstones(record, &mut tombstones)?;
        tombstones.retain(|tombstone| tombstone.max_time >= self.keep.min_time);
        encode_tombstones(&tombstones, &mut self.record);
        Ok(())
    }

    fn take_exemplars(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut all = Exemplars::default();
        decode_exemplars(record, &mut all)?;
        let mut kept = Exemplars::default();
        let heads = all.refs.into_iter().zip(all.timestamps);
        for ((series, timestamp), (value, labels)) in heads.zip(all.values.into_iter().zip(all.labels)) {
            if timestamp >= self.keep.min_time {
                kept.push(series, timestamp, value, labels);
            }
        }
        encode_exemplars(&kept, &mut self.record);
        Ok(())
    }

    fn take_metadata(&mut self, record: &[u8]) -> Result<(), DecodeError> {
        let mut entries = Vec::new();
        decode_metadata(record, &mut entries)?;
        for entry in entries {
            if (self.keep.series)(entry.series) {
                self.metadata.insert(entry.series, entry.metadata);
            }
        }
        Ok(())
    }

    fn count(&mut self, before: usize, kept: usize) {
        self.stats.samples += before;
        self.stats.samples_dropped += before - kept;
    }

    fn push(&mut self) -> Result<(), Error> {
        let mut start = 0;
        for end in self.ends.drain(..).chain([self.record.len()]) {
            self.batch.push(self.record.get(start..end).unwrap_or_default())?;
            start = end;
        }
        if self.batch.len_bytes() >= FLUSH_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.log.append(&self.batch)?;
        self.batch.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<CheckpointStats, Error> {
        let entries: Vec<_> = std::mem::take(&mut self.metadata).into_iter().collect();
        for entries in entries.chunks(METADATA_PER_RECORD) {
            self.record.clear();
            encode_metadata(entries.iter().map(|(series, metadata)| (*series, metadata)), &mut self.record);
            self.push()?;
        }
        self.flush()?;
        self.log.sync()?;
        Ok(self.stats)
    }
}
