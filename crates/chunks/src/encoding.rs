//! The numbers that stand for the encodings in files.

use crate::Error;

/// How the bytes of a chunk are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Encoding {
    /// Floats.
    Xor = 1,
    /// Histograms with whole-number counts.
    Histogram = 2,
    /// Histograms with fractional counts.
    FloatHistogram = 3,
    /// Floats with start timestamps.
    Xor2 = 4,
    /// Histograms with whole-number counts and start timestamps.
    HistogramSt = 5,
    /// Histograms with fractional counts and start timestamps.
    FloatHistogramSt = 6,
}

impl Encoding {
    /// The encoding with this number.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`] where there is none.
    pub const fn from_id(id: u8) -> Result<Self, Error> {
        match id {
            1 => Ok(Self::Xor),
            2 => Ok(Self::Histogram),
            3 => Ok(Self::FloatHistogram),
            4 => Ok(Self::Xor2),
            5 => Ok(Self::HistogramSt),
            6 => Ok(Self::FloatHistogramSt),
            _ => Err(Error::UnknownEncoding(id)),
        }
    }

    /// The number that stands for the encoding in files.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The name that the original prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xor => "XOR",
            Self::Histogram => "histogram",
            Self::FloatHistogram => "floathistogram",
            Self::Xor2 => "XOR2",
            Self::HistogramSt => "histogramST",
            Self::FloatHistogramSt => "floathistogramST",
        }
    }

    /// Whether the samples are floats.
    pub const fn holds_floats(self) -> bool {
        matches!(self, Self::Xor | Self::Xor2)
    }

    /// Whether each sample has a start timestamp.
    pub const fn has_start_timestamps(self) -> bool {
        matches!(self, Self::Xor2 | Self::HistogramSt | Self::FloatHistogramSt)
    }
}

/// The number of samples that a chunk's header tells.
///
/// # Errors
/// [`Error::NoHeader`].
pub fn sample_count(encoding: Encoding, bytes: &[u8]) -> Result<u16, Error> {
    let header = bytes.first_chunk().ok_or(Error::NoHeader { len: bytes.len() })?;
    let count = u16::from_be_bytes(*header);
    Ok(match encoding {
        // The upper two bits tell of counter resets.
        Encoding::HistogramSt | Encoding::FloatHistogramSt => count & 0x3FFF,
        _ => count,
    })
}
