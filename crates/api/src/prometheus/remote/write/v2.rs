//! Version 2.0: of a request all is stored that can be; the answer tells of the rest.

use model::Labels;
use storage::{Appender, RawKey};
use wire::remote::v2::{Exemplar, Item, Request, SentMetadata, Series, resolve};
use wire::remote::{SentHistogram, SentLabels, SentSample};

use super::intake::{BLOCK_SERIES, Block, Intake, Unfit};
use super::taken::Taken;
use super::{Outcome, Receiver};

/// An answer tells of no more errors than this.
const ERRORS_MAX: usize = 10_000;

/// Series of a request that are taken together.
struct SeriesBlock<'a> {
    symbols: Vec<&'a [u8]>,
    series: Vec<Series<'a>>,
    /// The references of all labels of the block, and where those of each series end.
    refs: Vec<u32>,
    ends: Vec<usize>,
    labels: SentLabels<'a>,
    errors: Vec<String>,
    errors_left_out: usize,
}

/// Takes a decompressed request.
pub(super) fn take(receiver: &Receiver<'_>, body: &[u8], appender: &mut dyn Appender) -> (Outcome, Taken) {
    let mut intake = Intake::new(receiver, appender);
    let mut block = SeriesBlock {
        symbols: Vec::new(),
        series: Vec::new(),
        refs: Vec::new(),
        ends: Vec::new(),
        labels: SentLabels::new(),
        errors: Vec::new(),
        errors_left_out: 0,
    };
    let outcome = take_all(receiver, body, &mut block, &mut intake).err();
    (outcome.unwrap_or_else(|| block.outcome()), intake.taken)
}

fn take_all<'a>(
    receiver: &Receiver<'_>,
    body: &'a [u8],
    block: &mut SeriesBlock<'a>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), Outcome> {
    let mut request = Request::new(body, &mut block.symbols)?;
    let keys = SymbolKeys::new(receiver, &block.symbols);
    loop {
        block.series.clear();
        block.refs.clear();
        block.ends.clear();
        while block.series.len() < BLOCK_SERIES
            && let Some(series) = request.next_series()?
        {
            series.label_refs(&mut block.refs)?;
            block.ends.push(block.refs.len());
            intake.add_key(keys.key(receiver, block.refs(block.series.len())));
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

/// The key of each symbol: two requests have the same texts on different lines.
struct SymbolKeys(Vec<RawKey>);

impl SymbolKeys {
    fn new(receiver: &Receiver<'_>, symbols: &[&[u8]]) -> Self {
        Self(symbols.iter().map(|symbol| receiver.remote.hasher.key(symbol)).collect())
    }

    /// The key of labels; `None` where a reference names nothing.
    fn key(&self, receiver: &Receiver<'_>, refs: &[u32]) -> Option<RawKey> {
        let mut known = refs.len().is_multiple_of(2);
        let keys = refs.iter().map(|reference| {
            let key = self.0.get(*reference as usize);
            known &= key.is_some();
            key.copied().unwrap_or(RawKey { low: 0, high: 0 })
        });
        let key = receiver.remote.hasher.key_of_keys(keys);
        known.then_some(key)
    }
}

fn take_series<'a>(
    receiver: &Receiver<'_>,
    place: usize,
    block: &mut SeriesBlock<'a>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), Outcome> {
    let Some(sent) = block.series.get(place).copied() else { return Ok(()) };
    if let Some(sample) = sent.lone_sample().filter(|_| !receiver.settings.metadata) {
        return match intake.series(block, place)? {
            Some(series) => take_sample(receiver, block, intake, (place, series), sample),
            None => {
                receiver.remote.metrics.invalid_labels.inc();
                Ok(())
            }
        };
    }
    let carries_some = |item: &Item<'_>| matches!(item, Item::Sample(_) | Item::Histogram(_));
    let mut items = sent.items();
    loop {
        match items.next()? {
            Some(item) if carries_some(&item) => break,
            Some(_) => {}
            None => return block.refuse_empty(place),
        }
    }
    let Some(series) = intake.series(block, place)? else {
        let mut carried = 1;
        while let Some(item) = items.next()? {
            carried += u64::from(carries_some(&item));
        }
        receiver.remote.metrics.invalid_labels.add(carried);
        return Ok(());
    };
    let before = intake.taken;
    let mut has_metadata = false;
    let mut items = sent.items();
    while let Some(item) = items.next()? {
        match item {
            Item::Sample(sample) => take_sample(receiver, block, intake, (place, series), sample)?,
            Item::Histogram(message) => take_histogram(receiver, block, intake, (place, series), message)?,
            Item::Exemplar(message) => {
                let mut refs = Vec::new();
                let exemplar = Exemplar::decode(message, &mut refs)?;
                match resolve(&refs, &block.symbols, &mut block.labels) {
                    Ok(()) => intake.add_exemplar(series, exemplar, block.labels.to_exemplar()),
                    Err(error) => block.refuse_exemplar(place, &error),
                }
            }
            Item::Metadata(message) => {
                let metadata = SentMetadata::decode(message)?;
                if receiver.settings.metadata {
                    let metadata = metadata.resolve(&block.symbols);
                    has_metadata = metadata != model::Metadata::default();
                    if has_metadata {
                        intake.update_metadata(series, &metadata);
                    }
                }
            }
        }
    }
    if receiver.settings.metadata && !has_metadata {
        intake.flush(block)?;
        let taken = intake.taken.samples - before.samples + intake.taken.histograms - before.histograms;
        receiver.remote.metrics.without_metadata.add(taken);
    }
    Ok(())
}

fn take_sample(
    receiver: &Receiver<'_>,
    block: &mut SeriesBlock<'_>,
    intake: &mut Intake<'_, '_>,
    (place, series): (usize, model::SeriesRef),
    sample: SentSample,
) -> Result<(), Outcome> {
    if receiver.settings.start_zeros && sample.start_timestamp != 0 {
        intake.add_start_zero(block, series, (sample.timestamp, sample.start_timestamp), None)?;
    }
    intake.add_float(block, place, series, sample)
}

fn take_histogram(
    receiver: &Receiver<'_>,
    block: &mut SeriesBlock<'_>,
    intake: &mut Intake<'_, '_>,
    (place, series): (usize, model::SeriesRef),
    message: &[u8],
) -> Result<(), Outcome> {
    let (timestamp, start, mut histogram) = SentHistogram::decode(message)?;
    if receiver.settings.start_zeros && start != 0 {
        intake.add_start_zero(block, series, (timestamp, start), Some(&histogram))?;
    }
    intake.add_histogram(block, place, series, ((timestamp, start), &mut histogram))
}

impl SeriesBlock<'_> {
    fn refs(&self, place: usize) -> &[u32] {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.refs.get(start..end).unwrap_or_default()
    }

    fn add_error(&mut self, text: String) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(text);
        } else {
            self.errors_left_out += 1;
        }
    }

    fn outcome(mut self) -> Outcome {
        if self.errors.is_empty() {
            return Outcome::Stored;
        }
        if self.errors_left_out > 0 {
            self.errors.push(format!("{} more errors", self.errors_left_out));
        }
        Outcome::Partly(self.errors.join("\n"))
    }

    /// The labels as an error tells them.
    fn printed(&mut self, place: usize) -> String {
        match self.labels(place) {
            Ok(labels) => labels.to_string(),
            Err(_) => self.labels.to_string(),
        }
    }

    /// Labels without a sample say nothing, as the specification has it.
    fn refuse_empty(&mut self, place: usize) -> Result<(), Outcome> {
        match self.labels(place) {
            Ok(labels) => {
                self.add_error(format!(
                    "TimeSeries must contain at least one sample or histogram for series {labels}"
                ));
                Ok(())
            }
            Err(why) => self.refuse_series(place, &why),
        }
    }

    fn refuse_exemplar(&mut self, place: usize, error: &dyn std::fmt::Display) {
        let labels = self.printed(place);
        self.add_error(format!("parsing exemplar for series {labels}: {error}"));
    }
}

impl Block for SeriesBlock<'_> {
    fn labels(&mut self, place: usize) -> Result<Labels, Unfit> {
        let mut labels = std::mem::take(&mut self.labels);
        let resolved = resolve(self.refs(place), &self.symbols, &mut labels);
        self.labels = labels;
        resolved.map_err(|error| {
            let refs: Vec<String> = self.refs(place).iter().map(u32::to_string).collect();
            Unfit::Reference(format!("parsing labels for series [{}]: {error}", refs.join(" ")))
        })?;
        self.labels.to_series().map_err(|error| Unfit::Labels(error.to_string()))
    }

    fn refuse_series(&mut self, place: usize, why: &Unfit) -> Result<(), Outcome> {
        match why {
            Unfit::Labels(text) | Unfit::Reference(text) | Unfit::Unreadable(text) | Unfit::Failed(text) => {
                self.add_error(text.clone())
            }
            Unfit::OverLimit(text) => {
                let labels = self.printed(place);
                self.add_error(format!("{text} for series {labels}"));
            }
        }
        Ok(())
    }

    fn refuse_sample(&mut self, place: usize, error: &dyn std::fmt::Display) -> Result<(), Outcome> {
        let labels = self.printed(place);
        self.add_error(format!("{error} for series {labels}"));
        Ok(())
    }
}
