//! The queue before the log store, and what becomes of entries that the store refuses.

use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendReport, EntryRange, LogQueryable, RejectReason, Rejected};

use super::*;

/// Follows nothing.
struct Nobody;

impl Observer for Nobody {
    fn watches(&self, _: &str) -> bool {
        false
    }

    fn accepted(&self, _: &str, _: &Labels, _: &[EntryRef<'_>]) {}
}

/// Takes nothing.
struct Full;

impl EntryAppendable for Full {
    fn append(&self, _: &str, _: &[StreamEntries<'_>], _: &AppendRules) -> storage::Result<AppendReport> {
        Err(storage::Error::Unavailable("the disk is full".into()))
    }
}

fn entry(at_ns: i64, line: &str) -> HistoryEntry {
    HistoryEntry { at_ns, line: line.to_owned() }
}

fn queue(limits: (usize, usize)) -> Queue {
    let metrics = Metrics::new(&Registry::new());
    Queue { waiting: Mutex::default(), news: Notify::new(), metrics, limits }
}

fn lines(logs: &MemoryLogs) -> usize {
    let querier = logs.log_querier(api::SINGLE_TENANT, EntryRange::ALL).unwrap();
    let blocks = querier.select(&[model::Matcher::equal("stream", "alert-history")]).unwrap();
    blocks.blocks().iter().map(|block| block.rows).sum()
}

#[test]
fn entries_beyond_the_bounds_of_the_queue_are_dropped_and_counted() {
    let queue = queue((2, 10));
    queue.record(vec![entry(1, "12345"), entry(2, "123456"), entry(3, "12345"), entry(4, "")]);
    let kept: Vec<i64> = queue.take().iter().map(|entry| entry.at_ns).collect();
    assert_eq!(kept, [1, 3], "six bytes more than ten are too many, and so is a third entry");
    assert_eq!(queue.metrics.dropped.with(&["queue_full"]).get(), 2);
    queue.record(vec![entry(5, "1234567890")]);
    assert_eq!(queue.take().len(), 1, "what was taken makes room");
}

#[test]
fn entries_that_the_store_refuses_are_counted() {
    let queue = queue((10, 100));
    let way = LogWay { store: Arc::new(Full), follower: Arc::new(Nobody) };
    append(&queue, &way, &[entry(1, "a"), entry(2, "b")]);
    assert_eq!(queue.metrics.dropped.with(&["refused"]).get(), 2);
    assert_eq!(queue.metrics.written.get(), 0);
}

/// Sees lines.
#[derive(Default)]
struct Seeing(Mutex<Vec<String>>);

impl Observer for Seeing {
    fn watches(&self, _: &str) -> bool {
        true
    }

    fn accepted(&self, _: &str, _: &Labels, entries: &[EntryRef<'_>]) {
        let lines = entries.iter().map(|entry| String::from_utf8_lossy(entry.line).into_owned());
        self.0.lock().extend(lines);
    }
}

/// Refuses the first entry, has the second one already, and takes the others.
struct Choosing;

impl EntryAppendable for Choosing {
    fn append(&self, _: &str, push: &[StreamEntries<'_>], _: &AppendRules) -> storage::Result<AppendReport> {
        let first = Rejected { stream: 0, entry: 0, reason: RejectReason::OutOfOrder };
        let stored = push[0].entries.len() - 2;
        Ok(AppendReport { stored, duplicates: 1, repeated: vec![(0, 1)], rejected: vec![first] })
    }
}

#[test]
fn who_follows_is_told_what_was_stored_and_nothing_else() {
    let (queue, seeing) = (queue((10, 100)), Arc::new(Seeing::default()));
    let follower: Arc<dyn Observer> = Arc::clone(&seeing) as _;
    let way = LogWay { store: Arc::new(Choosing), follower };
    append(&queue, &way, &[entry(1, "refused"), entry(2, "repeated"), entry(3, "new")]);
    assert_eq!(*seeing.0.lock(), ["new"]);
}

#[tokio::test]
async fn what_waits_at_the_end_is_written() {
    let logs = MemoryLogs::new();
    let way = LogWay { store: Arc::new(logs.clone()), follower: Arc::new(Nobody) };
    let history = History::start(way, &Registry::new());
    // Nothing else has had a turn on this thread: both are in the queue when the end comes.
    history.sink().record(vec![entry(1, "a")]);
    history.sink().record(vec![entry(2, "b")]);
    history.stop().await;
    assert_eq!(lines(&logs), 2);
}
