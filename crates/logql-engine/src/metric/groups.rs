//! The series of a range aggregation while samples come in: what is kept of each, by its packed labels.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use logql_syntax::ast::RangeOperation;
use model::Labels;
use vectors::ABSENT;

use super::series::Series;
use super::windows::cell::{Cell, Count, Edge, Extreme, Sample, Spread, Sum};
use super::windows::lane::{Lane, Span};
use super::windows::samples::Samples;
use super::windows::slide::slide;
use super::windows::{Even, Windows};

/// What a new series costs beside its cells.
const SERIES_BYTES: u64 = 160;

/// What is kept of each series.
#[derive(Debug)]
enum Lanes {
    Count(Vec<Lane<Count>>),
    Sum(Vec<Lane<Sum>>),
    Max(Vec<Lane<Extreme<true>>>),
    Min(Vec<Lane<Extreme<false>>>),
    Spread(Vec<Lane<Spread>>),
    First(Vec<Lane<Edge<false>>>),
    Last(Vec<Lane<Edge<true>>>),
    Samples(Vec<Samples>),
}

/// Runs the same code over the lanes of any kind; samples have none.
macro_rules! with_lanes {
    ($lanes:expr, $each:ident => $run:expr, $samples:ident => $other:expr) => {
        match $lanes {
            Lanes::Count($each) => $run,
            Lanes::Sum($each) => $run,
            Lanes::Max($each) => $run,
            Lanes::Min($each) => $run,
            Lanes::Spread($each) => $run,
            Lanes::First($each) => $run,
            Lanes::Last($each) => $run,
            Lanes::Samples($samples) => $other,
        }
    };
}

/// The series seen so far.
#[derive(Debug)]
pub(super) struct Groups {
    numbers: HashMap<Labels, u32, RandomState>,
    labels: Vec<Labels>,
    lanes: Lanes,
    /// Memory that is held, and what of it was not yet told.
    bytes: u64,
    new_bytes: u64,
}

impl Groups {
    /// No series yet, of an aggregation over unwrapped numbers or over lines.
    pub(super) fn new(operation: RangeOperation, unwraps: bool) -> Self {
        let lanes = match operation {
            RangeOperation::Rate if unwraps => Lanes::Sum(Vec::new()),
            RangeOperation::Rate
            | RangeOperation::Count
            | RangeOperation::BytesRate
            | RangeOperation::Bytes
            | RangeOperation::Absent => Lanes::Count(Vec::new()),
            RangeOperation::Sum | RangeOperation::Average => Lanes::Sum(Vec::new()),
            RangeOperation::Min => Lanes::Min(Vec::new()),
            RangeOperation::Max => Lanes::Max(Vec::new()),
            RangeOperation::Variance | RangeOperation::Deviation => Lanes::Spread(Vec::new()),
            RangeOperation::First => Lanes::First(Vec::new()),
            RangeOperation::Last => Lanes::Last(Vec::new()),
            RangeOperation::Quantile | RangeOperation::RateCounter => Lanes::Samples(Vec::new()),
        };
        Self { numbers: HashMap::default(), labels: Vec::new(), lanes, bytes: 0, new_bytes: 0 }
    }

    /// The number of series.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The number of a series by its packed labels.
    pub(super) fn number(&mut self, packed: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(packed) {
            return *number;
        }
        let labels = Labels::from_bytes(packed).unwrap_or_default();
        self.number_of(labels)
    }

    fn number_of(&mut self, labels: Labels) -> u32 {
        let next = self.labels.len() as u32;
        let number = *self.numbers.entry(labels.clone()).or_insert(next);
        if number == next {
            self.new_bytes += SERIES_BYTES + labels.as_bytes().len() as u64;
            self.labels.push(labels);
            with_lanes!(&mut self.lanes, lanes => lanes.push(Lane::default()),
                samples => samples.push(Samples::default()));
        }
        number
    }

    /// Takes a sample of a series.
    pub(super) fn add(&mut self, series: u32, pane: u32, sample: Sample) {
        self.new_bytes += with_lanes!(&mut self.lanes,
        lanes => lanes.get_mut(series as usize).map_or(0, |lane| cells(lane, |lane| lane.add(pane, sample))),
        samples => {
            if let Some(samples) = samples.get_mut(series as usize) {
                samples.push(sample);
            }
            size_of::<Sample>() as u64
        });
    }

    /// Takes so many rows, with what they count for, of a series whose rows are counted.
    pub(super) fn count(&mut self, series: u32, pane: u32, rows: u64, total: u64) {
        if let Lanes::Count(lanes) = &mut self.lanes
            && let Some(lane) = lanes.get_mut(series as usize)
        {
            self.new_bytes += cells(lane, |lane| lane.join_cell(pane, &Count { rows, total }));
        }
    }

    /// Takes a row at each of some times, which all lie in the panes, of a series whose rows are counted.
    pub(super) fn count_times(&mut self, series: u32, panes: Even<'_>, times: &[i64]) {
        if let Lanes::Count(lanes) = &mut self.lanes
            && let Some(lane) = lanes.get_mut(series as usize)
        {
            let (counts, new) = lane.cells_of(panes.first, panes.last);
            for time in times {
                if let Some(count) = counts.get_mut(panes.place(*time)) {
                    count.join(&Count::ROW);
                }
            }
            self.new_bytes += (new * size_of::<Count>()) as u64;
        }
    }

    /// Takes all that another thread saw; returns the memory that is free again.
    pub(super) fn join(&mut self, other: Self) -> u64 {
        let Self { labels, lanes, bytes: freed, .. } = other;
        let numbers: Vec<u32> = labels.into_iter().map(|labels| self.number_of(labels)).collect();
        macro_rules! join {
            ($($kind:ident)*) => {
                match (&mut self.lanes, lanes) {
                    $((Lanes::$kind(own), Lanes::$kind(others)) => {
                        for (number, lane) in numbers.into_iter().zip(others) {
                            if let Some(own) = own.get_mut(number as usize) {
                                own.join(lane);
                            }
                        }
                    })*
                    // All parts of one aggregation keep the same.
                    _ => {}
                }
            };
        }
        join!(Count Sum Max Min Spread First Last Samples);
        freed
    }

    /// Bytes that all of it holds, as they were counted.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes taken that nobody was told of.
    pub(super) fn new_bytes(&self) -> u64 {
        self.new_bytes
    }

    /// Bytes taken since it was last asked for.
    pub(super) fn take_new_bytes(&mut self) -> u64 {
        self.bytes += self.new_bytes;
        std::mem::take(&mut self.new_bytes)
    }

    /// The values of each series in each window.
    pub(super) fn finish(
        self,
        operation: RangeOperation,
        parameter: Option<f64>,
        windows: &Windows,
    ) -> Vec<Series> {
        let seconds = windows.range_seconds();
        let by_seconds = matches!(operation, RangeOperation::Rate | RangeOperation::BytesRate);
        let divisor = if by_seconds { seconds } else { 1.0 };
        let spans: Vec<Span> = match self.lanes {
            Lanes::Count(lanes) => each(lanes, windows, |cell| cell.total as f64 / divisor),
            Lanes::Sum(lanes) if operation == RangeOperation::Average => each(lanes, windows, Sum::average),
            Lanes::Sum(lanes) => each(lanes, windows, |cell| cell.value() / divisor),
            Lanes::Max(lanes) => each(lanes, windows, Extreme::value),
            Lanes::Min(lanes) => each(lanes, windows, Extreme::value),
            Lanes::Spread(lanes) if operation == RangeOperation::Deviation => {
                each(lanes, windows, |cell| cell.variance().sqrt())
            }
            Lanes::Spread(lanes) => each(lanes, windows, Spread::variance),
            Lanes::First(lanes) => each(lanes, windows, Edge::value),
            Lanes::Last(lanes) => each(lanes, windows, Edge::value),
            Lanes::Samples(samples) if operation == RangeOperation::Quantile => {
                let quantile = parameter.unwrap_or(f64::NAN);
                samples.into_iter().map(|samples| samples.quantiles(windows, quantile)).collect()
            }
            Lanes::Samples(samples) => {
                samples.into_iter().map(|samples| samples.counter_rates(windows)).collect()
            }
        };
        self.labels.into_iter().zip(spans).map(|(labels, span)| Series { labels, span }).collect()
    }

    /// The steps at which no series has a sample.
    pub(super) fn absent(self, windows: &Windows) -> Span {
        let mut span = Span { first: 0, values: vec![1.0; windows.steps()] };
        for series in self.finish(RangeOperation::Count, None, windows) {
            for (step, _) in series.span.points() {
                if let Some(value) = span.values.get_mut(step) {
                    *value = ABSENT;
                }
            }
        }
        span
    }
}

/// Changes a lane; the bytes of the cells that are new.
fn cells<C: Cell>(lane: &mut Lane<C>, change: impl FnOnce(&mut Lane<C>) -> usize) -> u64 {
    (change(lane) * size_of::<C>()) as u64
}

fn each<C: Cell>(lanes: Vec<Lane<C>>, windows: &Windows, value: impl Fn(&C) -> f64) -> Vec<Span> {
    lanes.into_iter().map(|lane| slide(windows, &lane, &value)).collect()
}
