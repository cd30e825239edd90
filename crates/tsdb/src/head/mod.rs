//! The samples that are still in memory, and the log that keeps them.

mod appender;
mod apply;
mod chunk;
mod chunk_buffer;
mod commit;
mod isolation;
mod kinds;
mod labels;
mod memory;
mod pages;
mod querier;
mod read;
mod series;
mod set;
mod stats;

use std::sync::Arc;

use parking_lot::Mutex;
use wal::GroupLog;

pub(crate) use appender::HeadAppender;
pub(crate) use apply::{Applied, apply_floats, apply_histograms};
pub(crate) use kinds::HeadHistogram;
pub(crate) use memory::Memory;
pub(crate) use querier::HeadQuerier;
pub use stats::{HeadStats, TopEntry};

use commit::Buffers;

/// The head: what is in memory, and its log.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) memory: Memory,
    pub(crate) log: GroupLog,
    /// Memory of finished batches, used again by the next ones.
    buffers: Mutex<Vec<Buffers>>,
}

/// Finished batches whose memory is kept.
const BUFFERS_KEPT: usize = 16;

impl Head {
    pub(crate) fn new(memory: Memory, log: GroupLog) -> Arc<Self> {
        Arc::new(Self { memory, log, buffers: Mutex::default() })
    }

    fn take_buffers(&self) -> Buffers {
        self.buffers.lock().pop().unwrap_or_default()
    }

    fn give_buffers(&self, mut buffers: Buffers) {
        buffers.clear();
        let mut kept = self.buffers.lock();
        if kept.len() < BUFFERS_KEPT && buffers.is_modest() {
            kept.push(buffers);
        }
    }
}
