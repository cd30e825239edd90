//! Changes to the selectors of a query: `promql label-matchers set` and `delete`.

#[cfg(test)]
mod tests;

use model::labels::METRIC_NAME;
use model::matcher::{MatchOp, Matcher};

use crate::ast::{Expr, VectorSelector};

/// Makes every selector of the query match the label so: matchers that name the label are replaced, selectors
/// without one get one.
///
/// # Errors
/// The value is no regular expression, and the operator wants one; the query is unchanged then.
pub fn set_label_matcher(
    expr: &mut Expr,
    name: &str,
    op: MatchOp,
    value: &str,
) -> Result<(), go_regex::Error> {
    let new = Matcher::new(name, op, value)?;
    for_each_selector(expr, &mut |selector| {
        let mut found = false;
        for matcher in selector.matchers.iter_mut().filter(|matcher| matcher.name() == name) {
            *matcher = new.clone();
            found = true;
        }
        if !found {
            selector.matchers.push(new.clone());
        }
        rename(selector);
    });
    Ok(())
}

/// Takes all matchers that name the label off the selectors of the query.
pub fn delete_label_matchers(expr: &mut Expr, name: &str) {
    for_each_selector(expr, &mut |selector| {
        selector.matchers.retain(|matcher| matcher.name() != name);
        rename(selector);
    });
}

/// Keeps the name before the braces in step with the matcher of the name.
fn rename(selector: &mut VectorSelector) {
    if selector.name.is_empty() {
        return;
    }
    let name = selector.matchers.iter().find(|matcher| matcher.name() == METRIC_NAME);
    selector.name = match name {
        Some(matcher) if matcher.is_metric_name() && is_written_before_braces(matcher.value()) => {
            matcher.value().to_owned()
        }
        _ => String::new(),
    };
}

/// Whether a name can stand before braces and means the metric there.
fn is_written_before_braces(name: &str) -> bool {
    matches!(crate::parse_expr(name, crate::Options::default()), Ok(Expr::VectorSelector(selector)) if selector.name == name)
}

fn for_each_selector(expr: &mut Expr, change: &mut impl FnMut(&mut VectorSelector)) {
    match expr {
        Expr::Number(_) | Expr::String(_) => {}
        Expr::VectorSelector(selector) => change(selector),
        Expr::MatrixSelector(matrix) => change(&mut matrix.selector),
        Expr::Subquery(subquery) => for_each_selector(&mut subquery.expr, change),
        Expr::Unary(unary) => for_each_selector(&mut unary.expr, change),
        Expr::Paren(paren) => for_each_selector(&mut paren.expr, change),
        Expr::Binary(binary) => {
            for_each_selector(&mut binary.lhs, change);
            for_each_selector(&mut binary.rhs, change);
        }
        Expr::Aggregate(aggregate) => {
            if let Some(param) = &mut aggregate.param {
                for_each_selector(param, change);
            }
            for_each_selector(&mut aggregate.expr, change);
        }
        Expr::Call(call) => call.args.iter_mut().for_each(|argument| for_each_selector(argument, change)),
    }
}
