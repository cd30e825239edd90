//! Version 2.0: of a request all is stored that can be; the answer tells of the rest.

use model::{Labels, SeriesRef};
use storage::{Appender, PairsKey, RawHasher, RawKey};
use wire::remote::v2::{
    Exemplar, Item, Items, Plain, Request, SentMetadata, Series, each_packed_pair, resolve,
};
use wire::remote::{SentHistogram, SentLabels, SentSample};

use super::intake::{Block, Intake, Next, Sent, Unfit};
use super::taken::Taken;
use super::{Outcome, Receiver};

/// An answer tells of no more errors than this.
const ERRORS_MAX: usize = 10_000;

/// A request and its series that are taken together.
struct SentSeries<'r, 'a> {
    receiver: &'r Receiver<'r>,
    request: Request<'a>,
    symbols: Vec<&'a [u8]>,
    keys: SymbolKeys,
    series: Vec<Series<'a>>,
    /// The references of the last series that was asked for its labels.
    refs: Vec<u32>,
    labels: SentLabels<'a>,
    errors: Vec<String>,
    errors_left_out: usize,
}

/// Takes a decompressed request.
pub(super) fn take(receiver: &Receiver<'_>, body: &[u8], appender: &mut dyn Appender) -> (Outcome, Taken) {
    let mut symbols = Vec::new();
    let request = match Request::new(body, &mut symbols) {
        Ok(request) => request,
        Err(error) => return (error.into(), Taken::default()),
    };
    let mut intake = Intake::new(receiver, appender);
    let mut sent = SentSeries {
        receiver,
        request,
        keys: SymbolKeys::new(&receiver.remote.hasher, &symbols),
        symbols,
        series: Vec::new(),
        refs: Vec::new(),
        labels: SentLabels::new(),
        errors: Vec::new(),
        errors_left_out: 0,
    };
    let outcome = intake.take(&mut sent).err();
    (outcome.unwrap_or_else(|| sent.outcome()), intake.taken)
}

/// The key of each symbol: two requests have the same texts on different lines.
struct SymbolKeys(Vec<RawKey>);

impl SymbolKeys {
    fn new(hasher: &RawHasher, symbols: &[&[u8]]) -> Self {
        Self(symbols.iter().map(|symbol| hasher.key(symbol)).collect())
    }

    #[inline]
    fn begin(&self, hasher: &RawHasher) -> LabelsKey<'_> {
        LabelsKey { symbols: &self.0, pairs: hasher.pairs(), known: true }
    }
}

/// The key of labels whose references come one after the other.
struct LabelsKey<'k> {
    symbols: &'k [RawKey],
    pairs: PairsKey,
    /// Whether all of them name something.
    known: bool,
}

impl LabelsKey<'_> {
    #[inline]
    fn add(&mut self, name: u32, value: u32) {
        match (self.symbols.get(name as usize), self.symbols.get(value as usize)) {
            (Some(name), Some(value)) => self.pairs.add(*name, *value),
            _ => self.known = false,
        }
    }

    /// The key; `None` where a reference names nothing, or (`whole` is false) a name has no value.
    #[inline]
    fn finish(self, whole: bool) -> Option<RawKey> {
        (self.known && whole).then(|| self.pairs.finish())
    }
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
        let settings = self.receiver.settings;
        let mut key = self.keys.begin(hasher);
        let (whole, sample) = match series.plain().filter(|_| !settings.metadata) {
            Some(Plain { labels, sample }) => {
                let whole = each_packed_pair(labels, |name, value| key.add(name, value))?;
                (whole, Some(sample).filter(|_| !settings.start_zeros || sample.start_timestamp == 0))
            }
            None => {
                self.refs.clear();
                series.label_refs(&mut self.refs)?;
                let (pairs, left) = self.refs.as_chunks::<2>();
                pairs.iter().for_each(|[name, value]| key.add(*name, *value));
                (left.is_empty(), None)
            }
        };
        Ok(Some(Next { key: key.finish(whole), sample }))
    }

    fn take_series(&mut self, place: usize, intake: &mut Intake<'_, '_>) -> Result<(), Outcome> {
        let Some(sent) = self.series.get(place).copied() else { return Ok(()) };
        if let Some(Plain { sample, .. }) = sent.plain().filter(|_| !self.receiver.settings.metadata) {
            return match intake.series(self, place)? {
                Some(series) => self.take_sample((place, series), sample, intake),
                None => {
                    self.receiver.remote.metrics.invalid_labels.inc();
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
                None => return self.refuse_empty(place),
            }
        }
        let Some(series) = intake.series(self, place)? else {
            let mut carried = 1;
            while let Some(item) = items.next()? {
                carried += u64::from(carries_some(&item));
            }
            self.receiver.remote.metrics.invalid_labels.add(carried);
            return Ok(());
        };
        self.take_items((place, series), sent.items(), intake)
    }
}

impl<'a> SentSeries<'_, 'a> {
    fn take_items(
        &mut self,
        (place, series): (usize, SeriesRef),
        mut items: Items<'a>,
        intake: &mut Intake<'_, '_>,
    ) -> Result<(), Outcome> {
        let before = intake.taken;
        let mut has_metadata = false;
        while let Some(item) = items.next()? {
            match item {
                Item::Sample(sample) => self.take_sample((place, series), sample, intake)?,
                Item::Histogram(message) => self.take_histogram((place, series), message, intake)?,
                Item::Exemplar(message) => {
                    let mut refs = Vec::new();
                    let exemplar = Exemplar::decode(message, &mut refs)?;
                    match resolve(&refs, &self.symbols, &mut self.labels) {
                        Ok(()) => intake.add_exemplar(series, exemplar, self.labels.to_exemplar()),
                        Err(error) => self.refuse_exemplar(place, &error),
                    }
                }
                Item::Metadata(message) => {
                    let metadata = SentMetadata::decode(message)?;
                    if self.receiver.settings.metadata {
                        let metadata = metadata.resolve(&self.symbols);
                        has_metadata = metadata != model::Metadata::default();
                        if has_metadata {
                            intake.update_metadata(series, &metadata);
                        }
                    }
                }
            }
        }
        if self.receiver.settings.metadata && !has_metadata {
            intake.flush(self)?;
            let taken = intake.taken.samples - before.samples + intake.taken.histograms - before.histograms;
            self.receiver.remote.metrics.without_metadata.add(taken);
        }
        Ok(())
    }

    fn take_sample(
        &mut self,
        (place, series): (usize, SeriesRef),
        sample: SentSample,
        intake: &mut Intake<'_, '_>,
    ) -> Result<(), Outcome> {
        if self.receiver.settings.start_zeros && sample.start_timestamp != 0 {
            intake.add_start_zero(self, series, (sample.timestamp, sample.start_timestamp), None)?;
        }
        intake.add_float(self, place, series, sample)
    }

    fn take_histogram(
        &mut self,
        (place, series): (usize, SeriesRef),
        message: &[u8],
        intake: &mut Intake<'_, '_>,
    ) -> Result<(), Outcome> {
        let (timestamp, start, mut histogram) = SentHistogram::decode(message)?;
        if self.receiver.settings.start_zeros && start != 0 {
            intake.add_start_zero(self, series, (timestamp, start), Some(&histogram))?;
        }
        intake.add_histogram(self, place, series, ((timestamp, start), &mut histogram))
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

    /// The labels as an error tells them: as they were sent, sorted where they are those of a series.
    fn printed(&mut self, place: usize) -> String {
        let _ = self.labels(place);
        self.labels.to_string()
    }

    /// Labels without a sample say nothing, as the specification has it.
    fn refuse_empty(&mut self, place: usize) -> Result<(), Outcome> {
        match self.labels(place) {
            Ok(_) => {
                let why = "TimeSeries must contain at least one sample or histogram";
                let text = format!("{why} for series {}", self.labels);
                self.add_error(text);
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

impl Block for SentSeries<'_, '_> {
    fn labels(&mut self, place: usize) -> Result<Labels, Unfit> {
        self.refs.clear();
        if let Some(series) = self.series.get(place) {
            series.label_refs(&mut self.refs).map_err(|error| Unfit::Unreadable(error.to_string()))?;
        }
        resolve(&self.refs, &self.symbols, &mut self.labels).map_err(|error| {
            let refs: Vec<String> = self.refs.iter().map(u32::to_string).collect();
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
