//! Start times, which OpenMetrics 1.0 writes as samples of their own: `<metric>_created`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::{Labels, MetricType};

use super::OpenMetricsParser;
use crate::exposition::{Entry, Options};

const SUFFIX: &str = "_created";

/// The start times in what is left of the present family.
#[derive(Debug, Default)]
pub(super) struct Created {
    /// By labels, the name without its ending and neither bound nor quantile; `None` until they are looked for.
    starts: Option<HashMap<Labels, i64>>,
}

impl Created {
    /// A declaration came: another family may begin.
    pub(super) fn forget(&mut self) {
        self.starts = None;
    }

    /// Whether a series, whose labels `visit` shows, is itself a start time, and else when it began. `rest` is
    /// the body behind it.
    pub(super) fn of(
        &mut self,
        rest: &[u8],
        metric_type: MetricType,
        visit: impl FnOnce(&mut dyn FnMut(&str, &str)) -> bool,
    ) -> (bool, Option<i64>) {
        if !matches!(metric_type, MetricType::Counter | MetricType::Histogram | MetricType::Summary) {
            return (false, None);
        }
        let Some((labels, is_created)) = base(visit) else { return (false, None) };
        if is_created {
            return (true, None);
        }
        let starts = self.starts.get_or_insert_with(|| look_ahead(rest));
        (false, starts.get(&labels).copied())
    }
}

/// The labels of a series without what differs within its metric, and whether it is a start time.
fn base(visit: impl FnOnce(&mut dyn FnMut(&str, &str)) -> bool) -> Option<(Labels, bool)> {
    let mut labels: Vec<(String, String)> = Vec::new();
    let mut is_created = false;
    let whole = visit(&mut |name, value| {
        if name == METRIC_NAME {
            is_created = value.ends_with(SUFFIX);
            let endings = [SUFFIX, "_total", "_bucket", "_sum", "_count"];
            let metric = endings.iter().find_map(|ending| value.strip_suffix(ending)).unwrap_or(value);
            labels.push((name.to_owned(), metric.to_owned()));
        } else if name != BUCKET_BOUND && name != "quantile" {
            labels.push((name.to_owned(), value.to_owned()));
        }
    });
    whole.then(|| (Labels::from_pairs(labels), is_created))
}

/// The start times up to the next declaration; where the body breaks off, those before.
fn look_ahead(rest: &[u8]) -> HashMap<Labels, i64> {
    let mut starts = HashMap::new();
    let mut parser = OpenMetricsParser::new(rest, Options::default());
    let none: &[u8] = &[];
    while let Ok(Some(Entry::Sample(sample))) = parser.next(&none) {
        // Most lines are none: look at their bytes before taking them apart.
        if memchr::memmem::find(parser.key(), SUFFIX.as_bytes()).is_none() {
            continue;
        }
        if let Some((labels, true)) = base(|visit| parser.labels(visit).is_ok())
            && sample.value.is_finite()
        {
            starts.insert(labels, (sample.value * 1000.0) as i64);
        }
    }
    starts
}
