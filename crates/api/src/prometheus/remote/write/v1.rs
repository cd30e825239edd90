//! Version 1.0: all of a request is stored, or nothing; series that cannot be are left out and counted.

use model::Labels;
use storage::Appender;
use wire::remote::v1::{Item, Request, Series};
use wire::remote::{SentHistogram, SentLabels, SentSample};

use super::intake::{BLOCK_SERIES, Block, Intake, Unfit};
use super::taken::Taken;
use super::{Outcome, Receiver};

/// Series of a request that are taken together.
struct SeriesBlock<'a> {
    series: Vec<Series<'a>>,
    labels: SentLabels<'a>,
    /// Why new series were not taken, where a limit stood against them.
    over_limit: Option<String>,
}

/// Takes a decompressed request.
pub(super) fn take(receiver: &Receiver<'_>, body: &[u8], appender: &mut dyn Appender) -> (Outcome, Taken) {
    let mut intake = Intake::new(receiver, appender);
    let mut block = SeriesBlock { series: Vec::new(), labels: SentLabels::new(), over_limit: None };
    let outcome = take_all(receiver, body, &mut block, &mut intake).err();
    let partly = block.over_limit.map_or(Outcome::Stored, Outcome::Partly);
    (outcome.unwrap_or(partly), intake.taken)
}

fn take_all<'a>(
    receiver: &Receiver<'_>,
    body: &'a [u8],
    block: &mut SeriesBlock<'a>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), Outcome> {
    let mut request = Request::new(body);
    loop {
        block.series.clear();
        while block.series.len() < BLOCK_SERIES
            && let Some(series) = request.next_series()?
        {
            intake.add_key(series.raw_labels().map(|raw| receiver.remote.hasher.key(raw)));
            block.series.push(series);
        }
        if block.series.is_empty() {
            return Ok(());
        }
        intake.look_up();
        for place in 0..block.series.len() {
            take_series(receiver, place, block, intake)?;
        }
        intake.end_block(block)?;
    }
}

fn take_series<'a>(
    receiver: &Receiver<'_>,
    place: usize,
    block: &mut SeriesBlock<'a>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), Outcome> {
    let Some(sent) = block.series.get(place).copied() else { return Ok(()) };
    // Of a series that is not taken, how many samples that costs.
    let mut lost = None;
    let mut exemplars: Vec<&'a [u8]> = Vec::new();
    let mut items = sent.items();
    while let Some(item) = items.next()? {
        let (Item::Sample(_) | Item::Histogram(_)) = item else {
            exemplars.extend(if let Item::Exemplar(message) = item { Some(message) } else { None });
            continue;
        };
        let series = if lost.is_none() { intake.series(block, place)? } else { None };
        let Some(series) = series else {
            *lost.get_or_insert(0) += 1;
            continue;
        };
        match item {
            Item::Sample(sample) => {
                intake.add_float(block, place, series, SentSample { start_timestamp: 0, ..sample })?;
            }
            Item::Histogram(message) => {
                let (timestamp, _, mut histogram) = SentHistogram::decode(message)?;
                intake.add_histogram(block, place, series, ((timestamp, 0), &mut histogram))?;
            }
            Item::Exemplar(_) => {}
        }
    }
    if let Some(lost) = lost {
        receiver.remote.metrics.invalid_labels.add(lost);
    }
    for message in exemplars {
        let exemplar = Series::exemplar(message, &mut block.labels)?;
        // One that comes without its sample belongs to a series that is known already.
        if let Some(series) = intake.known(place) {
            intake.add_exemplar(series, exemplar, block.labels.to_exemplar());
        }
    }
    Ok(())
}

impl Block for SeriesBlock<'_> {
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
