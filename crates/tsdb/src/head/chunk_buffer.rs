//! The memory of open chunks.

use chunks::ByteBuffer;

/// The bytes of an open chunk. It grows in the allocator's own steps: doubling would leave half of it unused, and
/// this is the largest part of a series.
#[derive(Debug, Default)]
pub(crate) struct ChunkBuffer(pub(crate) Vec<u8>);

/// What the allocator keeps beside each piece of memory; together they are a multiple of 16 bytes.
const ALLOCATOR_BYTES: usize = 8;

impl ByteBuffer for ChunkBuffer {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let step = if needed <= 120 { 32 } else { 64 };
            let room = (needed + ALLOCATOR_BYTES).next_multiple_of(step) - ALLOCATOR_BYTES;
            self.0.reserve_exact(room - self.0.len());
        }
        self.0.extend_from_slice(bytes);
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// The count is in the appender, and goes into the bytes when they are taken out.
    #[inline]
    fn set_count(&mut self, _count: u16) {}
}
