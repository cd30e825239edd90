//! Aggregations.

use promql_syntax::ast::{Aggregate as AggregateExpr, AggregateOp};
use vectors::aggregate::select::End;
use vectors::aggregate::{Aggregation, Grouping, Groups};

use super::{Planner, label_name, text, unexpected};
use crate::grid::Grid;
use crate::notes::Place;
use crate::operators::BoxedVector;
use crate::operators::aggregate::{Aggregate, Places};
use crate::operators::choose::{Choice, ChooseShare, ChooseSome};
use crate::operators::count_values::count_values;
use crate::{Error, Result};

impl Planner<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &AggregateExpr, grid: Grid) -> Result<BoxedVector> {
        let mut child = self.vector(&aggregate.expr, grid)?;
        if aggregate.op == AggregateOp::LimitK {
            child = self.held(child);
        }
        let series = child.series();
        let mut names = aggregate.grouping.clone();
        if let (AggregateOp::CountValues, false, Some(param)) =
            (aggregate.op, aggregate.without, &aggregate.param)
        {
            // The values take the place of a label of that name.
            let label = text(param)?;
            names.retain(|name| name != label);
        }
        let grouping = Grouping::new(names, aggregate.without);
        let removed = series.removed();
        let groups = Groups::plan(series.raw(), &grouping, |name| removed.shows(name));
        let places = Places {
            own: Place::of(aggregate.span),
            expr: Place::new(aggregate.expr.span().start, aggregate.span),
            param: Place::new(aggregate.param.as_ref().map_or(0, |param| param.span().start), aggregate.span),
        };
        let steps = grid.steps;
        let plain = |child, aggregation, param| -> Result<BoxedVector> {
            Ok(Box::new(Aggregate::new(child, aggregation, param, groups.clone(), places, steps)))
        };
        match aggregate.op {
            AggregateOp::Sum => plain(child, Aggregation::Sum, None),
            AggregateOp::Avg => plain(child, Aggregation::Avg, None),
            AggregateOp::Count => plain(child, Aggregation::Count, None),
            AggregateOp::Group => plain(child, Aggregation::Group, None),
            AggregateOp::Min => plain(child, Aggregation::Min, None),
            AggregateOp::Max => plain(child, Aggregation::Max, None),
            AggregateOp::Stddev => plain(child, Aggregation::Stddev, None),
            AggregateOp::Stdvar => plain(child, Aggregation::Stdvar, None),
            AggregateOp::CountValues => {
                let label = aggregate.param.as_ref().ok_or_else(|| unexpected(&aggregate.expr))?;
                let label = label_name(label).map_err(|name| {
                    Error::InvalidLabelName(format!("invalid label name {}", name.quoted()))
                })?;
                let counted = count_values(child.as_mut(), &groups, label, steps, self.run)?;
                Ok(Box::new(counted))
            }
            AggregateOp::Quantile
            | AggregateOp::TopK
            | AggregateOp::BottomK
            | AggregateOp::LimitK
            | AggregateOp::LimitRatio => {
                let param = aggregate.param.as_ref().ok_or_else(|| unexpected(&aggregate.expr))?;
                let param = self.scalar(param, grid)?;
                let choice = match aggregate.op {
                    AggregateOp::Quantile => return plain(child, Aggregation::Quantile, Some(param)),
                    AggregateOp::LimitRatio => return Ok(Box::new(ChooseShare::new(child, param, places))),
                    AggregateOp::TopK => Choice::Best(End::Top),
                    AggregateOp::BottomK => Choice::Best(End::Bottom),
                    _ => Choice::First,
                };
                Ok(Box::new(ChooseSome::new(child, choice, param, groups, places, steps)))
            }
        }
    }
}
