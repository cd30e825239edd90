//! What a series carries beside its labels: the same in both versions but for the numbers of the fields.

use super::Error;
use super::message::{Message, split_field};
use super::sample::{SentSample, decode_sample};

/// What a series carries beside labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    /// A float sample.
    Sample(SentSample),
    /// A histogram, for [`SentHistogram::decode`](super::SentHistogram::decode).
    Histogram(&'a [u8]),
    /// An exemplar, for [`v1::Series::exemplar`](super::v1::Series::exemplar) or
    /// [`v2::Exemplar::decode`](super::v2::Exemplar::decode).
    Exemplar(&'a [u8]),
    /// What is known of the metric, for [`v2::SentMetadata::decode`](super::v2::SentMetadata::decode): version 2.0
    /// alone.
    Metadata(&'a [u8]),
}

/// A series that carries one float sample and nothing else that is stored: nearly all do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plain<'a> {
    /// All that tells the labels, as it was sent: messages in version 1.0, references in version 2.0.
    pub labels: &'a [u8],
    /// The sample.
    pub sample: SentSample,
}

/// Fields of a series, the same in both versions.
const LABELS: u32 = 1;
const SAMPLES: u32 = 2;
const SAMPLES_TAG: u8 = 2 << 3 | 2;

/// The numbers of the other fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    /// Whether labels are messages.
    pub(super) label_messages: bool,
    pub(super) exemplars: u32,
    pub(super) histograms: u32,
    /// 0 where a series carries none.
    pub(super) metadata: u32,
}

/// The sample that `message` begins with, and what stands behind it.
#[inline]
pub(super) fn split_sample(message: &[u8]) -> Option<(SentSample, &[u8])> {
    let (sample, rest) = split_field(SAMPLES_TAG, message)?;
    Some((decode_sample(sample).ok()?, rest))
}

/// The items of a series.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    fields: Message<'a>,
    numbers: Numbers,
}

impl<'a> Items<'a> {
    pub(super) fn new(message: &'a [u8], numbers: Numbers) -> Self {
        Self { fields: Message::new("TimeSeries", message), numbers }
    }

    /// The next item, `None` at the end.
    ///
    /// # Errors
    /// Where the bytes are no series.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "an iterator of results would go on behind an error")]
    pub fn next(&mut self) -> Result<Option<Item<'a>>, Error> {
        let Numbers { label_messages, exemplars, histograms, metadata } = self.numbers;
        while let Some((number, value)) = self.fields.next()? {
            return Ok(Some(match number {
                SAMPLES => Item::Sample(decode_sample(value.bytes_of("Samples")?)?),
                LABELS if label_messages => {
                    value.bytes_of("Labels")?;
                    continue;
                }
                number if number == histograms => Item::Histogram(value.bytes_of("Histograms")?),
                number if number == exemplars => Item::Exemplar(value.bytes_of("Exemplars")?),
                number if number == metadata => Item::Metadata(value.bytes_of("Metadata")?),
                _ => continue,
            }));
        }
        Ok(None)
    }
}
