//! Whether two answers are the same.

use std::collections::BTreeMap;

use serde_json::Value;

/// An answer: what stands under each label set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    kind: String,
    series: BTreeMap<String, Vec<Value>>,
}

impl Answer {
    /// Reads the body of a success.
    ///
    /// # Errors
    /// What else it is.
    pub(crate) fn parse(body: &str) -> Result<Self, String> {
        let all: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let data = all.get("data").ok_or_else(|| body.chars().take(200).collect::<String>())?;
        let kind = data.get("resultType").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(result) = data.get("result").and_then(Value::as_array) else {
            return Err("no result".to_owned());
        };
        let mut series = BTreeMap::new();
        if kind == "scalar" || kind == "string" {
            series.insert(String::new(), vec![Value::Array(result.clone())]);
            return Ok(Self { kind, series });
        }
        for one in result {
            let labels =
                one.get("metric").or_else(|| one.get("stream")).map_or_else(String::new, Value::to_string);
            let mut points: Vec<Value> =
                ["value", "histogram"].iter().filter_map(|name| one.get(name).cloned()).collect();
            for name in ["values", "histograms"] {
                points.extend(one.get(name).and_then(Value::as_array).into_iter().flatten().cloned());
            }
            series.entry(labels).or_insert_with(Vec::new).extend(points);
        }
        Ok(Self { kind, series })
    }

    /// The number of series or streams.
    pub(crate) fn len(&self) -> usize {
        self.series.len()
    }

    /// What differs first; values may by `tolerance`, relatively.
    pub(crate) fn difference(&self, other: &Self, tolerance: f64) -> Option<String> {
        if self.kind != other.kind {
            return Some(format!("a {} and a {}", self.kind, other.kind));
        }
        if let Some(only) = self.series.keys().find(|labels| !other.series.contains_key(*labels)) {
            return Some(format!("{} and {} series; the second has no {only}", self.len(), other.len()));
        }
        if let Some(only) = other.series.keys().find(|labels| !self.series.contains_key(*labels)) {
            return Some(format!("{} and {} series; the first has no {only}", self.len(), other.len()));
        }
        self.series.iter().find_map(|(labels, points)| {
            let others = other.series.get(labels)?;
            if points.len() != others.len() {
                return Some(format!("{labels}: {} and {} points", points.len(), others.len()));
            }
            let differ = points.iter().zip(others).find(|(point, other)| !is_same(point, other, tolerance));
            differ.map(|(point, other)| format!("{labels}: {point} and {other}"))
        })
    }
}

/// Whether two points are of the same time and of nearly the same value.
fn is_same(point: &Value, other: &Value, tolerance: f64) -> bool {
    if point == other {
        return true;
    }
    let (Some([time, value]), Some([other_time, other_value])) =
        (point.as_array().map(Vec::as_slice), other.as_array().map(Vec::as_slice))
    else {
        return false;
    };
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    match (time.as_f64(), other_time.as_f64(), number(value), number(other_value)) {
        (Some(time), Some(other_time), Some(value), Some(other)) => {
            let is_near = (value - other).abs() <= tolerance * value.abs().max(other.abs());
            (time - other_time).abs() < 1e-6
                && (value == other || is_near || (value.is_nan() && other.is_nan()))
        }
        _ => false,
    }
}
