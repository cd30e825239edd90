//! The two kinds of histograms, as far as their encodings differ.

use std::fmt::Debug;
use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, Histogram, Span, stale_nan};

use super::layout::Layout;
use crate::Encoding;
use crate::bits::{BitReader, BitWriter, ByteBuffer, read_varbit_uint, write_varbit_uint};
use crate::fields::{Field, FloatField, IntField};

/// A kind of histogram that chunks can hold: [`Histogram`] or [`FloatHistogram`], and no other.
pub trait HistogramKind: Clone + Debug + PartialEq {
    /// The encodings of chunks that hold this kind.
    #[doc(hidden)]
    const ENCODINGS: [Encoding; 2];
    /// How counts are written.
    #[doc(hidden)]
    type Field: Field;
    /// A bucket's own count.
    #[doc(hidden)]
    type Count: Copy + PartialOrd + Default + Debug;

    #[doc(hidden)]
    fn shape(&self) -> Shape<'_>;
    #[doc(hidden)]
    fn count(&self) -> <Self::Field as Field>::Value;
    #[doc(hidden)]
    fn zero_count(&self) -> <Self::Field as Field>::Value;
    /// Whether the count is lower than before.
    #[doc(hidden)]
    fn count_fell(&self, before: Self::Field) -> bool;
    /// Whether the count of the zero bucket is lower than before.
    #[doc(hidden)]
    fn zero_count_fell(&self, before: Self::Field) -> bool;
    /// The values that are written for the buckets of one side.
    #[doc(hidden)]
    fn values(&self, side: Side) -> impl ExactSizeIterator<Item = <Self::Field as Field>::Value>;
    /// Replaces the layout and the buckets of both sides.
    #[doc(hidden)]
    fn with_buckets(&self, layout: &Layout, positive: &[Self::Count], negative: &[Self::Count]) -> Self;
    /// The counts of buckets that are written as these values.
    #[doc(hidden)]
    fn counts(
        values: impl Iterator<Item = <Self::Field as Field>::Value>,
    ) -> impl Iterator<Item = Self::Count>;

    #[doc(hidden)]
    fn write_first_count<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, field: Self::Field);
    #[doc(hidden)]
    fn read_first_count(reader: &mut BitReader<'_>) -> Self::Field;
    /// Writes the counts of a sample that marks the end of the series.
    #[doc(hidden)]
    fn write_stale_counts<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, numbers: &mut Counts<Self::Field>);
    /// The histogram that a decoder has before it.
    #[doc(hidden)]
    fn decoded(layout: &Layout, hint: CounterResetHint, state: &Counts<Self::Field>) -> Self;
    /// The histogram that marks the end of a series.
    #[doc(hidden)]
    fn stale() -> Self;
    /// Its numbers.
    #[doc(hidden)]
    fn stale_numbers() -> Counts<Self::Field> {
        let zero = Self::Field::new(Self::stale().count());
        let sum = FloatField::new(stale_nan().to_bits());
        Counts { count: zero, zero_count: zero, sum, positive: Vec::new(), negative: Vec::new() }
    }
}

/// One half of the buckets.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Side {
    Positive,
    Negative,
}

/// What both kinds have alike.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    pub(super) hint: CounterResetHint,
    pub(super) sum: f64,
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) positive_spans: &'a [Span],
    pub(super) negative_spans: &'a [Span],
    pub(super) custom_values: &'a Arc<[f64]>,
}

/// The numbers of the last sample, as the next one is written against them.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct Counts<F> {
    pub(super) count: F,
    pub(super) zero_count: F,
    pub(super) sum: FloatField,
    pub(super) positive: Vec<F>,
    pub(super) negative: Vec<F>,
}

/// The parts that both kinds have under the same names.
macro_rules! shape {
    ($histogram:expr) => {
        Shape {
            hint: $histogram.counter_reset_hint,
            sum: $histogram.sum,
            schema: $histogram.schema,
            zero_threshold: $histogram.zero_threshold,
            positive_spans: &$histogram.positive_spans,
            negative_spans: &$histogram.negative_spans,
            custom_values: &$histogram.custom_values,
        }
    };
}

impl HistogramKind for Histogram {
    const ENCODINGS: [Encoding; 2] = [Encoding::Histogram, Encoding::HistogramSt];
    type Field = IntField;
    type Count = i64;

    fn shape(&self) -> Shape<'_> {
        shape!(self)
    }

    fn count(&self) -> i64 {
        self.count as i64
    }

    fn zero_count(&self) -> i64 {
        self.zero_count as i64
    }

    fn count_fell(&self, before: IntField) -> bool {
        self.count < before.value as u64
    }

    fn zero_count_fell(&self, before: IntField) -> bool {
        self.zero_count < before.value as u64
    }

    fn values(&self, side: Side) -> impl ExactSizeIterator<Item = i64> {
        match side {
            Side::Positive => self.positive_buckets.iter().copied(),
            Side::Negative => self.negative_buckets.iter().copied(),
        }
    }

    fn with_buckets(&self, layout: &Layout, positive: &[i64], negative: &[i64]) -> Self {
        Self {
            positive_spans: layout.positive_spans.clone(),
            negative_spans: layout.negative_spans.clone(),
            positive_buckets: differences(positive),
            negative_buckets: differences(negative),
            ..self.clone()
        }
    }

    fn counts(values: impl Iterator<Item = i64>) -> impl Iterator<Item = i64> {
        values.scan(0_i64, |sum, difference| {
            *sum = sum.wrapping_add(difference);
            Some(*sum)
        })
    }

    fn write_first_count<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, field: IntField) {
        write_varbit_uint(writer, field.value as u64);
    }

    fn read_first_count(reader: &mut BitReader<'_>) -> IntField {
        IntField::new(read_varbit_uint(reader) as i64)
    }

    fn write_stale_counts<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, numbers: &mut Counts<IntField>) {
        // "As expected", whatever that is: only other ends of the series can follow in this chunk.
        for field in [&mut numbers.count, &mut numbers.zero_count] {
            field.write_next(writer, field.value.wrapping_add(field.delta));
        }
    }

    fn decoded(layout: &Layout, hint: CounterResetHint, state: &Counts<IntField>) -> Self {
        Self {
            counter_reset_hint: hint,
            schema: layout.schema,
            zero_threshold: layout.zero_threshold,
            zero_count: state.zero_count.value as u64,
            count: state.count.value as u64,
            sum: f64::from_bits(state.sum.value()),
            positive_spans: layout.positive_spans.clone(),
            negative_spans: layout.negative_spans.clone(),
            positive_buckets: state.positive.iter().map(Field::value).collect(),
            negative_buckets: state.negative.iter().map(Field::value).collect(),
            custom_values: Arc::clone(&layout.custom_values),
        }
    }

    fn stale() -> Self {
        Self { sum: stale_nan(), ..Self::default() }
    }
}

impl HistogramKind for FloatHistogram {
    const ENCODINGS: [Encoding; 2] = [Encoding::FloatHistogram, Encoding::FloatHistogramSt];
    type Field = FloatField;
    type Count = f64;

    fn shape(&self) -> Shape<'_> {
        shape!(self)
    }

    fn count(&self) -> u64 {
        self.count.to_bits()
    }

    fn zero_count(&self) -> u64 {
        self.zero_count.to_bits()
    }

    fn count_fell(&self, before: FloatField) -> bool {
        self.count < f64::from_bits(before.value())
    }

    fn zero_count_fell(&self, before: FloatField) -> bool {
        self.zero_count < f64::from_bits(before.value())
    }

    fn values(&self, side: Side) -> impl ExactSizeIterator<Item = u64> {
        let buckets = match side {
            Side::Positive => &self.positive_buckets,
            Side::Negative => &self.negative_buckets,
        };
        buckets.iter().map(|count| count.to_bits())
    }

    fn with_buckets(&self, layout: &Layout, positive: &[f64], negative: &[f64]) -> Self {
        Self {
            positive_spans: layout.positive_spans.clone(),
            negative_spans: layout.negative_spans.clone(),
            positive_buckets: positive.to_vec(),
            negative_buckets: negative.to_vec(),
            ..self.clone()
        }
    }

    fn counts(values: impl Iterator<Item = u64>) -> impl Iterator<Item = f64> {
        values.map(f64::from_bits)
    }

    fn write_first_count<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, field: FloatField) {
        field.write_first(writer);
    }

    fn read_first_count(reader: &mut BitReader<'_>) -> FloatField {
        FloatField::read_first(reader)
    }

    fn write_stale_counts<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, numbers: &mut Counts<FloatField>) {
        numbers.count.write_next(writer, 0);
        numbers.zero_count.write_next(writer, 0);
    }

    fn decoded(layout: &Layout, hint: CounterResetHint, state: &Counts<FloatField>) -> Self {
        Self {
            counter_reset_hint: hint,
            schema: layout.schema,
            zero_threshold: layout.zero_threshold,
            zero_count: f64::from_bits(state.zero_count.value()),
            count: f64::from_bits(state.count.value()),
            sum: f64::from_bits(state.sum.value()),
            positive_spans: layout.positive_spans.clone(),
            negative_spans: layout.negative_spans.clone(),
            positive_buckets: state.positive.iter().map(|field| f64::from_bits(field.value())).collect(),
            negative_buckets: state.negative.iter().map(|field| f64::from_bits(field.value())).collect(),
            custom_values: Arc::clone(&layout.custom_values),
        }
    }

    fn stale() -> Self {
        Self { sum: stale_nan(), ..Self::default() }
    }
}

fn differences(counts: &[i64]) -> Vec<i64> {
    let mut before = 0_i64;
    counts
        .iter()
        .map(|count| {
            let difference = count.wrapping_sub(before);
            before = *count;
            difference
        })
        .collect()
}
