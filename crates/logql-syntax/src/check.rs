//! What a stage may not be.

use go_regex::Regex;

use crate::ast::{
    Condition, Expr, LabelFilter, LabelFormat, LabelValue, LineFilter, LineFilterOperator, LineOperand,
    LogExpr, MetricExpr, Stage, Unwrap,
};
use crate::error::{ErrorKind, ParseError, StageError};
use crate::ip::{IpError, IpRange};
use crate::{path, pattern};

/// The label that holds errors.
const ERROR_LABEL: &str = "__error__";

/// The checks that need more than the grammar: those of whoever executes the query.
pub trait Checks {
    /// Reads the template of `line_format`.
    ///
    /// # Errors
    /// What the template language says of it, as `template: line:1: unclosed action`.
    fn line_template(&self, text: &str) -> Result<(), String>;

    /// Reads the template of a label in `label_format`.
    ///
    /// # Errors
    /// What the template language says of it, as `template: label:1: unclosed action`.
    fn label_template(&self, text: &str) -> Result<(), String>;
}

/// Takes every template.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyTemplate;

impl Checks for AnyTemplate {
    fn line_template(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }

    fn label_template(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Tries every stage of a query: expressions, addresses, patterns, paths and templates.
///
/// The original does this where a query is executed, not where it is formatted.
///
/// # Errors
/// That of the first stage that cannot be made.
pub fn check_stages(expr: &Expr, checks: &dyn Checks) -> Result<(), ParseError> {
    match expr {
        Expr::Log(log) => check_log(log, checks),
        Expr::Metric(metric) => check_metric(metric, checks),
    }
}

fn check_metric(expr: &MetricExpr, checks: &dyn Checks) -> Result<(), ParseError> {
    match expr {
        MetricExpr::Literal(_) | MetricExpr::Vector(_) => Ok(()),
        MetricExpr::Range(range) => {
            check_log(&range.log, checks)?;
            range.unwrap.as_ref().map_or(Ok(()), check_unwrap)
        }
        MetricExpr::Aggregation(aggregation) => check_metric(&aggregation.expr, checks),
        MetricExpr::LabelReplace(replace) => check_metric(&replace.expr, checks),
        MetricExpr::Binary(binary) => {
            check_metric(&binary.left, checks)?;
            check_metric(&binary.right, checks)
        }
        MetricExpr::Variants(variants) => {
            variants.metrics.iter().try_for_each(|metric| check_metric(metric, checks))?;
            check_log(&variants.log, checks)?;
            variants.unwrap.as_ref().map_or(Ok(()), check_unwrap)
        }
    }
}

fn check_log(log: &LogExpr, checks: &dyn Checks) -> Result<(), ParseError> {
    for stage in &log.stages {
        check_stage(stage, checks).map_err(|error| ErrorKind::Stage { stage: stage.to_string(), error })?;
    }
    Ok(())
}

fn check_unwrap(unwrap: &Unwrap) -> Result<(), ParseError> {
    for filter in &unwrap.filters {
        check_filter(filter).map_err(|error| ErrorKind::Stage { stage: format!("| {filter}"), error })?;
    }
    Ok(())
}

fn check_stage(stage: &Stage, checks: &dyn Checks) -> Result<(), StageError> {
    match stage {
        Stage::LineFilters(filters) => filters.iter().try_for_each(check_line_filter),
        Stage::Json(extractions) => extractions.iter().try_for_each(|extraction| {
            let expression = &extraction.expression;
            path::parse_json_path(expression)
                .map(drop)
                .map_err(|error| StageError::Path { expression: expression.clone(), error })
        }),
        Stage::Logfmt { extractions, .. } => extractions.iter().try_for_each(|extraction| {
            let expression = &extraction.expression;
            path::parse_logfmt_key(expression)
                .map(drop)
                .map_err(|error| StageError::Path { expression: expression.clone(), error })
        }),
        Stage::LabelFilter(filter) => check_filter(filter),
        Stage::LineFormat(template) => checks.line_template(template).map_err(StageError::LineTemplate),
        Stage::LabelFormat(formats) => check_label_formats(formats, checks),
        Stage::Regexp(_)
        | Stage::Pattern(_)
        | Stage::Unpack
        | Stage::Decolorize
        | Stage::Drop(_)
        | Stage::Keep(_) => Ok(()),
    }
}

fn check_line_filter(filter: &LineFilter) -> Result<(), StageError> {
    let (regex, patterns) = match filter.operator {
        LineFilterOperator::Contains | LineFilterOperator::NotContains => (false, false),
        LineFilterOperator::Regex | LineFilterOperator::NotRegex => (true, false),
        LineFilterOperator::Pattern | LineFilterOperator::NotPattern => (false, true),
    };
    for operand in filter.operands() {
        match operand {
            LineOperand::Ip(_) if regex || patterns => return Err(IpError::Operation.into()),
            LineOperand::Ip(text) => drop(IpRange::parse(text)?),
            LineOperand::Text(text) if regex => {
                Regex::new(text).map_err(|error| StageError::Regex(error.to_string()))?;
            }
            LineOperand::Text(text) if patterns => drop(pattern::parse_filter_pattern(text)?),
            LineOperand::Text(_) => {}
        }
    }
    Ok(())
}

fn check_filter(filter: &LabelFilter) -> Result<(), StageError> {
    match filter {
        LabelFilter::Condition { condition: Condition::Ip { pattern, .. }, .. } => {
            IpRange::parse(pattern)?;
            Ok(())
        }
        LabelFilter::And(left, right) | LabelFilter::Or(left, right) => {
            check_filter(left)?;
            check_filter(right)
        }
        LabelFilter::Matcher(_) | LabelFilter::Condition { .. } => Ok(()),
    }
}

fn check_label_formats(formats: &[LabelFormat], checks: &dyn Checks) -> Result<(), StageError> {
    for (position, LabelFormat { label, .. }) in formats.iter().enumerate() {
        if label == ERROR_LABEL {
            return Err(StageError::ErrorLabel(label.clone()));
        }
        if formats.iter().take(position).any(|earlier| earlier.label == *label) {
            return Err(StageError::RepeatedLabel(label.clone()));
        }
    }
    for LabelFormat { label, value } in formats {
        if let LabelValue::Template(text) = value {
            checks
                .label_template(text)
                .map_err(|error| StageError::LabelTemplate { label: label.clone(), error })?;
        }
    }
    Ok(())
}
