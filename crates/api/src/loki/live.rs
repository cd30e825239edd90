//! Entries as they come in, for those who follow them.
//!
//! Whoever follows has a queue of its own with a bound; what does not fit is dropped and told later, and never holds
//! up a push.

mod told;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use log_intake::Observer;
use model::{Labels, Matcher};
use parking_lot::{Mutex, RwLock};
use platform::Clock;
use storage::logs::{EntryColumns, EntryRef, MetadataColumn, MetadataValues};
use tokio::sync::Notify;

use told::Told;

/// Entries that wait for a follower at most.
const ENTRIES_MAX: usize = 10_000;
/// Bytes of entries that wait for a follower at most.
const BYTES_MAX: usize = 8 << 20;
/// What an entry takes beside its line and its structured metadata.
const ENTRY_BYTES: usize = 128;
/// Dropped entries that are told one by one.
const DROPPED_MAX: usize = 1000;

/// Hands entries to their followers.
pub struct LiveEntries {
    clock: Arc<dyn Clock>,
    followers: RwLock<Vec<Arc<Follower>>>,
    count: AtomicUsize,
}

/// A follower's side: what it follows, and what waits for it.
pub(super) struct Follower {
    tenant: String,
    matchers: Vec<Matcher>,
    queue: Mutex<Queue>,
    pub(super) news: Notify,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<LiveEntry>,
    bytes: usize,
    dropped: Vec<Dropped>,
    told: Told,
}

/// An entry that came in.
pub(super) struct LiveEntry {
    pub(super) stream: Labels,
    pub(super) timestamp: i64,
    /// The entry as a block of one row.
    pub(super) columns: EntryColumns,
    /// When it came, on the monotonic clock.
    pub(super) came: Duration,
    /// About how many bytes of memory it takes.
    bytes: usize,
}

/// An entry that a follower was too slow for.
#[derive(Debug, Clone)]
pub(super) struct Dropped {
    pub(super) stream: Labels,
    pub(super) timestamp: i64,
}

impl LiveEntries {
    /// Nobody follows yet.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, followers: RwLock::default(), count: AtomicUsize::new(0) })
    }

    /// Gives entries of a stream that have been stored to whoever follows them.
    fn publish(&self, tenant: &str, stream: &Labels, entries: &[EntryRef<'_>]) {
        let came = self.clock.monotonic();
        for follower in self.followers.read().iter().filter(|follower| follower.wants(tenant, stream)) {
            follower.take(stream, entries, came);
        }
    }

    /// Follows the streams that fulfil all matchers, from now on.
    pub(super) fn follow(self: &Arc<Self>, tenant: &str, matchers: Vec<Matcher>) -> Following {
        let follower = Arc::new(Follower {
            tenant: tenant.to_owned(),
            matchers,
            queue: Mutex::default(),
            news: Notify::new(),
        });
        self.followers.write().push(Arc::clone(&follower));
        self.count.fetch_add(1, Ordering::AcqRel);
        Following { live: Arc::clone(self), follower }
    }

    /// How many follow entries of a tenant.
    pub(super) fn followers_of(&self, tenant: &str) -> usize {
        self.followers.read().iter().filter(|follower| follower.tenant == tenant).count()
    }
}

impl Observer for LiveEntries {
    fn watches(&self, tenant: &str) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.followers_of(tenant) > 0
    }

    fn accepted(&self, tenant: &str, stream: &Labels, entries: &[EntryRef<'_>]) {
        self.publish(tenant, stream, entries);
    }
}

/// Follows until it is dropped.
pub(super) struct Following {
    live: Arc<LiveEntries>,
    pub(super) follower: Arc<Follower>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.live.followers.write().retain(|other| !Arc::ptr_eq(other, &self.follower));
        self.live.count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Follower {
    fn wants(&self, tenant: &str, stream: &Labels) -> bool {
        self.tenant == tenant && self.matchers.iter().all(|matcher| matcher.matches_labels(stream))
    }

    fn take(&self, stream: &Labels, entries: &[EntryRef<'_>], came: Duration) {
        let mut queue = self.queue.lock();
        for entry in entries {
            let Some(hash) = queue.told.unknown(stream, entry) else { continue };
            let metadata: usize = entry.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
            let bytes = entry.line.len() + metadata + ENTRY_BYTES;
            if queue.entries.len() >= ENTRIES_MAX || queue.bytes + bytes > BYTES_MAX {
                if queue.dropped.len() < DROPPED_MAX {
                    queue.dropped.push(Dropped { stream: stream.clone(), timestamp: entry.timestamp });
                }
                continue;
            }
            queue.told.add(hash);
            queue.bytes += bytes;
            let columns = columns(entry);
            queue.entries.push_back(LiveEntry {
                stream: stream.clone(),
                timestamp: entry.timestamp,
                columns,
                came,
                bytes,
            });
        }
        drop(queue);
        self.news.notify_one();
    }

    /// Takes up to `max` entries that came at `until` or before, and what was dropped.
    pub(super) fn next(&self, until: Duration, max: usize) -> (Vec<LiveEntry>, Vec<Dropped>) {
        let mut queue = self.queue.lock();
        let due = queue.entries.iter().take(max).take_while(|entry| entry.came <= until).count();
        let entries: Vec<LiveEntry> = queue.entries.drain(..due).collect();
        let bytes: usize = entries.iter().map(|entry| entry.bytes).sum();
        queue.bytes = queue.bytes.saturating_sub(bytes);
        (entries, std::mem::take(&mut queue.dropped))
    }
}

/// A block of one row.
fn columns(entry: &EntryRef<'_>) -> EntryColumns {
    let mut columns = EntryColumns { rows: 1, timestamps: vec![entry.timestamp], ..EntryColumns::default() };
    columns.push_line(entry.line);
    let pairs = entry.metadata.iter();
    columns.metadata = pairs
        .map(|(name, value)| MetadataColumn {
            name: Arc::from(*name),
            values: MetadataValues::Constant(Arc::from(*value)),
        })
        .collect();
    columns
}
