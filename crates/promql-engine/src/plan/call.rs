//! Function calls.

use go_regex::Regex;
use model::labels::METRIC_NAME;
use model::number::format_general;
use model::{Labels, LabelsBuilder, MatchOp, Matcher};
use promql_syntax::FunctionId as Id;
use promql_syntax::ast::{Call, Expr, ValueType};

use super::{Detail, Planner, is_scalar, label_name, text};
use crate::functions::extended;
use crate::functions::{ELEMENT_FUNCTIONS, RANGE_FUNCTIONS, larger, nothing, smaller, step_time};
use crate::grid::{Grid, seconds};
use crate::notes::{Note, Place};
use crate::operators::absent::Absent;
use crate::operators::estimate::{Estimate, EstimatePlaces, Estimator, QuantileLabel};
use crate::operators::info::{InfoRule, info};
use crate::operators::instant::Reference;
use crate::operators::map::Map;
use crate::operators::range::RangeOperator;
use crate::operators::relabel::{Relabel, Relabeling};
use crate::operators::scalar::{BinaryScalar, Constant, FromVector, ScalarFunction, Time, ToVector};
use crate::operators::sort::{Sort, SortBy};
use crate::operators::timestamp::WhichTime;
use crate::operators::{BoxedScalar, BoxedVector};
use crate::series::Removed;
use crate::{Error, Result};

impl Planner<'_> {
    /// A vector as it is, or a scalar as a vector of one element.
    pub(super) fn vector_or_scalar(&mut self, expr: &Expr, grid: Grid) -> Result<BoxedVector> {
        if is_scalar(expr) {
            Ok(Box::new(ToVector::new(self.scalar(expr, grid)?)))
        } else {
            self.vector(expr, grid)
        }
    }

    /// Plans a call that gives a scalar.
    pub(super) fn scalar_call(&mut self, call: &Call, grid: Grid) -> Result<BoxedScalar> {
        let constant =
            |value: f64| -> Result<BoxedScalar> { Ok(Box::new(Constant { value, steps: grid.steps })) };
        let query = self.context().grid;
        match call.function.id {
            Id::Pi => constant(std::f64::consts::PI),
            Id::Time => Ok(Box::new(Time { grid })),
            Id::Start => constant(seconds(query.start)),
            Id::End => constant(seconds(query.end())),
            Id::Step => constant(seconds(query.step)),
            Id::Range => constant(seconds(query.end() - query.start)),
            Id::Scalar => {
                let child = self.vector(argument(call, 0)?, grid)?;
                Ok(Box::new(FromVector { child, steps: grid.steps }))
            }
            Id::MinOf | Id::MaxOf => {
                let left = self.scalar(argument(call, 0)?, grid)?;
                let right = self.scalar(argument(call, 1)?, grid)?;
                let function = if call.function.id == Id::MinOf { smaller } else { larger };
                Ok(Box::new(BinaryScalar { left, right, function: ScalarFunction::Function(function) }))
            }
            _ => Err(Error::Unsupported(call.function.name)),
        }
    }

    /// Plans a call that gives a vector.
    pub(super) fn vector_call(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let id = call.function.id;
        if let Some(detail) = detail_of(id) {
            return self.with_detail(detail, |planner| planner.plain_call(call, grid));
        }
        self.plain_call(call, grid)
    }

    fn plain_call(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let id = call.function.id;
        if let Some((_, function)) = RANGE_FUNCTIONS.iter().find(|(own, _)| *own == id) {
            return self.range_call(call, *function, grid);
        }
        if let Some((_, function, removed)) = ELEMENT_FUNCTIONS.iter().find(|(own, ..)| *own == id) {
            let child = match call.args.first() {
                Some(vector) => self.vector(vector, grid)?,
                // The functions of dates take the time of the step where no vector is given.
                None => Box::new(ToVector::new(Box::new(Time { grid }))),
            };
            let scalars = self.scalars(call.args.get(1..).unwrap_or(&[]), grid)?;
            return Ok(Map::boxed(child, scalars, *function, Some(*removed), self.context().delayed_names));
        }
        match id {
            Id::Info => self.info(call, grid),
            Id::Absent => {
                let vector = argument(call, 0)?;
                let child = self.vector(vector, grid)?;
                Ok(Box::new(Absent::new(child, labels_of_absent(vector), grid.steps)))
            }
            Id::AbsentOverTime => self.absent_over_time(call, grid),
            Id::Vector => Ok(Box::new(ToVector::new(self.scalar(argument(call, 0)?, grid)?))),
            Id::Timestamp => self.timestamp(call, grid),
            Id::StartTimestamp => match argument(call, 0)?.unwrap_parens() {
                Expr::VectorSelector(selector) if self.context().start_timestamps => {
                    self.timestamp_selector(selector, WhichTime::Start, grid)
                }
                // What is computed has no start, and nothing has one where these are not used: there is nothing.
                other => {
                    let child = self.vector(other, grid)?;
                    let delayed = self.context().delayed_names;
                    Ok(Map::boxed(child, Vec::new(), nothing, Some(Removed::Metadata), delayed))
                }
            },
            Id::Sort | Id::SortDesc | Id::SortByLabel | Id::SortByLabelDesc => self.sort(call, grid),
            Id::LabelReplace | Id::LabelJoin => self.relabel(call, grid),
            Id::HistogramQuantile | Id::HistogramQuantiles | Id::HistogramFraction => {
                self.estimate(call, grid)
            }
            _ => Err(Error::Unsupported(call.function.name)),
        }
    }

    fn scalars(&mut self, exprs: &[Expr], grid: Grid) -> Result<Vec<BoxedScalar>> {
        exprs.iter().map(|expr| self.scalar(expr, grid)).collect()
    }

    fn range_call(
        &mut self,
        call: &Call,
        function: crate::operators::range::RangeFunction,
        grid: Grid,
    ) -> Result<BoxedVector> {
        // The original evaluates a subquery into a selector of its own, which stands nowhere in the text.
        let start = |argument: &Expr| match argument.unwrap_parens() {
            Expr::Subquery(_) => 0,
            _ => argument.span().start,
        };
        let places = call.args.iter().map(|argument| Place::new(start(argument), call.span)).collect();
        let is_range = |expr: &&Expr| expr.value_type() == ValueType::Matrix;
        let range = call.args.iter().find(is_range).ok_or(Error::Unsupported(call.function.name))?;
        let function = match range.unwrap_parens() {
            Expr::MatrixSelector(matrix) => match matrix.selector.extension {
                Some(extension) => extended::function_of(call.function.id, call.function.name, extension)?,
                None => function,
            },
            _ => function,
        };
        let plan = self.range(range, grid)?;
        let mut scalars = Vec::new();
        for argument in call.args.iter().filter(|argument| is_scalar(argument)) {
            scalars.push(self.scalar(argument, grid)?);
        }
        let tally = self.count_windows(plan.source.series().len(), grid.steps);
        Ok(RangeOperator::boxed(
            plan.source,
            plan.windows,
            function,
            scalars,
            places,
            tally,
            self.context().delayed_names,
        ))
    }

    fn absent_over_time(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let range = argument(call, 0)?;
        let labels = labels_of_absent(range);
        let (_, present) = RANGE_FUNCTIONS
            .iter()
            .find(|(id, _)| *id == Id::PresentOverTime)
            .ok_or(Error::Unsupported(call.function.name))?;
        let plan = self.range(range, grid)?;
        let keep = crate::operators::range::RangeFunction { keeps_name: true, ..*present };
        let delayed = self.context().delayed_names;
        let tally = self.count_windows(plan.source.series().len(), grid.steps);
        let child =
            RangeOperator::boxed(plan.source, plan.windows, keep, Vec::new(), Vec::new(), tally, delayed);
        Ok(Box::new(Absent::new(child, labels, grid.steps)))
    }

    fn info(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let base_expr = argument(call, 0)?;
        let mut rule = InfoRule::default();
        if let Some(Expr::VectorSelector(selector)) = call.args.get(1).map(Expr::unwrap_parens) {
            for matcher in &selector.matchers {
                let part = if matcher.name() == METRIC_NAME { &mut rule.names } else { &mut rule.data };
                part.push(matcher.clone());
            }
        }
        if rule.names.is_empty() {
            rule.names.push(Matcher::equal(METRIC_NAME, "target_info"));
        } else if rule.names.iter().all(|matcher| matcher.op().is_negative()) {
            let all = Matcher::new(METRIC_NAME, MatchOp::Regex, ".+_info");
            rule.names.push(all.map_err(|error| Error::InvalidParameter(error.to_string()))?);
        }
        let mut base = self.vector(base_expr, grid)?;
        let matchers: Vec<Matcher> = rule.names.iter().chain(&rule.data).cloned().collect();
        let infos = self.info_selection(base_expr, &matchers, grid)?;
        let reference = Reference::new(grid, None, 0);
        let tally = self.count_infos(infos.list.len(), grid.steps);
        let run = self.run;
        Ok(Box::new(info(base.as_mut(), &infos, reference, &rule, tally.as_deref(), run)?))
    }

    fn timestamp(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let vector = argument(call, 0)?;
        if let Expr::VectorSelector(selector) = vector.unwrap_parens() {
            return self.timestamp_selector(selector, WhichTime::Sample, grid);
        }
        let child = self.vector(vector, grid)?;
        let scalars: Vec<BoxedScalar> = vec![Box::new(Time { grid })];
        Ok(Map::boxed(child, scalars, step_time, Some(Removed::Metadata), self.context().delayed_names))
    }

    fn sort(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        if self.context().is_range {
            self.run.note(Note::SortIneffective, Place::of(call.span));
        }
        let child = self.vector(argument(call, 0)?, grid)?;
        let names =
            || call.args.iter().skip(1).map(|name| text(name).map(str::to_owned)).collect::<Result<_>>();
        let by = match call.function.id {
            Id::Sort => SortBy::Value { descending: false },
            Id::SortDesc => SortBy::Value { descending: true },
            Id::SortByLabel => SortBy::Labels { names: names()?, descending: false },
            _ => SortBy::Labels { names: names()?, descending: true },
        };
        Ok(Box::new(Sort::new(child, by)))
    }

    fn relabel(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let target = label_name(argument(call, 1)?).map_err(|name| {
            let text = format!("invalid destination label name in {}(): {name}", call.function.name);
            Error::InvalidLabelName(text)
        });
        let relabeling = if call.function.id == Id::LabelReplace {
            let expression = text(argument(call, 4)?)?;
            let regex = Regex::anchored(expression).map_err(|_| {
                Error::InvalidParameter(format!(
                    "invalid regular expression in label_replace(): {expression}"
                ))
            })?;
            let replacement = text(argument(call, 2)?)?.to_owned();
            let target = target?.to_owned();
            Relabeling::Replace { target, replacement, source: text(argument(call, 3)?)?.to_owned(), regex }
        } else {
            let source = |name| {
                label_name(name).map(str::to_owned).map_err(|name| {
                    Error::InvalidLabelName(format!("invalid source label name in label_join(): {name}"))
                })
            };
            let sources = call.args.iter().skip(3).map(source).collect::<Result<_>>()?;
            let target = target?.to_owned();
            Relabeling::Join { target, separator: text(argument(call, 2)?)?.to_owned(), sources }
        };
        Ok(Relabel::boxed(self.vector(argument(call, 0)?, grid)?, &relabeling))
    }

    fn estimate(&mut self, call: &Call, grid: Grid) -> Result<BoxedVector> {
        let is_vector = |expr: &&Expr| expr.value_type() == ValueType::Vector;
        let vector = call.args.iter().find(is_vector).ok_or(Error::Unsupported(call.function.name))?;
        let scalar_args: Vec<&Expr> = call.args.iter().filter(|argument| is_scalar(argument)).collect();
        let place = |argument: &Expr| Place::new(argument.span().start, call.span);
        let places = EstimatePlaces {
            first: place(argument(call, 0)?),
            vector: place(vector),
            scalars: scalar_args.iter().map(|argument| place(argument)).collect(),
        };
        let mut quantiles = Vec::new();
        let estimate = match call.function.id {
            Id::HistogramFraction => Estimate::Fraction,
            Id::HistogramQuantile => Estimate::Quantile,
            _ => {
                let label = text(argument(call, 1)?)?.to_owned();
                quantiles = self.quantile_labels(&scalar_args, grid)?;
                Estimate::Quantiles(label)
            }
        };
        let child = self.vector(vector, grid)?;
        let mut scalars = Vec::new();
        for argument in scalar_args {
            scalars.push(self.scalar(argument, grid)?);
        }
        let delayed = self.context().delayed_names;
        Ok(Estimator::boxed(child, estimate, scalars, quantiles, places, grid, delayed))
    }

    /// The quantiles asked for at any step, each with the value of its label.
    fn quantile_labels(&mut self, exprs: &[&Expr], grid: Grid) -> Result<Vec<QuantileLabel>> {
        let mut labels: Vec<QuantileLabel> = Vec::new();
        let mark = self.accounts.len();
        for (param, expr) in exprs.iter().enumerate() {
            let mut values = self.scalar(expr, grid)?.evaluate(self.run)?;
            // They are planned again where they are used, and count there.
            self.accounts.truncate(mark);
            values.sort_by(f64::total_cmp);
            values.dedup_by_key(|value| value.to_bits());
            for quantile in values {
                let mut text = format_general(quantile);
                if quantile.is_finite() && !text.contains(['.', 'e']) {
                    text.push_str(".0");
                }
                labels.push(QuantileLabel { param, quantile, text });
            }
        }
        Ok(labels)
    }
}

/// What a function wants of histograms, where that decides how they are read.
pub(super) fn detail_of(id: Id) -> Option<Detail> {
    match id {
        Id::HistogramCount | Id::HistogramSum | Id::HistogramAvg => Some(Detail::Counts),
        Id::HistogramQuantile | Id::HistogramQuantiles | Id::HistogramFraction => Some(Detail::Buckets),
        _ => None,
    }
}

fn argument(call: &Call, position: usize) -> Result<&Expr> {
    call.args.get(position).ok_or(Error::Unsupported(call.function.name))
}

/// The labels that a selector fixes with `=`; those that it names twice, and the name, are left out.
fn labels_of_absent(expr: &Expr) -> Labels {
    let matchers: &[Matcher] = match expr.unwrap_parens() {
        Expr::VectorSelector(selector) => &selector.matchers,
        Expr::MatrixSelector(matrix) => &matrix.selector.matchers,
        _ => &[],
    };
    let mut builder = LabelsBuilder::default();
    for matcher in matchers.iter().filter(|matcher| matcher.name() != METRIC_NAME) {
        let times = matchers.iter().filter(|other| other.name() == matcher.name()).count();
        if matcher.op() == MatchOp::Equal && times == 1 {
            builder.set(matcher.name(), matcher.value());
        }
    }
    builder.build()
}
