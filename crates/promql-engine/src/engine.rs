//! The engine: queries in, answers out.

mod assemble;

use std::sync::Arc;
use std::time::Duration;

use platform::{CancelFlag, Clock, MemoryBudget};
use promql_syntax::ast::{Expr, ValueType};
use storage::{Queryable, TimeRange};

use crate::account::{Account, WindowTally};
use crate::active::{ActiveQueries, ActiveQuery, Entered};
use crate::answer::{Answer, QueryStats, SampleStats, Timings, Value};
use crate::grid::Grid;
use crate::limits::Limits;
use crate::operators::{BoxedScalar, BoxedVector};
use crate::plan::{Planner, RangePlan, time_span};
use crate::query_log::{FinishedQuery, Origin, QueryLog};
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
    /// Where queries are entered while they run.
    pub active: Arc<ActiveQueries>,
    /// Where finished queries are written down.
    pub log: Option<Arc<dyn QueryLog>>,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
}

impl Parts {
    /// Those of an engine that shares nothing and logs nothing.
    #[must_use]
    pub fn alone(clock: Arc<dyn Clock>) -> Self {
        Self { clock, active: Arc::default(), log: None, memory: Arc::default() }
    }
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
    /// Give up with [`Error::TimedOut`] after this time: the query is then asked again without it. It runs on one
    /// thread.
    pub at_once: Option<Duration>,
    /// Ends the query from outside.
    pub cancel: CancelFlag,
    /// Count samples, by step too where [`Settings::per_step_stats`] is on.
    pub stats: StatsLevel,
    /// Who asked, for the log.
    pub origin: Origin,
    /// How long the query has waited already, for the log.
    pub waited: Duration,
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

    /// The queries that run at this moment.
    pub fn active(&self) -> &ActiveQueries {
        &self.parts.active
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
        let began = self.parts.clock.monotonic();
        let log = self.parts.log.as_ref().filter(|log| log.is_on());
        let outcome = self.evaluate_unlogged(queryable, query, (grid, is_range), options, log.is_some());
        let Some(log) = log else { return outcome };
        if options.at_once.is_some() && matches!(outcome, Err(Error::TimedOut)) {
            return outcome;
        }
        let total = self.parts.clock.monotonic().saturating_sub(began);
        let failed = QueryStats { timings: Timings { total, ..Timings::default() }, ..QueryStats::default() };
        let error = outcome.as_ref().err().map(ToString::to_string);
        log.write(&FinishedQuery {
            text: query.text,
            start: grid.start,
            end: grid.end(),
            step: if is_range { grid.step } else { 0 },
            origin: &options.origin,
            waited: options.waited,
            stats: outcome.as_ref().map_or(&failed, |answer| &answer.stats),
            error: error.as_deref(),
        });
        outcome
    }

    fn evaluate_unlogged(
        &self,
        queryable: &dyn Queryable,
        query: &Query<'_>,
        (grid, is_range): (Grid, bool),
        options: &QueryOptions,
        is_logged: bool,
    ) -> Result<Answer> {
        let clock = &self.parts.clock;
        let began = clock.monotonic();
        let range_ms = if is_range { grid.end() - grid.start } else { 0 };
        let expr = promql_syntax::resolve_durations(query.expr, grid.step, range_ms)
            .map_err(|error| Error::Duration(error.to_string()))?;
        let query = Query { text: query.text, expr: &expr };
        let _entered = self.enter(query.text, grid, options.cancel.clone());
        let mut context = self.context(grid, is_range, options);
        context.counting |= is_logged;
        let mut answer = self.attempt(queryable, &query, &context)?;
        if answer.is_none() {
            context.counting = true;
            context.limits.begin_again();
            answer = self.attempt(queryable, &query, &context)?;
        }
        let mut answer = answer.ok_or(Error::TooManySamples)?;
        answer.stats.timings.total = clock.monotonic().saturating_sub(began);
        answer.stats.peak_bytes = context.limits.bytes_peak();
        Ok(answer)
    }

    fn enter(&self, text: &str, grid: Grid, cancel: CancelFlag) -> Entered {
        let query = ActiveQuery {
            id: 0,
            text: text.to_owned(),
            began_ms: self.parts.clock.now_ms(),
            start: grid.start,
            end: grid.end(),
            step: grid.step,
        };
        self.parts.active.enter(query, cancel)
    }

    /// Evaluates a query whose durations are known. Gives nothing where samples would have to be counted to tell
    /// whether the query holds too many, but were not.
    fn attempt(
        &self,
        queryable: &dyn Queryable,
        query: &Query<'_>,
        context: &Context,
    ) -> Result<Option<Answer>> {
        let clock = &self.parts.clock;
        let (grid, resolved) = (context.grid, query.expr);
        let run = Run::new(context);
        let span = time_span(resolved, grid, context).unwrap_or(TimeRange::new(grid.start, grid.end()));
        let querier = queryable.querier(span)?;
        let mut planner = Planner::new(&run, querier.as_ref(), resolved);
        let mut timings = Timings::default();
        let mut marks = Marks { clock: clock.as_ref(), last: clock.monotonic() };
        let planned = match resolved.value_type() {
            ValueType::Scalar => Planned::Scalar(planner.scalar(resolved, grid)?),
            ValueType::Vector => Planned::Vector(planner.vector(resolved, grid)?),
            ValueType::Matrix => {
                let (plan, tally) = planner.whole_range(resolved, grid)?;
                Planned::Range(plan, tally)
            }
            ValueType::String => match resolved.unwrap_parens() {
                Expr::String(string) => Planned::Text(string.value.clone()),
                _ => return Err(Error::NotForRange { got: ValueType::String.documented_name() }),
            },
        };
        timings.preparation = marks.since_last();
        let account = planner.into_account();
        if may_hold_too_much(account.as_ref(), context) {
            return Ok(None);
        }
        let value = planned.evaluate(&run, &mut timings, &mut marks)?;
        if may_hold_too_much(account.as_ref(), context) {
            return Ok(None);
        }
        let mut samples = SampleStats { read: context.limits.read(), ..SampleStats::default() };
        if let (true, Some(account)) = (context.counting, account) {
            samples = account.settled(grid, context.per_step);
            if samples.peak > context.limits.samples_max() {
                return Err(Error::TooManySamples);
            }
        }
        let stats = QueryStats { timings, samples, ..QueryStats::default() };
        Ok(Some(Answer { value, annotations: run.take_annotations(query.text), stats }))
    }

    fn context(&self, grid: Grid, is_range: bool, options: &QueryOptions) -> Context {
        let settings = &self.settings;
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let timeouts = [options.timeout, options.at_once, Some(settings.timeout)];
        let timeout = timeouts.into_iter().flatten().min().unwrap_or_default();
        let limits = Limits::new(
            Arc::clone(&self.parts.clock),
            timeout,
            options.cancel.clone(),
            (settings.bytes_max, settings.samples_max),
            Arc::clone(&self.parts.memory),
        );
        Context {
            grid,
            is_range,
            lookback: ms(options.lookback.unwrap_or(settings.lookback)),
            subquery_step: ms(settings.subquery_step),
            delayed_names: settings.delayed_name_removal,
            start_timestamps: settings.use_start_timestamps,
            typed: settings.type_and_unit_labels,
            counting: options.stats != StatsLevel::None,
            per_step: options.stats == StatsLevel::PerStep && settings.per_step_stats,
            threads: if options.at_once.is_some() { 1 } else { settings.threads.max(1) },
            limits,
        }
    }
}

/// A query that is planned.
enum Planned {
    Scalar(BoxedScalar),
    Vector(BoxedVector),
    /// A range selector or subquery, and where its windows are counted.
    Range(RangePlan, Option<Arc<WindowTally>>),
    Text(String),
}

impl Planned {
    fn evaluate(self, run: &Run<'_>, timings: &mut Timings, marks: &mut Marks<'_>) -> Result<Value> {
        let (grid, is_range) = (run.context.grid, run.context.is_range);
        let value = match self {
            Self::Scalar(mut operator) => {
                let values = operator.evaluate(run)?;
                if is_range {
                    assemble::scalars(values, grid)
                } else {
                    Value::Scalar { time: grid.start, value: values.first().copied().unwrap_or(f64::NAN) }
                }
            }
            Self::Vector(operator) if is_range => {
                let series = assemble::series(operator, run)?;
                timings.evaluation = marks.since_last();
                let value = Value::Matrix(assemble::sorted(series, grid)?);
                timings.sorting = marks.since_last();
                return Ok(value);
            }
            Self::Vector(operator) => Value::Vector(assemble::instant(operator, run)?),
            Self::Range(plan, tally) => Value::Matrix(assemble::stored(plan, tally.as_deref(), run)?),
            Self::Text(text) => Value::String { time: grid.start, text },
        };
        timings.evaluation = marks.since_last();
        Ok(value)
    }
}

/// Whether a query may hold more samples than it may, judged by the largest series and histogram that it has read so
/// far; where they are counted, that is known in the end.
fn may_hold_too_much(account: Option<&Account>, context: &Context) -> bool {
    let (Some(account), false) = (account, context.counting) else { return false };
    let limits = &context.limits;
    let in_windows = limits.series_samples_max().saturating_mul(account.readers());
    let held = if account.holds_what_is_read() { limits.read() } else { 0 };
    let elements = account.held_max().saturating_add(in_windows).saturating_add(held);
    // Histograms that are added up count for as much as all of them, which come from as many series as are read.
    let points = limits.histogram_points_max();
    let weight = if points > 1 { (2 * points + 2).saturating_mul(account.readers().max(1)) } else { 1 };
    elements.saturating_mul(weight) > limits.samples_max()
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
