//! A query of a request, made ready to be asked.

use std::collections::BTreeMap;

use model::{Labels, LabelsBuilder, MatchOp, Matcher};
use storage::{SelectHints, SeriesSet, TimeRange};
use wire::remote::read::{Hints, Query, SentMatcher};

use super::Failure;
use crate::Services;

/// A selection of series.
pub(super) struct Selection {
    pub(super) range: TimeRange,
    matchers: Vec<Matcher>,
    hints: SelectHints,
    external: Vec<(String, String)>,
}

/// What a client says that wants no samples.
const SERIES_ONLY: &str = "series";

impl Selection {
    /// The selection that a query stands for. That a label has our external value is true of every series: stored
    /// ones do not have the label.
    pub(super) fn new(query: Query, external: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let range = TimeRange::new(query.start, query.end);
        let matchers = query.matchers.into_iter().map(|matcher| own_matcher(matcher, external));
        Ok(Self {
            range,
            matchers: matchers.collect::<Result<_, _>>()?,
            hints: hints(query.hints),
            external: external.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        })
    }

    /// Whether the client wants labels alone.
    pub(super) fn wants_no_samples(&self) -> bool {
        self.hints.function == SERIES_ONLY
    }

    /// The series, sorted; none where the selection is of none.
    pub(super) fn select(&self, services: &Services) -> Result<Option<Box<dyn SeriesSet>>, Failure> {
        if self.matchers.is_empty() || self.range.start > self.range.end {
            return Ok(None);
        }
        Ok(Some(services.queryable.querier(self.range)?.select(&self.matchers, &self.hints)?))
    }

    /// The labels of a series as others know it.
    pub(super) fn labels_for_others(&self, labels: Labels) -> Labels {
        if self.external.is_empty() {
            return labels;
        }
        let mut builder = LabelsBuilder::new(labels.clone());
        for (name, value) in self.external.iter().filter(|(name, _)| labels.get(name).is_none()) {
            builder.set(name, value);
        }
        builder.build()
    }
}

fn own_matcher(sent: SentMatcher, external: &BTreeMap<String, String>) -> Result<Matcher, Failure> {
    let op = match sent.kind {
        0 => MatchOp::Equal,
        1 => MatchOp::NotEqual,
        2 => MatchOp::Regex,
        3 => MatchOp::NotRegex,
        _ => return Err(Failure::internal("invalid matcher type")),
    };
    if op == MatchOp::Equal && external.get(&sent.name).is_some_and(|value| *value == sent.value) {
        return Ok(Matcher::equal(sent.name, ""));
    }
    Matcher::new(sent.name, op, sent.value).map_err(|error| Failure::internal(error.to_string()))
}

fn hints(sent: Option<Hints>) -> SelectHints {
    let sent = sent.unwrap_or_default();
    SelectHints {
        sorted: true,
        step_ms: sent.step,
        range_ms: sent.range,
        labels_only: sent.function == SERIES_ONLY,
        function: sent.function,
        grouping: sent.grouping,
        by: sent.by,
        ..SelectHints::default()
    }
}
