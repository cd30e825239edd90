//! `count_values`: how often each value occurs in a group, as series named after the values.

use hashbrown::HashMap;
use model::number::push_plain;
use model::{Labels, LabelsBuilder};
use vectors::aggregate::Groups;
use vectors::{Cell, Column};

use super::VectorOperator;
use super::materialized::Materialized;
use crate::Result;
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
    let mut numbers: HashMap<Labels, usize> = HashMap::new();
    let mut labels: Vec<Labels> = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    run.work(|worker| {
        for (position, group) in groups.of_series.iter().enumerate() {
            let base = groups.labels.get(*group as usize).cloned().unwrap_or_default();
            // Counters of this group by the text of their value: most values repeat from step to step.
            let mut known: Option<(String, usize)> = None;
            worker.with_column(|worker, column| {
                worker.pull(child, position, column)?;
                for step in 0..column.len() {
                    let Some(text) = text(column.cell(step)) else { continue };
                    let number = match &known {
                        Some((same, number)) if *same == text => *number,
                        _ => {
                            let own = LabelsBuilder::new(base.clone()).set(label, &text).build();
                            let next = columns.len();
                            let number = *numbers.entry(own.clone()).or_insert(next);
                            if number == next {
                                labels.push(own);
                                columns.push(Column::new(steps));
                                worker.context.limits.take_bytes(8 * steps)?;
                            }
                            number
                        }
                    };
                    if let Some(count) =
                        columns.get_mut(number).and_then(|column| column.values_mut().get_mut(step))
                    {
                        *count = if vectors::is_absent(*count) { 1.0 } else { *count + 1.0 };
                    }
                    known = Some((text, number));
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(Materialized::new(SeriesList::new(labels), columns))
}

/// The label value that stands for an element.
fn text(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Absent => None,
        Cell::Float(value) => {
            let mut text = String::new();
            push_plain(&mut text, value);
            Some(text)
        }
        Cell::Histogram(histogram) => Some(histogram.to_string()),
    }
}
