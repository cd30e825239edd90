//! Aggregations over series: one value from all of a group.

use logql_syntax::ast::{Grouping as Clause, VectorOperation};
use model::Labels;
use vectors::aggregate::{Accumulator, Aggregation, Grouping, Groups};
use vectors::{Column, Remarks};

use super::series::Series;
use super::windows::lane::Span;
use crate::{Control, Result};

/// The aggregation of the algebra, for those that make one value of all.
pub(super) fn aggregation(operation: VectorOperation) -> Option<Aggregation> {
    Some(match operation {
        VectorOperation::Sum => Aggregation::Sum,
        VectorOperation::Average => Aggregation::Avg,
        VectorOperation::Count => Aggregation::Count,
        VectorOperation::Max => Aggregation::Max,
        VectorOperation::Min => Aggregation::Min,
        VectorOperation::Deviation => Aggregation::Stddev,
        VectorOperation::Variance => Aggregation::Stdvar,
        VectorOperation::BottomK
        | VectorOperation::TopK
        | VectorOperation::ApproximateTopK
        | VectorOperation::Sort
        | VectorOperation::SortDescending => return None,
    })
}

/// The groups of series; without a clause they are one.
pub(super) fn groups(series: &[Series], clause: Option<&Clause>) -> Groups {
    let grouping = clause.map_or_else(
        || Grouping::new(Vec::new(), false),
        |clause| Grouping::new(clause.labels.clone(), clause.without),
    );
    let labels: Vec<Labels> = series.iter().map(|series| series.labels.clone()).collect();
    Groups::plan(&labels, &grouping, |_| true)
}

/// Aggregates the series of each group; in the order of their labels, so that rounding does not depend on the order
/// in which they were found.
pub(super) fn aggregate(
    mut series: Vec<Series>,
    aggregation: Aggregation,
    clause: Option<&Clause>,
    steps: usize,
    control: &Control,
) -> Result<Vec<Series>> {
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    let groups = groups(&series, clause);
    let mut accumulator = Accumulator::new(aggregation, steps, &[]);
    let mut remarks = Remarks::new();
    let mut column = Column::new(steps);
    let mut result = Vec::with_capacity(groups.len());
    for (labels, members) in groups.labels.iter().zip(groups.members()) {
        for member in members {
            control.check()?;
            if let Some(member) = series.get(member as usize) {
                column.reset(steps);
                if let Some(places) = column.values_mut().get_mut(member.span.first..) {
                    for (place, value) in places.iter_mut().zip(&member.span.values) {
                        *place = *value;
                    }
                }
                accumulator.add(&column, &mut remarks);
            }
        }
        let mut values = Column::new(steps);
        accumulator.finish(&mut values, &mut remarks);
        let span = Span { first: 0, values: values.into_values() };
        result.push(Series { labels: labels.clone(), span });
    }
    Ok(result)
}
