//! What the store has of one tenant.

use std::sync::Arc;
use std::time::Duration;

use model::Labels;
use parking_lot::{Mutex, RwLock};
use storage::logs::StreamEntries;

use crate::head::{Buffer, Stream, Target};
use crate::part::Part;
use crate::streams::Streams;

/// What the store has of one tenant.
///
/// Where both locks are taken, the one of the view comes first.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) name: String,
    pub(crate) streams: RwLock<Streams>,
    /// Where entries are that are not in the streams' own buffers; held by readers while they gather what to read,
    /// and by whoever moves entries from one place to another.
    pub(crate) view: RwLock<View>,
}

/// Places of entries besides the streams' buffers.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Entries that are being written to a part.
    pub(crate) frozen: Option<Arc<FrozenHead>>,
    pub(crate) parts: Vec<Arc<Part>>,
}

/// Buffers that take no more entries.
#[derive(Debug, Default)]
pub(crate) struct FrozenHead {
    /// As they stand in parts.
    pub(crate) streams: Vec<(Arc<Stream>, Arc<Mutex<Buffer>>)>,
}

/// Whether a stream can take entries.
pub(crate) enum Found {
    /// It can.
    Stream(Arc<Stream>),
    /// It can, and is new.
    Created(Arc<Stream>),
    /// It would be one too many.
    OverLimit,
}

impl Tenant {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), streams: RwLock::default(), view: RwLock::default() }
    }

    /// The streams of a push that take entries, and the positions of those that are not there.
    pub(crate) fn find(&self, push: &[StreamEntries<'_>]) -> (Vec<Target>, Vec<usize>) {
        let mut found = Vec::with_capacity(push.len());
        let mut missing = Vec::new();
        let streams = self.streams.read();
        // All are looked up before any is taken: what one of them needs is fetched from memory while the next are looked up,
        // and to take one ends that.
        for (position, of_stream) in push.iter().enumerate().filter(|(_, of)| !of.entries.is_empty()) {
            match streams.hinted(of_stream.labels, of_stream.hint) {
                Some(stream) => found.push((stream.id, position, stream)),
                None => missing.push(position),
            }
        }
        let target = |(id, position, stream)| Target { id, position, stream: Arc::clone(stream) };
        (found.into_iter().map(target).collect(), missing)
    }

    /// The stream that takes the entries of these labels, made where there may be one more.
    pub(crate) fn stream(&self, labels: &Labels, streams_max: usize, takes_new: bool) -> Found {
        if let Some(stream) = self.streams.read().active(labels) {
            return Found::Stream(Arc::clone(stream));
        }
        let mut streams = self.streams.write();
        if let Some(stream) = streams.active(labels) {
            return Found::Stream(Arc::clone(stream));
        }
        if !takes_new || (streams_max > 0 && streams.active_count() >= streams_max) {
            return Found::OverLimit;
        }
        streams.activate(labels).map_or(Found::OverLimit, Found::Created)
    }

    /// Lets streams take no more entries that have none in memory and had none for so long; says how many. No push
    /// may run meanwhile.
    pub(crate) fn forget_idle(&self, now: Duration, idle: Duration) -> usize {
        let view = self.view.read();
        if view.frozen.is_some() {
            return 0;
        }
        let is_idle = |stream: &Arc<Stream>| {
            stream.with_buffer(|buffer| buffer.lock().rows()) == 0
                && now.saturating_sub(stream.intake.lock().last_push) >= idle
        };
        let ids: Vec<u32> = {
            let streams = self.streams.read();
            streams.all_active().filter(|stream| is_idle(stream)).map(|stream| stream.id).collect()
        };
        let mut streams = self.streams.write();
        for id in &ids {
            streams.deactivate(*id);
        }
        ids.len()
    }
}
