//! What is done from time to time: what is over is forgotten, and the journal is written anew without it.

use alerting::Change;
use tokio::task::JoinHandle;

use super::Runner;

impl Runner {
    /// Starts it on a thread of its own: a hundred thousand alerts take a while to be written.
    pub(super) fn start_maintenance(&self) -> JoinHandle<()> {
        let runner = self.clone();
        tokio::task::spawn_blocking(move || runner.maintain())
    }

    fn maintain(&self) {
        let keeps_alerts = self.inner.parts.keeps_alerts;
        // Held over both, so that nothing is noted in between: it would be in neither file.
        let mut journal = self.inner.journal.lock();
        let rewrite = journal.begin_rewrite();
        let mut changes = self.look(|dispatcher, now| {
            dispatcher.collect_history(now);
            dispatcher.snapshot()
        });
        drop(journal);
        changes.retain(|change| keeps_alerts || !matches!(change, Change::Alert(_)));
        let file = rewrite.write(&changes);
        let mut journal = self.inner.journal.lock();
        match journal.take_over(file) {
            Ok(()) => tracing::debug!(bytes = journal.bytes(), "wrote the journal of alerts anew"),
            Err(error) => tracing::error!(%error, "the journal of alerts cannot be written anew"),
        }
    }
}
