//! One metric of a family and the samples that it is.

use model::sample::NORMAL_NAN_BITS;
use model::{Exemplar, Labels, MetricType};

use super::histogram::Classic;
use crate::exposition::Options;
use crate::exposition::error::ParseError;
use crate::proto::{Fields, ProtoError, zigzag};

/// Which of a metric's samples one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Part {
    Value,
    Count,
    Sum,
    Bucket,
    Quantile,
    Native,
}

impl Part {
    /// What the name of the series ends with.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Value | Self::Quantile | Self::Native => "",
            Self::Count => "_count",
            Self::Sum => "_sum",
            Self::Bucket => "_bucket",
        }
    }
}

/// A label that only some of a metric's samples have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Extra {
    None,
    Bound(f64),
    Quantile(f64),
}

/// One sample of a metric.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emission<'a> {
    pub(super) part: Part,
    pub(super) extra: Extra,
    pub(super) value: f64,
    pub(super) exemplar: Option<&'a [u8]>,
}

/// A metric; its lists are used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Metric<'a> {
    pub(super) labels: Vec<(&'a str, &'a str)>,
    pub(super) raw_labels: Vec<&'a [u8]>,
    pub(super) timestamp: Option<i64>,
    pub(super) start_timestamp: Option<i64>,
    pub(super) emissions: Vec<Emission<'a>>,
    /// The message of the histogram.
    pub(super) histogram: &'a [u8],
    pub(super) native_exemplars: Vec<&'a [u8]>,
}

impl<'a> Metric<'a> {
    pub(super) fn clear(&mut self) {
        self.labels.clear();
        self.raw_labels.clear();
        self.timestamp = None;
        self.start_timestamp = None;
        self.emissions.clear();
        self.histogram = &[];
        self.native_exemplars.clear();
    }

    pub(super) fn read(
        &mut self,
        message: &'a [u8],
        metric_type: MetricType,
        options: Options,
    ) -> Result<(), ParseError> {
        self.clear();
        let wanted = match metric_type {
            MetricType::Gauge => 2,
            MetricType::Counter => 3,
            MetricType::Summary => 4,
            MetricType::Histogram | MetricType::GaugeHistogram => 7,
            _ => 5,
        };
        let mut value_message: &[u8] = &[];
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => self.read_label(value.bytes(field)?)?,
                6 => self.timestamp = Some(value.varint(field)? as i64).filter(|time| *time != 0),
                field if field == wanted => value_message = value.bytes(field)?,
                _ => {}
            }
        }
        match wanted {
            4 => self.read_summary(value_message)?,
            7 => self.read_histogram(value_message, options)?,
            _ => self.read_number(value_message)?,
        }
        Ok(())
    }

    fn read_label(&mut self, message: &'a [u8]) -> Result<(), ParseError> {
        let (name, value) = label(message)?;
        let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let is_name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let name = is_name.ok_or_else(|| ParseError::LabelName { name: shown(name) })?;
        let value = std::str::from_utf8(value).map_err(|_| ParseError::LabelText { value: shown(value) })?;
        self.labels.push((name, value));
        self.raw_labels.push(message);
        Ok(())
    }

    /// Counters, gauges and untyped metrics look alike.
    fn read_number(&mut self, message: &'a [u8]) -> Result<(), ParseError> {
        let mut emission = Emission { part: Part::Value, extra: Extra::None, value: 0.0, exemplar: None };
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => emission.value = normal(value.double(field)?),
                2 => emission.exemplar = Some(value.bytes(field)?),
                3 => self.start_timestamp = time(value.bytes(field)?)?,
                _ => {}
            }
        }
        self.emissions.push(emission);
        Ok(())
    }

    fn read_summary(&mut self, message: &'a [u8]) -> Result<(), ParseError> {
        let (mut count, mut sum) = (0, 0.0);
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => count = value.varint(field)?,
                2 => sum = value.double(field)?,
                3 => {
                    let (mut quantile, mut at) = (0.0, 0.0);
                    let mut fields = Fields::new(value.bytes(field)?);
                    while let Some((field, value)) = fields.next()? {
                        match field {
                            1 => quantile = value.double(field)?,
                            2 => at = value.double(field)?,
                            _ => {}
                        }
                    }
                    self.push(Part::Quantile, Extra::Quantile(quantile), at, None);
                }
                4 => self.start_timestamp = time(value.bytes(field)?)?,
                _ => {}
            }
        }
        self.push(Part::Count, Extra::None, count as f64, None);
        self.push(Part::Sum, Extra::None, sum, None);
        Ok(())
    }

    fn read_histogram(&mut self, message: &'a [u8], options: Options) -> Result<(), ParseError> {
        self.histogram = message;
        let classic = Classic::read(message)?;
        self.start_timestamp = classic.start_timestamp;
        let native = options.native_histograms && classic.has_native;
        if native {
            self.native_exemplars.extend(&classic.native_exemplars);
            if self.native_exemplars.is_empty() {
                // Those of the classic form stand for it.
                self.native_exemplars.extend(classic.buckets.iter().filter_map(|bucket| bucket.exemplar));
            }
            self.push(Part::Native, Extra::None, 0.0, None);
            if !options.classic_beside_native || classic.buckets.is_empty() {
                return Ok(());
            }
        }
        self.push(Part::Count, Extra::None, classic.count, None);
        self.push(Part::Sum, Extra::None, classic.sum, None);
        for bucket in &classic.buckets {
            self.push(Part::Bucket, Extra::Bound(bucket.bound), bucket.count, bucket.exemplar);
            if bucket.bound == f64::INFINITY {
                // It is the last one, wherever it stands.
                return Ok(());
            }
        }
        self.push(Part::Bucket, Extra::Bound(f64::INFINITY), classic.count, None);
        Ok(())
    }

    fn push(&mut self, part: Part, extra: Extra, value: f64, exemplar: Option<&'a [u8]>) {
        self.emissions.push(Emission { part, extra, value: normal(value), exemplar });
    }
}

fn normal(value: f64) -> f64 {
    if value.is_nan() { f64::from_bits(NORMAL_NAN_BITS) } else { value }
}

/// Name and value of a label.
fn label(message: &[u8]) -> Result<(&[u8], &[u8]), ProtoError> {
    let (mut name, mut text): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => name = value.bytes(field)?,
            2 => text = value.bytes(field)?,
            _ => {}
        }
    }
    Ok((name, text))
}

/// Milliseconds from a `google.protobuf.Timestamp`; one that says nothing is none.
pub(super) fn time(message: &[u8]) -> Result<Option<i64>, ProtoError> {
    let (mut seconds, mut nanoseconds) = (0i64, 0i64);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => seconds = value.varint(field)? as i64,
            2 => nanoseconds = value.varint(field)? as i64,
            _ => {}
        }
    }
    let time = seconds.saturating_mul(1000).saturating_add(nanoseconds / 1_000_000);
    Ok(Some(time).filter(|time| *time != 0))
}

pub(super) fn exemplar(message: &[u8]) -> Result<Exemplar, ProtoError> {
    let mut labels = Vec::new();
    let (mut exemplar_value, mut timestamp) = (0.0, None);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => {
                let (name, text) = label(value.bytes(field)?)?;
                labels.push((String::from_utf8_lossy(name), String::from_utf8_lossy(text)));
            }
            2 => exemplar_value = normal(value.double(field)?),
            3 => timestamp = time(value.bytes(field)?)?,
            _ => {}
        }
    }
    Ok(Exemplar { labels: Labels::from_pairs(labels), value: exemplar_value, timestamp })
}

/// A whole number with its sign in the last bit, cut to 32 bits as encoders write it.
pub(super) fn sint32(value: u64) -> i32 {
    zigzag(value) as i32
}
