//! Snappy's block format, bounded.

use super::Error;

/// Decompresses bodies into memory that is used again.
#[derive(Debug, Default)]
pub struct Decompressor {
    /// As long as the longest body so far: it is not cleared between bodies.
    buffer: Vec<u8>,
}

impl Decompressor {
    /// The body that `compressed` stands for.
    ///
    /// # Errors
    /// [`Error::Snappy`]; [`Error::TooLarge`] where it is longer than `max`.
    pub fn decompress(&mut self, compressed: &[u8], max: usize) -> Result<&[u8], Error> {
        let told = snap::raw::decompress_len(compressed).unwrap_or_default();
        if told > max {
            return Err(Error::TooLarge { len: told, max });
        }
        let len = decompressed_len(compressed)?;
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        let room = self.buffer.get_mut(..len).unwrap_or_default();
        let decoded = snap::raw::Decoder::new().decompress(compressed, room).map_err(|_| Error::Snappy)?;
        Ok(self.buffer.get(..decoded).unwrap_or_default())
    }

    /// Bytes of memory that are kept for the next body.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}

/// How long a body says that it is before compression.
///
/// # Errors
/// [`Error::Snappy`] for what is no body of this form, and for more than so few bytes could stand for.
pub fn decompressed_len(compressed: &[u8]) -> Result<usize, Error> {
    /// The most that one byte stands for: three bytes repeat up to 64.
    const BYTES_FOR_ONE: usize = 22;
    let len = snap::raw::decompress_len(compressed).map_err(|_| Error::Snappy)?;
    // The original takes no empty input, but an empty body of one byte.
    if compressed.is_empty() || len / BYTES_FOR_ONE > compressed.len() {
        return Err(Error::Snappy);
    }
    Ok(len)
}

/// Compresses a body.
pub fn compress(body: &[u8]) -> Vec<u8> {
    // The only failure is a body beyond 4 GiB, which no message is.
    snap::raw::Encoder::new().compress_vec(body).unwrap_or_default()
}
