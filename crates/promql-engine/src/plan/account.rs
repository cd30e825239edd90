//! Which part of the query counts what.

use std::sync::Arc;

use promql_syntax::FunctionId as Id;
use promql_syntax::ast::{AggregateOp, Expr, ValueType};

use super::{Planner, RangePlan};
use crate::Result;
use crate::account::{Account, Counted as CountedDetail, Kind, RangeKind, Results, Tally, WindowTally};
use crate::grid::Grid;
use crate::operators::BoxedVector;
use crate::operators::counted::{Counted, Held};

/// How the original evaluates an expression that gives a vector; `None` where its result is that of its operand.
pub(super) fn kind_of(expr: &Expr) -> Option<Kind> {
    match expr {
        Expr::Paren(_) | Expr::Unary(_) => None,
        Expr::Call(call) => match call.function.id {
            Id::LabelReplace | Id::LabelJoin => None,
            Id::Timestamp | Id::StartTimestamp => {
                let of_selector =
                    matches!(call.args.first().map(Expr::unwrap_parens), Some(Expr::VectorSelector(_)));
                Some(if of_selector { Kind::Times } else { Kind::Stepwise })
            }
            Id::Info => Some(Kind::Info(None)),
            _ => {
                let range = call.args.iter().find(|argument| argument.value_type() == ValueType::Matrix);
                Some(match range.map(Expr::unwrap_parens) {
                    None => Kind::Stepwise,
                    Some(Expr::Subquery(_)) => Kind::Range(RangeKind::Subquery, None),
                    Some(_) => Kind::Range(RangeKind::Selector, None),
                })
            }
        },
        Expr::Aggregate(aggregate) if aggregate.op != AggregateOp::CountValues => Some(Kind::Aggregation),
        Expr::VectorSelector(_) => Some(Kind::Selector),
        _ => Some(Kind::Stepwise),
    }
}

impl Planner<'_> {
    /// Whether what operators yield is counted.
    pub(super) fn is_counting(&self) -> bool {
        self.context().counting
    }

    /// Makes the parts planned since `mark` those of one part, which starts at byte `start` of the query.
    pub(super) fn close(&mut self, mark: usize, kind: Kind, results: Results, steps: usize, start: usize) {
        let parts = self.accounts.split_off(mark.min(self.accounts.len()));
        self.accounts.push(Account::new(kind, results, steps, start, parts));
    }

    /// The same for an operator, which is counted where counts are wanted.
    pub(super) fn close_vector(
        &mut self,
        mark: usize,
        kind: Kind,
        operator: BoxedVector,
        steps: usize,
        start: usize,
    ) -> BoxedVector {
        let kind = match kind {
            Kind::Range(range, _) => Kind::Range(range, self.window_tally.take()),
            Kind::Info(_) => Kind::Info(self.info_tally.take()),
            kind => kind,
        };
        let series = operator.series().len();
        if !self.is_counting() {
            self.close(mark, kind, Results::Uncounted(series), steps, start);
            return operator;
        }
        let limit = self.context().limits.samples_max();
        let tally = Arc::new(Tally::new(series, steps, self.counted_detail(), limit));
        self.close(mark, kind, Results::Counted(Arc::clone(&tally)), steps, start);
        Counted::boxed(operator, tally)
    }

    /// What is counted of histograms in the part that is planned.
    fn counted_detail(&self) -> CountedDetail {
        if self.summaries { CountedDetail::Summary } else { CountedDetail::Whole }
    }

    /// Counts all of an operator's series, where counts are wanted: whoever takes it may not ask for all.
    pub(super) fn held(&self, operator: BoxedVector) -> BoxedVector {
        if self.is_counting() { Held::boxed(operator) } else { operator }
    }

    /// Where to count the windows over so many series, for the range function that is planned.
    pub(super) fn count_windows(&mut self, series: usize, steps: usize) -> Option<Arc<WindowTally>> {
        let (limit, detail) = (self.context().limits.samples_max(), self.counted_detail());
        self.window_tally =
            self.is_counting().then(|| Arc::new(WindowTally::new(series, steps, detail, limit)));
        self.window_tally.clone()
    }

    /// Where to count the info series.
    pub(super) fn count_infos(&mut self, series: usize, steps: usize) -> Option<Arc<Tally>> {
        let (limit, detail) = (self.context().limits.samples_max(), self.counted_detail());
        self.info_tally = self.is_counting().then(|| Arc::new(Tally::new(series, steps, detail, limit)));
        self.info_tally.clone()
    }

    /// Plans a range selector or subquery that is the query itself; also gives where its windows are counted.
    pub(crate) fn whole_range(
        &mut self,
        expr: &Expr,
        grid: Grid,
    ) -> Result<(RangePlan, Option<Arc<WindowTally>>)> {
        let plan = self.range(expr, grid)?;
        if let Expr::Subquery(_) = expr.unwrap_parens() {
            self.close(0, Kind::Subquery, Results::Windows, grid.steps, expr.span().start);
            return Ok((plan, None));
        }
        let tally = self.count_windows(plan.source.series().len(), grid.steps);
        self.close(0, Kind::Samples(tally.clone()), Results::Windows, grid.steps, expr.span().start);
        Ok((plan, tally))
    }

    /// The whole query's account: that of the last part that was planned.
    pub(crate) fn into_account(mut self) -> Option<Account> {
        self.accounts.pop()
    }
}
