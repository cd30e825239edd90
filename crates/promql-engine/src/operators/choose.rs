//! Aggregations whose answer is some of the elements themselves: `topk`, `bottomk`, `limitk`, `limit_ratio`.

use hashbrown::HashMap;
use vectors::Column;
use vectors::aggregate::Groups;
use vectors::aggregate::select::{Best, End};

use super::aggregate::Places;
use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::notes::Note;
use crate::run::{Run, Worker};
use crate::series::SeriesList;
use crate::{Error, Result};

/// Which elements are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// `topk`, `bottomk`
    Best(End),
    /// `limitk`: the first of each group.
    First,
}

/// Chooses so many elements of each group.
pub(crate) struct ChooseSome {
    child: BoxedVector,
    choice: Choice,
    count: BoxedScalar,
    groups: Groups,
    places: Places,
    steps: usize,
    chosen: HashMap<u32, Column>,
    order: Vec<u32>,
}

impl ChooseSome {
    pub(crate) fn new(
        child: BoxedVector,
        choice: Choice,
        count: BoxedScalar,
        groups: Groups,
        places: Places,
        steps: usize,
    ) -> Self {
        Self { child, choice, count, groups, places, steps, chosen: HashMap::new(), order: Vec::new() }
    }

    /// The best of a group, as series and columns, in the order of the first step.
    fn best(&self, end: End, members: &[u32], wanted: &[usize], worker: &mut Worker<'_>) -> Result<Chosen> {
        let mut best = Best::new(end, wanted.to_vec());
        for series in members {
            worker.with_column(|worker, column| {
                worker.pull(self.child.as_ref(), *series as usize, column)?;
                // Where nothing is to be chosen, nothing is looked at.
                let ignored = column.histograms().iter().zip(wanted);
                if ignored.into_iter().any(|(histogram, wanted)| histogram.is_some() && *wanted > 0) {
                    let aggregation = if end == End::Top { "topk" } else { "bottomk" };
                    worker.remarks.add(vectors::Remark::IgnoredHistogram { aggregation });
                    worker.note_remarks("", self.places.own);
                }
                best.add(*series, column);
                Ok(())
            })?;
        }
        let mut chosen = Chosen::new(self.steps);
        best.finish(|step, series, value| chosen.column(series).set_float(step, value));
        worker.context.limits.take_bytes(chosen.bytes())?;
        Ok(chosen)
    }

    fn first(&self, members: &[u32], wanted: &[usize], worker: &mut Worker<'_>) -> Result<Chosen> {
        let mut left = wanted.to_vec();
        let mut chosen = Chosen::new(self.steps);
        for series in members {
            if left.iter().all(|left| *left == 0) {
                break;
            }
            worker.with_column(|worker, column| {
                worker.pull(self.child.as_ref(), *series as usize, column)?;
                for (step, left) in left.iter_mut().enumerate() {
                    if *left > 0 && column.is_present(step) {
                        *left -= 1;
                        chosen.column(*series).set(step, column.cell(step));
                    }
                }
                Ok(())
            })?;
        }
        worker.context.limits.take_bytes(chosen.bytes())?;
        Ok(chosen)
    }
}

/// Chosen elements: columns by series, series in the order in which they were first chosen.
struct Chosen {
    steps: usize,
    columns: HashMap<u32, Column>,
    order: Vec<u32>,
}

impl Chosen {
    fn new(steps: usize) -> Self {
        Self { steps, columns: HashMap::new(), order: Vec::new() }
    }

    fn column(&mut self, series: u32) -> &mut Column {
        let (steps, order) = (self.steps, &mut self.order);
        self.columns.entry(series).or_insert_with(|| {
            order.push(series);
            Column::new(steps)
        })
    }

    fn bytes(&self) -> usize {
        self.columns.values().map(Column::bytes).sum()
    }
}

impl VectorOperator for ChooseSome {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        let counts = self.count.evaluate(run)?;
        let wanted = wanted(&counts, self.child.series().len())?;
        let members = self.groups.members();
        let parts = run.chunks(members.len(), |worker, range| {
            let members = members.get(range).unwrap_or(&[]).iter();
            members
                .map(|members| match self.choice {
                    Choice::Best(end) => self.best(end, members, &wanted, worker),
                    Choice::First => self.first(members, &wanted, worker),
                })
                .collect::<Result<Vec<_>>>()
        })?;
        for part in parts.into_iter().flatten() {
            self.chosen.extend(part.columns);
            self.order.extend(part.order);
        }
        Ok(())
    }

    fn column(&self, position: usize, _worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        match self.chosen.get(&(position as u32)) {
            Some(column) => out.copy_from(column),
            None => out.reset(self.steps),
        }
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        Some(self.order.clone())
    }
}

/// How many elements are wanted at each step; no more than there are series.
fn wanted(counts: &[f64], series: usize) -> Result<Vec<usize>> {
    let most = counts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = counts.iter().copied().fold(f64::INFINITY, f64::min);
    if counts.iter().any(|count| count.is_nan()) {
        return Err(Error::InvalidParameter("Parameter value is NaN".to_owned()));
    }
    // 2^63, the first number that is no int64 any more.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let text = model::number::format_general;
    if most >= LIMIT {
        return Err(Error::InvalidParameter(format!("Scalar value {} overflows int64", text(most))));
    }
    if least < -LIMIT {
        return Err(Error::InvalidParameter(format!("Scalar value {} underflows int64", text(least))));
    }
    Ok(counts.iter().map(|count| (*count as i64).clamp(0, series as i64) as usize).collect())
}

/// `limit_ratio`: the series whose hash falls into the share wanted.
pub(crate) struct ChooseShare {
    child: BoxedVector,
    ratio: BoxedScalar,
    places: Places,
    ratios: Vec<f64>,
}

impl ChooseShare {
    pub(crate) fn new(child: BoxedVector, ratio: BoxedScalar, places: Places) -> Self {
        Self { child, ratio, places, ratios: Vec::new() }
    }
}

impl VectorOperator for ChooseShare {
    fn series(&self) -> &SeriesList {
        self.child.series()
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        self.ratios = self.ratio.evaluate(run)?;
        for ratio in &mut self.ratios {
            if ratio.is_nan() {
                return Err(Error::InvalidParameter("Ratio value is NaN".to_owned()));
            }
            let taken = ratio.clamp(-1.0, 1.0);
            if taken != *ratio {
                run.note(Note::Ratio(*ratio, taken), self.places.param);
                *ratio = taken;
            }
        }
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.pull(self.child.as_ref(), position, out)?;
        let offset = self.child.series().labels(position).hash64() as f64 / u64::MAX as f64;
        out.mask(|step| {
            let ratio = self.ratios.get(step).copied().unwrap_or(0.0);
            if ratio >= 0.0 { offset < ratio } else { offset >= 1.0 + ratio }
        });
        Ok(())
    }

    fn order(&self) -> Option<Vec<u32>> {
        self.child.order()
    }
}
