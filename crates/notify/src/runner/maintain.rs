//! What is done from time to time: what is over is forgotten, and the journal is written anew without it.

use tokio::task::JoinHandle;

use super::Runner;

/// How many alerts are written before others get a turn.
const ALERTS_AT_ONCE: usize = 1000;

impl Runner {
    /// Starts it on a thread of its own: a hundred thousand alerts take a while to be written.
    pub(super) fn start_maintenance(&self) -> JoinHandle<()> {
        let runner = self.clone();
        tokio::task::spawn_blocking(move || runner.maintain())
    }

    fn maintain(&self) {
        // Held over both, so that nothing is noted in between: it would be in neither file.
        let mut journal = self.inner.journal.lock();
        let rewrite = journal.begin_rewrite();
        let changes = self.look(|dispatcher, now| {
            dispatcher.collect_history(now);
            dispatcher.snapshot()
        });
        drop(journal);
        let mut next = self.inner.parts.keeps_alerts.then_some(0);
        // Piece by piece, so that neither the dispatcher nor memory is taken by all alerts at once. One that changes
        // meanwhile is noted as every change is, behind them.
        let pieces = std::iter::once(changes).chain(std::iter::from_fn(|| {
            let from = next?;
            let (piece, behind) = self.look(|dispatcher, _| dispatcher.snapshot_alerts(from, ALERTS_AT_ONCE));
            next = behind;
            Some(piece)
        }));
        let file = rewrite.write(pieces);
        let mut journal = self.inner.journal.lock();
        match journal.take_over(file) {
            Ok(()) => tracing::debug!(bytes = journal.bytes(), "wrote the journal of alerts anew"),
            Err(error) => tracing::error!(%error, "the journal of alerts cannot be written anew"),
        }
    }
}
