//! Requests to delete entries, between the interface and the store.

use std::ops::ControlFlow;
use std::sync::Arc;

use api::{CancelDeleteRefusal, DeleteProgress, LogAdmin, LogDelete};
use logql_engine::pipeline::{CompileOptions, Pipeline, Runner};
use logstore::{CancelRefusal, DeleteRequest, DeleteSelector, DeletedRow, LogStore, RowPredicate};
use storage::logs::{EntryColumns, MetadataColumn, MetadataValues};

/// The store as an administrator sees it.
pub(super) struct Admin(pub(super) LogStore);

impl LogAdmin for Admin {
    fn flush(&self) -> storage::Result<()> {
        Ok(self.0.flush()?)
    }

    fn delete(&self, tenant: &str, query: &str, start: i64, end: i64) -> storage::Result<String> {
        Ok(self.0.delete(tenant, query, start, end)?)
    }

    fn deletes(&self, tenant: &str) -> Vec<LogDelete> {
        self.0.delete_requests(tenant).into_iter().map(listed).collect()
    }

    fn cancel_delete(
        &self,
        tenant: &str,
        id: &str,
        force: bool,
    ) -> storage::Result<Result<(), CancelDeleteRefusal>> {
        let canceled = self.0.cancel_delete(tenant, id, force)?;
        Ok(canceled.map_err(|refusal| match refusal {
            CancelRefusal::Unknown => CancelDeleteRefusal::Unknown,
            CancelRefusal::Processed => CancelDeleteRefusal::Processed,
            CancelRefusal::Begun => CancelDeleteRefusal::Begun,
        }))
    }
}

fn listed(request: DeleteRequest) -> LogDelete {
    let percent = (request.parts_done * 100).checked_div(request.parts_all).unwrap_or(0).min(100);
    let progress = match percent {
        _ if request.is_processed => DeleteProgress::Processed,
        0 => DeleteProgress::Received,
        percent => DeleteProgress::Percent(u8::try_from(percent).unwrap_or(100)),
    };
    LogDelete {
        id: request.id,
        query: request.query,
        start: request.start,
        end: request.end,
        created_ms: request.created_ms,
        progress,
    }
}

/// Reads the query of a request: its selector, and what its stages let through.
pub(super) fn read_query(query: &str) -> Result<DeleteSelector, String> {
    let log = logql_syntax::parse_log(query, logql_syntax::Options::default())
        .map_err(|error| error.to_string())?;
    if log.stages.is_empty() {
        return Ok(DeleteSelector { matchers: log.matchers, rows: None });
    }
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(|error| error.to_string())?;
    let rows: RowPredicate = Arc::new(move |row| comes_out(&pipeline, row));
    Ok(DeleteSelector { matchers: log.matchers, rows: Some(rows) })
}

/// Whether a row comes out of the stages.
fn comes_out(pipeline: &Pipeline, row: &DeletedRow<'_>) -> bool {
    let mut columns = EntryColumns { rows: 1, timestamps: vec![row.timestamp], ..EntryColumns::default() };
    columns.push_line(row.line);
    let pairs = row.metadata.iter();
    columns.metadata = pairs
        .map(|(name, value)| MetadataColumn {
            name: Arc::from(*name),
            values: MetadataValues::Constant(Arc::from(*value)),
        })
        .collect();
    let found = Runner::new(pipeline).run(row.labels, &columns, &mut |_| ControlFlow::Break(()));
    found.is_break()
}

#[cfg(test)]
mod tests;
