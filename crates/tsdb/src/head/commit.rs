//! The commit of a batch: first to the log, then to memory.

use model::{Metadata, SeriesRef};
use storage::{Error, Result};
use wal::Batch;
use wal::record::{Samples, SeriesEncoder, encode_metadata, encode_samples};

use super::Head;
use super::isolation::CommitId;
use super::memory::Memory;
use super::pages::{number_of, page_of, place_of};
use super::series::{Appended, Series};

/// What a batch has collected.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) samples: Samples,
    pub(crate) metadata: Vec<(SeriesRef, Metadata)>,
    /// Series of the batch whose labels the log does not hold yet; some more than once.
    pub(crate) unlogged: Vec<SeriesRef>,
    batch: Batch,
    record: Vec<u8>,
}

/// Samples in one record: readers decode a record as a whole.
const SAMPLES_PER_RECORD: usize = 16 * 1024;
/// Batches that have grown beyond this many samples give their memory back.
const MODEST_SAMPLES: usize = 64 * 1024;

impl Buffers {
    pub(crate) fn clear(&mut self) {
        self.samples.clear();
        self.metadata.clear();
        self.unlogged.clear();
        self.batch.clear();
        self.record.clear();
    }

    /// Whether the memory is worth keeping.
    pub(crate) fn is_modest(&self) -> bool {
        self.samples.refs.capacity() <= MODEST_SAMPLES
    }

    fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.metadata.is_empty() && self.unlogged.is_empty()
    }
}

/// Takes a batch: when this returns, it survives the end of the process and is seen by every new reader.
pub(crate) fn commit(head: &Head, buffers: &mut Buffers) -> Result<()> {
    if buffers.is_empty() {
        return Ok(());
    }
    let memory = &head.memory;
    write_records(memory, buffers).map_err(unavailable)?;
    buffers.batch = head.log.commit(std::mem::take(&mut buffers.batch)).map_err(unavailable)?;
    for series in &buffers.unlogged {
        memory.pages.read(*series, Series::set_logged);
    }
    let commit = memory.isolation.begin();
    apply(memory, &buffers.samples, commit.id());
    for (series, metadata) in buffers.metadata.drain(..) {
        memory.set_metadata(series, metadata);
    }
    commit.publish();
    Ok(())
}

fn unavailable(error: wal::Error) -> Error {
    Error::Unavailable(format!("write to WAL: {error}"))
}

/// Encodes the batch; the labels of a series stand before the samples that refer to it.
fn write_records(memory: &Memory, buffers: &mut Buffers) -> std::result::Result<(), wal::Error> {
    let Buffers { samples, metadata, unlogged, batch, record } = buffers;
    if batch.compression() != memory.settings().wal.compression {
        *batch = Batch::new(memory.settings().wal.compression);
    }
    if !unlogged.is_empty() {
        unlogged.sort_unstable();
        unlogged.dedup();
        let mut encoder = SeriesEncoder::default();
        let known = memory.labels.read();
        for series in unlogged.iter() {
            encoder.push(*series, known.texts(number_of(*series)));
        }
        drop(known);
        batch.push(encoder.bytes())?;
    }
    if memory.settings().metadata_in_wal {
        record.clear();
        encode_metadata(metadata.iter().map(|(series, metadata)| (*series, metadata)), record);
        batch.push(record)?;
    }
    for start in (0..samples.len()).step_by(SAMPLES_PER_RECORD) {
        record.clear();
        encode_samples(samples.slice(start..start + SAMPLES_PER_RECORD), record);
        batch.push(record)?;
    }
    Ok(())
}

/// Puts the samples of a commit in their places.
pub(crate) fn apply(memory: &Memory, samples: &Samples, commit: CommitId) -> Applied {
    let low_watermark = memory.isolation.low_watermark();
    let mut applied = Applied::default();
    let mut at = 0;
    while let Some(first) = samples.refs.get(at) {
        let page_number = page_of(number_of(*first));
        let same_page = samples.refs.iter().skip(at);
        let count = same_page.take_while(|series| page_of(number_of(**series)) == page_number).count();
        let mut page = memory.pages.page(page_number).map(parking_lot::RwLock::write);
        let times = samples.timestamps.iter().zip(&samples.values).skip(at).take(count);
        for (series, (timestamp, value)) in samples.refs.iter().skip(at).zip(times) {
            let place = page.as_mut().and_then(|page| page.get_mut(place_of(number_of(*series))));
            match place.filter(|found| found.reference == *series) {
                Some(found) => {
                    let change = found.append_float(*timestamp, *value, memory.shape, commit, low_watermark);
                    applied.add(*timestamp, change);
                }
                None => applied.unknown += 1,
            }
        }
        at += count;
    }
    if applied.taken > 0 {
        memory.widen(applied.min_time, applied.max_time);
    }
    memory.add_chunks(applied.new_chunks);
    let metrics = &memory.metrics;
    metrics.samples_appended.with(&["float"]).add(applied.taken);
    metrics.out_of_order.with(&["float"]).add(applied.left);
    metrics.stale_series.add(applied.stale_change as f64);
    applied
}

/// What applying samples has come to.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) taken: u64,
    /// Samples that were no longer newer than all others of their series.
    pub(crate) left: u64,
    /// Samples whose series is not there.
    pub(crate) unknown: u64,
    new_chunks: u64,
    stale_change: i64,
    min_time: i64,
    max_time: i64,
}

impl Default for Applied {
    fn default() -> Self {
        let (min_time, max_time) = (i64::MAX, i64::MIN);
        Self { taken: 0, left: 0, unknown: 0, new_chunks: 0, stale_change: 0, min_time, max_time }
    }
}

impl Applied {
    fn add(&mut self, timestamp: i64, change: Appended) {
        if !change.taken {
            self.left += 1;
            return;
        }
        self.taken += 1;
        self.new_chunks += u64::from(change.new_chunk);
        self.stale_change += i64::from(change.stale_change);
        self.min_time = self.min_time.min(timestamp);
        self.max_time = self.max_time.max(timestamp);
    }
}
