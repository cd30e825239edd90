//! `variants(…) of (…)`: several queries over the same lines.

use logql_syntax::LogExpr;
use logql_syntax::ast::{MetricExpr, Variants};
use model::LabelsBuilder;

use super::evaluate::Evaluation;
use super::series::{Series, kept, released};
use crate::Result;

/// The label that tells the series of the queries apart: the number of the query, from zero.
const VARIANT: &str = "__variant__";

impl Evaluation<'_> {
    /// The series of all queries, each with the number of its query. A query looks at those lines of its own that the
    /// common selector and the common stages let through.
    pub(super) fn variants(&self, variants: &Variants, depth: usize) -> Result<Vec<Series>> {
        let mut all = Vec::new();
        for (number, metric) in variants.metrics.iter().enumerate() {
            let mut metric = metric.clone();
            narrow(&mut metric, &variants.log);
            let series = self.series(&metric, None, depth)?;
            released(&series, self.control);
            let number = number.to_string();
            let named = series.into_iter().map(|series| {
                let mut labels = LabelsBuilder::new(series.labels);
                labels.set(VARIANT, &number);
                Series { labels: labels.build(), span: series.span }
            });
            all.extend(kept(named.collect(), self.control)?);
        }
        Ok(all)
    }
}

/// Lets the ranges of an expression look at lines alone that `lines` selects too.
fn narrow(expr: &mut MetricExpr, lines: &LogExpr) {
    match expr {
        MetricExpr::Literal(_) | MetricExpr::Vector(_) => {}
        MetricExpr::Range(range) => {
            let own = &mut range.log;
            let missing = lines.matchers.iter().filter(|matcher| !own.matchers.contains(matcher));
            let missing: Vec<_> = missing.cloned().collect();
            own.matchers.extend(missing);
            // Stages that are written in both places are gone through once.
            if !own.stages.starts_with(&lines.stages) {
                own.stages.splice(0..0, lines.stages.iter().cloned());
            }
        }
        MetricExpr::Aggregation(aggregation) => narrow(&mut aggregation.expr, lines),
        MetricExpr::LabelReplace(replace) => narrow(&mut replace.expr, lines),
        MetricExpr::Binary(binary) => {
            narrow(&mut binary.left, lines);
            narrow(&mut binary.right, lines);
        }
        MetricExpr::Variants(inner) => inner.metrics.iter_mut().for_each(|metric| narrow(metric, lines)),
    }
}
