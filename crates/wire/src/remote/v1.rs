//! Remote write 1.0: each series carries its labels as texts.

use super::Error;
use super::labels::SentLabels;
use super::message::{Message, run_of};
use super::sample::{SentExemplar, SentSample, decode_labelled_exemplar, decode_sample};
use crate::proto::Value;

/// A request on its way into series.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    fields: Message<'a>,
}

/// Fields of a series: labels, samples, exemplars, histograms.
const LABELS: u32 = 1;
const LABELS_TAG: u8 = 1 << 3 | 2;
const SAMPLES_TAG: u8 = 2 << 3 | 2;

impl<'a> Request<'a> {
    /// Begins to walk a decompressed body.
    pub fn new(body: &'a [u8]) -> Self {
        Self { fields: Message::new("WriteRequest", body) }
    }

    /// The next series, `None` at the end. Metadata stand between series, are checked and passed over, as in the
    /// original.
    ///
    /// # Errors
    /// Where the bytes are no request.
    #[inline]
    pub fn next_series(&mut self) -> Result<Option<Series<'a>>, Error> {
        while let Some((number, value)) = self.fields.next()? {
            match number {
                1 => return Series::new(value.bytes_of("Timeseries")?).map(Some),
                3 => check_metadata(value.bytes_of("Metadata")?)?,
                _ => {}
            }
        }
        Ok(None)
    }
}

fn check_metadata(message: &[u8]) -> Result<(), Error> {
    let mut fields = Message::new("MetricMetadata", message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => drop(value.number_of("Type")?),
            2 => drop(value.bytes_of("MetricFamilyName")?),
            4 => drop(value.bytes_of("Help")?),
            5 => drop(value.bytes_of("Unit")?),
            _ => {}
        }
    }
    Ok(())
}

/// A series of a request.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The label fields that the message begins with: all of them, but for odd senders.
    labels: &'a [u8],
    rest: &'a [u8],
    /// Whether there are label fields in `rest` too.
    scattered: bool,
}

/// What a series carries beside labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    /// A float sample.
    Sample(SentSample),
    /// An exemplar, for [`Series::exemplar`].
    Exemplar(&'a [u8]),
    /// A histogram, for [`super::SentHistogram::decode`].
    Histogram(&'a [u8]),
}

impl<'a> Series<'a> {
    /// The series of a message.
    pub(super) fn of(message: &'a [u8]) -> Result<Self, Error> {
        Self::new(message)
    }

    #[inline]
    fn new(message: &'a [u8]) -> Result<Self, Error> {
        let (labels, rest) = message.split_at_checked(run_of(LABELS_TAG, message)).unwrap_or((message, &[]));
        // Nearly all have one sample and nothing behind it.
        let scattered = run_of(SAMPLES_TAG, rest) != rest.len() && Self::has_labels(rest)?;
        Ok(Self { labels, rest, scattered })
    }

    fn has_labels(rest: &[u8]) -> Result<bool, Error> {
        let mut fields = Message::new("TimeSeries", rest);
        let mut found = false;
        while let Some((number, _)) = fields.next()? {
            found |= number == LABELS;
        }
        Ok(found)
    }

    /// The bytes of the labels as they were sent: the same from the same sender every time. `None` where they do
    /// not stand together.
    #[inline]
    pub fn raw_labels(&self) -> Option<&'a [u8]> {
        (!self.scattered).then_some(self.labels)
    }

    /// Reads the labels.
    ///
    /// # Errors
    /// Where the bytes are no labels.
    pub fn labels(&self, labels: &mut SentLabels<'a>) -> Result<(), Error> {
        labels.clear();
        labels.add_run(self.labels)?;
        if self.scattered {
            labels.add_run(self.rest)?;
        }
        Ok(())
    }

    /// What the series carries, in the order of the bytes.
    pub fn items(&self) -> Items<'a> {
        Items { fields: Message::new("TimeSeries", self.rest) }
    }

    /// Reads an exemplar and its labels.
    ///
    /// # Errors
    /// Where the bytes are no exemplar.
    pub fn exemplar(message: &'a [u8], labels: &mut SentLabels<'a>) -> Result<SentExemplar, Error> {
        decode_labelled_exemplar(message, labels)
    }
}

/// The items of a series.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    fields: Message<'a>,
}

impl<'a> Items<'a> {
    /// The next item, `None` at the end.
    ///
    /// # Errors
    /// Where the bytes are no series.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "an iterator of results would go on behind an error")]
    pub fn next(&mut self) -> Result<Option<Item<'a>>, Error> {
        while let Some((number, value)) = self.fields.next()? {
            match (number, value) {
                (2, Value::Bytes(bytes)) => {
                    return decode_sample(bytes).map(|sample| Some(Item::Sample(sample)));
                }
                (3, Value::Bytes(bytes)) => return Ok(Some(Item::Exemplar(bytes))),
                (4, Value::Bytes(bytes)) => return Ok(Some(Item::Histogram(bytes))),
                (1, Value::Bytes(_)) => {}
                (1, value) => return Err(Error::wrong("Labels", value)),
                (2, value) => return Err(Error::wrong("Samples", value)),
                (3, value) => return Err(Error::wrong("Exemplars", value)),
                (4, value) => return Err(Error::wrong("Histograms", value)),
                _ => {}
            }
        }
        Ok(None)
    }
}
