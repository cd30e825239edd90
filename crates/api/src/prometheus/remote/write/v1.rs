//! Version 1.0: all of a request is stored, or nothing; series that cannot be are left out and counted.

use model::{Labels, SeriesRef};
use storage::Appender;
use wire::remote::v1::{Item, Plain, Request, Series};
use wire::remote::{SentHistogram, SentLabels, SentSample};

use super::intake::{Block, Intake, Next, Sent, Unfit};
use super::taken::Taken;
use super::{Outcome, Receiver};

/// A request and its series that are taken together.
struct SentSeries<'r, 'a> {
    receiver: &'r Receiver<'r>,
    request: Request<'a>,
    series: Vec<Series<'a>>,
    labels: SentLabels<'a>,
    /// Why new series were not taken, where a limit stood against them.
    over_limit: Option<String>,
}

/// Takes a decompressed request.
pub(super) fn take(receiver: &Receiver<'_>, body: &[u8], appender: &mut dyn Appender) -> (Outcome, Taken) {
    let mut intake = Intake::new(receiver, appender);
    let mut sent = SentSeries {
        receiver,
        request: Request::new(body),
        series: Vec::new(),
        labels: SentLabels::new(),
        over_limit: None,
    };
    let outcome = intake.take(&mut sent).err();
    let partly = sent.over_limit.map_or(Outcome::Stored, Outcome::Partly);
    (outcome.unwrap_or(partly), intake.taken)
}

impl<'a> Sent for SentSeries<'_, 'a> {
    fn begin_block(&mut self) {
        self.series.clear();
    }

    #[inline]
    fn next(&mut self) -> Result<Option<Next>, Outcome> {
        let Some(series) = self.request.next_series()? else { return Ok(None) };
        self.series.push(series);
        let hasher = &self.receiver.remote.hasher;
        Ok(Some(match series.plain() {
            Some(Plain { labels, sample }) => Next { key: Some(hasher.key(labels)), sample: Some(sample) },
            None => Next { key: series.raw_labels()?.map(|raw| hasher.key(raw)), sample: None },
        }))
    }

    fn take_series(&mut self, place: usize, intake: &mut Intake<'_, '_>) -> Result<(), Outcome> {
        let Some(sent) = self.series.get(place).copied() else { return Ok(()) };
        // Of a series that is not taken, how many samples that costs.
        let mut lost = None;
        let mut exemplars: Vec<&'a [u8]> = Vec::new();
        let mut items = sent.items();
        while let Some(item) = items.next()? {
            match item {
                Item::Sample(_) | Item::Histogram(_) => {
                    let series = if lost.is_none() { intake.series(self, place)? } else { None };
                    match series {
                        Some(series) => self.take_value((place, series), item, intake)?,
                        None => *lost.get_or_insert(0) += 1,
                    }
                }
                Item::Exemplar(message) => exemplars.push(message),
                Item::Metadata(_) => {}
            }
        }
        if let Some(lost) = lost {
            self.receiver.remote.metrics.invalid_labels.add(lost);
        }
        for message in exemplars {
            let exemplar = Series::exemplar(message, &mut self.labels)?;
            // One that comes without its sample belongs to a series that is known already.
            if let Some(series) = intake.known(place) {
                intake.add_exemplar(series, exemplar, self.labels.to_exemplar());
            }
        }
        Ok(())
    }
}

impl SentSeries<'_, '_> {
    fn take_value(
        &mut self,
        (place, series): (usize, SeriesRef),
        item: Item<'_>,
        intake: &mut Intake<'_, '_>,
    ) -> Result<(), Outcome> {
        match item {
            Item::Sample(sample) => {
                intake.add_float(self, place, series, SentSample { start_timestamp: 0, ..sample })
            }
            Item::Histogram(message) => {
                let (timestamp, _, mut histogram) = SentHistogram::decode(message)?;
                intake.add_histogram(self, place, series, ((timestamp, 0), &mut histogram))
            }
            Item::Exemplar(_) | Item::Metadata(_) => Ok(()),
        }
    }
}

impl Block for SentSeries<'_, '_> {
    fn labels(&mut self, place: usize) -> Result<Labels, Unfit> {
        let Some(series) = self.series.get(place) else { return Ok(Labels::empty()) };
        series.labels(&mut self.labels).map_err(|error| Unfit::Unreadable(error.to_string()))?;
        self.labels.to_series().map_err(|error| Unfit::Labels(error.to_string()))
    }

    fn refuse_series(&mut self, _place: usize, why: &Unfit) -> Result<(), Outcome> {
        match why {
            Unfit::OverLimit(text) => {
                self.over_limit.get_or_insert_with(|| text.clone());
            }
            why => tracing::debug!(?why, "series of a remote write request was left out"),
        }
        Ok(())
    }

    fn refuse_sample(&mut self, _place: usize, error: &dyn std::fmt::Display) -> Result<(), Outcome> {
        Err(Outcome::Refused(error.to_string()))
    }
}
