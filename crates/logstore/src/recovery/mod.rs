//! What a start reads: parts, and the log.

mod parts;
pub(crate) mod record;
mod replay;

use std::sync::Arc;
use std::time::Duration;

use tracing::info;

use crate::Error;
use crate::head::Stream;
use crate::store::Inner;
use crate::tenant::Found;
pub(crate) use parts::{Covered, keep_numbers};
use replay::{LoggedStreams, Replayed, replay};

impl Inner {
    /// Reads the segments of the log into memory.
    pub(crate) fn replay(&self, segments: &[wal::Segment], covered: &Covered) -> Result<(), Error> {
        let started = self.resources.clock.monotonic();
        self.metrics.wal.replay_active.set(1.0);
        let mut replayed = Replayed::default();
        let stream =
            |tenant: &str, labels: &model::Labels| match self.tenant_or_new(tenant).stream(labels, 0, true) {
                Found::Stream(stream) | Found::Created(stream) => Some(stream),
                Found::OverLimit => None,
            };
        let mut names = LoggedStreams::default();
        for segment in segments {
            replay(&*self.resources.fs, segment, &mut replayed, &mut names, stream, covered)?;
        }
        self.grow(replayed.chunk_bytes);
        let tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        let mut streams_count = 0;
        for tenant in tenants {
            let streams = tenant.streams.read();
            streams_count += streams.len();
            let bytes = |stream: &Arc<Stream>| stream.buffer().lock().heap_bytes();
            self.grow(streams.all_active().map(bytes).sum());
            drop(streams);
            self.count_streams(&tenant);
        }
        let took = self.resources.clock.monotonic().saturating_sub(started);
        self.tell_replayed(replayed, streams_count, took);
        Ok(())
    }

    fn tell_replayed(&self, replayed: Replayed, streams: usize, took: Duration) {
        let metrics = &self.metrics.wal;
        metrics.replay_active.set(0.0);
        metrics.replay_seconds.set(took.as_secs_f64());
        metrics.corruptions.add(replayed.damages);
        metrics.recovered_streams.add(streams as u64);
        metrics.recovered_entries.add(replayed.entries);
        metrics.recovered_bytes.add(replayed.bytes);
        metrics.duplicate_entries.add(replayed.duplicates);
        info!(duration = ?took, streams, entries = replayed.entries, "log of entries is read");
    }
}
