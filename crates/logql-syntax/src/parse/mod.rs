//! From tokens to a tree.
//!
//! Messages list what could stand at a place as a table-driven parser does that reduces before it complains: only where
//! the construct cannot end there, and only up to four names. Wherever something may follow but need not, the list
//! is that of the construct around it, and behind a whole expression there is none, as too much could follow.

mod cursor;
mod label_filter;
mod metric;
mod operator;
mod pipeline;
mod range;
mod selector;
mod stage;
mod variants;

use model::Matcher;

use crate::ast::{Expr, LogExpr, MetricExpr};
use crate::error::{ErrorKind, ParseError};
use crate::lex::{self, TokenKind};
use crate::options::Options;
use cursor::Parser;

/// The longest text that is read.
pub const TEXT_BYTES_MAX: usize = 131_072;

/// How deep parentheses and calls may nest.
pub const DEPTH_MAX: usize = 128;

/// How many operators a query may have between metric queries, and between conditions on labels.
pub const OPERATORS_MAX: usize = 500;

/// Reads a query. Stages are read, but not tried: [`check_stages`](crate::check_stages) does that.
///
/// # Errors
/// [`ParseError`], with its place.
pub fn parse(text: &str, options: Options) -> Result<Expr, ParseError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ErrorKind::TooLong { length: text.len(), limit: TEXT_BYTES_MAX }.into());
    }
    let mut parser = Parser::new(lex::tokens(text), text, options);
    let expr = match parser.variants()? {
        Some(variants) => Expr::Metric(MetricExpr::Variants(Box::new(variants))),
        None => parser.expr(0)?,
    };
    if parser.kind() != TokenKind::End {
        return Err(parser.unexpected(&[]));
    }
    parser.finish()?;
    Ok(expr)
}

/// Reads a log query.
///
/// # Errors
/// [`ParseError`], also for a metric query.
pub fn parse_log(text: &str, options: Options) -> Result<LogExpr, ParseError> {
    match parse(text, options)? {
        Expr::Log(log) => Ok(log),
        Expr::Metric(_) => Err(ErrorKind::NotALogQuery.into()),
    }
}

/// Reads a selector alone.
///
/// # Errors
/// [`ParseError`], also for any other query.
pub fn parse_selector(text: &str, options: Options) -> Result<Vec<Matcher>, ParseError> {
    match parse(text, options)? {
        Expr::Log(log) if log.stages.is_empty() => Ok(log.matchers),
        _ => Err(ErrorKind::NotASelector.into()),
    }
}
