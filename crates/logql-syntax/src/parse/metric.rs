//! Expressions: operands, operators and aggregations.

use go_regex::Regex;

use super::cursor::{Parsed, Parser};
use super::operator::{binary_operator, range_operation, vector_operation};
use crate::ast::{
    Binary, BinaryOperator, Cardinality, Expr, Grouping, LabelReplace, LogExpr, Matching, MetricExpr,
    RangeAggregation, RangeOperation, VectorAggregation, VectorOperation,
};
use crate::error::ErrorKind;
use crate::lex::TokenKind;

impl<'t> Parser<'t> {
    /// An expression whose operators bind at least so strong.
    pub(super) fn expr(&mut self, least: u8) -> Parsed<Expr> {
        self.nested(|parser| {
            let start = parser.start();
            let mut left = parser.operand()?;
            while let Some(operator) = binary_operator(parser.kind()) {
                let precedence = operator.precedence();
                if precedence < least {
                    break;
                }
                parser.count_operator()?;
                parser.bump();
                let (returns_bool, matching) = parser.modifiers()?;
                // Only the power is read from the right.
                let right = parser.expr(if operator == BinaryOperator::Power {
                    precedence
                } else {
                    precedence + 1
                })?;
                parser.check_operands(start, operator, &left, &right);
                left = Expr::Metric(combined(operator, returns_bool, matching, left, right));
            }
            Ok(left)
        })
    }

    fn operand(&mut self) -> Parsed<Expr> {
        let kind = self.kind();
        if let Some(operation) = range_operation(kind) {
            return self.range_aggregation(operation).map(Expr::Metric);
        }
        if let Some(operation) = vector_operation(kind) {
            return self.vector_aggregation(operation).map(Expr::Metric);
        }
        match kind {
            TokenKind::OpenBrace => {
                let matchers = self.selector()?;
                Ok(Expr::Log(LogExpr { matchers, stages: self.pipeline(false)? }))
            }
            TokenKind::OpenParenthesis => {
                self.bump();
                let expr = self.expr(0)?;
                if !self.eat(TokenKind::CloseParenthesis) {
                    return Err(self.unexpected(&[]));
                }
                Ok(expr)
            }
            TokenKind::Number | TokenKind::Add | TokenKind::Subtract => {
                Ok(Expr::Metric(MetricExpr::Literal(self.signed_number()?)))
            }
            TokenKind::Vector => {
                self.bump();
                self.expect(TokenKind::OpenParenthesis)?;
                let number = self.number()?;
                self.expect(TokenKind::CloseParenthesis)?;
                Ok(Expr::Metric(MetricExpr::Vector(number)))
            }
            TokenKind::LabelReplace => self.label_replace().map(Expr::Metric),
            _ => Err(self.unexpected(&[])),
        }
    }

    /// `bool`, `on (…)`, `group_left (…)` and the like.
    fn modifiers(&mut self) -> Parsed<(bool, Option<Matching>)> {
        let returns_bool = self.eat(TokenKind::Bool);
        let on = match self.kind() {
            TokenKind::On => true,
            TokenKind::Ignoring => false,
            _ => return Ok((returns_bool, None)),
        };
        self.bump();
        let labels = self.labels()?;
        let cardinality = match self.kind() {
            TokenKind::GroupLeft => Cardinality::ManyToOne,
            TokenKind::GroupRight => Cardinality::OneToMany,
            _ => Cardinality::OneToOne,
        };
        let mut include = Vec::new();
        if cardinality != Cardinality::OneToOne {
            self.bump();
            if self.kind() == TokenKind::OpenParenthesis {
                include = self.labels()?;
            }
        }
        Ok((returns_bool, Some(Matching { on, labels, cardinality, include })))
    }

    /// What may not stand beside an operator.
    fn check_operands(&mut self, start: usize, operator: BinaryOperator, left: &Expr, right: &Expr) {
        let sides = [("left", left), ("right", right)];
        let operator_text = operator.as_str();
        for (side, expr) in sides {
            if let Expr::Log(log) = expr {
                let filtered = !log.stages.is_empty();
                return self.refuse(start, ErrorKind::LogOperand { side, operator: operator_text, filtered });
            }
        }
        for (side, expr) in sides {
            if let Expr::Metric(MetricExpr::Literal(value)) = expr
                && operator.is_set()
            {
                let value = *value;
                return self.refuse(start, ErrorKind::SetOperand { side, operator: operator_text, value });
            }
        }
    }

    /// A number with an optional sign.
    pub(super) fn signed_number(&mut self) -> Parsed<f64> {
        let negative = match self.kind() {
            TokenKind::Subtract => true,
            TokenKind::Add => false,
            _ => return self.number(),
        };
        self.bump();
        let number = self.number()?;
        Ok(if negative { -number } else { number })
    }

    fn number(&mut self) -> Parsed<f64> {
        let text = self.number_text()?;
        model::number::parse_float(text).ok_or_else(|| ErrorKind::Number(text.to_owned()).into())
    }

    fn number_text(&mut self) -> Parsed<&'t str> {
        if self.kind() != TokenKind::Number {
            return Err(self.unexpected(&[TokenKind::Number]));
        }
        let text = self.token_text();
        self.bump();
        Ok(text)
    }

    /// `by (…)` or `without (…)`, or nothing.
    fn grouping(&mut self) -> Parsed<Option<Grouping>> {
        let without = match self.kind() {
            TokenKind::By => false,
            TokenKind::Without => true,
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(Grouping { without, labels: self.labels()? }))
    }

    fn range_aggregation(&mut self, operation: RangeOperation) -> Parsed<MetricExpr> {
        let start = self.start();
        self.bump();
        self.expect(TokenKind::OpenParenthesis)?;
        let parameter = match self.kind() {
            TokenKind::Number => {
                let text = self.number_text()?.to_owned();
                self.expect(TokenKind::Comma)?;
                Some(text)
            }
            TokenKind::OpenBrace | TokenKind::OpenParenthesis => None,
            _ => {
                let expected = [TokenKind::Number, TokenKind::OpenBrace, TokenKind::OpenParenthesis];
                return Err(self.unexpected(&expected));
            }
        };
        let lines = self.log_range()?;
        self.expect(TokenKind::CloseParenthesis)?;
        let grouping = self.grouping()?;
        if let Err(kind) = check_range_aggregation(
            operation,
            parameter.as_deref(),
            lines.unwrap.is_some(),
            grouping.is_some(),
        ) {
            self.refuse(start, kind);
        }
        Ok(MetricExpr::Range(Box::new(RangeAggregation {
            operation,
            parameter: parameter.and_then(|text| model::number::parse_float(&text)),
            log: lines.log,
            unwrap: lines.unwrap,
            range: lines.range,
            offset_nanos: lines.offset_nanos,
            grouping,
        })))
    }

    fn vector_aggregation(&mut self, operation: VectorOperation) -> Parsed<MetricExpr> {
        let start = self.start();
        self.bump();
        let mut grouping = self.grouping()?;
        self.expect(TokenKind::OpenParenthesis)?;
        let mut parameter = None;
        if self.kind() == TokenKind::Number && self.kind_ahead(1) == TokenKind::Comma {
            parameter = Some(self.number_text()?.to_owned());
            self.bump();
        }
        let expr = self.metric_argument(TokenKind::CloseParenthesis)?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let checked = check_vector_aggregation(operation, parameter.as_deref(), grouping.is_some());
        let count = checked.unwrap_or_else(|kind| {
            self.refuse(start, kind);
            None
        });
        Ok(MetricExpr::Aggregation(Box::new(VectorAggregation { operation, count, grouping, expr })))
    }

    /// A metric query and the token behind it.
    fn metric_argument(&mut self, end: TokenKind) -> Parsed<MetricExpr> {
        match self.expr(0)? {
            Expr::Metric(metric) if self.kind() == end => {
                self.bump();
                Ok(metric)
            }
            _ => Err(self.unexpected(&[])),
        }
    }

    fn label_replace(&mut self) -> Parsed<MetricExpr> {
        let start = self.start();
        self.bump();
        self.expect(TokenKind::OpenParenthesis)?;
        let expr = self.metric_argument(TokenKind::Comma)?;
        let destination = self.string()?;
        self.expect(TokenKind::Comma)?;
        let replacement = self.string()?;
        self.expect(TokenKind::Comma)?;
        let source = self.string()?;
        self.expect(TokenKind::Comma)?;
        let regex = self.string()?;
        self.expect(TokenKind::CloseParenthesis)?;
        if let Err(error) = Regex::wrapped("^(?:", &regex, ")$") {
            self.refuse(start, ErrorKind::LabelReplace(error.to_string()));
        }
        Ok(MetricExpr::LabelReplace(Box::new(LabelReplace { expr, destination, replacement, source, regex })))
    }
}

/// Two numbers become one.
fn combined(
    operator: BinaryOperator,
    returns_bool: bool,
    matching: Option<Matching>,
    left: Expr,
    right: Expr,
) -> MetricExpr {
    // A log query is refused by now.
    let metric = |expr| match expr {
        Expr::Metric(metric) => metric,
        Expr::Log(_) => MetricExpr::Literal(0.0),
    };
    match (metric(left), metric(right)) {
        (MetricExpr::Literal(left), MetricExpr::Literal(right)) => {
            MetricExpr::Literal(operator.apply(left, right))
        }
        (left, right) => {
            MetricExpr::Binary(Box::new(Binary { operator, returns_bool, matching, left, right }))
        }
    }
}

fn check_range_aggregation(
    operation: RangeOperation,
    parameter: Option<&str>,
    unwraps: bool,
    groups: bool,
) -> Result<(), ErrorKind> {
    let name = operation.as_str();
    match parameter {
        None if operation == RangeOperation::Quantile => return Err(ErrorKind::ParameterRequired(name)),
        Some(text) if operation != RangeOperation::Quantile => {
            return Err(ErrorKind::RangeParameter { text: text.to_owned(), operation: name });
        }
        Some(text) if model::number::parse_float(text).is_none() => {
            return Err(ErrorKind::Number(text.to_owned()));
        }
        _ => {}
    }
    if groups && !operation.takes_grouping() {
        return Err(ErrorKind::Grouping(name));
    }
    match unwraps {
        true if !operation.takes_unwrap() => Err(ErrorKind::WithUnwrap(name)),
        false if !operation.counts_lines() => Err(ErrorKind::WithoutUnwrap(name)),
        _ => Ok(()),
    }
}

fn check_vector_aggregation(
    operation: VectorOperation,
    parameter: Option<&str>,
    groups: bool,
) -> Result<Option<u64>, ErrorKind> {
    let name = operation.as_str();
    let count = match (operation.takes_count(), parameter) {
        (true, None) => return Err(ErrorKind::ParameterRequired(name)),
        (false, Some(text)) => {
            return Err(ErrorKind::UnsupportedParameter { text: text.to_owned(), operation: name });
        }
        (false, None) => None,
        (true, Some(text)) => match text.parse::<u64>() {
            Err(_) => return Err(ErrorKind::InvalidParameter { text: text.to_owned(), operation: name }),
            Ok(0) => return Err(ErrorKind::ParameterNotPositive { text: text.to_owned(), operation: name }),
            Ok(count) => Some(count),
        },
    };
    match operation {
        _ if groups && operation.is_sort() => Err(ErrorKind::SortGrouping),
        VectorOperation::ApproximateTopK if groups => Err(ErrorKind::Grouping(name)),
        _ => Ok(count),
    }
}
