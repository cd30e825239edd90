//! Sending to other stores.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::Metadata;
use platform::Clock;
use platform::real::RealFileSystem;
use remote::{MetadataSource, Parts, Writer};
use scrape::Scraper;
use telemetry::Registry;
use tsdb::Db;

use crate::version;

/// Where the queues keep their places, within the data directory.
const POSITIONS: &str = "remote_write";
/// Where nothing else is said, a stop is over soon: what is not sent then is sent after the next start.
const FLUSH_DEADLINE: Duration = Duration::from_secs(3);

/// The queues, none running yet.
pub(super) fn writer(
    db: &Db,
    scrapes: &Arc<Scraper>,
    (clock, registry): (Arc<dyn Clock>, Registry),
    flush_deadline: Option<Duration>,
) -> Writer {
    let log = db.clone();
    Writer::new(Parts {
        files: Arc::new(RealFileSystem),
        clock,
        registry,
        log_folder: db.path().join("wal"),
        positions_folder: db.path().join(POSITIONS),
        log_end: Arc::new(move || log.wal_position()),
        metadata: metadata(Arc::clone(scrapes)),
        user_agent: format!("Prometheus/{}", version::PROMETHEUS_VERSION),
        flush_deadline: flush_deadline.unwrap_or(FLUSH_DEADLINE),
    })
}

/// What the targets say of their metrics, one entry for each name.
fn metadata(scrapes: Arc<Scraper>) -> MetadataSource {
    Arc::new(move || {
        let mut all: BTreeMap<String, Metadata> = BTreeMap::new();
        for pool in scrapes.pools() {
            for target in &pool.active {
                all.extend(target.all_metadata());
            }
        }
        all.into_iter().collect()
    })
}
