//! Which parts of a query count histograms as if they had no buckets.
//!
//! The original leaves buckets unread where a function wants counts and sums alone. It does so for the first selector of
//! a query only, and not where that function is the whole query.

use promql_syntax::Span;
use promql_syntax::ast::Expr;

use super::Detail;
use super::call::detail_of;

#[cfg(test)]
mod tests;

/// These parts of a query, as they stand in the text.
pub(super) fn summarized(query: &Expr) -> Vec<Span> {
    let mut path = Vec::new();
    find_selector(query, &mut path);
    let detail = |part: &Expr| match part {
        Expr::Call(call) => detail_of(call.function.id),
        _ => None,
    };
    let below = path.get(1..).unwrap_or(&[]);
    let nearest = below.iter().rposition(|part| detail(part).is_some());
    let Some((function, within)) = nearest.and_then(|place| below.get(place..)?.split_first()) else {
        return Vec::new();
    };
    if detail(function) != Some(Detail::Counts) {
        return Vec::new();
    }
    let only_this = within.iter().rev().take_while(|part| selector_count(part) == 1);
    only_this.map(|part| part.span()).collect()
}

/// Writes down the parts on the way to the first selector, that one included; `false` where there is none.
fn find_selector<'e>(expr: &'e Expr, path: &mut Vec<&'e Expr>) -> bool {
    path.push(expr);
    let found = is_selector(expr) || operands(expr).into_iter().any(|operand| find_selector(operand, path));
    if !found {
        path.pop();
    }
    found
}

fn selector_count(expr: &Expr) -> usize {
    usize::from(is_selector(expr)) + operands(expr).into_iter().map(selector_count).sum::<usize>()
}

fn is_selector(expr: &Expr) -> bool {
    matches!(expr, Expr::VectorSelector(_) | Expr::MatrixSelector(_))
}

/// The operands in the order in which the original walks over them.
fn operands(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::VectorSelector(_) | Expr::MatrixSelector(_) => Vec::new(),
        Expr::Subquery(subquery) => vec![&subquery.expr],
        Expr::Unary(unary) => vec![&unary.expr],
        Expr::Paren(paren) => vec![&paren.expr],
        Expr::Binary(binary) => vec![&binary.lhs, &binary.rhs],
        Expr::Aggregate(aggregate) => std::iter::once(&aggregate.expr).chain(&aggregate.param).collect(),
        Expr::Call(call) => call.args.iter().collect(),
    }
}
