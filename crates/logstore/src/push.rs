//! The way of a push into the store: room for it, its streams, the log.

use std::sync::atomic::Ordering;

use storage::logs::{AppendReport, AppendRules, EntryAppendable, RejectReason, StreamEntries};
use wal::Batch;

use crate::head::{Push, Target, refuse_all};
use crate::store::Inner;
use crate::tenant::{Found, Tenant};
use crate::{Error, LogStore, reserve};

/// A batch that has grown longer is not kept for the next push.
const BATCH_BYTES_KEPT: usize = 2 << 20;
/// So many batches are kept.
const BATCHES_KEPT: usize = 4;

impl Inner {
    /// Whether the head may take more: where it cannot be written down it does not grow for ever.
    fn check_head(&self) -> storage::Result<()> {
        let max = self.settings.read().head_bytes_max();
        if self.head_bytes.load(Ordering::Relaxed) < 2 * max {
            return Ok(());
        }
        self.flush_full().map_err(|error| match error {
            Error::Closed => Error::Closed.into(),
            error => {
                storage::Error::Unavailable(format!("no log entries are taken: memory is full, {error}"))
            }
        })
    }

    pub(crate) fn grow(&self, bytes: usize) {
        let all = self.head_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.came_bytes.fetch_add(bytes, Ordering::Relaxed);
        if bytes > 0 {
            self.head_since.lock().get_or_insert_with(|| self.resources.clock.monotonic());
        }
        self.memory.take(bytes as u64);
        self.metrics.head_bytes.set(all as f64);
    }

    /// Has the labels of streams told anew by the records that follow.
    pub(crate) fn next_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::Relaxed);
    }

    fn batch(&self) -> Batch {
        let kept = self.batches.lock().pop();
        kept.unwrap_or_else(|| Batch::new(self.settings.read().wal.compression))
    }

    fn keep_batch(&self, mut batch: Batch) {
        let is_small = batch.len_bytes() <= BATCH_BYTES_KEPT;
        batch.clear();
        let mut batches = self.batches.lock();
        if is_small && batches.len() < BATCHES_KEPT {
            batches.push(batch);
        }
    }

    fn append(
        &self,
        tenant: &Tenant,
        push: &[StreamEntries<'_>],
        rules: &AppendRules,
    ) -> Result<AppendReport, Error> {
        let mut refused = Vec::new();
        let takes_new = self.resources.memory.takes_series();
        let (mut found, missing) = tenant.find(push);
        let mut created = 0;
        for (position, of_stream) in
            missing.into_iter().filter_map(|position| Some((position, push.get(position)?)))
        {
            match tenant.stream(of_stream.labels, rules.streams_max, takes_new) {
                Found::Stream(stream) => found.push(Target { id: stream.id, position, stream }),
                Found::Created(stream) => {
                    created += 1;
                    found.push(Target { id: stream.id, position, stream });
                }
                Found::OverLimit => {
                    refused.extend(refuse_all(
                        position,
                        0..of_stream.entries.len(),
                        &RejectReason::StreamLimit,
                    ));
                }
            }
        }
        if created > 0 {
            self.metrics.streams_created.with(&[&tenant.name]).add(created);
            self.count_streams(tenant);
        }
        found.sort_unstable_by_key(|target| (target.id, target.position));
        let now = self.resources.clock.monotonic();
        let epoch = self.epoch.load(Ordering::Relaxed);
        let push = Push { tenant: &tenant.name, push, found: &found, rules, now, epoch };
        let mut batch = self.batch();
        let mut logged = 0;
        let appended = push.append(&mut batch, |batch| {
            let full = std::mem::take(batch);
            logged += full.len_bytes();
            *batch = self.log.commit(full)?;
            Ok(())
        });
        self.keep_batch(batch);
        // What a failed write has left of what was told before is not certain.
        let mut appended = appended.inspect_err(|_| self.next_epoch())?;
        self.grow(appended.grown);
        self.metrics.wal.logged_records.inc();
        self.metrics.wal.logged_bytes.add(logged as u64);
        self.metrics.duplicate_bytes.with(&[&tenant.name]).add(appended.duplicate_bytes);
        let report = &mut appended.report;
        report.rejected.append(&mut refused);
        report.rejected.sort_unstable_by_key(|rejected| (rejected.stream, rejected.entry));
        report.repeated.sort_unstable();
        Ok(appended.report)
    }
}

impl EntryAppendable for LogStore {
    fn append(
        &self,
        tenant: &str,
        push: &[StreamEntries<'_>],
        rules: &AppendRules,
    ) -> storage::Result<AppendReport> {
        let inner = &self.0;
        // Before anything is written down to make room: another process may have the folder.
        if inner.is_stopping() {
            return Err(Error::Closed.into());
        }
        reserve::check(&inner.reserve, &inner.metrics)?;
        inner.check_head()?;
        let appended = {
            let _head_stays = inner.pushing.read();
            if inner.is_stopping() {
                return Err(Error::Closed.into());
            }
            let tenant = inner.tenant_or_new(tenant);
            inner.append(&tenant, push, rules)
        };
        match appended {
            Ok(report) => {
                inner.flush_full_or_warn();
                Ok(report)
            }
            Err(error) => {
                if is_disk_full(&error) {
                    inner.metrics.wal.disk_full.inc();
                }
                Err(error.into())
            }
        }
    }
}

fn is_disk_full(error: &Error) -> bool {
    let Error::Wal(wal::Error::Io { source, .. }) = error else { return false };
    source.kind() == std::io::ErrorKind::StorageFull
}
