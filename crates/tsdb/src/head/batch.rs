//! Float samples of many series at once: the lock of a page is taken once for neighbours that stand on it.

use std::ops::Range;

use model::{SeriesRef, is_stale_nan};
use storage::{Appender, Error, FloatBatch};

use super::appender::HeadAppender;
use super::kinds::Kind;
use super::pages::{fetch, number_of, page_of, place_of};
use super::series::{Bounds, Placement, Series};

impl HeadAppender {
    /// Does what [`Appender::append_floats`] says.
    pub(super) fn append_batch(&mut self, batch: &FloatBatch, refused: &mut dyn FnMut(usize, Error)) {
        let mut at = 0;
        let mut others = Vec::new();
        self.buffers.floats.reserve(batch.len());
        while let Some(first) = batch.series.get(at) {
            let page = page_of(number_of(*first));
            let rest = batch.series.iter().skip(at);
            let count = rest.take_while(|series| page_of(number_of(**series)) == page).count();
            self.append_page(page, batch, at..at + count, &mut others);
            for position in others.drain(..) {
                let Some((series, timestamp, value)) = sample(batch, position) else { continue };
                let start = batch.start_timestamp(position);
                if let Err(error) = self.append(series, timestamp, start, value) {
                    refused(position, error);
                }
            }
            at += count;
        }
    }

    /// Takes the samples of one page that are newer than all others of their series; `others` are left.
    fn append_page(&mut self, page: u32, batch: &FloatBatch, run: Range<usize>, others: &mut Vec<usize>) {
        let first = batch.timestamps.get(run.start).copied().unwrap_or_default();
        let bounds = self.bounds(first);
        let session = self.session.number();
        let keeps_starts = self.head.memory.settings().start_timestamps;
        let Some(page) = self.head.memory.pages.page(page) else {
            others.extend(run);
            return;
        };
        let page = page.read();
        let refs = batch.series.get(run.clone()).unwrap_or_default();
        fetch(&page, refs);
        let times = batch.timestamps.get(run.clone()).unwrap_or_default();
        let values = batch.values.get(run.clone()).unwrap_or_default();
        let buffers = &mut self.buffers;
        let has_starts = keeps_starts && !batch.start_timestamps.is_empty();
        if !has_starts && are_all_plain(&page, session, bounds, refs, times) {
            buffers.floats.extend_plain(refs, times, values);
            buffers.count_many(Kind::Float, refs.len());
            return;
        }
        let mut taken = 0;
        for (position, ((series, timestamp), value)) in run.zip(refs.iter().zip(times).zip(values)) {
            let place = page.get(place_of(number_of(*series))).filter(|found| found.is(*series));
            // The end of a series of histograms is a histogram, which is for those to make who know how.
            let is_plain = |found: &&Series| found.kind() == Kind::Float || !is_stale_nan(*value);
            let placed = place.filter(is_plain).map(|found| {
                found.touch(session);
                (found, found.check_float(*timestamp, *value, bounds))
            });
            match placed {
                Some((found, Ok(Placement::InOrder))) => {
                    let start = if keeps_starts { batch.start_timestamp(position) } else { 0 };
                    buffers.floats.push_with_start(*series, *timestamp, start, *value);
                    taken += 1;
                    if !found.is_logged() && buffers.unlogged.last() != Some(series) {
                        buffers.unlogged.push(*series);
                    }
                }
                // What is refused is refused by the one who knows how.
                _ => others.push(position),
            }
        }
        buffers.count_many(Kind::Float, taken);
    }
}

/// Whether all samples go behind those that their series have, which are floats and stand in the log; touches them if so.
#[inline]
fn are_all_plain(page: &[Series], session: u64, bounds: Bounds, refs: &[SeriesRef], times: &[i64]) -> bool {
    refs.iter().zip(times).all(|(series, timestamp)| {
        let found = page.get(place_of(number_of(*series))).filter(|found| found.is(*series));
        found.is_some_and(|found| {
            found.touch(session);
            found.takes_next_float(*timestamp, bounds) && found.is_logged()
        })
    })
}

fn sample(batch: &FloatBatch, position: usize) -> Option<(SeriesRef, i64, f64)> {
    Some((*batch.series.get(position)?, *batch.timestamps.get(position)?, *batch.values.get(position)?))
}
