//! What a tree may not be: types, arguments, matching (specification, section 2.2).
//!
//! Checks run from the leaves up and from left to right; the first failure is reported, so their order matters.

use model::labels::METRIC_NAME;

use crate::ast::{Aggregate, AggregateOp, Binary, Call, Cardinality, Expr, ValueType, VectorSelector};
use crate::error::{CountQualifier, ErrorKind, Located, Parsed, TypeContext};
use crate::functions::{Function, FunctionId, Repetition};
use crate::span::Span;

/// Checks a tree, and takes the matching off those operators that have a number on one side.
pub(crate) fn check(expr: &mut Expr, text: &str) -> Parsed<()> {
    match expr {
        Expr::Number(_) | Expr::String(_) => Ok(()),
        Expr::VectorSelector(selector) => check_selector(selector, true),
        Expr::MatrixSelector(matrix) => check_selector(&matrix.selector, true),
        Expr::Paren(paren) => check(&mut paren.expr, text),
        Expr::Subquery(subquery) => {
            check(&mut subquery.expr, text)?;
            match subquery.expr.value_type() {
                ValueType::Vector => Ok(()),
                other => Err(Located::new(ErrorKind::SubqueryType(other), subquery.span)),
            }
        }
        Expr::Unary(unary) => {
            check(&mut unary.expr, text)?;
            match unary.expr.value_type() {
                ValueType::Scalar | ValueType::Vector => Ok(()),
                other => Err(Located::new(ErrorKind::UnaryOperandType(other), unary.span)),
            }
        }
        Expr::Binary(binary) => check_binary(binary, text),
        Expr::Aggregate(aggregate) => check_aggregate(aggregate, text),
        Expr::Call(call) => check_call(call, text),
    }
}

fn check_selector(selector: &VectorSelector, needs_non_empty: bool) -> Parsed<()> {
    let failed = |kind| Err(Located::new(kind, selector.span));
    if !selector.name.is_empty() {
        // The last matcher is that of the name itself.
        let others = selector.matchers.split_last().map_or(&[][..], |(_, others)| others);
        return match others.iter().find(|matcher| matcher.name() == METRIC_NAME) {
            Some(second) => failed(ErrorKind::NameSetTwice {
                first: selector.name.clone(),
                second: second.value().to_owned(),
            }),
            None => Ok(()),
        };
    }
    if needs_non_empty && selector.matchers.iter().all(model::matcher::Matcher::matches_empty) {
        return failed(ErrorKind::NoNonEmptyMatcher);
    }
    Ok(())
}

fn check_binary(binary: &mut Binary, text: &str) -> Parsed<()> {
    check(&mut binary.lhs, text)?;
    check(&mut binary.rhs, text)?;
    let (lhs, rhs) = (binary.lhs.value_type(), binary.rhs.value_type());
    let op = binary.op;
    let operator = operator_span(binary, text);
    let failed_at = |kind, span| Err(Located::new(kind, span));
    let failed = |kind| Err(Located::new(kind, binary.span));
    if binary.return_bool && !op.is_comparison() {
        return failed_at(ErrorKind::BoolOnNoComparison, operator);
    }
    if op.is_comparison() && !binary.return_bool && lhs == ValueType::Scalar && rhs == ValueType::Scalar {
        return failed_at(ErrorKind::ScalarComparisonWithoutBool, operator);
    }
    if let Some(matching) = binary.matching.as_ref().filter(|matching| matching.on) {
        let twice = matching.labels.iter().find(|label| matching.include.contains(label));
        if let Some(label) = twice {
            return failed_at(ErrorKind::LabelInOnAndGroup(label.clone()), operator);
        }
    }
    for (operand, value_type) in [(&binary.lhs, lhs), (&binary.rhs, rhs)] {
        if !matches!(value_type, ValueType::Scalar | ValueType::Vector) {
            return failed_at(ErrorKind::BinaryOperandType, operand.span());
        }
    }
    let vectors = lhs == ValueType::Vector && rhs == ValueType::Vector;
    if let Some(matching) = &binary.matching {
        let fills = matching.fill.left.is_some() || matching.fill.right.is_some();
        let groups = matches!(matching.card, Cardinality::ManyToOne | Cardinality::OneToMany);
        if !vectors && !matching.labels.is_empty() {
            return failed(ErrorKind::MatchingOfScalars);
        }
        if !vectors && fills {
            return failed(ErrorKind::FillOfScalars);
        }
        if vectors && op.is_set() && groups {
            return failed(ErrorKind::GroupingOfSetOperator(op.symbol()));
        }
        if vectors && op.is_set() && fills {
            return failed(ErrorKind::FillOfSetOperator);
        }
    }
    if op.is_set() && !vectors {
        return failed(ErrorKind::SetOperatorOnScalar(op.symbol()));
    }
    if !vectors {
        binary.matching = None;
    }
    Ok(())
}

/// What stands between the operands, without the blanks before it.
fn operator_span(binary: &Binary, text: &str) -> Span {
    let between = Span::new(binary.lhs.span().end, binary.rhs.span().start);
    let text = text.get(between.start..between.end).unwrap_or("");
    Span::new(between.start + (text.len() - text.trim_start().len()), between.end)
}

fn check_aggregate(aggregate: &mut Aggregate, text: &str) -> Parsed<()> {
    check(&mut aggregate.expr, text)?;
    expect_type(&aggregate.expr, ValueType::Vector, TypeContext::Aggregation)?;
    let Some(param) = &mut aggregate.param else { return Ok(()) };
    check(param, text)?;
    let expected = match aggregate.op {
        AggregateOp::CountValues => ValueType::String,
        _ => ValueType::Scalar,
    };
    expect_type(param, expected, TypeContext::AggregationParameter)
}

fn check_call(call: &mut Call, text: &str) -> Parsed<()> {
    let function = call.function;
    check_argument_count(function, call.args.len(), call.span)?;
    let is_info = function.id == FunctionId::Info;
    if is_info && let Some(selector) = call.args.get(1) {
        check_info_selector(selector)?;
    }
    for (position, argument) in call.args.iter_mut().enumerate() {
        match argument {
            // The second argument of `info` chooses labels, and may choose all of them.
            Expr::VectorSelector(selector) if is_info && position == 1 => check_selector(selector, false)?,
            _ => check(argument, text)?,
        }
        if let Some(expected) = function.arg_type(position) {
            expect_type(argument, expected, TypeContext::Call(function.name))?;
        }
    }
    Ok(())
}

fn check_argument_count(function: &'static Function, got: usize, span: Span) -> Parsed<()> {
    let least = function.args_min();
    let (qualifier, expected) = match (function.last, function.args_max()) {
        (Repetition::Exactly, _) if got != least => (CountQualifier::Exactly, least),
        (Repetition::Exactly, _) => return Ok(()),
        _ if got < least => (CountQualifier::AtLeast, least),
        (_, Some(most)) if got > most => (CountQualifier::AtMost, most),
        _ => return Ok(()),
    };
    let kind = ErrorKind::ArgumentCount { function: function.name, qualifier, expected, got };
    Err(Located::new(kind, span))
}

fn check_info_selector(selector: &Expr) -> Parsed<()> {
    let failed = |kind| Err(Located::new(kind, selector.span()));
    match selector {
        Expr::VectorSelector(selector) if selector.name.is_empty() => Ok(()),
        Expr::VectorSelector(_) => failed(ErrorKind::InfoSelectorWithName),
        other if other.value_type() == ValueType::Vector => failed(ErrorKind::InfoNoSelector),
        // The check of types tells it better.
        _ => Ok(()),
    }
}

fn expect_type(expr: &Expr, expected: ValueType, context: TypeContext) -> Parsed<()> {
    let got = expr.value_type();
    if got == expected {
        return Ok(());
    }
    Err(Located::new(ErrorKind::WrongType { expected, context, got }, expr.span()))
}
