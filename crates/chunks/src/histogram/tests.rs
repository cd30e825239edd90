//! Histogram chunks by hand and at random.

use std::sync::Arc;

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, Histogram, Span, is_stale_nan, stale_nan};
use proptest::prelude::*;

use super::{Appended, HistogramAppender, HistogramKind, ResetHeader, decode};
use crate::{Encoding, Error};

/// The samples of a chunk, the hints taken away.
fn decoded<H: HistogramKind + Hint>(with_starts: bool, bytes: &[u8]) -> Result<Vec<(i64, i64, H)>, Error> {
    let encoding = H::ENCODINGS[usize::from(with_starts)];
    let mut samples = Vec::new();
    let count = decode::<H>(encoding, bytes, |t, start, h| samples.push((t, start, h.without_hint())))?;
    assert_eq!(count, samples.len());
    Ok(samples)
}

trait Hint: Sized {
    fn without_hint(self) -> Self;
}

impl Hint for Histogram {
    fn without_hint(self) -> Self {
        Self { counter_reset_hint: CounterResetHint::Unknown, ..self }
    }
}

impl Hint for FloatHistogram {
    fn without_hint(self) -> Self {
        Self { counter_reset_hint: CounterResetHint::Unknown, ..self }
    }
}

fn span(offset: i32, length: u32) -> Span {
    Span { offset, length }
}

/// A histogram with these populated buckets, as index and count.
fn histogram(buckets: &[(i32, i64)]) -> Histogram {
    let mut histogram = Histogram { zero_threshold: 0.001, sum: 18.5, ..Histogram::default() };
    let (mut end, mut before) = (0, 0);
    for (index, count) in buckets {
        match histogram.positive_spans.last_mut() {
            Some(last) if end == *index => last.length += 1,
            _ => histogram.positive_spans.push(span(index - end, 1)),
        }
        end = index + 1;
        histogram.positive_buckets.push(count - before);
        before = *count;
        histogram.count += *count as u64;
    }
    histogram
}

/// The bytes of bits that are written as text, with remarks behind `#`.
fn bytes_of_bits(lines: &str) -> Vec<u8> {
    let bits = lines.lines().flat_map(|line| line.split('#').next().unwrap_or_default().chars());
    let bits: String = bits.filter(|bit| !bit.is_whitespace()).collect();
    let byte =
        |bits: &[u8]| u8::from_str_radix(&format!("{:0<8}", String::from_utf8_lossy(bits)), 2).unwrap();
    bits.as_bytes().chunks(8).map(byte).collect()
}

/// Schema, spans and samples of two histograms, worked out by hand from the specification, section 6.8.
const TWO_SAMPLES: &str = "
    00000000 00000010      # two samples
    01 000000              # no counter reset
    01110100               # zero threshold 2^(116 - 244)
    10 001                 # schema 1
    10 001  10 010  0      # one positive span: length 2, offset 0
    0                      # no negative span
    11110 001111101000     # at 1000
    10 101                 # count 5
    10 010                 # zero count 2
    00111111 11110000 00000000 00000000 00000000 00000000 00000000 00000000 # sum 1
    10 001  10 001         # buckets 1 and 1 + 1
    110 001111             # 15 later
    10 010                 # count 2 more
    0                      # zero count as before
    1 1 00001 001011 11111111111 # sum 2: the bits of 1 with 11 others, behind one that is the same
    10 001  0              # buckets 1 more and as far from it as before
";

fn two_samples() -> [Histogram; 2] {
    let first = Histogram {
        schema: 1,
        zero_threshold: 2_f64.powi(-128),
        zero_count: 2,
        count: 5,
        sum: 1.0,
        positive_spans: vec![span(0, 2)],
        positive_buckets: vec![1, 1],
        ..Histogram::default()
    };
    let second = Histogram { count: 7, sum: 2.0, positive_buckets: vec![2, 1], ..first.clone() };
    [first, second]
}

#[test]
fn bytes_are_as_specified() {
    let [first, second] = two_samples();
    let mut chunk = Vec::new();
    let mut appender =
        HistogramAppender::start(&mut chunk, false, ResetHeader::NotReset, (1000, 0), &first).unwrap();
    assert_eq!(appender.append(&mut chunk, (1015, 0), &second), Ok(Appended::InPlace));
    assert_eq!(chunk, bytes_of_bits(TWO_SAMPLES));
    assert_eq!(decoded::<Histogram>(false, &chunk).unwrap(), [(1000, 0, first), (1015, 0, second)]);
}

#[test]
fn zero_thresholds_and_bounds_come_back() {
    for zero_threshold in
        [0.0, 0.001, 1.0, 2_f64.powi(-243), 2_f64.powi(-244), 2_f64.powi(10), 2_f64.powi(11), 5e-324, 1e300]
    {
        let histogram = Histogram { zero_threshold, ..histogram(&[(1, 1)]) };
        let mut chunk = Vec::new();
        HistogramAppender::start(&mut chunk, false, ResetHeader::Unknown, (1, 0), &histogram).unwrap();
        assert_eq!(decoded::<Histogram>(false, &chunk).unwrap(), [(1, 0, histogram)]);
        let short = [0.0, 1.0, 2_f64.powi(-243), 2_f64.powi(10)].contains(&zero_threshold);
        assert_eq!(chunk[3] != 0xFF, short, "{zero_threshold}");
    }
    let bounds = [-1.5, 0.0, 0.005, 0.1, 1.0, 33554.430, 33554.431, 1e6, 0.1 + 0.2];
    let histogram = Histogram {
        schema: CUSTOM_BUCKETS_SCHEMA,
        custom_values: Arc::from(bounds),
        zero_threshold: 0.0,
        ..histogram(&[(3, 2)])
    };
    let mut chunk = Vec::new();
    HistogramAppender::start(&mut chunk, false, ResetHeader::Unknown, (1, 0), &histogram).unwrap();
    assert_eq!(decoded::<Histogram>(false, &chunk).unwrap(), [(1, 0, histogram)]);
}

/// Appends samples one second apart, as many chunks as they need.
fn append_all<H: HistogramKind>(samples: &[H]) -> (Vec<Vec<u8>>, Vec<Appended>) {
    let (mut chunks, mut results) = (Vec::new(), Vec::new());
    let mut open: Option<(HistogramAppender<H>, Vec<u8>)> = None;
    for (timestamp, sample) in (0..).step_by(1000).zip(samples) {
        let mut header = ResetHeader::of_hint(sample.shape().hint);
        if let Some((appender, bytes)) = &mut open {
            let appended = appender.append(bytes, (timestamp, 0), sample).unwrap();
            results.push(appended);
            match appended {
                Appended::NeedsNewChunk(reset) => header = reset,
                _ => continue,
            }
        }
        let mut bytes = Vec::new();
        let appender = HistogramAppender::start(&mut bytes, false, header, (timestamp, 0), sample).unwrap();
        chunks.extend(open.replace((appender, bytes)).map(|(_, bytes)| bytes));
    }
    chunks.extend(open.map(|(_, bytes)| bytes));
    (chunks, results)
}

#[test]
fn new_buckets_make_the_chunk_be_written_anew() {
    let samples =
        [histogram(&[(1, 1)]), histogram(&[(1, 2), (4, 1)]), histogram(&[(0, 1), (1, 2), (2, 1), (4, 1)])];
    let (chunks, results) = append_all(&samples);
    assert_eq!(results, [Appended::Recoded, Appended::Recoded]);
    let samples: Vec<Histogram> =
        decoded(false, &chunks[0]).unwrap().into_iter().map(|(_, _, h)| h).collect();
    for histogram in &samples {
        assert_eq!(histogram.positive_spans, [span(0, 3), span(1, 1)]);
    }
    assert_eq!(samples[0].positive_buckets, [0, 1, -1, 0]);
    assert_eq!(samples[1].positive_buckets, [0, 2, -2, 1]);
    assert_eq!(samples[2].positive_buckets, [1, 1, -1, 0]);
}

#[test]
fn a_sample_without_buckets_that_were_always_empty_gets_them() {
    let with_empty = histogram(&[(1, 1), (2, 0), (3, 1)]);
    let (chunks, results) = append_all(&[with_empty.clone(), histogram(&[(1, 1), (3, 2)])]);
    assert_eq!(results, [Appended::InPlace]);
    let samples: Vec<(i64, i64, Histogram)> = decoded(false, &chunks[0]).unwrap();
    assert_eq!(samples[1].2.positive_spans, with_empty.positive_spans);
    assert_eq!(samples[1].2.positive_buckets, [1, -1, 2]);

    let (chunks, results) = append_all(&[with_empty, histogram(&[(1, 1), (3, 2), (9, 1)])]);
    assert_eq!(results, [Appended::Recoded]);
    let samples: Vec<(i64, i64, Histogram)> = decoded(false, &chunks[0]).unwrap();
    assert_eq!(samples[1].2.positive_buckets, [1, -1, 2, -1]);
    assert_eq!(samples[1].2.positive_spans, [span(1, 3), span(5, 1)]);
}

#[test]
fn a_sample_that_fits_in_no_way_begins_a_new_chunk() {
    let base = histogram(&[(1, 5), (2, 5)]);
    let stale = Histogram { sum: stale_nan(), ..Histogram::default() };
    let gauge = Histogram { counter_reset_hint: CounterResetHint::Gauge, ..base.clone() };
    let after = |before: &Histogram, now: &Histogram| append_all(&[before.clone(), now.clone()]).1[0];
    let needs = Appended::NeedsNewChunk;
    let fewer = Histogram { count: 9, ..base.clone() };
    assert_eq!(after(&base, &fewer), needs(ResetHeader::Reset));
    let hinted = Histogram { counter_reset_hint: CounterResetHint::Reset, ..base.clone() };
    assert_eq!(after(&base, &hinted), needs(ResetHeader::Reset));
    let lower_bucket = Histogram { count: 12, ..histogram(&[(1, 4), (2, 7)]) };
    assert_eq!(after(&base, &lower_bucket), needs(ResetHeader::Reset));
    let lost_bucket = Histogram { count: 12, ..histogram(&[(1, 9)]) };
    assert_eq!(after(&base, &lost_bucket), needs(ResetHeader::Reset));
    let in_zero = Histogram { zero_count: 2, count: 12, ..base.clone() };
    assert_eq!(after(&in_zero, &Histogram { zero_count: 1, ..in_zero.clone() }), needs(ResetHeader::Reset));
    assert_eq!(after(&base, &Histogram { schema: 3, ..base.clone() }), needs(ResetHeader::Unknown));
    assert_eq!(after(&base, &Histogram { zero_threshold: 0.1, ..base.clone() }), needs(ResetHeader::Unknown));
    assert_eq!(after(&stale, &base), needs(ResetHeader::Unknown));
    assert_eq!(after(&base, &gauge), needs(ResetHeader::Gauge));
    assert_eq!(after(&gauge, &base), needs(ResetHeader::Unknown));
    assert_eq!(after(&base, &stale), Appended::InPlace);
}

#[test]
fn gauges_rise_and_fall_in_one_chunk() {
    let gauge = |buckets: &[(i32, i64)]| Histogram {
        counter_reset_hint: CounterResetHint::Gauge,
        ..histogram(buckets)
    };
    let samples = [gauge(&[(1, 5)]), gauge(&[(1, 2)]), gauge(&[(3, 1)]), gauge(&[])];
    let (chunks, results) = append_all(&samples);
    assert_eq!(results, [Appended::InPlace, Appended::Recoded, Appended::InPlace]);
    let mut hints = Vec::new();
    decode::<Histogram>(Encoding::Histogram, &chunks[0], |_, _, h| hints.push(h.counter_reset_hint)).unwrap();
    assert_eq!(hints, [CounterResetHint::Gauge; 4]);
}

#[test]
fn the_end_of_a_series_has_no_buckets() {
    let stale = Histogram { sum: stale_nan(), ..histogram(&[(1, 9)]) };
    let (chunks, results) = append_all(&[histogram(&[(1, 1), (2, 2)]), stale.clone(), stale.clone()]);
    assert_eq!(results, [Appended::InPlace; 2]);
    let samples: Vec<(i64, i64, Histogram)> = decoded(false, &chunks[0]).unwrap();
    assert_eq!(samples[0].2, histogram(&[(1, 1), (2, 2)]));
    for (_, _, histogram) in &samples[1..] {
        assert!(is_stale_nan(histogram.sum));
        assert_eq!((histogram.count, histogram.positive_spans.len()), (0, 0));
    }
    let (chunks, _) = append_all(&[stale]);
    let samples: Vec<(i64, i64, Histogram)> = decoded(false, &chunks[0]).unwrap();
    assert!(is_stale_nan(samples[0].2.sum));
}

#[test]
fn announced_lists_that_cannot_be_there_are_refused() {
    // A zero threshold of 0, schema 0, and spans without end.
    let endless = [&[0, 1, 0, 0][..], &bytes_of_bits("0  11111111"), &[0xFF; 20]].concat();
    assert!(matches!(decoded::<Histogram>(false, &endless), Err(Error::ListTooLong { .. })));
    // One span of 2^32 - 1 buckets.
    let wide = bytes_of_bits(&format!("0  10 001  11111110 {:056b}  0  0", u32::MAX));
    let wide = [&[0, 1, 0, 0][..], &wide, &[0; 20]].concat();
    assert!(matches!(decoded::<Histogram>(false, &wide), Err(Error::Truncated { .. })));
}

/// Histograms that mostly grow, of a few layouts, some at their end.
fn histograms() -> impl Strategy<Value = Vec<Histogram>> {
    let bucket = (0..12_i32, 0..50_i64);
    let sample = (prop::collection::btree_map(0..12_i32, 0..50_i64, 0..6), bucket, any::<u8>(), any::<f64>());
    prop::collection::vec(sample, 1..40).prop_map(|samples| {
        let mut counts = std::collections::BTreeMap::new();
        let next = |(fresh, (index, add), choice, sum): (_, (i32, i64), u8, f64)| {
            match choice {
                0..10 => counts = fresh,
                _ => *counts.entry(index).or_default() += add,
            }
            let buckets: Vec<(i32, i64)> = counts.iter().map(|(index, count)| (*index, *count)).collect();
            let mut sample = Histogram { sum, schema: i32::from(choice % 50 == 11), ..histogram(&buckets) };
            match choice {
                20..24 => sample = Histogram { sum: stale_nan(), ..Histogram::default() },
                30..60 => sample.counter_reset_hint = CounterResetHint::Gauge,
                60..62 => sample.counter_reset_hint = CounterResetHint::Reset,
                70..100 => {
                    sample.negative_spans = sample.positive_spans.clone();
                    sample.negative_buckets = sample.positive_buckets.clone();
                }
                _ => {}
            }
            sample
        };
        samples.into_iter().map(next).collect()
    })
}

/// The bits of a histogram's sum, and the bits of its positive and negative buckets by index.
type Compared = (u64, Vec<(i32, u64)>, Vec<(i32, u64)>);

/// The samples without what a chunk does not keep: hints, and buckets without observations.
fn compared<H: HistogramKind + Hint + IntoFloat>(samples: Vec<H>) -> Vec<Compared> {
    let bits = |histogram: H| {
        let histogram = histogram.into_float();
        let populated = |buckets: Vec<(i32, f64)>| {
            let populated = buckets.into_iter().filter(|(_, count)| *count != 0.0);
            populated.map(|(index, count)| (index, count.to_bits())).collect()
        };
        let positive = populated(histogram.positive_indexed().collect());
        let negative = populated(histogram.negative_indexed().collect());
        (histogram.sum.to_bits(), positive, negative)
    };
    samples.into_iter().map(bits).collect()
}

trait IntoFloat {
    fn into_float(self) -> FloatHistogram;
}

impl IntoFloat for Histogram {
    fn into_float(self) -> FloatHistogram {
        self.to_float()
    }
}

impl IntoFloat for FloatHistogram {
    fn into_float(self) -> FloatHistogram {
        self
    }
}

fn check_samples<H: HistogramKind + Hint + IntoFloat>(samples: Vec<H>) {
    let (chunks, _) = append_all(&samples);
    let mut found = Vec::new();
    for chunk in &chunks {
        let mut bytes = chunk.clone();
        bytes.extend([0xAA, 0x55]);
        let resumed = HistogramAppender::<H>::resume(&mut bytes, false).unwrap();
        assert_eq!(bytes, *chunk);
        let chunk = decoded::<H>(false, chunk).unwrap();
        assert_eq!(resumed.last_timestamp(), chunk.last().unwrap().0);
        assert_eq!(usize::from(resumed.count()), chunk.len());
        found.extend(chunk.into_iter().map(|(_, _, histogram)| histogram));
    }
    assert_eq!(compared(found), compared(samples));
}

proptest! {
    #[test]
    fn samples_come_back(samples in histograms()) {
        check_samples(samples.iter().map(Histogram::to_float).collect());
        check_samples(samples);
    }

    #[test]
    fn start_times_come_back(
        samples in prop::collection::vec((0..1000_i64, prop_oneof![4 => Just(0), 1 => 1..5000_i64]), 1..200),
    ) {
        let mut chunk = Vec::new();
        let mut appender: Option<HistogramAppender<FloatHistogram>> = None;
        let histogram = histogram(&[(1, 2)]).to_float();
        let (mut timestamp, mut start, mut expected) = (0, samples[0].1, Vec::new());
        for (after, new_start) in samples {
            timestamp += after;
            start = if new_start == 0 { start } else { timestamp - new_start };
            expected.push((timestamp, start));
            match &mut appender {
                None => {
                    let times = (timestamp, start);
                    let started = HistogramAppender::start(&mut chunk, true, ResetHeader::Reset, times, &histogram);
                    appender = Some(started.unwrap());
                }
                Some(appender) => {
                    let appended = appender.append(&mut chunk, (timestamp, start), &histogram).unwrap();
                    prop_assert_eq!(appended, Appended::InPlace);
                }
            }
            let mut taken_up = chunk.clone();
            let resumed = HistogramAppender::resume(&mut taken_up, true).unwrap();
            prop_assert_eq!(resumed.free, appender.as_ref().unwrap().free);
            appender = Some(resumed);
        }
        let samples = decoded::<FloatHistogram>(true, &chunk).unwrap();
        let found: Vec<(i64, i64)> = samples.iter().map(|(timestamp, start, _)| (*timestamp, *start)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_damaged_chunk_gives_samples_or_an_error(
        samples in histograms(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (chunks, _) = append_all(&samples);
        for mut chunk in chunks {
            *place.get_mut(&mut chunk) = byte;
            let _ = decoded::<Histogram>(false, &chunk);
            let _ = decoded::<FloatHistogram>(false, &chunk);
            let _ = decoded::<FloatHistogram>(true, &chunk);
            chunk.truncate(cut.index(chunk.len()));
            let _ = decoded::<Histogram>(true, &chunk);
            let _ = HistogramAppender::<Histogram>::resume(&mut chunk, false);
        }
    }
}
