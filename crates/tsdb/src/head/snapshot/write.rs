//! Writes a chunk snapshot while samples go on coming.

use std::path::Path;

use model::SeriesRef;
use telemetry::Registry;
use wal::record::{
    Exemplars, SeriesEncoder, SnapshotChunk, Tombstone, encode_snapshot_exemplars, encode_snapshot_series,
    encode_snapshot_tombstones,
};
use wal::{Batch, Compression, Log, Position};

use super::{Snapshot, UNFINISHED_SUFFIX, name, remove_before};
use crate::Error;
use crate::head::Head;
use crate::head::deleted::batch_of;
use crate::head::memory::Memory;
use crate::head::pages::number_of;
use crate::head::series::Series;

/// How the log says, for a start that does not read what stands before the snapshot, which references are known there:
/// a deletion of what nobody has.
pub(crate) const LAST_HEARD: Tombstone =
    Tombstone { series: SeriesRef(0), min_time: i64::MIN, max_time: i64::MIN };

/// So much is collected before it is written.
const BATCH_BYTES: usize = 1 << 20;
/// Exemplars in one record.
const EXEMPLARS_PER_RECORD: usize = 10_000;
/// So often full chunks are looked for that came while others were written to files.
const FILING_ATTEMPTS: usize = 3;

impl Head {
    /// Writes what is in memory into the data directory, beside what it has so far, which is then removed.
    ///
    /// The snapshot appears complete or not at all, and survives a crash of the machine once this returns. `go_on`
    /// is asked from time to time.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Wal`], [`Error::Stopped`]: those of before stay.
    pub(crate) fn write_snapshot(&self, data: &Path, go_on: &dyn Fn() -> bool) -> Result<Snapshot, Error> {
        let (memory, fs) = (&self.memory, &*self.log_parts.fs);
        let position = {
            // Whatever stands before it in the log has come to memory too.
            let _between_commits = memory.committing.write();
            Position { segment: self.log.next_segment()?, offset: 0 }
        };
        self.tell_renamed()?;
        memory.file_chunks()?;
        let path = data.join(name(position));
        let unfinished = data.join(name(position) + UNFINISHED_SUFFIX);
        if fs.exists(&unfinished).map_err(Error::io("look up", &unfinished))? {
            fs.remove_dir_all(&unfinished).map_err(Error::io("remove", &unfinished))?;
        }
        let written = self.write_into(&unfinished, go_on);
        if let Err(error) = written {
            // The next one, or the next start, removes what cannot be removed now.
            let _ = fs.remove_dir_all(&unfinished);
            return Err(error);
        }
        fs.rename(&unfinished, &path).map_err(Error::io("rename", &unfinished))?;
        fs.sync_dir(data).map_err(Error::io("sync", data))?;
        remove_before(fs, data, position)?;
        Ok(Snapshot { position, path })
    }

    /// Writes to the log again which references of it have become others, and which were others' before: what told so
    /// stands before the snapshot.
    fn tell_renamed(&self) -> Result<(), Error> {
        let memory = &self.memory;
        let mut encoder = SeriesEncoder::default();
        let heard: Vec<Tombstone> = {
            let renamed = memory.renamed.lock();
            let known = memory.labels.read();
            for (old, here) in renamed.iter() {
                if known.reference(number_of(*here)) == Some(*here) {
                    encoder.push(*old, known.texts(number_of(*here)));
                }
            }
            known.last_heard().into_iter().map(|series| Tombstone { series, ..LAST_HEARD }).collect()
        };
        let mut batch = batch_of(memory, &heard)?;
        if !encoder.bytes().is_empty() {
            batch.push(encoder.bytes())?;
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.log.commit(batch)?;
        // Chunk files and the log of late samples speak of the old ones.
        Ok(self.log.sync()?)
    }

    fn write_into(&self, folder: &Path, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
        let memory = &self.memory;
        let mut parts = self.log_parts.clone();
        // These are not records of the log.
        parts.metrics = wal::Metrics::new(&Registry::new(), "lapwing_tsdb_chunk_snapshot");
        let mut settings = memory.settings().wal.clone();
        // Each record is one series, in which little repeats itself.
        settings.compression = Compression::None;
        let mut writer = Writer {
            memory,
            log: Log::open(parts, folder, settings)?,
            batch: Batch::new(Compression::None),
            record: Vec::new(),
            full: Vec::new(),
        };
        writer.series(go_on)?;
        writer.tombstones()?;
        writer.exemplars()?;
        let full = writer.finish()?;
        file_all(memory, &full)?;
        memory.files.sync()?;
        let fs = &*self.log_parts.fs;
        fs.sync_dir(folder).map_err(Error::io("sync", folder))
    }
}

/// Sees to it that the full chunks of some series stand in files.
fn file_all(memory: &Memory, series: &[SeriesRef]) -> Result<(), Error> {
    for _ in 0..FILING_ATTEMPTS {
        memory.file_chunks()?;
        let are_filed = |series: &SeriesRef| memory.pages.read(*series, |state| state.full().is_empty());
        if series.iter().all(|series| are_filed(series) != Some(false)) {
            return Ok(());
        }
    }
    Err(Error::Unfiled)
}

struct Writer<'a> {
    memory: &'a Memory,
    log: Log,
    batch: Batch,
    record: Vec<u8>,
    /// Series that had full chunks in memory.
    full: Vec<SeriesRef>,
}

impl Writer<'_> {
    fn series(&mut self, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
        let memory = self.memory;
        let pages = memory.labels.read().page_count();
        for number in 0..pages {
            if !go_on() {
                return Err(Error::Stopped);
            }
            let Some(page) = memory.pages.page(number) else { continue };
            {
                // In this order: who removes a series takes them in this order too.
                let known = memory.labels.read();
                let page = page.read();
                for series in page.iter().filter(|series| series.exists() && series.is_durable()) {
                    self.record.clear();
                    put_series(series, known.texts(number_of(series.reference)), &mut self.record);
                    self.batch.push(&self.record)?;
                    if !series.full().is_empty() {
                        self.full.push(series.reference);
                    }
                }
            }
            self.flush_if(BATCH_BYTES)?;
        }
        Ok(())
    }

    fn tombstones(&mut self) -> Result<(), Error> {
        let deleted = self.memory.deleted();
        let spans = deleted.iter().flat_map(|(series, intervals)| {
            intervals.iter().map(move |interval| Tombstone {
                series: SeriesRef(series),
                min_time: interval.start,
                max_time: interval.end,
            })
        });
        self.record.clear();
        encode_snapshot_tombstones(&spans.collect::<Vec<_>>(), &mut self.record);
        Ok(self.batch.push(&self.record)?)
    }

    fn exemplars(&mut self) -> Result<(), Error> {
        let mut all = Vec::new();
        // Not while the labels are held: who adds one holds the exemplars and asks for the labels.
        self.memory.exemplars.for_each(|labels, exemplar| all.push((labels.clone(), exemplar.clone())));
        for part in all.chunks(EXEMPLARS_PER_RECORD) {
            let mut columns = Exemplars::default();
            {
                let known = self.memory.labels.read();
                for (labels, exemplar) in part {
                    // The labels of one whose series is gone are found no more.
                    let Some(series) = known.find(known.hash(labels), labels) else { continue };
                    columns.push(series, exemplar.timestamp, exemplar.value, exemplar.labels.clone());
                }
            }
            self.record.clear();
            encode_snapshot_exemplars(&columns, &mut self.record);
            self.batch.push(&self.record)?;
        }
        Ok(())
    }

    fn flush_if(&mut self, bytes: usize) -> Result<(), Error> {
        if self.batch.len_bytes() >= bytes {
            self.log.append(&self.batch)?;
            self.batch.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<SeriesRef>, Error> {
        self.flush_if(0)?;
        self.log.sync()?;
        Ok(self.full)
    }
}

fn put_series<'a>(
    series: &Series,
    labels: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
    record: &mut Vec<u8>,
) {
    let last = series.open.as_ref().and_then(|open| open.last_sample().map(|last| (open, last)));
    let data = last.as_ref().map(|(open, _)| open.data()).unwrap_or_default();
    let chunk = last.as_ref().map(|(open, last)| {
        let (start, end, encoding) = (open.start(), open.end(), open.encoding().id());
        (SnapshotChunk { start, end, encoding, data: &data }, last)
    });
    encode_snapshot_series(series.reference, labels, chunk, record);
}
