//! The labels under which a line's series is stored.

use model::labels::{LabelsBuilder, METRIC_NAME, METRIC_TYPE, METRIC_UNIT};
use model::name::ValidationScheme;
use model::relabel::relabel;
use model::{Labels, MetricType};
use wire::exposition::Parser;

use super::Context;
use crate::ScrapeError;
use crate::error::shortened;

/// What a label that the target's own hides is called: this in front of its name.
const EXPORTED: &str = "exported_";

/// The labels of a scraped line, kept from line to line so that their memory is used again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    text: String,
    /// Starts of name and value, end of the value.
    spans: Vec<(usize, usize, usize)>,
}

impl Scratch {
    /// Scraped labels from elsewhere than a parser.
    pub(super) fn of_pairs(pairs: &[(String, String)]) -> Self {
        let mut scratch = Self::default();
        pairs.iter().for_each(|(name, value)| scratch.push(name, value));
        scratch
    }

    /// The labels in the order of the line.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |start, end| self.text.get(start..end).unwrap_or_default();
        self.spans.iter().map(move |(start, middle, end)| (text(*start, *middle), text(*middle, *end)))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }

    fn push(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.spans.push((start, middle, self.text.len()));
    }

    /// The labels sorted by name; equal names in the order of the line.
    fn sorted(&self) -> Vec<(&str, &str)> {
        let text = |start, end| self.text.get(start..end).unwrap_or_default();
        let mut labels: Vec<_> = self
            .spans
            .iter()
            .map(|(start, middle, end)| (text(*start, *middle), text(*middle, *end)))
            .collect();
        labels.sort_by_key(|(name, _)| *name);
        labels
    }
}

/// Takes the parser's last series apart.
pub(super) fn scrape(
    parser: &Parser<'_>,
    context: &Context<'_>,
    scratch: &mut Scratch,
) -> Result<(), ScrapeError> {
    scratch.clear();
    let declared = context.features.type_and_unit_labels;
    parser
        .labels(&mut |name, value| {
            if !declared || (name != METRIC_TYPE && name != METRIC_UNIT) {
                scratch.push(name, value);
            }
        })
        .map_err(|error| {
            ScrapeError::Names(error.to_string().replace("invalid metric name or label names: ", ""))
        })?;
    if declared {
        if parser.metric_type() != MetricType::Unknown {
            scratch.push(METRIC_TYPE, parser.metric_type().as_str());
        }
        scratch.push(METRIC_UNIT, parser.unit());
    }
    Ok(())
}

/// The labels under which a scraped series is stored, `None` where relabelling drops it.
pub(super) fn stored(scratch: &Scratch, context: &Context<'_>) -> Result<Option<Labels>, ScrapeError> {
    let (scraped, repeated) = present(&scratch.sorted());
    let target = context.target.labels();
    let labels =
        if context.job.honor_labels { honored(&scraped, scratch, target) } else { renamed(scraped, target) };
    let labels = if context.job.metric_relabel.is_empty() {
        labels
    } else {
        let mut builder = LabelsBuilder::new(labels);
        if !relabel(&context.job.metric_relabel, &mut builder) {
            return Ok(None);
        }
        builder.build()
    };
    if labels.is_empty() {
        return Ok(None);
    }
    check(&labels, context)?;
    // The store is who refuses this, and is asked last.
    repeated.map_or(Ok(Some(labels)), |name| Err(ScrapeError::DuplicateLabel(name)))
}

/// The line's labels, and those of the target that the line does not name, not even as empty.
fn honored(scraped: &[(&str, &str)], scratch: &Scratch, target: &Labels) -> Labels {
    let mut labels = scraped.to_vec();
    labels.extend(target.iter().filter(|(name, _)| !scratch.pairs().any(|(scraped, _)| scraped == *name)));
    Labels::from_pairs(labels)
}

/// The target's labels, and those of the line, renamed where the target has the same.
fn renamed<'a>(mut labels: Vec<(&'a str, &'a str)>, target: &'a Labels) -> Labels {
    let mut hidden: Vec<(&str, &str)> = Vec::new();
    labels.retain(|label| {
        let free = target.get(label.0).is_none();
        if !free {
            hidden.push(*label);
        }
        free
    });
    labels.extend(target);
    if hidden.is_empty() {
        labels.sort_unstable_by_key(|(name, _)| *name);
        return Labels::from_sorted(labels);
    }
    // Short names first, so that what is called `exported_x` already keeps as much of its name as it can.
    hidden.sort_by_key(|(name, _)| name.len());
    let mut builder = LabelsBuilder::new(Labels::from_pairs(labels));
    for (name, value) in hidden {
        let mut free = format!("{EXPORTED}{name}");
        while !builder.value(&free).is_empty() {
            free.insert_str(0, EXPORTED);
        }
        builder.set(&free, value);
    }
    builder.build()
}

/// The labels that have a value, and a name that more than one has; one that is empty somewhere takes the others of its
/// name away.
fn present<'a>(scraped: &[(&'a str, &'a str)]) -> (Vec<(&'a str, &'a str)>, Option<String>) {
    let mut labels: Vec<(&str, &str)> = Vec::with_capacity(scraped.len() + 8);
    let mut repeated = None;
    for same in
        scraped.chunk_by(|a, b| a.0 == b.0).filter(|same| same.iter().all(|(_, value)| !value.is_empty()))
    {
        labels.extend(same.first());
        if let [(name, _), _, ..] = same {
            repeated.get_or_insert_with(|| (*name).to_owned());
        }
    }
    (labels, repeated)
}

fn check(labels: &Labels, context: &Context<'_>) -> Result<(), ScrapeError> {
    let metric = labels.value(METRIC_NAME);
    if metric.is_empty() {
        return Err(ScrapeError::NoName);
    }
    let names = context.job.name_validation;
    if names == ValidationScheme::Legacy {
        let valid = names.is_metric_name(metric) && labels.iter().all(|(name, _)| names.is_label_name(name));
        if !valid {
            return Err(ScrapeError::Names(labels.to_string()));
        }
    }
    let limits = &context.job.limits;
    let exceeded = |error| {
        context.metrics.exceeded_label_limits.inc();
        Err(error)
    };
    if let Some(limit) = limits.labels {
        let count = labels.len();
        if count > limit {
            return exceeded(ScrapeError::LabelLimit { metric: shortened(metric), labels: count, limit });
        }
    }
    for (name, value) in labels {
        if let Some(limit) = limits.label_name_bytes.filter(|limit| name.len() > *limit) {
            let (metric, length) = (shortened(metric), name.len());
            return exceeded(ScrapeError::LabelNameLimit { metric, name: shortened(name), length, limit });
        }
        if let Some(limit) = limits.label_value_bytes.filter(|limit| value.len() > *limit) {
            let (metric, name, length) = (shortened(metric), shortened(name), value.len());
            return exceeded(ScrapeError::LabelValueLimit {
                metric,
                name,
                value: shortened(value),
                length,
                limit,
            });
        }
    }
    Ok(())
}
