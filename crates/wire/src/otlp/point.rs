//! Data points of all kinds.

use super::Error;
use super::attributes::{Attributes, push_attribute};
use super::message::fixed;
use crate::proto::{Value, zigzag};
use crate::remote::message::Message;

/// More buckets than this no histogram has.
const BUCKETS_MAX: usize = 1 << 16;
/// More exemplars than this no point has.
const EXEMPLARS_MAX: usize = 1 << 12;
/// More quantiles than this no summary has.
const QUANTILES_MAX: usize = 1 << 12;

/// What points of all kinds have.
#[derive(Debug, Clone, Default)]
pub(super) struct Common<'a> {
    pub(super) attributes: Attributes<'a>,
    /// Nanoseconds since the Unix epoch, 0 for none.
    pub(super) start: u64,
    /// Nanoseconds since the Unix epoch.
    pub(super) time: u64,
    /// Whether the point says that there is no value any more.
    pub(super) is_stale: bool,
    /// The messages of exemplars.
    pub(super) exemplars: Vec<&'a [u8]>,
}

impl<'a> Common<'a> {
    /// Milliseconds since the Unix epoch.
    pub(super) fn time_ms(&self) -> i64 {
        (self.time / 1_000_000) as i64
    }

    /// Milliseconds since the Unix epoch, 0 for none.
    pub(super) fn start_ms(&self) -> i64 {
        (self.start / 1_000_000) as i64
    }

    fn add_exemplar(&mut self, value: Value<'a>) -> Result<(), Error> {
        if self.exemplars.len() >= EXEMPLARS_MAX {
            return Err(Error::TooMany("exemplars"));
        }
        self.exemplars.push(value.bytes_of("Exemplars")?);
        Ok(())
    }

    fn set_flags(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.is_stale = value.number_of("Flags")? & 1 != 0;
        Ok(())
    }
}

/// A number.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberPoint<'a> {
    pub(super) common: Common<'a>,
    pub(super) value: f64,
}

impl<'a> NumberPoint<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut point = Self::default();
        let mut fields = Message::new("NumberDataPoint", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                2 => point.common.start = fixed(value, "StartTimeUnixNano")?,
                3 => point.common.time = fixed(value, "TimeUnixNano")?,
                4 => point.value = value.float_of("AsDouble")?,
                5 => point.common.add_exemplar(value)?,
                6 => point.value = fixed(value, "AsInt")? as i64 as f64,
                7 => push_attribute(&mut point.common.attributes, value)?,
                8 => point.common.set_flags(value)?,
                _ => {}
            }
        }
        Ok(point)
    }
}

/// A histogram with bounds of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct HistogramPoint<'a> {
    pub(super) common: Common<'a>,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    pub(super) counts: Vec<u64>,
    pub(super) bounds: Vec<f64>,
}

impl<'a> HistogramPoint<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut point = Self::default();
        let mut fields = Message::new("HistogramDataPoint", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                2 => point.common.start = fixed(value, "StartTimeUnixNano")?,
                3 => point.common.time = fixed(value, "TimeUnixNano")?,
                4 => point.count = fixed(value, "Count")?,
                5 => point.sum = Some(value.float_of("Sum")?),
                6 => push_fixed(&mut point.counts, value)?,
                7 => {
                    value.floats_of("ExplicitBounds", &mut point.bounds)?;
                    check_len(point.bounds.len())?;
                }
                8 => point.common.add_exemplar(value)?,
                9 => push_attribute(&mut point.common.attributes, value)?,
                10 => point.common.set_flags(value)?,
                _ => {}
            }
        }
        Ok(point)
    }
}

fn check_len(buckets: usize) -> Result<(), Error> {
    if buckets > BUCKETS_MAX { Err(Error::TooMany("buckets")) } else { Ok(()) }
}

/// Adds numbers of eight bytes, packed or one by one.
fn push_fixed(list: &mut Vec<u64>, value: Value<'_>) -> Result<(), Error> {
    match value {
        Value::Fixed64(number) => list.push(number),
        value => {
            let (whole, rest) = value.bytes_of("BucketCounts")?.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(crate::remote::Error::Truncated.into());
            }
            check_len(whole.len())?;
            list.extend(whole.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        }
    }
    check_len(list.len())
}

/// Buckets of one side of an exponential histogram.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Buckets {
    /// The index of the first one.
    pub(super) offset: i32,
    pub(super) counts: Vec<u64>,
}

impl Buckets {
    fn read(message: &[u8]) -> Result<Self, Error> {
        let mut buckets = Self::default();
        let mut fields = Message::new("Buckets", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => buckets.offset = sint32(value, "Offset")?,
                2 => {
                    let mut fits = true;
                    value.numbers_of("BucketCounts", |count| {
                        fits &= buckets.counts.len() < BUCKETS_MAX;
                        if fits {
                            buckets.counts.push(count);
                        }
                    })?;
                    if !fits {
                        return Err(Error::TooMany("buckets"));
                    }
                }
                _ => {}
            }
        }
        Ok(buckets)
    }
}

fn sint32(value: Value<'_>, field: &'static str) -> Result<i32, Error> {
    Ok(zigzag(value.number_of(field)?) as i32)
}

/// A histogram with exponential buckets.
#[derive(Debug, Clone, Default)]
pub(super) struct ExponentialPoint<'a> {
    pub(super) common: Common<'a>,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    pub(super) scale: i32,
    pub(super) zero_count: u64,
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
}

impl<'a> ExponentialPoint<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut point = Self::default();
        let mut fields = Message::new("ExponentialHistogramDataPoint", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => push_attribute(&mut point.common.attributes, value)?,
                2 => point.common.start = fixed(value, "StartTimeUnixNano")?,
                3 => point.common.time = fixed(value, "TimeUnixNano")?,
                4 => point.count = fixed(value, "Count")?,
                5 => point.sum = Some(value.float_of("Sum")?),
                6 => point.scale = sint32(value, "Scale")?,
                7 => point.zero_count = fixed(value, "ZeroCount")?,
                8 => point.positive = Buckets::read(value.bytes_of("Positive")?)?,
                9 => point.negative = Buckets::read(value.bytes_of("Negative")?)?,
                10 => point.common.set_flags(value)?,
                11 => point.common.add_exemplar(value)?,
                _ => {}
            }
        }
        Ok(point)
    }
}

/// Quantiles with a sum and a count.
#[derive(Debug, Clone, Default)]
pub(super) struct SummaryPoint<'a> {
    pub(super) common: Common<'a>,
    pub(super) count: u64,
    pub(super) sum: f64,
    /// Quantile and value.
    pub(super) quantiles: Vec<(f64, f64)>,
}

impl<'a> SummaryPoint<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut point = Self::default();
        let mut fields = Message::new("SummaryDataPoint", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                2 => point.common.start = fixed(value, "StartTimeUnixNano")?,
                3 => point.common.time = fixed(value, "TimeUnixNano")?,
                4 => point.count = fixed(value, "Count")?,
                5 => point.sum = value.float_of("Sum")?,
                6 => point.add_quantile(value.bytes_of("QuantileValues")?)?,
                7 => push_attribute(&mut point.common.attributes, value)?,
                8 => point.common.set_flags(value)?,
                _ => {}
            }
        }
        Ok(point)
    }

    fn add_quantile(&mut self, message: &[u8]) -> Result<(), Error> {
        if self.quantiles.len() >= QUANTILES_MAX {
            return Err(Error::TooMany("quantiles"));
        }
        let (mut quantile, mut at) = (0.0, 0.0);
        let mut fields = Message::new("ValueAtQuantile", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => quantile = value.float_of("Quantile")?,
                2 => at = value.float_of("Value")?,
                _ => {}
            }
        }
        self.quantiles.push((quantile, at));
        Ok(())
    }
}
