//! Reload and quit, as the HTTP surface and the signals ask for them.

use std::sync::mpsc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

/// A wish for a reload, with the place where its outcome is told.
pub(super) struct ReloadWish(pub(super) mpsc::SyncSender<Result<(), String>>);

/// Hands wishes to the server's main task.
pub(super) struct Control {
    pub(super) reloads: UnboundedSender<ReloadWish>,
    pub(super) stop: CancellationToken,
}

impl api::Control for Control {
    fn reload(&self) -> Result<(), String> {
        let (outcome, told) = mpsc::sync_channel(1);
        let gone = || "the server is stopping".to_owned();
        self.reloads.send(ReloadWish(outcome)).map_err(|_| gone())?;
        told.recv().map_err(|_| gone())?
    }

    fn quit(&self) -> bool {
        let first = !self.stop.is_cancelled();
        self.stop.cancel();
        first
    }
}
