//! Memory for bodies: few are read at the same time, however many targets there are.

use http_client::Body;
use parking_lot::Mutex;

/// Bodies whose memory waits to be used again.
#[derive(Debug, Default)]
pub(crate) struct Bodies(Mutex<Vec<Body>>);

/// So many are kept.
const KEPT: usize = 4;
/// Larger ones are given back.
const KEPT_BYTES_MAX: usize = 4 << 20;

impl Bodies {
    /// The one that was used last, which the processor is most likely to have at hand.
    pub(super) fn take(&self) -> Body {
        self.0.lock().pop().unwrap_or_default()
    }

    pub(super) fn give(&self, body: Body) {
        let mut kept = self.0.lock();
        if kept.len() < KEPT && body.capacity() <= KEPT_BYTES_MAX {
            kept.push(body);
        }
    }
}
