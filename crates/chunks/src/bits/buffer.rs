//! Where the bytes of an open chunk live.

/// What bits are written behind: a buffer that holds one chunk and grows at its end.
pub trait BitBuffer {
    /// Appends bytes.
    fn extend(&mut self, bytes: &[u8]);

    /// Appends the first `len` bytes of `word`.
    #[inline]
    fn extend_word(&mut self, word: [u8; 8], len: usize) {
        self.extend(word.get(..len).unwrap_or(&word));
    }

    /// Takes the last byte away, if there is one.
    fn pop(&mut self) -> Option<u8>;

    /// Takes all bytes away.
    fn clear(&mut self);

    /// Writes the number of samples into the first two bytes. A buffer may leave that to whoever takes the bytes out:
    /// they lie far from those that an append touches.
    fn set_count(&mut self, count: u16);
}

/// A buffer whose bytes lie in one piece; a `Vec<u8>`, or a place in a pool.
pub trait ByteBuffer: BitBuffer {
    /// What was written so far.
    fn bytes(&self) -> &[u8];

    /// What was written so far, to be changed in place.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Cuts the buffer to `len` bytes.
    fn truncate(&mut self, len: usize);
}

impl BitBuffer for Vec<u8> {
    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn pop(&mut self) -> Option<u8> {
        self.pop()
    }

    fn clear(&mut self) {
        self.clear();
    }

    #[inline]
    fn set_count(&mut self, count: u16) {
        if let Some(header) = self.first_chunk_mut() {
            *header = count.to_be_bytes();
        }
    }
}

impl ByteBuffer for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }
}
