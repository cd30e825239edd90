//! PromQL as it is told to a newcomer: every step by itself, every sample looked at. Floats only.

use std::collections::BTreeMap;

use model::Labels;
use model::sample::is_stale_nan;
use promql_syntax::ast::{
    Aggregate, AggregateOp, Binary, BinaryOp, Call, Expr, UnaryOp, ValueType, VectorSelector,
};

/// Samples by time in milliseconds.
pub(super) type Series = (Labels, Vec<(i64, f64)>);

type Vector = Vec<(Labels, f64)>;

const LOOKBACK_MS: i64 = 300_000;

pub(super) struct Evaluator<'a> {
    series: &'a [Series],
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(series: &'a [Series]) -> Self {
        Self { series }
    }

    pub(super) fn vector(&self, expr: &Expr, time: i64) -> Vector {
        match expr {
            Expr::Paren(paren) => self.vector(&paren.expr, time),
            Expr::Unary(unary) => {
                let inner = self.vector(&unary.expr, time);
                if unary.op == UnaryOp::Plus { inner } else { map(inner, |value| -value) }
            }
            Expr::VectorSelector(selector) => self.newest(selector, time),
            Expr::Call(call) => self.over_range(call, time),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, time),
            Expr::Binary(binary) => self.binary(binary, time),
            _ => panic!("not a vector: {expr}"),
        }
    }

    fn selected(&self, selector: &VectorSelector) -> impl Iterator<Item = &'a Series> {
        let fits = |labels: &Labels| selector.matchers.iter().all(|matcher| matcher.matches_labels(labels));
        self.series.iter().filter(move |(labels, _)| fits(labels))
    }

    fn newest(&self, selector: &VectorSelector, time: i64) -> Vector {
        let at = time - selector.offset.ms;
        let newest = |samples: &[(i64, f64)]| {
            let (found, value) = *samples.iter().rfind(|(time, _)| *time <= at)?;
            (found > at - LOOKBACK_MS && !is_stale_nan(value)).then_some(value)
        };
        let series = self.selected(selector);
        series.filter_map(|(labels, samples)| Some((labels.clone(), newest(samples)?))).collect()
    }

    /// The windows of a range, and its last time.
    fn windows(&self, expr: &Expr, time: i64) -> (Vec<Series>, i64, i64) {
        match expr.unwrap_parens() {
            Expr::MatrixSelector(matrix) => {
                let end = time - matrix.selector.offset.ms;
                let start = end - matrix.range.ms;
                let inside = |(at, value): &(i64, f64)| *at > start && *at <= end && !is_stale_nan(*value);
                let series = self.selected(&matrix.selector);
                let windows = series.map(|(labels, samples)| {
                    (labels.clone(), samples.iter().copied().filter(inside).collect::<Vec<_>>())
                });
                (windows.collect(), start, end)
            }
            Expr::Subquery(subquery) => {
                let end = time - subquery.offset.ms;
                let start = end - subquery.range.ms;
                let step = subquery.step.as_ref().map_or(60_000, |step| step.ms);
                let mut windows: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
                for at in (start + 1..=end).filter(|at| at.rem_euclid(step) == 0) {
                    for (labels, value) in self.vector(&subquery.expr, at) {
                        windows.entry(labels).or_default().push((at, value));
                    }
                }
                (windows.into_iter().collect(), start, end)
            }
            _ => panic!("not a range: {expr}"),
        }
    }

    fn over_range(&self, call: &Call, time: i64) -> Vector {
        let (windows, start, end) = self.windows(&call.args[0], time);
        let mut results = Vector::new();
        for (labels, window) in windows {
            let name = call.function.name;
            if let Some(value) = of_window(name, &window, start, end) {
                let labels = if name == "last_over_time" { labels } else { labels.without_name() };
                results.push((labels, value));
            }
        }
        results
    }

    fn aggregate(&self, aggregate: &Aggregate, time: i64) -> Vector {
        let mut groups: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
        let listed = |name: &str| aggregate.grouping.iter().any(|listed| listed == name);
        for (labels, value) in self.vector(&aggregate.expr, time) {
            let group = match aggregate.without {
                true => labels.filtered(|name| name != "__name__" && !listed(name)),
                false => labels.filtered(listed),
            };
            groups.entry(group).or_default().push(value);
        }
        let of_group = |values: &[f64]| {
            let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
            match aggregate.op {
                AggregateOp::Sum => sum,
                AggregateOp::Avg => sum / count,
                AggregateOp::Min => extreme(values, f64::min),
                AggregateOp::Max => extreme(values, f64::max),
                AggregateOp::Count => count,
                AggregateOp::Group => 1.0,
                other => panic!("{other:?}"),
            }
        };
        groups.into_iter().map(|(labels, values)| (labels, of_group(&values))).collect()
    }

    fn binary(&self, binary: &Binary, time: i64) -> Vector {
        let number = |expr: &Expr| match expr.unwrap_parens() {
            Expr::Number(number) => number.value,
            Expr::Unary(unary) => match &unary.expr {
                Expr::Number(number) => -number.value,
                other => panic!("{other}"),
            },
            other => panic!("{other}"),
        };
        match (binary.lhs.value_type(), binary.rhs.value_type()) {
            (ValueType::Scalar, _) => {
                let left = number(&binary.lhs);
                map(self.vector(&binary.rhs, time), |value| arithmetic(binary.op, left, value))
            }
            (_, ValueType::Scalar) => {
                let right = number(&binary.rhs);
                map(self.vector(&binary.lhs, time), |value| arithmetic(binary.op, value, right))
            }
            _ => joined(binary, self.vector(&binary.lhs, time), self.vector(&binary.rhs, time)),
        }
    }
}

/// Changes the values; the name goes.
fn map(vector: Vector, function: impl Fn(f64) -> f64) -> Vector {
    vector.into_iter().map(|(labels, value)| (labels.without_name(), function(value))).collect()
}

fn joined(binary: &Binary, left: Vector, right: Vector) -> Vector {
    let key = |labels: &Labels| labels.without_name();
    let has = |vector: &Vector, labels: &Labels| vector.iter().any(|(other, _)| key(other) == key(labels));
    match binary.op {
        BinaryOp::And => left.into_iter().filter(|(labels, _)| has(&right, labels)).collect(),
        BinaryOp::Unless => left.into_iter().filter(|(labels, _)| !has(&right, labels)).collect(),
        BinaryOp::Or => {
            let more: Vector = right.into_iter().filter(|(labels, _)| !has(&left, labels)).collect();
            left.into_iter().chain(more).collect()
        }
        op => {
            let mut results = Vector::new();
            for (labels, own) in left {
                let Some((_, other)) = right.iter().find(|(other, _)| key(other) == key(&labels)) else {
                    continue;
                };
                match holds(op, own, *other) {
                    None => results.push((key(&labels), arithmetic(op, own, *other))),
                    Some(holds) if binary.return_bool => {
                        results.push((key(&labels), f64::from(u8::from(holds))))
                    }
                    Some(true) => results.push((labels, own)),
                    Some(false) => {}
                }
            }
            results
        }
    }
}

/// Whether a comparison holds; `None` for other operators.
fn holds(op: BinaryOp, left: f64, right: f64) -> Option<bool> {
    Some(match op {
        BinaryOp::Eq => left == right,
        BinaryOp::NotEq => left != right,
        BinaryOp::Gt => left > right,
        BinaryOp::Lt => left < right,
        BinaryOp::GtEq => left >= right,
        BinaryOp::LtEq => left <= right,
        _ => return None,
    })
}

fn arithmetic(op: BinaryOp, left: f64, right: f64) -> f64 {
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        other => panic!("{other:?}"),
    }
}

/// The smallest or largest number; NaN only where there is no other.
fn extreme(values: &[f64], choose: fn(f64, f64) -> f64) -> f64 {
    values.iter().copied().filter(|value| !value.is_nan()).reduce(choose).unwrap_or(f64::NAN)
}

fn of_window(name: &str, window: &[(i64, f64)], start: i64, end: i64) -> Option<f64> {
    let values: Vec<f64> = window.iter().map(|(_, value)| *value).collect();
    let (first, last) = (*values.first()?, *values.last()?);
    let pairs = || values.windows(2).map(|pair| (pair[0], pair[1]));
    let sum = values.iter().sum::<f64>();
    Some(match name {
        "sum_over_time" => sum,
        "avg_over_time" => sum / values.len() as f64,
        "min_over_time" => extreme(&values, f64::min),
        "max_over_time" => extreme(&values, f64::max),
        "count_over_time" => values.len() as f64,
        "last_over_time" => last,
        "present_over_time" => 1.0,
        "changes" => pairs()
            .filter(|(before, after)| before != after && !(before.is_nan() && after.is_nan()))
            .count() as f64,
        "resets" => pairs().filter(|(before, after)| after < before).count() as f64,
        "idelta" => pairs().next_back().map(|(before, after)| after - before)?,
        "delta" => extrapolated(window, last - first, None, start, end)?,
        "increase" | "rate" => {
            let lost: f64 = pairs().filter(|(before, after)| after < before).map(|(before, _)| before).sum();
            let increase = extrapolated(window, last - first + lost, Some(first), start, end)?;
            if name == "rate" { increase / ((end - start) as f64 / 1000.0) } else { increase }
        }
        other => panic!("{other}"),
    })
}

/// The change over the whole window; `counter` is the first value of what cannot have been below zero.
fn extrapolated(
    window: &[(i64, f64)],
    change: f64,
    counter: Option<f64>,
    start: i64,
    end: i64,
) -> Option<f64> {
    if window.len() < 2 {
        return None;
    }
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let (first, last) = (window[0].0, window[window.len() - 1].0);
    let sampled = seconds(first, last);
    let gap = sampled / (window.len() - 1) as f64;
    let reach = |distance: f64| if distance >= gap * 1.1 { gap / 2.0 } else { distance };
    let mut before = reach(seconds(start, first));
    if let Some(value) = counter.filter(|value| change > 0.0 && *value >= 0.0) {
        before = before.min(sampled * (value / change));
    }
    Some(change * (sampled + before + reach(seconds(last, end))) / sampled)
}
