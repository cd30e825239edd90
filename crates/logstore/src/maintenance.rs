//! The work between the requests.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::compaction::Rewrite;
use crate::deletion::{DeleteRequest, Deletion};
use crate::flush::FlushReason;
use crate::metrics::OperationMetrics;
use crate::part::Part;
use crate::store::Inner;
use crate::tenant::Tenant;
use crate::{DeleteMode, Error};

/// A piece of the work.
type Work = fn(&Inner) -> Result<(), Error>;

impl Inner {
    /// Does what is to be done; the first error is given, and the rest done all the same.
    pub(crate) fn maintain(&self) -> Result<(), Error> {
        let _alone = self.maintaining.lock();
        self.give_back_filters();
        let mut result = self.flush_old();
        self.forget_idle();
        let compactor = &self.metrics.compactor;
        let works: [(Work, Option<&OperationMetrics>); 3] = [
            (Self::retain, Some(&compactor.retaining)),
            (Self::process_deletes, None),
            (Self::merge_parts, Some(&compactor.merging)),
        ];
        for (work, metrics) in works {
            if !self.is_stopping() {
                result = result.and(self.timed(work, metrics));
            }
        }
        result
    }

    fn timed(&self, work: Work, metrics: Option<&OperationMetrics>) -> Result<(), Error> {
        let clock = &self.resources.clock;
        let began = clock.monotonic();
        let done = work(self);
        if let Some(metrics) = metrics {
            metrics.done(done.is_ok(), clock.monotonic().saturating_sub(began), clock.now_ms());
        }
        done
    }

    pub(crate) fn all_tenants(&self) -> Vec<Arc<Tenant>> {
        let mut tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        tenants.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        tenants
    }

    /// What queries have looked at since the last time leaves memory; it is the system's to keep.
    fn give_back_filters(&self) {
        for tenant in self.all_tenants() {
            tenant.view.read().parts.iter().for_each(|part| part.give_back_filters());
        }
    }

    /// Whether long work is to end early.
    pub(crate) fn is_stopping(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Takes the rows of requests that are due out of the parts.
    fn process_deletes(&self) -> Result<(), Error> {
        let settings = self.settings.read().clone();
        let wait = i64::try_from(settings.delete_cancel_period.as_millis()).unwrap_or(i64::MAX);
        let now = self.resources.clock.now_ms();
        let due: Vec<DeleteRequest> = self
            .deletions
            .pending()
            .into_iter()
            .filter(|request| {
                request.created_ms.saturating_add(wait) <= now
                    && !self.deletions.is_held_up(&request.id)
                    && settings.delete_mode(&request.tenant) == DeleteMode::Remove
            })
            .collect();
        let since = due.iter().map(|request| request.created_ms.saturating_add(wait));
        self.metrics.compactor.due(now, since);
        if due.is_empty() {
            return Ok(());
        }
        self.flush(self.flushing.lock(), FlushReason::Forced)?;
        let mut result = Ok(());
        for request in due {
            let open = self.deletions.of(&request.tenant);
            let deletion = open.into_iter().find(|deletion| deletion.id == request.id);
            if let (Some(deletion), false) = (deletion, self.is_stopping()) {
                // One that cannot be processed does not keep the others.
                result = result.and(self.process(&request, &deletion));
            }
        }
        result
    }

    /// Takes the rows of a request out of all parts but damaged ones: where there are some, it stays open until the next
    /// start, and its rows hidden.
    fn process(&self, request: &DeleteRequest, deletion: &Arc<Deletion>) -> Result<(), Error> {
        let (fs, store) = (&*self.resources.fs, &self.path);
        if let Some(tenant) = self.tenant(&request.tenant) {
            let parts: Vec<Arc<Part>> = tenant.view.read().parts.clone();
            let named: Vec<_> = parts.into_iter().filter(|part| holds(&tenant, part, deletion)).collect();
            let all = named.len();
            let mut damaged = Ok(());
            let mut is_whole = true;
            for (done, part) in named.into_iter().enumerate() {
                if part.is_damaged.load(Ordering::Relaxed) {
                    is_whole = false;
                    continue;
                }
                let deletions = [Arc::clone(deletion)];
                let rewrite = Rewrite { cutoff: &|_| None, deletions: &deletions };
                let before: u64 = part.index.blocks.iter().map(|block| u64::from(block.rows)).sum();
                let left = match self.rewrite(&tenant, &[Arc::clone(&part)], &rewrite) {
                    Ok(left) => left,
                    Err(error) if part.is_damaged.load(Ordering::Relaxed) => {
                        is_whole = false;
                        damaged = damaged.and(Err(error));
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                let gone = before.saturating_sub(left);
                self.metrics.compactor.deleted_lines.with(&[&request.tenant]).add(gone);
                self.deletions.progress(fs, store, &request.id, |request| {
                    (request.parts_done, request.parts_all) = (done + 1, all);
                })?;
            }
            if !is_whole {
                self.deletions.hold_up(&request.id);
                return damaged;
            }
        }
        self.metrics.compactor.deletes_processed.with(&[&request.tenant]).inc();
        self.deletions.progress(fs, store, &request.id, |request| request.is_processed = true)
    }
}

/// Whether a part may hold rows that are deleted.
fn holds(tenant: &Tenant, part: &Part, deletion: &Deletion) -> bool {
    if !deletion.range.overlaps(part.start, part.end) {
        return false;
    }
    let streams = tenant.streams.read();
    part.streams.iter().enumerate().any(|(position, id)| {
        let mut blocks = part.blocks_of(position).filter_map(|number| part.block(number));
        streams.labels(*id).is_some_and(|labels| deletion.names(labels))
            && blocks.any(|block| deletion.range.overlaps(block.start, block.end))
    })
}
