//! Exemplars.

use model::{Labels, SeriesRef};

use super::RecordType;
use super::cursor::{Cursor, DecodeError, LabelTexts, pack_labels, put_float, put_labels};
use super::samples::Base;

/// Exemplars as columns of equal length.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Exemplars {
    /// Which series.
    pub refs: Vec<SeriesRef>,
    /// When, in milliseconds since the Unix epoch.
    pub timestamps: Vec<i64>,
    /// The observed values.
    pub values: Vec<f64>,
    /// Labels of the exemplars, not of their series.
    pub labels: Vec<Labels>,
}

impl Exemplars {
    /// Adds an exemplar.
    pub fn push(&mut self, series: SeriesRef, timestamp: i64, value: f64, labels: Labels) {
        self.refs.push(series);
        self.timestamps.push(timestamp);
        self.values.push(value);
        self.labels.push(labels);
    }

    /// The number of exemplars.
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// Removes all exemplars, keeping the memory.
    pub fn clear(&mut self) {
        self.refs.clear();
        self.timestamps.clear();
        self.values.clear();
        self.labels.clear();
    }
}

/// Appends the exemplars of a record to `out`.
///
/// # Errors
/// [`DecodeError`] where the record makes no sense; the exemplars before that place were appended.
pub fn decode_exemplars(record: &[u8], out: &mut Exemplars) -> Result<(), DecodeError> {
    let mut cursor = Cursor::open(record, &[RecordType::Exemplars])?;
    if cursor.is_empty() {
        return Ok(());
    }
    let base = Base::read(&mut cursor)?;
    let mut labels = LabelTexts::default();
    while !cursor.is_empty() {
        let (series, timestamp) = base.next(&mut cursor)?;
        let value = cursor.float("a value")?;
        cursor.labels(&mut labels)?;
        out.push(series, timestamp, value, pack_labels(labels.pairs()));
    }
    Ok(())
}

/// Appends a record of the exemplars to `out`; nothing where there is none.
pub fn encode_exemplars(exemplars: &Exemplars, out: &mut Vec<u8>) {
    let Some(base) = Base::of(&exemplars.refs, &exemplars.timestamps) else { return };
    out.push(RecordType::Exemplars.code());
    base.write(out);
    let heads = exemplars.refs.iter().zip(&exemplars.timestamps);
    for ((series, timestamp), (value, labels)) in heads.zip(exemplars.values.iter().zip(&exemplars.labels)) {
        base.put(out, *series, *timestamp);
        put_float(out, *value);
        put_labels(out, labels);
    }
}
