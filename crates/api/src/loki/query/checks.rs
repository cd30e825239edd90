//! What a query must keep to before it is run.

use logql_syntax::ast::{Expr, LogExpr, MetricExpr, VectorOperation};
use model::duration::format_duration;

use crate::loki::asked::{Asked, check_length};
use crate::loki::refusal::Refusal;
use crate::loki::settings::{BlockedPattern, BlockedQuery, ReadLimits};
use crate::loki::times::Span;

/// Reads the query of a request.
pub(super) fn parse(asked: &Asked, text: &str) -> Result<Expr, Refusal> {
    let expr = logql_syntax::parse(text, asked.limits.syntax())?;
    // Templates are tried where they are compiled.
    logql_syntax::check_stages(&expr, &logql_syntax::AnyTemplate)?;
    Ok(expr)
}

/// Refuses a query that is to be refused in any case with the original's words, where it does not read it at all.
pub(super) fn parse_strictly(asked: &Asked, text: &str) -> Result<(), Refusal> {
    let options = logql_syntax::Options { variants: asked.limits.variants, ..logql_syntax::Options::STRICT };
    logql_syntax::parse(text, options)?;
    Ok(())
}

/// Refuses an answer of more entries than the tenant may have.
pub(in crate::loki) fn limit(limit: usize, limits: &ReadLimits) -> Result<(), Refusal> {
    let max = limits.entries_max;
    if max > 0 && limit > max {
        return Err(Refusal::bad(format!(
            "max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {max})"
        )));
    }
    Ok(())
}

/// The part of a span that the tenant may see; none where that is nothing.
pub(super) fn seen(asked: &Asked, span: Span) -> Option<Span> {
    let Some(lookback) = asked.limits.lookback_max else { return Some(span) };
    let oldest = asked.now.saturating_sub(i64::try_from(lookback.as_nanos()).unwrap_or(i64::MAX));
    (span.end >= oldest).then_some(Span { start: span.start.max(oldest), ..span })
}

/// Holds a query against the tenant's limits for queries.
pub(super) fn check(asked: &Asked, text: &str, expr: &Expr) -> Result<(), Refusal> {
    let limits = &asked.limits;
    if limits.blocked.iter().any(|rule| rule.holds(asked, text, expr)) {
        return Err(Refusal::bad("query blocked by policy"));
    }
    let mut logs = Vec::new();
    let mut ranges = Vec::new();
    match expr {
        Expr::Log(log) => logs.push(log),
        Expr::Metric(metric) => walk(metric, &mut logs, &mut ranges),
    }
    if let Expr::Metric(metric) = expr
        && !limits.approx_topk
        && asks_approx_topk(metric)
    {
        // A failure of its own in the original, too.
        return Err(Refusal::internal("approx_topk is not enabled. See -limits.shard_aggregations"));
    }
    if let Some(max) = limits.range_max
        && let Some(range) = ranges.iter().find(|range| **range > max)
    {
        // The original tells this limit as a failure of its own.
        return Err(Refusal::internal(format!(
            "[interval] value exceeds limit: [{}] > [{}]",
            format_duration(*range),
            format_duration(max),
        )));
    }
    let count: usize = logs.iter().map(|log| log.matchers.len()).sum();
    if limits.matchers_max > 0 && count > limits.matchers_max {
        let max = limits.matchers_max;
        return Err(Refusal::bad(format!(
            "max streams matchers per query exceeded, matchers-count > limit ({count} > {max})"
        )));
    }
    logs.iter().try_for_each(|log| selector(log, limits))
}

/// How much of a range query is run at once in the original, in nanoseconds.
const PIECE: i64 = 3_600_000_000_000;

/// Refuses a metric query whose ranges look back further than its pieces may be long.
pub(super) fn reach(expr: &Expr, length: i64, limits: &ReadLimits) -> Result<(), Refusal> {
    let Expr::Metric(metric) = expr else { return Ok(()) };
    let (mut logs, mut ranges) = (Vec::new(), Vec::new());
    walk(metric, &mut logs, &mut ranges);
    let longest = ranges.into_iter().max().unwrap_or_default();
    let longest = i64::try_from(longest.as_nanos()).unwrap_or(i64::MAX);
    check_length(length.min(PIECE).saturating_add(longest), limits)
}

fn selector(log: &LogExpr, limits: &ReadLimits) -> Result<(), Refusal> {
    let present: Vec<&str> = log.matchers.iter().map(model::Matcher::name).collect();
    let missing: Vec<&str> =
        limits.required_labels.iter().map(String::as_str).filter(|name| !present.contains(name)).collect();
    if !missing.is_empty() {
        return Err(Refusal::bad(format!(
            "stream selector is missing required matchers [{}], labels present in the query were [{}]",
            missing.join(", "),
            present.join(", "),
        )));
    }
    if present.len() < limits.matchers_min {
        return Err(Refusal::bad(format!(
            "stream selector has less label matchers than required: (present: [{}], number_present: {}, required_number_label_matchers: {})",
            present.join(", "),
            present.len(),
            limits.matchers_min,
        )));
    }
    Ok(())
}

/// All selectors and ranges of a metric query.
fn walk<'e>(expr: &'e MetricExpr, logs: &mut Vec<&'e LogExpr>, ranges: &mut Vec<std::time::Duration>) {
    match expr {
        MetricExpr::Literal(_) | MetricExpr::Vector(_) => {}
        MetricExpr::Range(range) => {
            logs.push(&range.log);
            ranges.push(range.range);
        }
        MetricExpr::Aggregation(aggregation) => walk(&aggregation.expr, logs, ranges),
        MetricExpr::LabelReplace(replace) => walk(&replace.expr, logs, ranges),
        MetricExpr::Binary(binary) => {
            walk(&binary.left, logs, ranges);
            walk(&binary.right, logs, ranges);
        }
        MetricExpr::Variants(variants) => {
            logs.push(&variants.log);
            ranges.push(variants.range);
            variants.metrics.iter().for_each(|metric| walk(metric, logs, ranges));
        }
    }
}

/// Whether a query has `approx_topk` somewhere.
fn asks_approx_topk(expr: &MetricExpr) -> bool {
    match expr {
        MetricExpr::Literal(_) | MetricExpr::Vector(_) | MetricExpr::Range(_) => false,
        MetricExpr::Aggregation(aggregation) => {
            aggregation.operation == VectorOperation::ApproximateTopK || asks_approx_topk(&aggregation.expr)
        }
        MetricExpr::LabelReplace(replace) => asks_approx_topk(&replace.expr),
        MetricExpr::Binary(binary) => asks_approx_topk(&binary.left) || asks_approx_topk(&binary.right),
        MetricExpr::Variants(variants) => variants.metrics.iter().any(asks_approx_topk),
    }
}

/// What kind of query it is, as metrics and rules call it.
pub(super) fn kind(expr: &Expr) -> &'static str {
    match expr {
        Expr::Metric(_) => "metric",
        Expr::Log(log) if log.stages.is_empty() => "limited",
        Expr::Log(_) => "filter",
    }
}

impl BlockedQuery {
    fn holds(&self, asked: &Asked, text: &str, expr: &Expr) -> bool {
        let kind = kind(expr);
        let of_tags = self.tags.iter().all(|(name, value)| asked.tag(name) == Some(value));
        let of_kind = self.kinds.is_empty() || self.kinds.iter().any(|one| one == kind);
        let of_hash = self.hash == 0 || self.hash == fnv1(text);
        let of_text = match &self.pattern {
            BlockedPattern::Any => true,
            BlockedPattern::Text(wanted) => wanted.trim() == text.trim(),
            BlockedPattern::Regex(regex) => regex.is_match(text),
        };
        of_kind && of_hash && of_text && of_tags
    }
}

/// FNV-1, 32 bits.
pub(super) fn fnv1(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(byte))
}
