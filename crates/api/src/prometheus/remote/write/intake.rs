//! The way of a request's series into the store, the same for both versions.
//!
//! Series are looked up block by block, by what their sender wrote; labels are read for new ones alone. Floats are
//! collected and handed over together.

use model::{Labels, SeriesRef};
use storage::{Appender, Error, FloatBatch, NO_SERIES, RawKey};
use wire::remote::{SentExemplar, SentHistogram, SentSample};

use super::taken::{TOO_FAR_AHEAD, Taken, append_exemplar, append_histogram, as_sample, is_of_request};
use super::{FUTURE_MAX_MS, Outcome, Receiver};

/// Series that are looked up together.
const BLOCK_SERIES: usize = 1024;

/// The block of a request that is being taken: it knows its labels, and what an error means.
pub(super) trait Block {
    /// The labels of the series at a place.
    ///
    /// # Errors
    /// Why no series has them.
    fn labels(&mut self, place: usize) -> Result<Labels, Unfit>;

    /// Is told of a series that is not taken; an outcome ends the request.
    fn refuse_series(&mut self, place: usize, why: &Unfit) -> Result<(), Outcome>;

    /// Is told of a sample that is not taken; an outcome ends the request.
    fn refuse_sample(&mut self, place: usize, error: &dyn std::fmt::Display) -> Result<(), Outcome>;
}

/// The requests of a version, series by series.
pub(super) trait Sent: Block {
    /// Forgets the series of the block before.
    fn begin_block(&mut self);

    /// Adds the next series to the block, `None` at the end.
    ///
    /// # Errors
    /// How a request ends that cannot be read.
    fn next(&mut self) -> Result<Option<Next>, Outcome>;

    /// Takes everything that the series at a place carries.
    ///
    /// # Errors
    /// How the request ends where it does not go on.
    fn take_series(&mut self, place: usize, intake: &mut Intake<'_, '_>) -> Result<(), Outcome>;
}

/// A series as it is looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    /// The key of its labels; `None` where they are not looked up.
    pub(super) key: Option<RawKey>,
    /// Its sample, where it carries nothing else that is stored.
    pub(super) sample: Option<SentSample>,
}

/// Why a series is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// No series has such labels.
    Labels(String),
    /// Its labels name nothing.
    Reference(String),
    /// A limit stands against new series.
    OverLimit(String),
    /// The bytes are no labels.
    Unreadable(String),
    /// The store takes nothing.
    Failed(String),
}

/// What is collected of the series of a block.
#[derive(Debug, Default)]
pub(in crate::prometheus::remote) struct Columns {
    keys: Vec<RawKey>,
    /// The series of each key, [`NO_SERIES`] where it is not known.
    found: Vec<SeriesRef>,
    /// Keys that are no keys: labels that are not looked up.
    unkeyed: Vec<usize>,
    fresh: Vec<(RawKey, SeriesRef)>,
    floats: FloatBatch,
    /// The places of the floats' series; none where each series has one float.
    origins: Vec<u32>,
}

impl Columns {
    pub(in crate::prometheus::remote) fn clear(&mut self) {
        self.keys.clear();
        self.found.clear();
        self.unkeyed.clear();
        self.fresh.clear();
        self.floats.clear();
        self.origins.clear();
    }

    /// Whether the memory is worth keeping: a series can carry any number of samples.
    pub(in crate::prometheus::remote) fn is_modest(&self) -> bool {
        self.origins.capacity().max(self.floats.series.capacity()) <= 16 * BLOCK_SERIES
    }
}

/// A request on its way into the store.
pub(super) struct Intake<'r, 's> {
    receiver: &'r Receiver<'r>,
    appender: &'s mut dyn Appender,
    columns: Columns,
    pub(super) taken: Taken,
}

impl Drop for Intake<'_, '_> {
    fn drop(&mut self) {
        self.receiver.remote.give_columns(std::mem::take(&mut self.columns));
    }
}

impl<'r, 's> Intake<'r, 's> {
    pub(super) fn new(receiver: &'r Receiver<'r>, appender: &'s mut dyn Appender) -> Self {
        Self { receiver, appender, columns: receiver.remote.take_columns(), taken: Taken::default() }
    }

    /// Takes a request, block by block.
    pub(super) fn take(&mut self, sent: &mut impl Sent) -> Result<(), Outcome> {
        loop {
            sent.begin_block();
            // Whether each series carries one float and nothing else: nearly always.
            let mut plain = true;
            while self.columns.keys.len() < BLOCK_SERIES
                && let Some(Next { key, sample }) = sent.next()?
            {
                self.add_key(key);
                match sample {
                    Some(SentSample { timestamp, start_timestamp, value }) if plain => {
                        self.columns.floats.push(NO_SERIES, timestamp, start_timestamp, value);
                    }
                    _ => plain = false,
                }
            }
            let count = self.columns.keys.len();
            if count == 0 {
                return Ok(());
            }
            self.look_up();
            if !plain || !self.are_all_known() {
                self.columns.floats.clear();
                (0..count).try_for_each(|place| sent.take_series(place, self))?;
            }
            self.end_block(sent)?;
        }
    }

    /// Puts the series to the floats that were read of a plain block; `false` where one of them needs a closer look.
    fn are_all_known(&mut self) -> bool {
        let latest = self.latest();
        let Columns { found, floats, .. } = &mut self.columns;
        let is_far = |timestamp: &i64| *timestamp > latest;
        if found.contains(&NO_SERIES) || floats.timestamps.iter().any(is_far) {
            return false;
        }
        floats.series.clone_from(found);
        true
    }

    /// Adds a series to the block, by the key of its labels where there is one.
    #[inline]
    fn add_key(&mut self, key: Option<RawKey>) {
        if key.is_none() {
            self.columns.unkeyed.push(self.columns.keys.len());
        }
        self.columns.keys.push(key.unwrap_or(RawKey { low: 0, high: 0 }));
    }

    /// Looks the series of the block up.
    fn look_up(&mut self) {
        self.columns.found.clear();
        self.appender.recall(&self.columns.keys, &mut self.columns.found);
        for place in &self.columns.unkeyed {
            if let Some(found) = self.columns.found.get_mut(*place) {
                *found = NO_SERIES;
            }
        }
    }

    /// The series at a place as far as it is known.
    pub(super) fn known(&self, place: usize) -> Option<SeriesRef> {
        self.columns.found.get(place).copied().filter(|series| *series != NO_SERIES)
    }

    /// The series at a place, made if there is none; `None` where it is not taken.
    pub(super) fn series(
        &mut self,
        block: &mut dyn Block,
        place: usize,
    ) -> Result<Option<SeriesRef>, Outcome> {
        match self.known(place) {
            Some(series) => Ok(Some(series)),
            None => self.by_labels(block, place),
        }
    }

    fn by_labels(&mut self, block: &mut dyn Block, place: usize) -> Result<Option<SeriesRef>, Outcome> {
        let made = block.labels(place).and_then(|labels| {
            self.appender.series(&labels).map_err(|error| match error {
                Error::InvalidLabels(text) => Unfit::Labels(text),
                Error::OverLimit(text) => Unfit::OverLimit(text),
                error => Unfit::Failed(error.to_string()),
            })
        });
        match made {
            Ok(series) => {
                if let Some(found) = self.columns.found.get_mut(place) {
                    *found = series;
                }
                if let Some(key) =
                    self.columns.keys.get(place).filter(|_| !self.columns.unkeyed.contains(&place))
                {
                    self.columns.fresh.push((*key, series));
                }
                Ok(Some(series))
            }
            Err(Unfit::Unreadable(text)) => Err(Outcome::Unreadable(text)),
            Err(Unfit::Failed(text)) => Err(Outcome::Failed(text)),
            Err(why) => block.refuse_series(place, &why).map(|()| None),
        }
    }

    /// Adds a float; it is handed over with others.
    #[inline]
    pub(super) fn add_float(
        &mut self,
        block: &mut dyn Block,
        place: usize,
        series: SeriesRef,
        sample: SentSample,
    ) -> Result<(), Outcome> {
        if self.is_too_far_ahead(sample.timestamp) {
            return block.refuse_sample(place, &TOO_FAR_AHEAD);
        }
        self.columns.floats.push(series, sample.timestamp, sample.start_timestamp, sample.value);
        self.columns.origins.push(place as u32);
        Ok(())
    }

    fn is_too_far_ahead(&self, timestamp: i64) -> bool {
        timestamp > self.latest()
    }

    /// The latest time of samples that are taken.
    fn latest(&self) -> i64 {
        self.receiver.now_ms.saturating_add(FUTURE_MAX_MS)
    }

    /// Adds a zero at a counter's start; that it is not taken is no reason to refuse its sample.
    pub(super) fn add_start_zero(
        &mut self,
        block: &mut dyn Block,
        series: SeriesRef,
        (timestamp, start): (i64, i64),
        like: Option<&SentHistogram>,
    ) -> Result<(), Outcome> {
        // Floats that wait would come behind it.
        self.flush(block)?;
        let added = self.appender.append_start_zero(series, timestamp, start, like.map(as_sample));
        if let Err(error) = added {
            tracing::debug!(%error, "start time of a remote write request was not taken");
        }
        Ok(())
    }

    /// Adds a histogram.
    pub(super) fn add_histogram(
        &mut self,
        block: &mut dyn Block,
        place: usize,
        series: SeriesRef,
        (time, histogram): ((i64, i64), &mut SentHistogram),
    ) -> Result<(), Outcome> {
        if self.is_too_far_ahead(time.0) {
            return block.refuse_sample(place, &TOO_FAR_AHEAD);
        }
        // Floats of the same series that wait are older.
        self.flush(block)?;
        let mut added = append_histogram(self.appender, series, time, histogram);
        if matches!(added, Err(Error::UnknownSeries(_)))
            && let Some(series) = self.by_labels(block, place)?
        {
            added = append_histogram(self.appender, series, time, histogram);
        }
        match added {
            Ok(()) => {
                self.taken.histograms += 1;
                Ok(())
            }
            Err(error) => refuse(block, place, &error),
        }
    }

    /// Adds an exemplar, where it can be.
    pub(super) fn add_exemplar(&mut self, series: SeriesRef, exemplar: SentExemplar, labels: Option<Labels>) {
        if append_exemplar(self.appender, series, exemplar, labels) {
            self.taken.exemplars += 1;
        }
    }

    /// Notes what is known of a series' metric.
    pub(super) fn update_metadata(&mut self, series: SeriesRef, metadata: &model::Metadata) {
        if let Err(error) = self.appender.update_metadata(series, metadata) {
            tracing::debug!(%error, "metadata of a remote write request was not taken");
        }
    }

    /// Hands the floats over that wait.
    pub(super) fn flush(&mut self, block: &mut dyn Block) -> Result<(), Outcome> {
        if self.columns.floats.is_empty() {
            return Ok(());
        }
        let mut refused = Vec::new();
        self.appender
            .append_floats(&self.columns.floats, &mut |position, error| refused.push((position, error)));
        self.taken.samples += (self.columns.floats.len() - refused.len()) as u64;
        for (position, mut error) in refused {
            let place = self.columns.origins.get(position).map_or(position, |place| *place as usize);
            if matches!(error, Error::UnknownSeries(_)) {
                // It was removed since it was noted.
                let Some(series) = self.by_labels(block, place)? else { continue };
                let sample =
                    (self.columns.floats.timestamps.get(position), self.columns.floats.values.get(position));
                let (Some(timestamp), Some(value)) = sample else { continue };
                let start = self.columns.floats.start_timestamp(position);
                match self.appender.append(series, *timestamp, start, *value) {
                    Ok(()) => {
                        self.taken.samples += 1;
                        continue;
                    }
                    Err(refused) => error = refused,
                }
            }
            refuse(block, place, &error)?;
        }
        self.columns.floats.clear();
        self.columns.origins.clear();
        Ok(())
    }

    /// Ends the block.
    fn end_block(&mut self, block: &mut dyn Block) -> Result<(), Outcome> {
        self.flush(block)?;
        self.appender.remember(&self.columns.fresh);
        self.columns.fresh.clear();
        self.columns.keys.clear();
        self.columns.unkeyed.clear();
        Ok(())
    }
}

fn refuse(block: &mut dyn Block, place: usize, error: &Error) -> Result<(), Outcome> {
    if is_of_request(error) {
        block.refuse_sample(place, error)
    } else {
        Err(Outcome::Failed(error.to_string()))
    }
}
