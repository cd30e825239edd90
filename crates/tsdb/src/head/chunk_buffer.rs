//! The memory of open chunks.

mod pieces;
#[cfg(test)]
mod tests;

use chunks::BitBuffer;

use pieces::{PIECE_BYTES, Place};

/// The bytes of an open chunk.
#[derive(Debug)]
pub(crate) enum ChunkBytes {
    /// Of floats, the many.
    Floats(FloatBytes),
    /// Of all others.
    Plain(Vec<u8>),
}

/// About as long as a page of series.
const NEAR_BYTES: usize = 1 << 14;

/// The bytes of a chunk of floats: the last ones stand in the series itself, where an append has them at hand, those
/// before in pieces.
///
/// All series of a target grow at the same rate. Did each have its bytes in one place, it would move to a larger one
/// again and again, and leave gaps that no other series has a use for any more. Pieces have one length, stay where
/// they are, and are full.
#[derive(Debug)]
pub(crate) struct FloatBytes {
    /// The newest one.
    pieces: Option<Place>,
    /// Bytes in all pieces.
    in_pieces: u32,
    /// Bytes of `last` that are written.
    used: u8,
    last: [u8; PIECE_BYTES],
}

impl ChunkBytes {
    /// The number of bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(bytes) => bytes.len(),
            Self::Plain(bytes) => bytes.len(),
        }
    }

    /// The bytes in one piece.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Floats(bytes) => bytes.to_vec(),
            Self::Plain(bytes) => bytes.clone(),
        }
    }
}

impl FloatBytes {
    /// No bytes.
    pub(crate) fn new() -> Self {
        Self { pieces: None, in_pieces: 0, used: 0, last: [0; PIECE_BYTES] }
    }

    /// The number of bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.in_pieces as usize + usize::from(self.used)
    }

    /// The bytes in one piece.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len()];
        let (mut rest, last) = bytes.split_at_mut(self.in_pieces as usize);
        last.copy_from_slice(self.last.get(..last.len()).unwrap_or_default());
        let mut next = self.pieces;
        while let Some((piece, (before, place))) = next.zip(std::mem::take(&mut rest).split_last_chunk_mut())
        {
            (rest, (*place, next)) = (before, pieces::read(piece));
        }
        bytes
    }

    /// Moves the last bytes, as many as a piece has, to one.
    fn set_aside(&mut self) {
        // Series of one page have their pieces in one store.
        let near = std::ptr::from_ref(self).addr() / NEAR_BYTES;
        self.pieces = pieces::keep(near, self.last, self.pieces);
        self.in_pieces += PIECE_BYTES as u32;
        self.used = 0;
    }

    /// Reads a little of the memory that an append needs.
    #[inline]
    pub(crate) fn fetch(&self) -> u32 {
        u32::from(self.used) ^ u32::from(self.last[PIECE_BYTES - 1])
    }
}

impl Drop for FloatBytes {
    fn drop(&mut self) {
        while let Some(piece) = self.pieces {
            (_, self.pieces) = pieces::give_back(piece);
        }
    }
}

impl From<&[u8]> for FloatBytes {
    fn from(bytes: &[u8]) -> Self {
        let mut new = Self::new();
        new.extend(bytes);
        new
    }
}

impl BitBuffer for FloatBytes {
    #[inline]
    fn extend(&mut self, mut bytes: &[u8]) {
        loop {
            let room = self.last.get_mut(usize::from(self.used)..).unwrap_or_default();
            if let Some(room) = room.get_mut(..bytes.len()) {
                room.copy_from_slice(bytes);
                self.used += bytes.len() as u8;
                return;
            }
            let (here, later) = bytes.split_at(room.len());
            room.copy_from_slice(here);
            self.set_aside();
            bytes = later;
        }
    }

    /// Copies all of `word` where there is room: what stands behind the bytes that are used means nothing.
    #[inline]
    fn extend_word(&mut self, word: [u8; 8], len: usize) {
        let room = self.last.get_mut(usize::from(self.used)..).and_then(|room| room.first_chunk_mut());
        match room {
            Some(room) => {
                *room = word;
                self.used += len.min(word.len()) as u8;
            }
            None => self.extend(word.get(..len).unwrap_or(&word)),
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<u8> {
        if self.used == 0 {
            (self.last, self.pieces) = pieces::give_back(self.pieces?);
            self.in_pieces -= PIECE_BYTES as u32;
            self.used = PIECE_BYTES as u8;
        }
        self.used -= 1;
        self.last.get(usize::from(self.used)).copied()
    }

    fn clear(&mut self) {
        *self = Self::new();
    }

    /// The count is in the appender, and goes into the bytes when they are taken out.
    #[inline]
    fn set_count(&mut self, _count: u16) {}
}
