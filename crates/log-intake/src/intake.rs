//! The way in.

use std::fmt;
use std::sync::Arc;

use model::Labels;
use platform::Clock;
use storage::logs::{AppendReport, EntryAppendable, EntryRef, StreamEntries};
use storage::{Error as StoreError, ErrorKind};
use telemetry::Registry;
use wire::loki::Push;

use crate::entry::{Checked, Incoming, Rewritten, Window};
use crate::error::{PushError, Reason};
use crate::level::Levels;
use crate::limits::Limits;
use crate::metrics::{Metrics, Received};
use crate::outcome::{Appended, counted_as};
use crate::request::{Judged, Request, blocked_answer};
use crate::stream::Known;
use crate::tenant::Tenants;

/// Sees entries as they come in.
pub trait Observer: Send + Sync {
    /// Whether the entries of a tenant are wanted now.
    fn watches(&self, tenant: &str) -> bool;

    /// Entries of a stream that were stored; a shipper that sends them once more is not seen.
    fn accepted(&self, tenant: &str, stream: &Labels, entries: &[EntryRef<'_>]);
}

/// What a push came as, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Loki's own forms.
    Loki,
    /// OpenTelemetry.
    Otlp,
    /// Elasticsearch's `_bulk`.
    Elasticsearch,
    /// This process itself.
    Internal,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Self::Loki => "loki",
            Self::Otlp => "otlp",
            Self::Elasticsearch => "elasticsearch",
            Self::Internal => "internal",
        }
    }
}

/// The text of a push without a stream.
const NO_STREAM: &str = "error at least one valid stream is required for ingestion";

/// Stands before a store and lets in what is in order.
pub struct Intake {
    store: Arc<dyn EntryAppendable>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    tenants: Tenants,
    observers: Vec<Arc<dyn Observer>>,
}

impl fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Intake").field("observers", &self.observers.len()).finish_non_exhaustive()
    }
}

impl Intake {
    /// An intake of a store.
    pub fn new(store: Arc<dyn EntryAppendable>, clock: Arc<dyn Clock>, registry: &Registry) -> Self {
        let metrics = Metrics::new(registry);
        Self { store, clock, metrics, tenants: Tenants::default(), observers: Vec::new() }
    }

    /// Adds somebody who sees the entries that come in.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observers.push(observer);
        self
    }

    /// Takes a push. Limits are compared by their address: as long as they do not change, the same ones should come
    /// again, so that what is known of streams holds.
    ///
    /// # Errors
    /// Something of it was refused. The rest is stored, unless labels could not be read (400), no stream came (422),
    /// the tenant sends too much (429), nothing is taken from it at all, or the store takes nothing (500, 503).
    pub fn push(
        &self,
        tenant: &str,
        push: &Push<'_>,
        format: Format,
        limits: &Arc<Limits>,
    ) -> Result<(), PushError> {
        if push.streams.is_empty() {
            return Err(PushError::new(422, NO_STREAM));
        }
        let state = self.tenants.get(tenant, &self.metrics);
        let texts = push.streams.iter().map(|stream| push.text(stream.labels));
        let known = state.known(texts, limits).map_err(|message| PushError::new(400, message))?;
        let metadata: Vec<(&str, &str)> =
            push.metadata.iter().map(|(name, value)| (push.text(*name), push.text(*value))).collect();
        let entries: Vec<EntryRef<'_>> =
            push.entries.iter().map(|entry| entry_ref(push, entry, &metadata)).collect();
        let streams: Vec<Incoming<'_>> = known
            .iter()
            .zip(&push.streams)
            .map(|(known, stream)| Incoming {
                known,
                entries: entries.get(stream.entries.clone()).unwrap_or_default(),
            })
            .collect();
        self.take(&Request { tenant, state: &state, limits, format: format.as_str(), streams: &streams })
    }

    /// Takes entries of this process itself; the same rules hold for them.
    ///
    /// # Errors
    /// As [`Intake::push`].
    pub fn append(
        &self,
        tenant: &str,
        streams: &[StreamEntries<'_>],
        limits: &Arc<Limits>,
    ) -> Result<(), PushError> {
        let state = self.tenants.get(tenant, &self.metrics);
        let texts: Vec<String> = streams.iter().map(|stream| stream.labels.to_string()).collect();
        let known = state.known(texts.iter().map(String::as_str), limits);
        let known = known.map_err(|message| PushError::new(400, message))?;
        let streams: Vec<Incoming<'_>> = known
            .iter()
            .zip(streams)
            .map(|(known, stream)| Incoming { known, entries: stream.entries })
            .collect();
        self.take(&Request {
            tenant,
            state: &state,
            limits,
            format: Format::Internal.as_str(),
            streams: &streams,
        })
    }

    fn take(&self, request: &Request<'_>) -> Result<(), PushError> {
        let now_ms = self.clock.now_ms();
        if let Some(blocked) = request.limits.blocked.as_ref().filter(|blocked| now_ms < blocked.until_ms) {
            for stream in request.streams {
                request.discard(stream.known, Reason::Blocked, stream.entries);
            }
            return blocked_answer(request.tenant, None, blocked).map_or(Ok(()), Err);
        }
        let rewritten = Rewritten::of(request.streams, request.limits);
        let (cut_lines, cut_bytes) = rewritten.cut(request.streams);
        if cut_lines > 0 {
            request.state.metrics.cut(cut_lines, cut_bytes);
        }
        let mut checked = Checked::default();
        let mut judged = Judged::default();
        let window = Window::at(now_ms.saturating_mul(1_000_000), request.limits);
        let levels = Levels::of(request.limits);
        let mut kept: Vec<(&Known, std::ops::Range<usize>)> = Vec::with_capacity(request.streams.len());
        for (place, stream) in request.streams.iter().enumerate() {
            if stream.entries.is_empty() || judged.refuses_stream(request, stream, now_ms) {
                continue;
            }
            let start = checked.entries.len();
            checked.add_stream(
                place,
                stream,
                &rewritten,
                (window, levels),
                request.limits,
                |refusal, entry| {
                    judged.refusals.add(&refusal.text);
                    request.discard(stream.known, refusal.reason, std::slice::from_ref(entry));
                },
            );
            if checked.entries.len() > start {
                kept.push((stream.known, start..checked.entries.len()));
            }
        }
        if kept.is_empty() {
            return judged.answer(None);
        }
        self.check_rate(request, &checked, &kept)?;
        let from_store = self.append_checked(request, &checked, &kept)?;
        judged.answer(from_store)
    }

    /// Counts what is in order, and asks whether the tenant may send so much.
    fn check_rate(
        &self,
        request: &Request<'_>,
        checked: &Checked<'_>,
        kept: &[(&Known, std::ops::Range<usize>)],
    ) -> Result<(), PushError> {
        let mut all = Received::default();
        // Streams that are counted alike are counted once: to find a counter costs more than a short stream.
        let mut alike: Vec<(&Known, Received)> = Vec::new();
        let mut line_bytes = Vec::with_capacity(kept.len());
        for (known, range) in kept {
            let entries = checked.entries.get(range.clone()).unwrap_or_default();
            let received = Received {
                lines: entries.len(),
                line_bytes: entries.iter().map(|entry| entry.line.len()).sum(),
                metadata_bytes: entries.iter().map(|entry| entry.sent_metadata_bytes).sum(),
            };
            all.lines += received.lines;
            all.line_bytes += received.line_bytes + received.metadata_bytes;
            line_bytes
                .extend((received.lines > 0).then(|| received.line_bytes as f64 / received.lines as f64));
            let same = |other: &Known| (other.is_internal, other.policy) == (known.is_internal, known.policy);
            match alike.iter_mut().find(|(other, _)| same(other)) {
                Some((_, sum)) => *sum += received,
                None => alike.push((known, received)),
            }
        }
        request.state.metrics.lines(&line_bytes);
        for (known, received) in alike {
            request.state.metrics.received(received, known.is_internal, request.labelled(known));
        }
        let Some(rate) = &request.limits.rate else { return Ok(()) };
        if request.state.allow(rate, self.clock.monotonic(), all.line_bytes) {
            return Ok(());
        }
        for stream in request.streams {
            request.discard(stream.known, Reason::RateLimited, stream.entries);
        }
        let text = format!(
            "Ingestion rate limit exceeded for user {} (limit: {} bytes/sec) while attempting to ingest '{}' lines totaling '{}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased",
            request.tenant, rate.per_second as u64, all.lines, all.line_bytes
        );
        Err(PushError::new(429, text))
    }

    /// Appends what is in order; gives what the store refused of it.
    fn append_checked(
        &self,
        request: &Request<'_>,
        checked: &Checked<'_>,
        kept: &[(&Known, std::ops::Range<usize>)],
    ) -> Result<Option<PushError>, PushError> {
        let entries = checked.entry_refs();
        let mut known = Vec::with_capacity(kept.len());
        let mut streams = Vec::with_capacity(kept.len());
        let mut refused = None;
        for (stream, range) in kept {
            let of_stream = entries.get(range.clone()).unwrap_or_default();
            if let Some(error) = before_first_time(of_stream, request.limits) {
                refused = Some(error);
                continue;
            }
            known.push(*stream);
            streams.push(StreamEntries {
                labels: &stream.labels,
                entries: of_stream,
                hint: Some(&stream.hint),
            });
        }
        self.metrics.appends.with(&["local"]).inc();
        let report =
            self.store.append(request.tenant, &streams, &request.limits.append).map_err(|error| {
                self.metrics.append_failures.with(&["local"]).inc();
                store_answer(&error)
            })?;
        let appended = Appended { tenant: request.tenant, limits: request.limits, streams: &streams };
        for rejected in appended.by_stream(&report) {
            refused = appended.error(rejected).or(refused);
            for one in rejected {
                let entry = streams.get(one.stream).and_then(|stream| stream.entries.get(one.entry));
                if let (Some(entry), Some(stream)) = (entry, known.get(one.stream)) {
                    request.discard(stream, counted_as(&one.reason), std::slice::from_ref(entry));
                }
            }
        }
        self.tell_observers(request.tenant, &streams, &report);
        Ok(refused)
    }

    fn tell_observers(&self, tenant: &str, streams: &[StreamEntries<'_>], report: &AppendReport) {
        self.observers.iter().for_each(|observer| tell(observer.as_ref(), tenant, streams, report));
    }
}

/// Shows an observer what a store took of a push: neither what was refused nor what was stored already.
pub fn tell(observer: &dyn Observer, tenant: &str, streams: &[StreamEntries<'_>], report: &AppendReport) {
    if !observer.watches(tenant) {
        return;
    }
    let mut left_out: Vec<(usize, usize)> =
        report.rejected.iter().map(|one| (one.stream, one.entry)).collect();
    left_out.extend_from_slice(&report.repeated);
    left_out.sort_unstable();
    let mut left_out = left_out.into_iter().peekable();
    for (place, stream) in streams.iter().enumerate() {
        let mut accepted = Vec::new();
        let mut is_whole = true;
        for (number, entry) in stream.entries.iter().enumerate() {
            if left_out.next_if(|one| *one == (place, number)).is_some() {
                is_whole = false;
            } else {
                accepted.push(*entry);
            }
        }
        let accepted = if is_whole { stream.entries } else { &accepted };
        if !accepted.is_empty() {
            observer.accepted(tenant, stream.labels, accepted);
        }
    }
}

fn entry_ref<'p, 'a>(
    push: &'p Push<'a>,
    entry: &wire::loki::Entry<'a>,
    metadata: &'p [(&'p str, &'p str)],
) -> EntryRef<'p> {
    let start = entry.metadata_start as usize;
    EntryRef {
        timestamp: entry.timestamp,
        line: push.bytes(entry.line),
        metadata: metadata.get(start..start + entry.metadata_len as usize).unwrap_or_default(),
    }
}

/// The answer to a stream that begins before the first time that the store is set up for.
fn before_first_time(entries: &[EntryRef<'_>], limits: &Limits) -> Option<PushError> {
    let first = limits.times.first?;
    let time = entries.first().map(|entry| entry.timestamp).filter(|time| *time < first)?;
    let seconds = (time / 1_000_000) as f64 / 1000.0;
    let text = format!(
        "rpc error: code = Unknown desc = failed to create stream: no schema config found for time {seconds}"
    );
    Some(PushError::new(500, text))
}

fn store_answer(error: &StoreError) -> PushError {
    let status = match error.kind() {
        ErrorKind::Unavailable => 503,
        ErrorKind::OverLimit => 429,
        ErrorKind::Invalid => 400,
        _ => 500,
    };
    PushError::new(status, error.to_string())
}
