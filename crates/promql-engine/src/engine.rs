//! The engine: queries in, answers out.

mod assemble;

use std::sync::Arc;
use std::time::Duration;

use platform::Clock;
use promql_syntax::ast::{Expr, ValueType};
use storage::{Queryable, TimeRange};

use crate::answer::{Answer, QueryStats, Timings, Value};
use crate::grid::Grid;
use crate::limits::{CancelFlag, Limits};
use crate::plan::{Planner, time_span};
use crate::run::{Context, Run};
use crate::settings::Settings;
use crate::{Error, Result};

/// Evaluates queries. Cheap to make: a reload makes a new one.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    parts: Parts,
}

/// What the engine needs of the world.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where deadlines and timings come from.
    pub clock: Arc<dyn Clock>,
}

/// A query: its tree, and the text that places of remarks are counted in.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The text that was parsed.
    pub text: &'a str,
    /// The tree.
    pub expr: &'a Expr,
}

/// What may differ from query to query.
#[derive(Debug, Clone, Default)]
pub struct QueryOptions {
    /// In place of [`Settings::lookback`].
    pub lookback: Option<Duration>,
    /// In place of [`Settings::timeout`] where it is shorter.
    pub timeout: Option<Duration>,
    /// Ends the query from outside.
    pub cancel: CancelFlag,
    /// Count samples, by step too where [`Settings::per_step_stats`] is on.
    pub stats: StatsLevel,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatsLevel {
    /// What costs nothing.
    #[default]
    None,
    /// Samples in all.
    Totals,
    /// Samples in all and by step.
    PerStep,
}

impl Engine {
    /// An engine with these settings.
    pub fn new(settings: Settings, parts: Parts) -> Self {
        Self { settings, parts }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Evaluates a query at one time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn instant(
        &self,
        queryable: &dyn Queryable,
        query: &Query<'_>,
        time: i64,
        options: &QueryOptions,
    ) -> Result<Answer> {
        self.evaluate(queryable, query, Grid::instant(time), false, options)
    }

    /// Evaluates a query at `start`, `start + step`, … up to `end`; all in milliseconds, times since the Unix epoch.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn range(
        &self,
        queryable: &dyn Queryable,
        query: &Query<'_>,
        (start, end, step): (i64, i64, i64),
        options: &QueryOptions,
    ) -> Result<Answer> {
        let kind = query.expr.value_type();
        if !matches!(kind, ValueType::Scalar | ValueType::Vector) {
            return Err(Error::NotForRange { got: kind.documented_name() });
        }
        self.evaluate(queryable, query, Grid::range(start, end, step), true, options)
    }

    fn evaluate(
        &self,
        queryable: &dyn Queryable,
        query: &Query<'_>,
        grid: Grid,
        is_range: bool,
        options: &QueryOptions,
    ) -> Result<Answer> {
        let clock = &self.parts.clock;
        let began = clock.monotonic();
        let context = self.context(grid, is_range, options);
        let run = Run::new(&context);
        let range_ms = if is_range { grid.end() - grid.start } else { 0 };
        let resolved = promql_syntax::resolve_durations(query.expr.clone(), grid.step, range_ms)
            .map_err(|error| Error::Duration(error.to_string()))?;
        let span = time_span(&resolved, grid, &context).unwrap_or(TimeRange::new(grid.start, grid.end()));
        let querier = queryable.querier(span)?;
        let mut planner = Planner::new(&run, querier.as_ref());
        let mut timings = Timings::default();
        let mut marks = Marks { clock: clock.as_ref(), last: began };
        let value = match resolved.value_type() {
            ValueType::Scalar => self.scalar(&mut planner, &run, &resolved, &mut timings, &mut marks)?,
            ValueType::Vector => {
                let operator = planner.vector(&resolved, grid)?;
                timings.preparation = marks.since_last();
                if is_range {
                    let series = assemble::series(operator, &run)?;
                    timings.evaluation = marks.since_last();
                    let series = assemble::sorted(series, grid)?;
                    timings.sorting = marks.since_last();
                    Value::Matrix(series)
                } else {
                    let vector = assemble::instant(operator, &run)?;
                    timings.evaluation = marks.since_last();
                    Value::Vector(vector)
                }
            }
            ValueType::Matrix => {
                let plan = planner.range(&resolved, grid)?;
                timings.preparation = marks.since_last();
                let series = assemble::stored(plan, &run)?;
                timings.evaluation = marks.since_last();
                Value::Matrix(series)
            }
            ValueType::String => match resolved.unwrap_parens() {
                Expr::String(string) => Value::String { time: grid.start, text: string.value.clone() },
                _ => return Err(Error::NotForRange { got: ValueType::String.documented_name() }),
            },
        };
        timings.total = clock.monotonic().saturating_sub(began);
        let stats = QueryStats { timings, peak_bytes: context.limits.bytes_peak(), ..QueryStats::default() };
        Ok(Answer { value, annotations: run.take_annotations(query.text), stats })
    }

    fn scalar(
        &self,
        planner: &mut Planner<'_>,
        run: &Run<'_>,
        expr: &Expr,
        timings: &mut Timings,
        marks: &mut Marks<'_>,
    ) -> Result<Value> {
        let grid = run.context.grid;
        let mut operator = planner.scalar(expr, grid)?;
        timings.preparation = marks.since_last();
        let values = operator.evaluate(run)?;
        timings.evaluation = marks.since_last();
        Ok(if run.context.is_range {
            assemble::scalars(values, grid)
        } else {
            Value::Scalar { time: grid.start, value: values.first().copied().unwrap_or(f64::NAN) }
        })
    }

    fn context(&self, grid: Grid, is_range: bool, options: &QueryOptions) -> Context {
        let settings = &self.settings;
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let timeout = options.timeout.map_or(settings.timeout, |timeout| timeout.min(settings.timeout));
        let limits = Limits::new(
            Arc::clone(&self.parts.clock),
            timeout,
            options.cancel.clone(),
            settings.bytes_max,
            settings.samples_max,
        );
        Context {
            grid,
            is_range,
            lookback: ms(options.lookback.unwrap_or(settings.lookback)),
            subquery_step: ms(settings.subquery_step),
            delayed_names: settings.delayed_name_removal,
            start_timestamps: settings.use_start_timestamps,
            typed: settings.type_and_unit_labels,
            threads: settings.threads.max(1),
            limits,
        }
    }
}

/// Measures one part after the other.
struct Marks<'a> {
    clock: &'a dyn Clock,
    last: Duration,
}

impl Marks<'_> {
    fn since_last(&mut self) -> Duration {
        let now = self.clock.monotonic();
        let passed = now.saturating_sub(self.last);
        self.last = now;
        passed
    }
}
