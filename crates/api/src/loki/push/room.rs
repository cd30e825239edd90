//! Memory for bodies of pushes, and the share of it that one body holds.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::loki::refusal::Refusal;
use crate::waiting::wait_here;

/// Memory for large bodies, and so the largest body, what it becomes once it is decompressed included.
const LARGE_KIB: usize = 224 << 10;
/// Memory for small bodies.
const SMALL_KIB: usize = 32 << 10;
/// A body is small up to this.
const SMALL_BODY_KIB: usize = 256;
/// How long a body waits for memory that others hold.
const WAIT: Duration = Duration::from_secs(10);

/// The memory for all bodies, a permit a KiB. Small ones have some of their own: who waits has a place in a row, where they would
/// stand behind a large one for as long as it waits.
#[derive(Clone)]
pub(in crate::loki) struct Room {
    large: Arc<Semaphore>,
    small: Arc<Semaphore>,
}

impl Room {
    pub(in crate::loki) fn new() -> Self {
        Self { large: Arc::new(Semaphore::new(LARGE_KIB)), small: Arc::new(Semaphore::new(SMALL_KIB)) }
    }

    /// The share of a body, of so many bytes as far as that is known.
    pub(super) fn share(&self, announced: usize) -> Share {
        Share { room: self.clone(), is_large: announced >= SMALL_BODY_KIB * 1024, held: None }
    }
}

/// A share of the memory for bodies; it grows with what is held, so that who announces much and sends little holds little.
pub(super) struct Share {
    room: Room,
    /// Whether what it holds is of the memory for large bodies.
    is_large: bool,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Waits until there is room for `bytes` in all; what was held before is held on.
    pub(super) async fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        if let Some(missing) = self.missing(bytes)? {
            let is_large = missing.is_large;
            self.take(missing.wait().await?, is_large);
        }
        Ok(())
    }

    /// The same on a thread that may wait.
    pub(super) fn hold_here(&mut self, bytes: usize) -> Result<(), Refusal> {
        if let Some(missing) = self.missing(bytes)? {
            let is_large = missing.is_large;
            let permits = match missing.at_once() {
                Some(permits) => permits,
                None => wait_here(missing.wait()).ok_or_else(Refusal::stopping)??,
            };
            self.take(permits, is_large);
        }
        Ok(())
    }

    /// What it needs to hold `bytes` in all.
    fn missing(&self, bytes: usize) -> Result<Option<Missing>, Refusal> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = bytes / 1024 + 1;
        if wanted <= held {
            return Ok(None);
        }
        if wanted > LARGE_KIB {
            return Err(too_large(bytes, LARGE_KIB * 1024));
        }
        let is_large = self.is_large || wanted > SMALL_BODY_KIB;
        let (room, max) =
            if is_large { (&self.room.large, LARGE_KIB) } else { (&self.room.small, SMALL_BODY_KIB) };
        // A body that has grown large moves over as a whole.
        let of_room = if is_large == self.is_large { held } else { 0 };
        // Doubled, so that a large body asks a few times.
        let more = wanted.max(held * 2).min(max) - of_room;
        Ok(Some(Missing {
            room: Arc::clone(room),
            permits: u32::try_from(more).unwrap_or(u32::MAX),
            is_large,
        }))
    }

    fn take(&mut self, permits: OwnedSemaphorePermit, is_large: bool) {
        match &mut self.held {
            Some(held) if is_large == self.is_large => held.merge(permits),
            held => *held = Some(permits),
        }
        self.is_large = is_large;
    }
}

/// What a body has to get.
struct Missing {
    room: Arc<Semaphore>,
    permits: u32,
    /// Whether it is of the memory for large bodies.
    is_large: bool,
}

impl Missing {
    /// The permits, if nobody holds them.
    fn at_once(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_many_owned(self.permits).ok()
    }

    async fn wait(self) -> Result<OwnedSemaphorePermit, Refusal> {
        let Ok(permits) = tokio::time::timeout(WAIT, self.room.acquire_many_owned(self.permits)).await else {
            let text = "too many large pushes at once, try again later\n";
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, text));
        };
        permits.map_err(Refusal::internal)
    }
}

/// The answer to a body of so many bytes.
pub(super) fn too_large(length: usize, max: usize) -> Refusal {
    let text = format!("loki: message size too large than max ({length} vs {max})\n");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
}
