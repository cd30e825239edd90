//! The query log: one JSON line for each finished query (`global.query_log_file`).

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use platform::{AppendFile, Clock, FileSystem};
use promql_engine::{FinishedQuery, Origin, QueryLog};
use serde_json::{Value, json};

use crate::prometheus::query::shape::{Clocked, stats_json};
use crate::time::format_rfc3339;

/// A query log in a file that can be changed while queries run.
pub struct QueryLogFile {
    clock: Arc<dyn Clock>,
    file: Mutex<Option<Box<dyn AppendFile>>>,
}

impl QueryLogFile {
    /// A log that is off.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, file: Mutex::new(None) }
    }

    /// Goes on in this file, opened anew even where it is the same one, or not at all. A file that cannot be opened
    /// leaves everything as it was.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn reopen(&self, files: &dyn FileSystem, path: Option<&Path>) -> io::Result<()> {
        let file = match path {
            Some(path) if files.exists(path)? => Some(files.open_append(path)?),
            Some(path) => Some(files.create(path)?),
            None => None,
        };
        *self.file.lock() = file;
        Ok(())
    }
}

impl QueryLog for QueryLogFile {
    fn is_on(&self) -> bool {
        self.file.lock().is_some()
    }

    fn write(&self, query: &FinishedQuery<'_>) {
        let mut line = entry(query, self.clock.now_ms()).to_string();
        line.push('\n');
        if let Some(file) = self.file.lock().as_mut()
            && let Err(error) = file.append(line.as_bytes())
        {
            tracing::error!(%error, "query not logged");
        }
    }
}

impl fmt::Debug for QueryLogFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueryLogFile").field("is_on", &self.is_on()).finish_non_exhaustive()
    }
}

/// The line of a query, in the original's form; `step` is in whole seconds there.
fn entry(query: &FinishedQuery<'_>, now_ms: i64) -> Value {
    let clocked =
        Clocked { waited: query.waited.as_secs_f64(), ran: query.stats.timings.total.as_secs_f64() };
    let mut entry = json!({
        "time": time(now_ms),
        "level": "INFO",
        "msg": "promql query logged",
        "params": {
            "query": query.text,
            "start": time(query.start),
            "end": time(query.end),
            "step": query.step / 1000,
        },
        "stats": stats_json(query.stats, clocked),
        "spanID": "0000000000000000",
    });
    let mut add = |key: &str, value: Value| {
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(key.to_owned(), value);
        }
    };
    if let Some(error) = query.error {
        add("error", error.into());
    }
    match query.origin {
        Origin::Unknown => {}
        Origin::Http { client_ip, method, path } => {
            let client_ip = client_ip.map(|client| client.to_string()).unwrap_or_default();
            add("httpRequest", json!({ "clientIP": client_ip, "method": method, "path": path }));
        }
        Origin::RuleGroup { file, name } => add("ruleGroup", json!({ "file": file, "name": name })),
    }
    entry
}

/// A time with all three digits of its milliseconds.
fn time(ms: i64) -> String {
    let seconds = format_rfc3339(ms.div_euclid(1000) * 1000);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), ms.rem_euclid(1000))
}
