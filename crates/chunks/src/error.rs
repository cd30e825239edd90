//! Why bytes are no chunk, or a sample has no place in one.

use crate::Encoding;

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
    /// A list is announced to have more members than there are bits left.
    #[error("chunk holds a list of {len} members, more than it has bits")]
    ListTooLong {
        /// The announced number of members.
        len: u64,
    },
    /// A histogram's spans do not lay out as many buckets as it has.
    #[error("histogram has {buckets} buckets where its spans lay out {laid_out}")]
    BucketCount {
        /// Buckets it has on one side.
        buckets: usize,
        /// Buckets that the spans of that side lay out.
        laid_out: usize,
    },
    /// Not an encoding of the kind of samples that was asked for.
    #[error("chunk is encoded as {}, which holds other samples", .0.name())]
    WrongEncoding(Encoding),
    /// The chunk holds as many samples as its header can count.
    #[error("chunk is full")]
    Full,
}
