//! Log queries: the first or last entries that come out of a pipeline, over all streams.
//!
//! Blocks are taken in the order in which their entries are wanted, some at a time, by plain threads; as soon as there
//! are enough entries and no block left can have an earlier one, the query ends. No more entries are held than are
//! given.

mod collect;
mod interval;
mod result;
mod scan;

use logql_syntax::LogExpr;
use storage::logs::{Filters, LogQuerier};

pub use result::{LogEntry, LogResult, LogStream};

use crate::pipeline::{CompileOptions, Order, Pipeline};
use crate::{Control, Result, Statistics};

/// A log query.
#[derive(Debug, Clone, Copy)]
pub struct LogQuery<'q> {
    /// The query.
    pub expr: &'q LogExpr,
    /// How many entries are wanted, at most.
    pub limit: usize,
    /// Which ones, and in which order.
    pub order: Order,
    /// Entries nearer than this (nanoseconds) to the one given before are left out; 0 for none.
    pub interval: i64,
    /// Whether streams have their own labels alone, and entries keep what else there is apart.
    pub categorize: bool,
    /// The time of the query in nanoseconds since the Unix epoch, for templates that ask.
    pub now: i64,
}

/// Evaluates a log query over the entries that a querier sees.
///
/// # Errors
/// `Parse` for a stage that cannot be made, errors of the store, `Canceled`, `TimedOut`, limits.
pub fn query_logs(querier: &dyn LogQuerier, query: &LogQuery<'_>, control: &Control) -> Result<LogResult> {
    let pipeline = Pipeline::compile(&query.expr.stages, &CompileOptions::ALL)?.at(query.now);
    // Filters that are to be read are asked some blocks at a time, since a query with a limit often ends with the first of them.
    let blocks = querier.select_holding(&query.expr.matchers, pipeline.needles(), Filters::AtHand)?;
    control.note(&Statistics {
        streams: blocks.streams().len() as u64,
        blocks: blocks.left_out() as u64,
        blocks_skipped: blocks.left_out() as u64,
        ..Statistics::default()
    });
    let mut entries = scan::scan(&*blocks, &pipeline, query, control)?;
    // The limit counts what is left out here, as in the original.
    if query.interval > 0 {
        interval::thin(&mut entries, query);
    }
    let result = result::assemble(entries, query.categorize);
    let returned = result.streams.iter().map(|stream| stream.entries.len() as u64).sum();
    control.note(&Statistics { entries_returned: returned, ..Statistics::default() });
    Ok(result)
}
