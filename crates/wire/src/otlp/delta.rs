//! Deltas summed up: the running totals of streams whose senders tell differences only.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use model::histogram::EXPONENTIAL_SCHEMA_MIN;

use super::point::{Buckets, Common, ExponentialPoint, HistogramPoint, NumberPoint};
use super::translate::Series;

/// A stream that nothing was added to for so long begins anew.
const IDLE_MAX_MS: i64 = 5 * 60 * 1000;
/// How often idle streams are looked for.
const SWEEP_MS: i64 = 60 * 1000;
/// More streams than this are not kept.
const STREAMS_MAX: usize = 1 << 20;
/// More buckets than this, of all streams together, are not kept.
const BUCKETS_MAX: usize = 1 << 25;
/// Buckets of one side of an exponential histogram; what needs more becomes coarser.
const SIDE_BUCKETS_MAX: i64 = 160;

/// Running totals of streams of deltas.
#[derive(Debug, Default)]
pub struct Accumulator {
    streams: HashMap<u128, Stream>,
    hashers: [RandomState; 2],
    buckets: usize,
    now_ms: i64,
    swept_ms: i64,
    /// Streams as they were before the present request.
    before: HashMap<u128, Option<Stream>>,
}

#[derive(Debug, Clone)]
struct Stream {
    start: u64,
    time: u64,
    seen_ms: i64,
    totals: Totals,
}

#[derive(Debug, Clone)]
enum Totals {
    Number(f64),
    Histogram { count: u64, sum: Option<f64>, counts: Vec<u64>, bounds: Vec<f64> },
    Exponential(Exponential),
}

#[derive(Debug, Clone)]
struct Exponential {
    count: u64,
    sum: Option<f64>,
    scale: i32,
    zero_count: u64,
    positive: Buckets,
    negative: Buckets,
}

impl Totals {
    fn buckets(&self) -> usize {
        match self {
            Self::Number(_) => 0,
            Self::Histogram { counts, bounds, .. } => counts.len() + bounds.len(),
            Self::Exponential(totals) => totals.positive.counts.len() + totals.negative.counts.len(),
        }
    }
}

impl Accumulator {
    /// No streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a request: what it adds can be undone.
    pub(super) fn begin(&mut self, now_ms: i64) {
        self.before.clear();
        self.now_ms = now_ms;
        if now_ms.saturating_sub(self.swept_ms) >= SWEEP_MS {
            self.swept_ms = now_ms;
            self.streams.retain(|_, stream| now_ms.saturating_sub(stream.seen_ms) <= IDLE_MAX_MS);
            self.buckets = self.streams.values().map(|stream| stream.totals.buckets()).sum();
        }
    }

    /// Takes back what the last request has added: it was not stored, and may be sent again.
    pub fn undo(&mut self) {
        for (key, before) in self.before.drain() {
            let removed = match before {
                Some(stream) => {
                    self.buckets += stream.totals.buckets();
                    self.streams.insert(key, stream)
                }
                None => self.streams.remove(&key),
            };
            self.buckets = self.buckets.saturating_sub(removed.map_or(0, |stream| stream.totals.buckets()));
        }
    }

    /// Makes a point the total of its stream; `false` where it is to be left out.
    pub(super) fn add_number(&mut self, series: &Series<'_>, point: &mut NumberPoint<'_>) -> bool {
        let key = self.key(series, &point.common);
        let value = point.value;
        let added = self.add(key, &mut point.common, Totals::Number(value), |totals| {
            if let Totals::Number(total) = totals {
                *total += value;
            }
        });
        if let Some(Totals::Number(total)) = added {
            point.value = *total;
        }
        added.is_some()
    }

    /// As [`Accumulator::add_number`].
    pub(super) fn add_histogram(&mut self, series: &Series<'_>, point: &mut HistogramPoint<'_>) -> bool {
        let key = self.key(series, &point.common);
        let own = Totals::Histogram {
            count: point.count,
            sum: point.sum,
            counts: point.counts.clone(),
            bounds: point.bounds.clone(),
        };
        let added = self.add(key, &mut point.common, own.clone(), |totals| match (&mut *totals, &own) {
            (
                Totals::Histogram { count, sum, counts, bounds },
                Totals::Histogram { count: more, sum: more_sum, counts: more_counts, bounds: same },
            ) if bounds == same && counts.len() == more_counts.len() => {
                *count = count.saturating_add(*more);
                *sum = sum.zip(*more_sum).map(|(sum, more)| sum + more);
                for (count, more) in counts.iter_mut().zip(more_counts) {
                    *count = count.saturating_add(*more);
                }
            }
            // Other bounds are another histogram.
            _ => totals.clone_from(&own),
        });
        let Some(added) = added else { return false };
        if let Totals::Histogram { count, sum, counts, .. } = added {
            (point.count, point.sum) = (*count, *sum);
            point.counts.clone_from(counts);
        }
        true
    }

    /// As [`Accumulator::add_number`].
    pub(super) fn add_exponential(&mut self, series: &Series<'_>, point: &mut ExponentialPoint<'_>) -> bool {
        let key = self.key(series, &point.common);
        let own = Exponential {
            count: point.count,
            sum: point.sum,
            scale: point.scale,
            zero_count: point.zero_count,
            positive: std::mem::take(&mut point.positive),
            negative: std::mem::take(&mut point.negative),
        };
        let added = self.add(key, &mut point.common, Totals::Exponential(own.clone()), |totals| {
            if let Totals::Exponential(totals) = totals {
                totals.add(own);
            }
        });
        let Some(Totals::Exponential(totals)) = added else { return false };
        (point.count, point.sum, point.scale) = (totals.count, totals.sum, totals.scale);
        point.zero_count = totals.zero_count;
        point.positive.clone_from(&totals.positive);
        point.negative.clone_from(&totals.negative);
        true
    }

    /// Adds to a stream, which begins with `first` where it is new; the totals then.
    fn add(
        &mut self,
        key: u128,
        common: &mut Common<'_>,
        first: Totals,
        add: impl FnOnce(&mut Totals),
    ) -> Option<&Totals> {
        let present = self.streams.get(&key);
        match present {
            Some(stream) if common.time <= stream.time || common.start < stream.start => return None,
            None if self.streams.len() >= STREAMS_MAX || self.buckets >= BUCKETS_MAX => return None,
            _ => {}
        }
        self.before.entry(key).or_insert_with(|| present.cloned());
        let is_new = present.is_none();
        let stream = self.streams.entry(key).or_insert_with(|| Stream {
            start: common.start,
            time: common.time,
            seen_ms: 0,
            totals: first,
        });
        if is_new {
            self.buckets += stream.totals.buckets();
        } else if !common.is_stale {
            let before = stream.totals.buckets();
            add(&mut stream.totals);
            self.buckets = (self.buckets + stream.totals.buckets()).saturating_sub(before);
        }
        (stream.time, stream.seen_ms) = (common.time, self.now_ms);
        common.start = stream.start;
        Some(&stream.totals)
    }

    /// What tells a stream from others; two share one with a chance that is none.
    fn key(&self, series: &Series<'_>, common: &Common<'_>) -> u128 {
        let mut attributes: Vec<_> = common.attributes.iter().collect();
        attributes.sort();
        let half = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            let metric = &series.metric;
            (series.origin, metric.name, metric.unit, metric.kind, metric.monotonic).hash(&mut hasher);
            attributes.hash(&mut hasher);
            u128::from(hasher.finish())
        };
        let [low, high] = &self.hashers;
        half(low) | half(high) << 64
    }
}

impl Exponential {
    fn add(&mut self, mut other: Self) {
        let scale = self.scale.min(other.scale);
        self.coarsen(scale);
        other.coarsen(scale);
        let widest = |one: &Self, other: &Self| {
            width(&one.positive, &other.positive).max(width(&one.negative, &other.negative))
        };
        while widest(self, &other) > SIDE_BUCKETS_MAX {
            let scale = self.scale.saturating_sub(1);
            if scale < EXPONENTIAL_SCHEMA_MIN {
                // No two numbers lie so far apart: what was summed up would never be taken again.
                *self = other;
                return;
            }
            self.coarsen(scale);
            other.coarsen(scale);
        }
        self.count = self.count.saturating_add(other.count);
        self.zero_count = self.zero_count.saturating_add(other.zero_count);
        self.sum = self.sum.zip(other.sum).map(|(sum, more)| sum + more);
        self.positive = merged(&self.positive, &other.positive);
        self.negative = merged(&self.negative, &other.negative);
    }

    /// Brings the buckets to a scale that is not finer.
    fn coarsen(&mut self, scale: i32) {
        let steps = self.scale.saturating_sub(scale).clamp(0, 63) as u32;
        if steps > 0 {
            for side in [&mut self.positive, &mut self.negative] {
                *side = coarser(side, steps);
            }
            self.scale = scale;
        }
    }
}

fn coarser(buckets: &Buckets, steps: u32) -> Buckets {
    let mut out = Buckets { offset: (i64::from(buckets.offset) >> steps) as i32, counts: Vec::new() };
    for (place, count) in (0_i64..).zip(&buckets.counts) {
        let index = (i64::from(buckets.offset) + place) >> steps;
        let place = usize::try_from(index - i64::from(out.offset)).unwrap_or(0);
        if out.counts.len() <= place {
            out.counts.resize(place + 1, 0);
        }
        if let Some(sum) = out.counts.get_mut(place) {
            *sum = sum.saturating_add(*count);
        }
    }
    out
}

/// First index and the one behind the last, `None` without buckets.
fn range(buckets: &Buckets) -> Option<(i64, i64)> {
    let first = i64::from(buckets.offset);
    (!buckets.counts.is_empty()).then_some((first, first + buckets.counts.len() as i64))
}

fn union(one: &Buckets, other: &Buckets) -> Option<(i64, i64)> {
    match (range(one), range(other)) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

fn width(one: &Buckets, other: &Buckets) -> i64 {
    union(one, other).map_or(0, |(first, end)| end - first)
}

fn merged(one: &Buckets, other: &Buckets) -> Buckets {
    let Some((first, end)) = union(one, other) else { return Buckets::default() };
    let mut counts = vec![0_u64; usize::try_from(end - first).unwrap_or(0)];
    for side in [one, other] {
        let skip = usize::try_from(i64::from(side.offset) - first).unwrap_or(0);
        for (sum, count) in counts.iter_mut().skip(skip).zip(&side.counts) {
            *sum = sum.saturating_add(*count);
        }
    }
    Buckets { offset: first as i32, counts }
}
