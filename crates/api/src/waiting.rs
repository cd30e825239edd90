//! What threads that may wait do with work of the runtime.

use std::sync::mpsc::sync_channel;

use tokio::runtime::Handle;

/// Waits for work that the runtime does; `None` where the server ends first. Polled by the waiting thread itself its timers
/// would panic then, as they end before such threads do.
pub(crate) fn wait_here<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let (done, waiting) = sync_channel(1);
    Handle::current().spawn(async move {
        // Nobody waits where the thread has ended.
        let _ = done.send(work.await);
    });
    waiting.recv().ok()
}
