//! From a syntax tree to operators: types, label sets, groups and matches are settled here, samples are read later.
//!
//! Each part of the tree is planned for a [`Grid`]. A part that gives the same at every step is planned for one step
//! and broadcast. Equal selectors share what they found.

mod account;
mod aggregate;
mod binary;
mod call;
mod select;
mod span;
mod summary;

use std::sync::Arc;

use promql_syntax::Span;
use promql_syntax::ast::{At, Expr, UnaryOp, ValueType};
use storage::Querier;

pub(crate) use select::RangePlan;
pub(crate) use span::time_span;

use crate::account::{Account, Kind, Results, Tally, WindowTally};
use crate::functions::{STEP_FUNCTIONS, negate};
use crate::grid::Grid;
use crate::operators::broadcast::{Broadcast, BroadcastScalar};
use crate::operators::map::Map;
use crate::operators::scalar::{Constant, Negated};
use crate::operators::{BoxedScalar, BoxedVector};
use crate::run::{Context, Run};
use crate::series::Removed;
use crate::{Error, Result};

/// Plans the operators of one query.
pub(crate) struct Planner<'q> {
    run: &'q Run<'q>,
    querier: &'q dyn Querier,
    selections: select::Selections,
    /// What is wanted of histograms in the part that is planned.
    detail: Detail,
    /// Whether of histograms in the part that is planned counts and sums alone are counted.
    summaries: bool,
    /// The parts of the query in which they are, where anything is counted.
    summarized: Vec<Span>,
    /// The parts planned so far that are not part of another one.
    accounts: Vec<Account>,
    /// Where the range function that is planned counts its windows.
    window_tally: Option<Arc<WindowTally>>,
    /// Where the `info` that is planned counts the info series.
    info_tally: Option<Arc<Tally>>,
}

/// What is wanted of histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Not known yet.
    Open,
    /// Counts and sums.
    Counts,
    /// Buckets, whatever comes below.
    Buckets,
}

impl<'q> Planner<'q> {
    pub(crate) fn new(run: &'q Run<'q>, querier: &'q dyn Querier, query: &Expr) -> Self {
        let selections = select::Selections::default();
        let summarized = if run.context.counting { summary::summarized(query) } else { Vec::new() };
        Self {
            run,
            querier,
            selections,
            detail: Detail::Open,
            summaries: false,
            summarized,
            accounts: Vec::new(),
            window_tally: None,
            info_tally: None,
        }
    }

    fn context(&self) -> &'q Context {
        self.run.context
    }

    /// Plans an expression that gives a vector.
    pub(crate) fn vector(&mut self, expr: &Expr, grid: Grid) -> Result<BoxedVector> {
        self.context().limits.take_steps(grid.steps)?;
        let (mark, start) = (self.accounts.len(), expr.span().start);
        if grid.steps > 1 && is_invariant(expr) {
            let child = self.vector(expr, grid.once())?;
            self.close(mark, Kind::Repeated, Results::OfPart, grid.steps, start);
            return Ok(Box::new(Broadcast { child, steps: grid.steps }));
        }
        let summaries = self.summarized.contains(&expr.span());
        let outer = std::mem::replace(&mut self.summaries, summaries);
        let operator = self.plain_vector(expr, grid)?;
        self.summaries = summaries;
        let operator = match account::kind_of(expr) {
            Some(kind) => self.close_vector(mark, kind, operator, grid.steps, start),
            None => operator,
        };
        self.summaries = outer;
        Ok(operator)
    }

    fn plain_vector(&mut self, expr: &Expr, grid: Grid) -> Result<BoxedVector> {
        match expr {
            Expr::Paren(paren) => self.vector(&paren.expr, grid),
            Expr::VectorSelector(selector) => self.instant_selector(selector, grid),
            Expr::Unary(unary) => self.unary_vector(&unary.expr, unary.op, grid),
            Expr::Binary(binary) => self.binary_vector(binary, grid),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, grid),
            Expr::Call(call) => self.vector_call(call, grid),
            Expr::Number(_) | Expr::String(_) | Expr::MatrixSelector(_) | Expr::Subquery(_) => {
                Err(unexpected(expr))
            }
        }
    }

    /// Plans an expression that gives a scalar.
    pub(crate) fn scalar(&mut self, expr: &Expr, grid: Grid) -> Result<BoxedScalar> {
        self.context().limits.take_steps(grid.steps)?;
        let (mark, start) = (self.accounts.len(), expr.span().start);
        let operator: BoxedScalar = match expr {
            Expr::Number(number) => Box::new(Constant { value: number.value, steps: grid.steps }),
            Expr::Paren(paren) => {
                return self.scalar(&paren.expr, grid);
            }
            _ if grid.steps > 1 && is_invariant(expr) => {
                let child = self.scalar(expr, grid.once())?;
                self.close(mark, Kind::Repeated, Results::OfPart, grid.steps, start);
                return Ok(Box::new(BroadcastScalar { child, steps: grid.steps }));
            }
            Expr::Unary(unary) => {
                let child = self.scalar(&unary.expr, grid)?;
                return Ok(if unary.op == UnaryOp::Minus { Box::new(Negated { child }) } else { child });
            }
            Expr::Binary(binary) => self.binary_scalar(binary, grid)?,
            Expr::Call(call) => self.scalar_call(call, grid)?,
            _ => return Err(unexpected(expr)),
        };
        self.close(mark, Kind::Stepwise, Results::Scalar, grid.steps, start);
        Ok(operator)
    }

    /// Plans a part of which `detail` is wanted.
    fn with_detail<T>(&mut self, detail: Detail, plan: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = self.detail;
        if outer != Detail::Buckets {
            self.detail = detail;
        }
        let planned = plan(self);
        self.detail = outer;
        planned
    }

    fn unary_vector(&mut self, expr: &Expr, op: UnaryOp, grid: Grid) -> Result<BoxedVector> {
        let child = self.vector(expr, grid)?;
        if op == UnaryOp::Plus {
            return Ok(child);
        }
        Ok(Map::boxed(child, Vec::new(), negate, Some(Removed::Metadata), self.context().delayed_names))
    }

    /// The time that `@` fixes, in milliseconds.
    fn at(&self, at: Option<At>) -> Option<i64> {
        fixed_time(at, self.context())
    }
}

/// The time that `@` fixes, in milliseconds.
pub(crate) fn fixed_time(at: Option<At>, context: &Context) -> Option<i64> {
    at.map(|at| match at {
        At::Timestamp(time) => time,
        At::Start => context.grid.start,
        At::End => context.grid.end(),
    })
}

/// Whether an expression gives the same at every step.
pub(crate) fn is_invariant(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::String(_) => true,
        Expr::VectorSelector(selector) => selector.at.is_some(),
        Expr::MatrixSelector(matrix) => matrix.selector.at.is_some(),
        Expr::Subquery(subquery) => subquery.at.is_some(),
        Expr::Call(call) if STEP_FUNCTIONS.contains(&call.function.id) => false,
        _ => expr.children().into_iter().all(is_invariant),
    }
}

/// The parser checks types; a tree made by hand may still be wrong.
fn unexpected(expr: &Expr) -> Error {
    Error::InvalidParameter(format!("unexpected expression of type {}", expr.value_type().documented_name()))
}

/// The text of a string literal.
fn text(expr: &Expr) -> Result<&str> {
    match expr.unwrap_parens() {
        Expr::String(string) => Ok(&string.value),
        _ => Err(unexpected(expr)),
    }
}

/// The text of a string literal that names a label; as an error what is no name.
fn label_name(expr: &Expr) -> std::result::Result<&str, InvalidName<'_>> {
    match expr.unwrap_parens() {
        Expr::String(string) if string.bytes.is_none() && !string.value.is_empty() => Ok(&string.value),
        Expr::String(string) => Err(InvalidName { text: &string.value, bytes: string.bytes.as_deref() }),
        _ => Err(InvalidName { text: "", bytes: None }),
    }
}

/// A text that names no label.
struct InvalidName<'a> {
    text: &'a str,
    /// Where it is no text at all.
    bytes: Option<&'a [u8]>,
}

impl InvalidName<'_> {
    /// In quotes, bytes that are no UTF-8 as `\xff`.
    fn quoted(&self) -> String {
        let Some(bytes) = self.bytes else { return model::quote::quote(self.text) };
        let mut out = String::from("\"");
        for chunk in bytes.utf8_chunks() {
            let quoted = model::quote::quote(chunk.valid());
            out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or(""));
            for byte in chunk.invalid() {
                out.push_str(&format!("\\x{byte:02x}"));
            }
        }
        out.push('"');
        out
    }
}

impl std::fmt::Display for InvalidName<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.text)
    }
}

fn is_scalar(expr: &Expr) -> bool {
    expr.value_type() == ValueType::Scalar
}
