//! `count_values`: how often each value occurs in a group, as series named after the values.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model::number::format_plain;
use model::{Labels, LabelsBuilder};
use vectors::aggregate::Groups;
use vectors::{Cell, Column, is_absent};

use super::VectorOperator;
use super::materialized::Materialized;
use crate::Result;
use crate::limits::Limits;
use crate::run::Run;
use crate::series::SeriesList;

/// Counts the values of an operator, which must not be prepared yet. The values make the labels, so that they must
/// be known for these to be.
pub(crate) fn count_values(
    child: &mut dyn VectorOperator,
    groups: &Groups,
    label: &str,
    steps: usize,
    run: &Run<'_>,
) -> Result<Materialized> {
    child.prepare(run)?;
    let mut counters = Counters::new(groups, label, steps, &run.context.limits);
    run.work(|worker| {
        for (position, group) in groups.of_series.iter().enumerate() {
            worker.with_column(|worker, column| {
                worker.pull(child, position, column)?;
                counters.count(*group, column)
            })?;
        }
        Ok(())
    })?;
    Ok(Materialized::new(SeriesList::new(counters.labels), counters.columns))
}

/// How often each value occurs.
struct Counters<'a> {
    groups: &'a Groups,
    label: &'a str,
    steps: usize,
    limits: &'a Limits,
    /// Whether groups may become equal by the label of the value.
    may_meet: bool,
    /// By group and value, as bits; histograms are looked up by their labels.
    by_value: HashMap<(u32, u64), usize, RandomState>,
    by_labels: HashMap<Labels, usize, RandomState>,
    labels: Vec<Labels>,
    columns: Vec<Column>,
}

impl<'a> Counters<'a> {
    fn new(groups: &'a Groups, label: &'a str, steps: usize, limits: &'a Limits) -> Self {
        Self {
            groups,
            label,
            steps,
            limits,
            may_meet: groups.labels.iter().any(|labels| labels.get(label).is_some()),
            by_value: HashMap::default(),
            by_labels: HashMap::default(),
            labels: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// Counts the values of a series of a group.
    fn count(&mut self, group: u32, column: &Column) -> Result<()> {
        // Most values repeat from step to step.
        let mut known: Option<(u64, usize)> = None;
        for step in 0..column.len() {
            let number = match column.cell(step) {
                Cell::Absent => continue,
                Cell::Float(value) => {
                    let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
                    let number = match known {
                        Some((same, number)) if same == bits => number,
                        _ => self.number_of_float(group, bits)?,
                    };
                    known = Some((bits, number));
                    number
                }
                Cell::Histogram(histogram) => self.number_of_text(group, &histogram.to_string())?,
            };
            let column = self.columns.get_mut(number);
            if let Some(count) = column.and_then(|column| column.values_mut().get_mut(step)) {
                *count = if is_absent(*count) { 1.0 } else { *count + 1.0 };
            }
        }
        Ok(())
    }

    fn number_of_float(&mut self, group: u32, bits: u64) -> Result<usize> {
        if let Some(number) = self.by_value.get(&(group, bits)) {
            return Ok(*number);
        }
        let text = format_plain(f64::from_bits(bits));
        let number = if self.may_meet { self.number_of_text(group, &text)? } else { self.add(group, &text)? };
        self.by_value.insert((group, bits), number);
        Ok(number)
    }

    fn number_of_text(&mut self, group: u32, text: &str) -> Result<usize> {
        let labels = self.labels_of(group, text);
        if let Some(number) = self.by_labels.get(&labels) {
            return Ok(*number);
        }
        let number = self.add(group, text)?;
        self.by_labels.insert(labels, number);
        Ok(number)
    }

    /// A new column, counted before it is made: one series may have as many values as there are steps.
    fn add(&mut self, group: u32, text: &str) -> Result<usize> {
        let labels = self.labels_of(group, text);
        let entry = size_of::<(u32, u64)>() + size_of::<Labels>() + size_of::<Column>();
        self.limits.take_bytes(size_of::<f64>() * self.steps + labels.as_bytes().len() + entry)?;
        self.labels.push(labels);
        self.columns.push(Column::new(self.steps));
        Ok(self.columns.len() - 1)
    }

    fn labels_of(&self, group: u32, text: &str) -> Labels {
        let base = self.groups.labels.get(group as usize).cloned().unwrap_or_default();
        if base.is_empty() {
            return Labels::from_sorted([(self.label, text)]);
        }
        LabelsBuilder::new(base).set(self.label, text).build()
    }
}
