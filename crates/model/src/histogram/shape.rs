//! Bringing histograms to a common shape: schema, zero bucket and custom bounds.

use std::borrow::Cow;
use std::sync::Arc;

use super::resolution::common_bounds;
use super::zero::common_zero_threshold;
use super::{Error, FloatHistogram};

/// What two histograms must share so that their buckets can be added one by one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Exponential { schema: i32, zero_threshold: f64 },
    Custom { bounds: Arc<[f64]> },
}

impl Shape {
    /// The finest shape that both histograms can be brought to.
    pub(super) fn common(left: &FloatHistogram, right: &FloatHistogram) -> Result<Self, Error> {
        match (left.has_custom_buckets(), right.has_custom_buckets()) {
            (true, true) => {
                Ok(Self::Custom { bounds: common_bounds(&left.custom_values, &right.custom_values) })
            }
            (false, false) => Ok(Self::Exponential {
                schema: left.schema.min(right.schema),
                zero_threshold: if left.zero_threshold == right.zero_threshold {
                    left.zero_threshold
                } else {
                    common_zero_threshold(left, right)
                },
            }),
            _ => Err(Error::MixedSchemas),
        }
    }
}

impl FloatHistogram {
    /// Whether the custom bounds of the two differ, so that only common ones survive an operation on both.
    pub fn bounds_differ(&self, other: &Self) -> bool {
        self.has_custom_buckets() && other.has_custom_buckets() && self.custom_values != other.custom_values
    }

    /// Brings the histogram to a shape that is as coarse as its own or coarser.
    pub(super) fn reshape(&mut self, shape: &Shape) -> Result<(), Error> {
        match shape {
            Shape::Exponential { schema, zero_threshold } => {
                // At its own resolution first: a merged bucket could reach across the threshold.
                self.widen_zero_bucket(*zero_threshold);
                self.reduce_resolution(*schema)
            }
            Shape::Custom { bounds } => {
                self.reduce_bounds(bounds);
                Ok(())
            }
        }
    }

    /// The histogram in a shape that is as coarse as its own or coarser, copied only if it has another.
    pub(super) fn reshaped(&self, shape: &Shape) -> Result<Cow<'_, Self>, Error> {
        let has_shape = match shape {
            Shape::Exponential { schema, zero_threshold } => {
                self.schema == *schema && self.zero_threshold == *zero_threshold
            }
            Shape::Custom { bounds } => self.custom_values == *bounds,
        };
        if has_shape {
            return Ok(Cow::Borrowed(self));
        }
        let mut copy = self.clone();
        copy.reshape(shape)?;
        Ok(Cow::Owned(copy))
    }
}
