//! Why bytes are no chunk, or a sample has no place in one.

/// What can go wrong between samples and chunk bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end before the samples that they announce.
    #[error("chunk of {len} bytes ends before its {samples} samples")]
    Truncated {
        /// Length of the chunk in bytes.
        len: usize,
        /// Samples that its header announces.
        samples: usize,
    },
    /// The bytes end before the header does.
    #[error("chunk of {len} bytes has no complete header")]
    NoHeader {
        /// Length of the chunk in bytes.
        len: usize,
    },
    /// A variable-length integer does not fit 64 bits.
    #[error("chunk holds a variable-length integer of more than 64 bits")]
    Overflow,
    /// No encoding has this number.
    #[error("unknown chunk encoding {0}")]
    UnknownEncoding(u8),
    /// The chunk holds as many samples as its header can count.
    #[error("chunk is full")]
    Full,
}
