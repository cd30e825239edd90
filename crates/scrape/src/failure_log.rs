//! The log of failed scrapes: one JSON line for each target that did not answer (`scrape_failure_log_file`).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use platform::{AppendFile, Clock, FileSystem};
use serde_json::json;

use crate::error::ApplyError;
use crate::{ScrapeError, Target};

/// A file that failures of one or more jobs go to.
#[derive(Debug)]
pub(crate) struct FailureLog {
    path: PathBuf,
    file: Mutex<Box<dyn AppendFile>>,
}

/// Where the failures of a job go: the same place for all its targets, which a reload may change while they run.
#[derive(Debug, Default)]
pub(crate) struct FailureSlot(Mutex<Option<Arc<FailureLog>>>);

/// The files of one state of the settings: each is open once, however many jobs name it.
#[derive(Debug, Default)]
pub(crate) struct FailureLogs(BTreeMap<PathBuf, Arc<FailureLog>>);

impl FailureLogs {
    /// The file at a path, opened anew with the first job that names it, so that a file which was moved away is
    /// made again; `None` where none is named.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn open(
        &mut self,
        files: &dyn FileSystem,
        path: Option<&Path>,
    ) -> Result<Option<Arc<FailureLog>>, ApplyError> {
        let Some(path) = path else { return Ok(None) };
        if let Some(open) = self.0.get(path) {
            return Ok(Some(Arc::clone(open)));
        }
        let file = files
            .open_append(path)
            .map_err(|error| ApplyError::FailureLog { path: path.to_owned(), reason: error.to_string() })?;
        let log = Arc::new(FailureLog { path: path.to_owned(), file: Mutex::new(file) });
        self.0.insert(path.to_owned(), Arc::clone(&log));
        Ok(Some(log))
    }
}

impl FailureSlot {
    /// Has failures go there from now on.
    pub(crate) fn set(&self, log: Option<Arc<FailureLog>>) {
        *self.0.lock() = log;
    }

    /// Notes that a target did not answer as it should. What an answer holds is no matter of this log, as in the
    /// original: not its content type either.
    pub(crate) fn note(&self, clock: &dyn Clock, target: &Target, error: &ScrapeError) {
        if matches!(error, ScrapeError::ContentType(_)) {
            return;
        }
        let Some(log) = self.0.lock().clone() else { return };
        let line = entry(clock.now_ms(), target, error);
        if let Err(error) = log.file.lock().append(line.as_bytes()) {
            tracing::error!(%error, file = %log.path.display(), "failed scrape not logged");
        }
    }
}

/// The line of a failure, with the original's keys.
fn entry(now_ms: i64, target: &Target, error: &ScrapeError) -> String {
    let time = Timestamp::from_millisecond(now_ms).map(|time| time.to_string()).unwrap_or_default();
    let mut line = json!({
        "time": time,
        "level": "ERROR",
        "msg": error.to_string(),
        "job_name": target.scrape_pool(),
        "target": target.scrape_url(),
    })
    .to_string();
    line.push('\n');
    line
}
