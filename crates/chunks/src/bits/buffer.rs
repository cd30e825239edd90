//! Where the bytes of an open chunk live.

/// A growing buffer that holds one chunk; a `Vec<u8>`, or a place in a pool.
pub trait ByteBuffer {
    /// What was written so far.
    fn bytes(&self) -> &[u8];

    /// What was written so far, to be changed in place.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Appends bytes.
    fn extend(&mut self, bytes: &[u8]);

    /// Cuts the buffer to `len` bytes.
    fn truncate(&mut self, len: usize);

    /// Writes the number of samples into the first two bytes. A buffer may leave that to whoever takes the bytes out:
    /// they lie far from those that an append touches.
    fn set_count(&mut self, count: u16) {
        if let Some(header) = self.bytes_mut().first_chunk_mut() {
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

    fn extend(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }
}
