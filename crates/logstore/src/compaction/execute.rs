//! Parts written anew as one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::Labels;
use tracing::{debug, error};

use super::plan::{Pace, is_over, plan_merge};
use super::stream::StreamMerge;
use crate::Error;
use crate::deletion::Deletion;
use crate::flush::unfinished;
use crate::part::{Part, PartIndex, PartWriter};
use crate::partition::{day_folder, part_name};
use crate::query::KeptFrames;
use crate::store::Inner;
use crate::tenant::Tenant;

/// Entries come in fast where the head has grown by so much since parts were looked at last.
const BUSY_BYTES: usize = 16 << 20;

/// What stays behind when parts are written anew.
pub(crate) struct Rewrite<'a> {
    /// The time of a stream before which rows are too old.
    pub(crate) cutoff: &'a dyn Fn(&Labels) -> Option<i64>,
    pub(crate) deletions: &'a [Arc<Deletion>],
}

impl Inner {
    /// Merges parts as long as there is something to merge; the first error is given, and what it has nothing to do with is
    /// merged all the same: a damaged part is left alone, the parts of other tenants wait for nobody.
    pub(crate) fn merge_parts(&self) -> Result<(), Error> {
        let bytes_max = self.settings.read().part_bytes_max;
        let came = self.came_bytes.swap(0, Ordering::Relaxed);
        let pace = if came >= BUSY_BYTES { Pace::Busy } else { Pace::Quiet };
        let mut result = Ok(());
        for tenant in self.all_tenants() {
            while let Some(inputs) = self.next_merge(&tenant, pace, bytes_max) {
                if self.is_stopping() {
                    return result;
                }
                let rewrite = Rewrite { cutoff: &|_| None, deletions: &[] };
                match self.rewrite(&tenant, &inputs, &rewrite) {
                    Ok(_) => self.metrics.merges.inc(),
                    Err(error) => {
                        let goes_on = inputs.iter().any(|part| part.is_damaged.load(Ordering::Relaxed));
                        result = result.and(Err(error));
                        if !goes_on {
                            break;
                        }
                    }
                }
            }
        }
        result
    }

    /// Parts of one day of a tenant that are to be merged.
    fn next_merge(&self, tenant: &Tenant, pace: Pace, bytes_max: u64) -> Option<Vec<Arc<Part>>> {
        let now_ms = self.resources.clock.now_ms();
        let mut parts = tenant.view.read().parts.clone();
        parts.retain(|part| !part.is_damaged.load(Ordering::Relaxed));
        // What came first has precedence.
        parts.sort_by_key(|part| (part.index.day, part.index.until));
        parts.chunk_by(|a, b| a.index.day == b.index.day).find_map(|of_day| {
            let day = of_day.first()?.index.day;
            let bytes: Vec<u64> = of_day.iter().map(|part| part.bytes).collect();
            let pace = if is_over(day, now_ms) { Pace::Over } else { pace };
            let chosen = plan_merge(&bytes, pace, bytes_max);
            let chosen: Vec<_> =
                chosen.into_iter().filter_map(|position| of_day.get(position).cloned()).collect();
            (!chosen.is_empty()).then_some(chosen)
        })
    }

    /// Writes parts of one day anew as one, without what stays behind; the new one takes their place. Gives its rows.
    ///
    /// # Errors
    /// Where the content of a part is damaged it is marked: to try again is of no use.
    pub(crate) fn rewrite(
        &self,
        tenant: &Arc<Tenant>,
        inputs: &[Arc<Part>],
        rewrite: &Rewrite<'_>,
    ) -> Result<u64, Error> {
        self.write_anew(tenant, inputs, rewrite).inspect_err(|error| set_aside(inputs, error))
    }

    fn write_anew(
        &self,
        tenant: &Arc<Tenant>,
        inputs: &[Arc<Part>],
        rewrite: &Rewrite<'_>,
    ) -> Result<u64, Error> {
        let Some(first) = inputs.first() else { return Ok(0) };
        let fs = &*self.resources.fs;
        let day = first.index.day;
        let until = inputs.iter().map(|part| part.index.until).max().unwrap_or_default();
        let level = inputs.iter().map(|part| part.index.level).max().unwrap_or_default() + 1;
        let path = day_folder(&self.path, &tenant.name, day).join(part_name(until, level));
        let replaces = inputs.iter().map(|part| part.name()).collect();
        let index = PartIndex { day, level, until, replaces, ..PartIndex::default() };
        let settings = self.settings.read().part(true);
        let mut writer = PartWriter::create(fs, &unfinished(&path), settings, index)?;
        let kept = KeptFrames::of_parts(inputs.len());
        for (labels, id) in streams_of(tenant, inputs) {
            if self.is_stopping() {
                return Err(Error::Closed);
            }
            let mut merge = StreamMerge { inputs, rewrite, kept: &kept, writer: &mut writer };
            merge.write(id, &labels)?;
        }
        let written = writer.finish()?;
        let paths = if written.rows > 0 { vec![path] } else { Vec::new() };
        if paths.is_empty() {
            fs.remove_file(&written.path).map_err(Error::io("remove", &written.path))?;
        }
        let parts = self.publish(tenant, &paths)?;
        debug!(tenant = tenant.name, day, inputs = inputs.len(), rows = written.rows, "parts are merged");
        self.replace(tenant, inputs, parts)?;
        Ok(written.rows)
    }

    /// Puts parts in the place of others, and removes those.
    pub(crate) fn replace(
        &self,
        tenant: &Tenant,
        old: &[Arc<Part>],
        new: Vec<Arc<Part>>,
    ) -> Result<(), Error> {
        let mut view = tenant.view.write();
        view.parts.retain(|part| !old.iter().any(|old| Arc::ptr_eq(part, old)));
        view.parts.extend(new);
        drop(view);
        for part in old {
            self.resources.fs.remove_file(&part.path).map_err(Error::io("remove", &part.path))?;
        }
        Ok(())
    }
}

/// Marks the part that an error is about, where its content is damaged.
fn set_aside(inputs: &[Arc<Part>], error: &Error) {
    let Error::Damaged { path, .. } = error else { return };
    if let Some(part) = inputs.iter().find(|part| part.path == *path) {
        part.is_damaged.store(true, Ordering::Relaxed);
        error!(path = %path.display(), %error, "a part is not written anew any more: what it stores is damaged");
    }
}

/// The streams of parts, in the order in which they stand in one.
fn streams_of(tenant: &Tenant, parts: &[Arc<Part>]) -> Vec<(Labels, u32)> {
    let mut ids: Vec<u32> = parts.iter().flat_map(|part| part.streams.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = tenant.streams.read();
    let order = known.order();
    ids.sort_unstable_by_key(|id| order.place(*id));
    ids.into_iter().filter_map(|id| Some((known.labels(id)?.clone(), id))).collect()
}
