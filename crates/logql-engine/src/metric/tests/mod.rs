//! Metric queries over the store in memory: the original's recorded answers, a plain evaluation of the definitions, and
//! the same entries in other blocks.

mod dataset;
mod edges;
mod recorded;
mod reference;

use std::sync::Arc;

use logql_syntax::Expr;
use platform::simulated::SimulatedClock;
use platform::{CancelFlag, MemoryBudget};
use storage::logs::{EntryRange, LogQuerier, LogQueryable};

use super::{MetricAnswer, query_instant, query_range};
use crate::{Control, Limits, Result};

/// A query over a store.
pub(super) struct Asked<'a> {
    pub(super) logs: &'a dyn LogQueryable,
    pub(super) limits: Limits,
}

impl<'a> Asked<'a> {
    pub(super) fn of(logs: &'a dyn LogQueryable) -> Self {
        Self { logs, limits: Limits { threads: 2, ..Limits::default() } }
    }

    pub(super) fn control(&self) -> Control {
        let memory = Arc::new(MemoryBudget::new(1 << 40));
        Control::new(Arc::new(SimulatedClock::new(0)), self.limits.clone(), CancelFlag::new(), memory)
    }

    fn open(&self) -> impl Fn(EntryRange) -> storage::Result<Box<dyn LogQuerier>> + '_ {
        |range| self.logs.log_querier(dataset::TENANT, range)
    }

    pub(super) fn instant(&self, expr: &Expr, time: i64) -> Result<MetricAnswer> {
        let control = self.control();
        query_instant(&self.open(), expr, time, &control)
    }

    pub(super) fn range(&self, expr: &Expr, range: (i64, i64), step: i64) -> Result<MetricAnswer> {
        let Expr::Metric(expr) = expr else { panic!("a log query") };
        let control = self.control();
        query_range(&self.open(), expr, range, step, &control)
    }
}
