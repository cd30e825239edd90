//! Coarser buckets: lower schemas, fewer custom bounds.

use std::sync::Arc;

use super::layout::{Indexed, Layout};
use super::{EXPONENTIAL_SCHEMA_MIN, Error, FloatHistogram, Histogram, Span};

/// The finest schema that the format has a meaning for, kept or not.
const RESERVED_SCHEMA_MAX: i32 = 52;

/// The index at a schema that is `steps` lower of the bucket that holds bucket `index`.
pub(super) fn coarse_index(index: i32, steps: u32) -> i32 {
    (index.wrapping_sub(1) >> steps.min(31)).wrapping_add(1)
}

/// Whether a schema stands for exponential buckets that can be kept, at once or after reduction.
pub fn is_exponential_schema(schema: i32) -> bool {
    (EXPONENTIAL_SCHEMA_MIN..=RESERVED_SCHEMA_MAX).contains(&schema)
}

impl FloatHistogram {
    /// Merges buckets down to a lower schema.
    ///
    /// # Errors
    ///
    /// With custom buckets, and if `schema` is the higher one.
    pub fn reduce_resolution(&mut self, schema: i32) -> Result<(), Error> {
        let Some(steps) = reduction_steps(self.schema, schema, self.has_custom_buckets())? else {
            return Ok(());
        };
        self.schema = schema;
        reduce_side(&mut self.positive_spans, &mut self.positive_buckets, steps);
        reduce_side(&mut self.negative_spans, &mut self.negative_buckets, steps);
        Ok(())
    }

    /// A copy at a lower schema.
    ///
    /// # Errors
    ///
    /// As [`FloatHistogram::reduce_resolution`].
    pub fn copy_to_schema(&self, schema: i32) -> Result<Self, Error> {
        let mut copy = self.clone();
        copy.reduce_resolution(schema)?;
        Ok(copy)
    }

    /// Merges custom buckets so that `bounds`, which are some of its own, remain.
    pub(super) fn reduce_bounds(&mut self, bounds: &Arc<[f64]>) {
        if Arc::ptr_eq(&self.custom_values, bounds) || self.custom_values == *bounds {
            return;
        }
        let mut mapped: Layout<f64> =
            Layout::with_capacity(1, self.positive_buckets.len().min(bounds.len() + 1));
        for (index, count) in self.positive_indexed() {
            mapped.push(index_among(bounds, self.outer_bound(index)), count);
        }
        self.positive_spans = mapped.spans;
        self.positive_buckets = mapped.counts;
        self.custom_values = Arc::clone(bounds);
    }
}

impl Histogram {
    /// Merges buckets down to a lower schema.
    ///
    /// # Errors
    ///
    /// As [`FloatHistogram::reduce_resolution`].
    pub fn reduce_resolution(&mut self, schema: i32) -> Result<(), Error> {
        let Some(steps) = reduction_steps(self.schema, schema, self.has_custom_buckets())? else {
            return Ok(());
        };
        self.schema = schema;
        let (spans, buckets) = reduce_differences(self.positive_indexed(), steps, self.positive_spans.len());
        self.positive_spans = spans;
        self.positive_buckets = buckets;
        let (spans, buckets) = reduce_differences(self.negative_indexed(), steps, self.negative_spans.len());
        self.negative_spans = spans;
        self.negative_buckets = buckets;
        Ok(())
    }
}

/// The custom bounds that both lists have; both are strictly ascending.
pub(super) fn common_bounds(left: &Arc<[f64]>, right: &Arc<[f64]>) -> Arc<[f64]> {
    if left == right {
        return Arc::clone(left);
    }
    let mut rest = right.iter().peekable();
    left.iter()
        .copied()
        .filter(|bound| {
            while rest.next_if(|other| *other < bound).is_some() {}
            rest.peek() == Some(&bound)
        })
        .collect()
}

/// The index among `bounds` of the bucket that holds what lies up to `upper`, a bound or infinity.
pub(super) fn index_among(bounds: &[f64], upper: f64) -> i32 {
    i32::try_from(bounds.partition_point(|bound| *bound < upper)).unwrap_or(i32::MAX)
}

fn reduction_steps(from: i32, to: i32, custom: bool) -> Result<Option<u32>, Error> {
    if custom {
        return Err(Error::ReductionOfCustomBuckets);
    }
    match u32::try_from(i64::from(from) - i64::from(to)) {
        Ok(0) => Ok(None),
        Ok(steps) => Ok(Some(steps)),
        Err(_) => Err(Error::SchemaNotLower { from, to }),
    }
}

fn reduce_side(spans: &mut Vec<Span>, counts: &mut Vec<f64>, steps: u32) {
    let mut merged: Layout<f64> = Layout::with_capacity(spans.len(), counts.len());
    for (index, count) in Indexed::new(spans, counts) {
        merged.push(coarse_index(index, steps), count);
    }
    *spans = merged.spans;
    *counts = merged.counts;
}

fn reduce_differences(
    indexed: impl Iterator<Item = (i32, i64)>,
    steps: u32,
    spans: usize,
) -> (Vec<Span>, Vec<i64>) {
    let mut merged: Layout<i64> = Layout::with_capacity(spans, indexed.size_hint().1.unwrap_or(0));
    for (index, count) in indexed {
        merged.push(coarse_index(index, steps), count);
    }
    let mut last: i64 = 0;
    for count in &mut merged.counts {
        let difference = count.wrapping_sub(last);
        last = *count;
        *count = difference;
    }
    (merged.spans, merged.counts)
}
