//! Series of a result while it is computed.

use model::Labels;

use super::windows::lane::Span;
use crate::{Control, Result};

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Its labels.
    pub(super) labels: Labels,
    /// Its values.
    pub(super) span: Span,
}

impl Series {
    /// Bytes of memory that it holds.
    pub(super) fn bytes(&self) -> u64 {
        (self.span.bytes() + self.labels.as_bytes().len() + 16) as u64
    }
}

/// What an expression gives.
#[derive(Debug)]
pub(super) enum Evaluated {
    /// A number that is the same at all times.
    Number(f64),
    /// Series.
    Series(Vec<Series>),
}

/// Counts the memory of series that are made; those without any value are dropped.
pub(super) fn kept(mut series: Vec<Series>, control: &Control) -> Result<Vec<Series>> {
    series.retain(|series| !series.span.is_blank());
    control.take_bytes(series.iter().map(Series::bytes).sum())?;
    Ok(series)
}

/// Counts the memory of series as free again.
pub(super) fn released(series: &[Series], control: &Control) {
    control.return_bytes(series.iter().map(Series::bytes).sum());
}
