//! What queries in templates return.

use std::sync::Arc;

use model::{FloatHistogram, Labels};

use crate::{Object, Value};

/// The value of a sample.
#[derive(Clone, Debug)]
pub enum SampleValue {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<FloatHistogram>),
}

impl SampleValue {
    /// The value as templates see it.
    pub fn to_value(&self) -> Value {
        match self {
            SampleValue::Float(value) => Value::Float(*value),
            SampleValue::Histogram(histogram) => Value::Object(Arc::new(HistogramValue(histogram.clone()))),
        }
    }
}

/// A series and its value.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The labels of the series.
    pub labels: Labels,
    /// The value.
    pub value: SampleValue,
}

#[derive(Debug)]
struct HistogramValue(Arc<FloatHistogram>);

impl Object for HistogramValue {
    fn type_name(&self) -> &str {
        "*histogram.FloatHistogram"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Schema", Value::Int(i64::from(self.0.schema))),
            ("ZeroThreshold", Value::Float(self.0.zero_threshold)),
            ("ZeroCount", Value::Float(self.0.zero_count)),
            ("Count", Value::Float(self.0.count)),
            ("Sum", Value::Float(self.0.sum)),
        ]
    }

    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// A sample as templates see it.
#[derive(Clone, Debug)]
pub(crate) struct SampleObject {
    pub(crate) labels: Value,
    pub(crate) value: Value,
}

impl Object for SampleObject {
    fn type_name(&self) -> &str {
        "*template.sample"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Labels", self.labels.clone()), ("Value", self.value.clone())]
    }

    fn holds_any(&self, field: &str) -> bool {
        field == "Value"
    }
}

/// A result of a query as templates see it.
pub(crate) fn result(samples: Vec<Sample>) -> Value {
    let object = |sample: Sample| {
        let labels = Value::text_map(sample.labels.iter());
        Value::Object(Arc::new(SampleObject { labels, value: sample.value.to_value() }))
    };
    Value::list("template.queryResult", samples.into_iter().map(object).collect())
}

/// A field of a sample.
pub(crate) fn field(sample: Option<&Value>, name: &str) -> Result<Value, String> {
    match sample {
        Some(Value::Object(object)) => object.field(name),
        _ => None,
    }
    .ok_or_else(|| "runtime error: invalid memory address or nil pointer dereference".into())
}

/// A label of a sample; empty when it has none of the name.
pub(crate) fn label(sample: Option<&Value>, name: &str) -> Result<Value, String> {
    match field(sample, "Labels")? {
        Value::Map(map) => Ok(map.entries.get(name).cloned().unwrap_or_else(|| Value::text(""))),
        _ => Ok(Value::text("")),
    }
}
