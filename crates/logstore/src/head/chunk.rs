//! The lines of a push as they stand in memory: one behind the other, however many streams they belong to.
//!
//! The rows of the streams say where their lines are. So a push copies its text once, to one place, and a stream that
//! gets a line now and then has no text of its own that grows.

use std::sync::Arc;

/// So many sets of metadata are looked at for an equal one.
const RECENT_SETS: usize = 8;
/// What a chunk takes beside its bytes, about.
const OWN_BYTES: usize = 96;

/// Lines and sets of metadata of a push.
#[derive(Debug)]
pub(crate) struct Chunk {
    text: Vec<u8>,
    /// Packed sets, each behind its length; equal ones may share a place. The empty set stands at place 0.
    sets: Vec<u8>,
}

/// Where an entry stands in its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) line: u32,
    pub(super) len: u32,
    pub(crate) set: u32,
}

impl Chunk {
    /// The line at a place.
    #[inline]
    pub(crate) fn line(&self, place: Place) -> &[u8] {
        let start = place.line as usize;
        self.text.get(start..start + place.len as usize).unwrap_or_default()
    }

    /// The packed set at a place of sets.
    #[inline]
    pub(crate) fn set(&self, place: u32) -> &[u8] {
        let rest = self.sets.get(place as usize..).unwrap_or_default();
        let Some((len, rest)) = rest.split_first_chunk::<4>() else { return &[] };
        rest.get(..u32::from_le_bytes(*len) as usize).unwrap_or_default()
    }

    /// Bytes of memory.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.sets.capacity() + OWN_BYTES
    }
}

/// A chunk while its entries come in.
#[derive(Debug)]
pub(crate) struct ChunkBuilder {
    chunk: Chunk,
    /// Places of sets that were used not long ago.
    recent: [u32; RECENT_SETS],
    recent_next: usize,
}

impl ChunkBuilder {
    /// An empty one with room for so much text.
    pub(crate) fn with_room(text: usize) -> Self {
        let chunk = Chunk { text: Vec::with_capacity(text), sets: 0_u32.to_le_bytes().to_vec() };
        Self { chunk, recent: [0; RECENT_SETS], recent_next: 0 }
    }

    /// Adds an entry, its metadata packed; `None` where it does not fit into places of 32 bits.
    pub(crate) fn add(&mut self, line: &[u8], set: &[u8]) -> Option<Place> {
        let end = u32::try_from(self.chunk.text.len() + line.len()).ok()?;
        let set = self.place_of(set)?;
        self.chunk.text.extend_from_slice(line);
        Some(Place { line: end - line.len() as u32, len: line.len() as u32, set })
    }

    /// The place of a set, which is added where it was not used lately.
    fn place_of(&mut self, set: &[u8]) -> Option<u32> {
        if let Some(place) = self.recent.iter().find(|place| self.chunk.set(**place) == set) {
            return Some(*place);
        }
        let sets = &mut self.chunk.sets;
        let place = u32::try_from(sets.len()).ok()?;
        sets.extend_from_slice(&u32::try_from(set.len()).ok()?.to_le_bytes());
        sets.extend_from_slice(set);
        if let Some(recent) = self.recent.get_mut(self.recent_next % RECENT_SETS) {
            *recent = place;
        }
        self.recent_next = (self.recent_next + 1) % RECENT_SETS;
        Some(place)
    }

    /// The chunk, which stays as it is.
    pub(crate) fn finish(self) -> Arc<Chunk> {
        Arc::new(self.chunk)
    }
}
