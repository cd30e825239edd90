//! `info`: labels of info metrics added to the series of the same target.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use model::labels::METRIC_NAME;
use model::{Labels, LabelsBuilder, Matcher};
use vectors::Column;

use super::VectorOperator;
use super::instant::{Newest, Reference, at, for_newest};
use super::materialized::{Materialized, collect};
use super::selection::Selection;
use crate::account::Tally;
use crate::run::Run;
use crate::series::SeriesList;
use crate::{Error, Result};

/// The labels that tell which target a series belongs to.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// Which info metrics and which of their labels are wanted.
#[derive(Debug, Default)]
pub(crate) struct InfoRule {
    /// Conditions on the names of info metrics.
    pub(crate) names: Vec<Matcher>,
    /// Conditions on the labels to be added; without any, all are added.
    pub(crate) data: Vec<Matcher>,
}

impl InfoRule {
    fn is_info_metric(&self, labels: &Labels) -> bool {
        self.names.iter().all(|matcher| matcher.matches(labels.metric_name()))
    }

    fn wants(&self, label: &str) -> bool {
        label != METRIC_NAME
            && !IDENTIFYING.contains(&label)
            && (self.data.is_empty() || self.data.iter().any(|matcher| matcher.name() == label))
    }
}

/// The info series of one target.
struct Info {
    labels: Labels,
    /// Time of the newest sample at each step.
    times: Vec<Option<i64>>,
}

/// Adds labels to the series of an operator, which must not be prepared yet. Which info series is the newest depends
/// on the step, so that samples must be read for the labels to be known.
pub(crate) fn info(
    base: &mut dyn VectorOperator,
    infos: &Selection,
    reference: Reference,
    rule: &InfoRule,
    tally: Option<&Tally>,
    run: &Run<'_>,
) -> Result<Materialized> {
    base.prepare(run)?;
    let columns = collect(base, run)?;
    let targets = by_target(infos, reference, run)?;
    if let Some(tally) = tally {
        let present = columns.iter().enumerate().filter(|(_, column)| !column.is_blank());
        let bases = present.map(|(position, _)| base.series().labels(position));
        let bases: Vec<Labels> = bases.filter(|labels| !rule.is_info_metric(labels)).collect();
        count(targets.values().flatten(), &bases, tally)?;
    }
    let mut results = Results::new(reference.steps());
    for (position, column) in columns.into_iter().enumerate() {
        let labels = base.series().labels(position);
        let target = target_of(&labels);
        let candidates = match targets.get(&target) {
            Some(candidates) if !rule.is_info_metric(&labels) => candidates.as_slice(),
            _ => &[],
        };
        let dropped =
            !rule.is_info_metric(&labels) && rule.data.iter().any(|matcher| !matcher.matches_empty());
        let mut known: HashMap<Vec<usize>, Option<usize>> = HashMap::new();
        for step in 0..column.len() {
            if !column.is_present(step) {
                continue;
            }
            let chosen = newest(candidates, step)?;
            let result = match known.get(&chosen) {
                Some(result) => *result,
                None => {
                    let enriched = enriched(&labels, candidates, &chosen, rule)?;
                    let result = match enriched {
                        Some(enriched) => Some(results.number(enriched)),
                        None if dropped => None,
                        None => Some(results.number(labels.clone())),
                    };
                    known.insert(chosen, result);
                    result
                }
            };
            if let Some(result) = result {
                results.put(result, step, &column)?;
            }
        }
    }
    Ok(results.finish())
}

/// Counts the samples of the info series that the original reads: those whose identifying labels have values that
/// base series have, each label by itself.
fn count<'a>(infos: impl Iterator<Item = &'a Info>, bases: &[Labels], tally: &Tally) -> Result<()> {
    let known: Vec<HashSet<&str>> =
        IDENTIFYING.iter().map(|name| bases.iter().filter_map(|labels| labels.get(name)).collect()).collect();
    let is_read = |info: &&Info| {
        let mut labels = IDENTIFYING.iter().zip(&known);
        labels.all(|(name, values)| values.is_empty() || values.contains(info.labels.value(name)))
    };
    if known.iter().all(HashSet::is_empty) {
        return Ok(());
    }
    for (position, info) in infos.filter(is_read).enumerate() {
        let mut column = Column::new(info.times.len());
        for (step, _) in info.times.iter().enumerate().filter(|(_, time)| time.is_some()) {
            column.set_float(step, 1.0);
        }
        tally.count(position, &column)?;
    }
    Ok(())
}

fn target_of(labels: &Labels) -> Labels {
    labels.filtered(|name| IDENTIFYING.contains(&name))
}

/// The info series by target.
fn by_target(infos: &Selection, reference: Reference, run: &Run<'_>) -> Result<HashMap<Labels, Vec<Info>>> {
    let positions: Vec<usize> = (0..infos.list.len()).collect();
    let lookback = run.context.lookback;
    let times = run.for_each(&positions, |worker, position| {
        worker.with_samples(|worker, samples| {
            infos.read(*position, worker, samples)?;
            let mut times = vec![None; reference.steps()];
            for_newest(samples, reference, lookback, |step, sample| {
                if let (Newest::Float(index), Some(place)) = (sample, times.get_mut(step)) {
                    *place = Some(at(&samples.timestamps, index));
                }
            });
            Ok(times)
        })
    })?;
    let mut targets: HashMap<Labels, Vec<Info>> = HashMap::new();
    for (position, times) in times.into_iter().enumerate() {
        let labels = infos.list.labels(position);
        targets.entry(target_of(&labels)).or_default().push(Info { labels, times });
    }
    Ok(targets)
}

/// The newest series of each info metric at a step.
fn newest(candidates: &[Info], step: usize) -> Result<Vec<usize>> {
    let mut chosen: Vec<(usize, i64)> = Vec::new();
    for (number, info) in candidates.iter().enumerate() {
        let Some(time) = info.times.get(step).copied().flatten() else { continue };
        let same = |(other, _): &&mut (usize, i64)| {
            candidates
                .get(*other)
                .is_some_and(|other| other.labels.metric_name() == info.labels.metric_name())
        };
        match chosen.iter_mut().find(same) {
            None => chosen.push((number, time)),
            Some((_, other)) if *other > time => {}
            Some(place) if place.1 < time => *place = (number, time),
            Some((other, _)) => {
                let first = candidates.get(*other).map(|info| info.labels.clone()).unwrap_or_default();
                return Err(Error::DuplicateInfo { first, second: info.labels.clone(), timestamp: time });
            }
        }
    }
    Ok(chosen.into_iter().map(|(number, _)| number).collect())
}

/// The labels with those of the info series added; `None` where there is none to add any.
fn enriched(base: &Labels, candidates: &[Info], chosen: &[usize], rule: &InfoRule) -> Result<Option<Labels>> {
    let mut added: Vec<(&str, &str)> = Vec::new();
    for info in chosen.iter().filter_map(|number| candidates.get(*number)) {
        for (name, value) in &info.labels {
            if !rule.wants(name) || base.get(name).is_some() {
                continue;
            }
            match added.iter().find(|(other, _)| *other == name) {
                None => added.push((name, value)),
                Some((_, other)) if *other == value => {}
                Some(_) => {
                    return Err(Error::InvalidParameter(format!("conflicting label: {name}")));
                }
            }
        }
    }
    if added.is_empty() {
        return Ok(None);
    }
    let mut builder = LabelsBuilder::new(base.clone());
    for (name, value) in added {
        builder.set(name, value);
    }
    Ok(Some(builder.build()))
}

/// Series found step by step. None of them loses its name at the end of the query, as in the original, whatever the
/// base series were marked for.
struct Results {
    steps: usize,
    numbers: HashMap<Labels, usize>,
    labels: Vec<Labels>,
    columns: Vec<Column>,
}

impl Results {
    fn new(steps: usize) -> Self {
        Self { steps, numbers: HashMap::new(), labels: Vec::new(), columns: Vec::new() }
    }

    fn number(&mut self, labels: Labels) -> usize {
        let next = self.columns.len();
        let number = *self.numbers.entry(labels.clone()).or_insert(next);
        if number == next {
            self.labels.push(labels);
            self.columns.push(Column::new(self.steps));
        }
        number
    }

    fn put(&mut self, number: usize, step: usize, from: &Column) -> Result<()> {
        let Some(column) = self.columns.get_mut(number) else { return Ok(()) };
        if column.is_present(step) {
            return Err(Error::SameLabels);
        }
        column.set(step, from.cell(step));
        Ok(())
    }

    fn finish(self) -> Materialized {
        let labels: Arc<[Labels]> = self.labels.into();
        Materialized::new(SeriesList::new(labels), self.columns)
    }
}
