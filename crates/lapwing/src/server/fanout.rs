//! The local store and those that are read beside it, as one.

use std::sync::Arc;
use std::time::Duration;

use platform::real::RealFileSystem;
use remote::{ReadParts, Reader};
use storage::merge::MergedQuerier;
use storage::{Querier, Queryable, Result, TimeRange};
use telemetry::Registry;
use tsdb::Db;

use crate::version;

/// What lies so far behind the beginning of the oldest block is certainly all in the local store: two blocks.
const LOCAL_MARGIN: Duration = Duration::from_secs(2 * 2 * 60 * 60);

/// All samples; of two at one time the local one stays.
pub(super) struct Fanout {
    db: Db,
    reader: Arc<Reader>,
}

impl Fanout {
    pub(super) fn new(db: Db, reader: Arc<Reader>) -> Self {
        Self { db, reader }
    }
}

impl Queryable for Fanout {
    fn querier(&self, range: TimeRange) -> Result<Box<dyn Querier>> {
        let local = self.db.querier(range)?;
        Ok(match self.reader.querier(range) {
            None => local,
            Some(remote) => MergedQuerier::of(vec![local, remote]),
        })
    }
}

/// The other stores, none yet.
pub(super) fn reader(db: &Db, registry: Registry) -> Arc<Reader> {
    let store = db.clone();
    Arc::new(Reader::new(ReadParts {
        files: Arc::new(RealFileSystem),
        registry,
        local_start: Arc::new(move || {
            let margin = LOCAL_MARGIN.as_millis() as i64;
            let start = store.blocks().iter().map(|block| block.meta().min_time).min();
            start.map(|start| start.saturating_add(margin))
        }),
        user_agent: format!("Prometheus/{}", version::PROMETHEUS_VERSION),
    }))
}
