//! Limits of native histograms.

use model::histogram::{EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN, NativeForm};

use crate::ScrapeError;
use crate::settings::Limits;

/// Makes a histogram coarser until it keeps the limits.
///
/// # Errors
/// It cannot be made coarse enough.
pub(super) fn fit(histogram: &mut NativeForm, limits: &Limits) -> Result<(), ScrapeError> {
    if let Some(factor) = limits.histogram_bucket_factor.filter(|factor| *factor > 1.0) {
        let schema_max = schema_of_factor(factor);
        if !has_custom_buckets(histogram) && schema(histogram) > schema_max {
            reduce(histogram, schema_max);
        }
    }
    let Some(limit) = limits.histogram_buckets else { return Ok(()) };
    while buckets(histogram) > limit {
        if has_custom_buckets(histogram) || schema(histogram) <= EXPONENTIAL_SCHEMA_MIN {
            return Err(ScrapeError::BucketLimit);
        }
        let schema = schema(histogram) - 1;
        reduce(histogram, schema);
    }
    Ok(())
}

/// The finest schema whose buckets grow by at least `factor`.
fn schema_of_factor(factor: f64) -> i32 {
    let schema = -factor.log2().log2().ceil();
    // Rounding up under the minus is rounding down.
    (schema as i32).clamp(EXPONENTIAL_SCHEMA_MIN, EXPONENTIAL_SCHEMA_MAX)
}

fn schema(histogram: &NativeForm) -> i32 {
    match histogram {
        NativeForm::Whole(whole) => whole.schema,
        NativeForm::Fractional(fractional) => fractional.schema,
    }
}

fn has_custom_buckets(histogram: &NativeForm) -> bool {
    match histogram {
        NativeForm::Whole(whole) => whole.has_custom_buckets(),
        NativeForm::Fractional(fractional) => fractional.has_custom_buckets(),
    }
}

fn buckets(histogram: &NativeForm) -> usize {
    match histogram {
        NativeForm::Whole(whole) => whole.positive_buckets.len() + whole.negative_buckets.len(),
        NativeForm::Fractional(fractional) => {
            fractional.positive_buckets.len() + fractional.negative_buckets.len()
        }
    }
}

/// Only ever asked for a lower schema of exponential buckets, which cannot fail.
fn reduce(histogram: &mut NativeForm, schema: i32) {
    let reduced = match histogram {
        NativeForm::Whole(whole) => whole.reduce_resolution(schema),
        NativeForm::Fractional(fractional) => fractional.reduce_resolution(schema),
    };
    debug_assert!(reduced.is_ok(), "{reduced:?}");
}

#[cfg(test)]
mod tests;
