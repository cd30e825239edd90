//! A push: every entry checked, put into its buffer, written to the log, and shown to readers.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;
use storage::logs::{AppendReport, AppendRules, EntryRef, RejectReason, Rejected, StreamEntries};
use wal::Batch;

use super::buffer::Mark;
use super::rate::Bucket;
use super::{Buffer, Chunk, ChunkBuilder, Intake, Place, Stream};
use crate::Error;
use crate::columns::pack;
use crate::recovery::record::{Numbered, RecordWriter, Told};

/// What became of a push.
#[derive(Debug, Default)]
pub(crate) struct Appended {
    pub(crate) report: AppendReport,
    /// By how many bytes the head has grown.
    pub(crate) grown: usize,
    /// Bytes of lines that were stored already.
    pub(crate) duplicate_bytes: u64,
}

/// Where the entries of a stream of a push go.
pub(crate) struct Target {
    /// The number of the stream, which is looked at more often than the stream.
    pub(crate) id: u32,
    /// Its position in the push.
    pub(crate) position: usize,
    pub(crate) stream: Arc<Stream>,
}

/// A push of one tenant whose streams are found.
pub(crate) struct Push<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) push: &'a [StreamEntries<'a>],
    /// Sorted by the streams' numbers.
    pub(crate) found: &'a [Target],
    pub(crate) rules: &'a AppendRules,
    pub(crate) now: Duration,
    /// In which the numbers of streams mean the same in all records of the log.
    pub(crate) epoch: u64,
}

/// A stream of a push that has its entries and is not yet shown to readers.
struct Open<'a> {
    intake: MutexGuard<'a, Intake>,
    /// As the buffer and the intake were before.
    mark: Mark,
    /// The newest time, and what the log has told.
    before: (Option<i64>, Told),
    /// Bytes taken out of the bucket.
    taken: usize,
}

/// What a stream has for its entries while they are taken.
struct Room<'a> {
    buffer: &'a mut Buffer,
    newest: &'a mut Option<i64>,
    bucket: &'a mut Option<Bucket>,
    told: &'a mut Told,
    /// Bytes taken out of the bucket.
    taken: usize,
}

impl Push<'_> {
    /// Carries the push out; `commit` writes the records to the log.
    ///
    /// # Errors
    /// Those of `commit`: nothing was stored.
    pub(crate) fn append(
        &self,
        batch: &mut Batch,
        commit: impl FnOnce(&mut Batch) -> Result<(), Error>,
    ) -> Result<Appended, Error> {
        let mut appended = Appended::default();
        let mut record = RecordWriter::new(self.tenant, self.epoch);
        let mut logged = Ok(());
        let (chunk, places) = self.chunk();
        let mut places = places.as_slice();
        // Locked in the order of the streams' numbers, and until the log has the entries: nobody can be told of a
        // duplicate whose first is not safe, and a failed write is taken back.
        let mut open: Vec<Open<'_>> = Vec::with_capacity(self.found.len());
        for group in self.found.chunk_by(|a, b| a.id == b.id) {
            let Some(Target { stream, .. }) = group.first() else { continue };
            let mut intake = stream.intake.lock();
            intake.last_push = self.now;
            let before = (intake.newest, intake.told);
            let Intake { buffer, newest, bucket, told, .. } = &mut *intake;
            let mut held = buffer.lock();
            let (mark, heap_bytes) = (held.mark(), held.heap_bytes());
            let mut room = Room { buffer: &mut held, newest, bucket, told, taken: 0 };
            for target in group {
                let (own, rest) = places.split_at_checked(self.entries(target).len()).unwrap_or_default();
                places = rest;
                self.take(target, (&chunk, own), &mut room, &mut record, &mut appended);
                if record.is_long() {
                    logged = logged.and_then(|()| batch.push(record.bytes()));
                    record.clear();
                }
            }
            let taken = room.taken;
            appended.grown += held.heap_bytes().saturating_sub(heap_bytes);
            drop(held);
            open.push(Open { intake, mark, before, taken });
        }
        logged = logged.and_then(|()| batch.push(record.bytes()));
        let written = match (logged, batch.is_empty()) {
            (Ok(()), true) => Ok(()),
            (Ok(()), false) => commit(batch),
            (Err(error), _) => Err(error.into()),
        };
        if appended.report.stored > 0 {
            appended.grown += chunk.heap_bytes();
        }
        for opened in open {
            match &written {
                Ok(()) => opened.show(),
                Err(_) => opened.roll_back(),
            }
        }
        written.map(|()| appended)
    }

    fn entries(&self, target: &Target) -> &[EntryRef<'_>] {
        self.push.get(target.position).map_or(&[], |of_stream| of_stream.entries)
    }

    /// All entries of the push as they stand in memory, and where each of them does, in the order of the streams.
    fn chunk(&self) -> (Arc<Chunk>, Vec<Option<Place>>) {
        let entries = || self.found.iter().flat_map(|target| self.entries(target));
        let (count, text) =
            entries().fold((0, 0), |(count, text), entry| (count + 1, text + entry.line.len()));
        let mut chunk = ChunkBuilder::with_room(text);
        let mut places = Vec::with_capacity(count);
        let mut set = Vec::new();
        for entry in entries() {
            set.clear();
            pack(entry.metadata, &mut set);
            places.push(chunk.add(entry.line, &set));
        }
        (chunk.finish(), places)
    }

    /// Takes the entries of one stream of the push, which stand at these places of the chunk.
    fn take(
        &self,
        target: &Target,
        (chunk, places): (&Arc<Chunk>, &[Option<Place>]),
        room: &mut Room<'_>,
        record: &mut RecordWriter<'_>,
        appended: &mut Appended,
    ) {
        let entries = self.entries(target);
        let reject = |entry: usize, reason| Rejected { stream: target.position, entry, reason };
        if let Some(bytes) = room.over_rate(entries, self.rules, self.now) {
            let rejected = (0..entries.len()).map(|entry| reject(entry, RejectReason::StreamRate { bytes }));
            appended.report.rejected.extend(rejected);
            return;
        }
        for (number, (entry, place)) in entries.iter().zip(places).enumerate() {
            if let Some(reason) = refusal(entry.timestamp, *room.newest, self.rules) {
                appended.report.rejected.push(reject(number, reason));
                continue;
            }
            let Some(place) = *place else {
                // Only of a push of gigabytes.
                appended
                    .report
                    .rejected
                    .push(reject(number, RejectReason::StreamRate { bytes: bytes_of(entries) }));
                continue;
            };
            *room.newest = (*room.newest).max(Some(entry.timestamp));
            if room.buffer.push(entry.timestamp, chunk, place) {
                appended.report.stored += 1;
                let Stream { id: number, labels, .. } = &*target.stream;
                let stream = Numbered { number: *number, labels, told: room.told };
                record.push(stream, entry.timestamp, chunk, place);
            } else {
                appended.report.duplicates += 1;
                appended.report.repeated.push((target.position, number));
                appended.duplicate_bytes += entry.line.len() as u64;
            }
        }
        record.end_stream();
    }
}

impl Room<'_> {
    /// The bytes of the entries if the stream takes no so many now.
    fn over_rate(&mut self, entries: &[EntryRef<'_>], rules: &AppendRules, now: Duration) -> Option<usize> {
        let rate = rules.stream_rate?;
        let bytes = bytes_of(entries);
        let bucket = self.bucket.get_or_insert_with(|| Bucket::full(rate, now));
        if bucket.take(bytes, rate, now) {
            self.taken += bytes;
            return None;
        }
        Some(bytes)
    }
}

impl Open<'_> {
    /// Shows readers what came.
    fn show(self) {
        self.intake.buffer.lock().show();
    }

    fn roll_back(mut self) {
        self.intake.buffer.lock().roll_back(self.mark);
        (self.intake.newest, self.intake.told) = self.before;
        if let Some(bucket) = &mut self.intake.bucket {
            bucket.give_back(self.taken);
        }
    }
}

fn bytes_of(entries: &[EntryRef<'_>]) -> usize {
    let metadata = |entry: &EntryRef<'_>| {
        entry.metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    };
    entries.iter().map(|entry| entry.line.len() + metadata(entry)).sum()
}

fn refusal(timestamp: i64, newest: Option<i64>, rules: &AppendRules) -> Option<RejectReason> {
    let newest = newest?;
    if rules.ordered && timestamp < newest {
        return Some(RejectReason::OutOfOrder);
    }
    let oldest = newest.saturating_sub(rules.out_of_order_window?);
    (timestamp < oldest).then_some(RejectReason::TooFarBehind { oldest })
}

/// Every entry of a stream of the push, refused for one reason.
pub(crate) fn refuse_all(position: usize, entries: Range<usize>, reason: &RejectReason) -> Vec<Rejected> {
    entries.map(|entry| Rejected { stream: position, entry, reason: reason.clone() }).collect()
}
