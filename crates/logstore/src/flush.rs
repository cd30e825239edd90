//! Writes the head to parts.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::MutexGuard;
use tracing::{debug, warn};

use crate::Error;
use crate::columns::{pairs, text_bytes};
use crate::head::{Buffer, SetPlace};
use crate::part::{DAY, Part, PartIndex, PartSettings, PartWriter, day_of, read_index};
use crate::partition::{UNFINISHED_SUFFIX, day_folder, part_name};
use crate::store::Inner;
use crate::tenant::{FrozenHead, Tenant};

/// What is known of heads that are being written.
#[derive(Debug, Default)]
pub(crate) struct Flushing {
    /// There are frozen heads; they hold what is in the log before this segment.
    pub(crate) until: Option<u32>,
    /// Bytes of their buffers.
    pub(crate) bytes: usize,
    /// Why they were frozen: an attempt that is made again is still for that.
    reason: FlushReason,
}

/// Why a head is written to parts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlushReason {
    /// It is as large as it may be.
    Full,
    /// It is as old as it may be.
    Age,
    /// Somebody wants it.
    #[default]
    Forced,
}

impl FlushReason {
    /// The word that dashboards know.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Age => "max_age",
            Self::Forced => "forced",
        }
    }
}

impl Inner {
    /// Writes the head to parts if it is as large as it may be. Whoever pushes while another one writes waits only
    /// where the head has become twice as large.
    pub(crate) fn flush_full(&self) -> Result<(), Error> {
        let max = self.settings.read().head_bytes_max();
        let held = || self.head_bytes.load(Ordering::Relaxed);
        if held() < max {
            return Ok(());
        }
        let flushing = match self.flushing.try_lock() {
            Some(flushing) => flushing,
            None if held() < 2 * max => return Ok(()),
            None => self.flushing.lock(),
        };
        if held() < max { Ok(()) } else { self.flush(flushing, FlushReason::Full) }
    }

    /// Writes what is in memory to parts, and removes it from the log.
    ///
    /// Whoever closes the store takes the guard once it is marked as closed, so that nothing begins here after that.
    pub(crate) fn flush(&self, flushing: MutexGuard<'_, Flushing>, reason: FlushReason) -> Result<(), Error> {
        self.flush_for(flushing, Some(reason))
    }

    /// As [`Inner::flush`]; without a reason only what an attempt before has left is written.
    fn flush_for(
        &self,
        mut flushing: MutexGuard<'_, Flushing>,
        reason: Option<FlushReason>,
    ) -> Result<(), Error> {
        if self.is_stopping() {
            return Err(Error::Closed);
        }
        let began = self.resources.clock.monotonic();
        let written = self.write_head(&mut flushing, reason);
        let took = self.resources.clock.monotonic().saturating_sub(began);
        self.metrics.flushed(written.is_ok(), took);
        written
    }

    fn write_head(&self, flushing: &mut Flushing, reason: Option<FlushReason>) -> Result<(), Error> {
        if flushing.until.is_some() {
            // The last attempt has failed.
            self.write_frozen(flushing)?;
        }
        let Some(reason) = reason else { return Ok(()) };
        self.freeze(flushing)?;
        flushing.reason = reason;
        self.write_frozen(flushing)
    }

    /// Ends the present head: what comes next goes to new buffers and another segment of the log.
    fn freeze(&self, flushing: &mut Flushing) -> Result<(), Error> {
        let tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        // So that it is not found while pushes wait.
        tenants.iter().for_each(|tenant| drop(tenant.streams.read().order()));
        let _no_push_runs = self.pushing.write();
        let until = self.log.next_segment()?;
        // The segments that tell labels now go as soon as the head is in parts.
        self.next_epoch();
        let tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        for tenant in tenants {
            let mut view = tenant.view.write();
            let streams = tenant.streams.read();
            let order = streams.order();
            let mut frozen: Vec<_> = streams
                .all_active()
                .filter_map(|stream| Some((Arc::clone(stream), stream.take_buffer()?)))
                .collect();
            if !frozen.is_empty() {
                frozen.sort_unstable_by_key(|(stream, _)| order.place(stream.id));
                view.frozen = Some(Arc::new(FrozenHead { streams: frozen }));
            }
        }
        flushing.until = Some(until);
        flushing.bytes = self.head_bytes.swap(0, Ordering::Relaxed);
        *self.head_since.lock() = None;
        self.metrics.head_bytes.set(0.0);
        Ok(())
    }

    /// Writes frozen heads to parts.
    fn write_frozen(&self, flushing: &mut Flushing) -> Result<(), Error> {
        let Some(until) = flushing.until else { return Ok(()) };
        let mut tenants: Vec<_> = self.tenants.read().values().cloned().collect();
        tenants.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for tenant in &tenants {
            let frozen = tenant.view.read().frozen.clone();
            if let Some(frozen) = frozen {
                self.write_tenant(tenant, &frozen, until, flushing.reason)?;
            }
        }
        // Queries that read the buffers keep them a little longer.
        self.memory.give_back(flushing.bytes as u64);
        *flushing = Flushing::default();
        self.log.remove_before(until)?;
        Ok(())
    }

    /// Writes a part for each day that the frozen head of a tenant has entries of.
    fn write_tenant(
        &self,
        tenant: &Arc<Tenant>,
        frozen: &FrozenHead,
        until: u32,
        reason: FlushReason,
    ) -> Result<(), Error> {
        let mut days = BTreeSet::new();
        for (_, buffer) in &frozen.streams {
            let held = buffer.lock();
            days.extend(days_of(&held));
        }
        let mut written = Vec::new();
        let began = self.resources.clock.monotonic();
        for day in days {
            let path = self.write_day(tenant, frozen, day, until)?;
            written.extend(path);
        }
        let parts = self.publish(tenant, &written)?;
        let now = self.resources.clock.now_ms().saturating_mul(1_000_000);
        let block_bytes = self.settings.read().block_bytes_max;
        parts.iter().for_each(|part| self.metrics.chunks.written(part, reason, now, block_bytes));
        let took = self.resources.clock.monotonic().saturating_sub(began);
        self.metrics.chunks.encoded(took);
        let mut view = tenant.view.write();
        view.parts.extend(parts);
        view.frozen = None;
        Ok(())
    }

    fn write_day(
        &self,
        tenant: &Tenant,
        frozen: &FrozenHead,
        day: i64,
        until: u32,
    ) -> Result<Option<PathBuf>, Error> {
        let fs = &*self.resources.fs;
        let folder = day_folder(&self.path, &tenant.name, day);
        fs.create_dir_all_synced(&folder).map_err(Error::io("create", &folder))?;
        let path = folder.join(part_name(until, 0));
        let unfinished = unfinished(&path);
        let settings = self.settings.read().part(false);
        let index = PartIndex { day, until, ..PartIndex::default() };
        let mut writer = PartWriter::create(fs, &unfinished, settings, index)?;
        for (stream, buffer) in &frozen.streams {
            let held = buffer.lock();
            let order = held.order(held.rows());
            let rows = rows_of_day(&held, order.as_deref(), day);
            if !rows.is_empty() {
                let share = held.all_text_bytes() as u64 * rows.len() as u64 / held.rows().max(1) as u64;
                writer.begin_stream(&stream.labels, share)?;
                write_rows(&mut writer, &held, order.as_deref(), rows)?;
                writer.end_stream()?;
            }
        }
        let written = writer.finish()?;
        if written.rows == 0 {
            // A day between others.
            fs.remove_file(&written.path).map_err(Error::io("remove", &written.path))?;
            return Ok(None);
        }
        debug!(tenant = tenant.name, rows = written.rows, path = %path.display(), "part is written");
        Ok(Some(path))
    }

    /// Gives finished parts their names, and opens them.
    pub(crate) fn publish(&self, tenant: &Arc<Tenant>, paths: &[PathBuf]) -> Result<Vec<Arc<Part>>, Error> {
        let fs = &*self.resources.fs;
        let mut parts = Vec::new();
        for path in paths {
            fs.rename(&unfinished(path), path).map_err(Error::io("rename", path))?;
            if let Some(folder) = path.parent() {
                fs.sync_dir(folder).map_err(Error::io("sync", folder))?;
            }
        }
        for path in paths {
            parts.push(Arc::new(Part::new(fs, read_index(fs, path)?, tenant)));
        }
        Ok(parts)
    }

    /// Writes the head down if it is old.
    pub(crate) fn flush_old(&self) -> Result<(), Error> {
        let now = self.resources.clock.monotonic();
        let age_max = self.settings.read().head_age_max;
        let since = *self.head_since.lock();
        let flushing = self.flushing.lock();
        let is_old = since.is_some_and(|since| now.saturating_sub(since) >= age_max);
        if is_old || flushing.until.is_some() {
            return self.flush_for(flushing, is_old.then_some(FlushReason::Age));
        }
        Ok(())
    }

    /// As [`Inner::flush_full`]; a failure is told to the log alone, since it is not the pusher's.
    pub(crate) fn flush_full_or_warn(&self) {
        match self.flush_full() {
            // The next start reads them from the log.
            Ok(()) | Err(Error::Closed) => {}
            Err(error) => {
                self.metrics.flushes_failed.inc();
                warn!(%error, "entries in memory could not be written to parts; it is tried again");
            }
        }
    }
}

/// The name that a part has until it is finished.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED_SUFFIX);
    PathBuf::from(name)
}

fn row_of(order: Option<&[u32]>, position: usize) -> usize {
    match order {
        Some(order) => order.get(position).map_or(usize::MAX, |row| *row as usize),
        None => position,
    }
}

/// The days that have rows: there may be years between two of them.
fn days_of(held: &Buffer) -> Vec<i64> {
    let (first, last) = (day_of(held.first()), day_of(held.newest()));
    if first == last {
        return vec![first];
    }
    let order = held.order(held.rows());
    let mut days = Vec::new();
    let mut row = 0;
    while row < held.rows() {
        let day = day_of(held.content().timestamp(row_of(order.as_deref(), row)));
        days.push(day);
        row = rows_of_day(held, order.as_deref(), day).end.max(row + 1);
    }
    days
}

/// The positions of the rows of a day.
fn rows_of_day(held: &Buffer, order: Option<&[u32]>, day: i64) -> Range<usize> {
    let rows = held.content();
    let start = day.saturating_mul(DAY);
    let end = start.saturating_add(DAY);
    let before = |time: i64| {
        let (mut low, mut high) = (0, held.rows());
        while low < high {
            let middle = low + (high - low) / 2;
            if rows.timestamp(row_of(order, middle)) < time { low = middle + 1 } else { high = middle }
        }
        low
    };
    before(start)..before(end)
}

fn write_rows(
    writer: &mut PartWriter,
    held: &Buffer,
    order: Option<&[u32]>,
    positions: Range<usize>,
) -> Result<(), Error> {
    let rows = held.content();
    let mut last: Option<(SetPlace, &[u8])> = None;
    let mut bytes = 0;
    for position in positions {
        let row = row_of(order, position);
        let place = rows.set_place(row);
        let set = match last {
            Some((known, set)) if known == place => set,
            _ => rows.set(row),
        };
        // Sets of other pushes stand elsewhere, and are most often the same.
        let is_same = last.is_some_and(|(known, last)| known == place || last == set);
        if !is_same {
            bytes = text_bytes(set);
        }
        last = Some((place, set));
        writer.push(rows.timestamp(row), rows.line(row), pairs(set), bytes, is_same)?;
    }
    Ok(())
}

impl crate::Settings {
    /// How parts are written: those of the head quickly, merged ones small.
    pub(crate) fn part(&self, is_merged: bool) -> PartSettings {
        PartSettings {
            level: if is_merged { self.merge_level } else { self.flush_level },
            block_bytes: self.block_bytes_max.clamp(1, 16 << 20),
            frame_bytes: self.frame_bytes_min.clamp(1, 1 << 20),
            // They take time that a push does not have.
            knows_words: is_merged,
        }
    }
}
