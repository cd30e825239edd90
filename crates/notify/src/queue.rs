//! One receiver: its queue, and the task that sends from it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Uri};
use http_client::{Client, Request};
use parking_lot::Mutex;
use platform::Clock;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::alert::{Alert, body};
use crate::metrics::QueueMetrics;

/// The largest answer that is read; nothing in it matters.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

const RUNS: u8 = 0;
const DRAINS: u8 = 1;
const ENDS: u8 = 2;

/// What a receiver is sent with.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) timeout: Duration,
    pub(crate) user_agent: String,
    pub(crate) capacity: usize,
    pub(crate) batch_max: usize,
    pub(crate) metrics: QueueMetrics,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A receiver at work.
pub(crate) struct Queue {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    receiver: Receiver,
    waiting: Mutex<VecDeque<Arc<Alert>>>,
    news: Notify,
    state: AtomicU8,
}

impl Queue {
    /// Starts sending; must be called within a Tokio runtime.
    pub(crate) fn start(receiver: Receiver) -> Queue {
        let shared = Arc::new(Shared {
            receiver,
            waiting: Mutex::default(),
            news: Notify::new(),
            state: AtomicU8::new(RUNS),
        });
        let task = tokio::spawn(run(Arc::clone(&shared)));
        Queue { shared, task }
    }

    /// Queues alerts; the oldest make room for them.
    pub(crate) fn push(&self, alerts: &[Arc<Alert>]) {
        let receiver = &self.shared.receiver;
        let mut waiting = self.shared.waiting.lock();
        waiting.extend(alerts.iter().cloned());
        let too_many = waiting.len().saturating_sub(receiver.capacity);
        if too_many > 0 {
            waiting.drain(..too_many);
            receiver.metrics.dropped.add(too_many as u64);
            tracing::warn!(
                alertmanager = receiver.url,
                too_many,
                "alert notification queue full, dropping alerts"
            );
        }
        receiver.metrics.length.set(waiting.len() as f64);
        drop(waiting);
        self.shared.news.notify_one();
    }

    /// Ends sending: what waits is sent before where `drains`.
    pub(crate) fn end(self, drains: bool) -> JoinHandle<()> {
        self.shared.state.store(if drains { DRAINS } else { ENDS }, Ordering::Release);
        self.shared.news.notify_one();
        self.task
    }
}

async fn run(shared: Arc<Shared>) {
    loop {
        let state = shared.state.load(Ordering::Acquire);
        let batch: Vec<Arc<Alert>> = {
            let mut waiting = shared.waiting.lock();
            let count = waiting.len().min(shared.receiver.batch_max.max(1));
            let batch = waiting.drain(..count).collect();
            shared.receiver.metrics.length.set(waiting.len() as f64);
            batch
        };
        match state {
            ENDS => {
                let left = batch.len() + shared.waiting.lock().len();
                shared.receiver.metrics.dropped.add(left as u64);
                return;
            }
            DRAINS if batch.is_empty() => return,
            _ if batch.is_empty() => shared.news.notified().await,
            _ => send(&shared.receiver, &batch).await,
        }
    }
}

async fn send(receiver: &Receiver, batch: &[Arc<Alert>]) {
    let count = batch.len() as u64;
    let metrics = &receiver.metrics;
    let began = receiver.clock.monotonic();
    let outcome = post(receiver, body(batch)).await;
    let took = receiver.clock.monotonic().saturating_sub(began).as_secs_f64();
    metrics.latency.observe(took);
    metrics.latency_histogram.observe(took);
    metrics.sent.add(count);
    if let Err(error) = outcome {
        tracing::error!(alertmanager = receiver.url, count, error, "error sending alerts");
        metrics.errors.add(count);
        metrics.dropped.add(count);
    }
}

async fn post(receiver: &Receiver, body: String) -> Result<(), String> {
    let url: Uri = receiver.url.parse().map_err(|error: http::uri::InvalidUri| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(agent) = HeaderValue::try_from(&receiver.user_agent) {
        headers.insert(USER_AGENT, agent);
    }
    let request =
        Request { method: Method::POST, url, headers, body: body.into(), timeout: receiver.timeout };
    let response = receiver.client.send(request).await.map_err(|error| error.to_string())?;
    let (is_good, status) = (response.status.is_success(), response.status_text());
    // What is not read to its end costs the connection, and no more.
    let _ = response.bytes(Some(ANSWER_BYTES_MAX)).await;
    if is_good { Ok(()) } else { Err(format!("bad response status {status}")) }
}
