//! Remote write 1.0: each series carries its labels as texts.

use super::Error;
pub use super::items::{Item, Items, Plain};
use super::items::{Numbers, split_sample};
use super::labels::SentLabels;
use super::message::{Message, split_run};
use super::sample::{SentExemplar, SentSample, decode_labelled_exemplar};

/// A request on its way into series.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    fields: Message<'a>,
}

/// A series of a request.
const SERIES_TAG: u8 = 1 << 3 | 2;
/// Fields of a series: labels, samples, exemplars, histograms.
const LABELS: u32 = 1;
const LABELS_TAG: u8 = 1 << 3 | 2;
const NUMBERS: Numbers = Numbers { label_messages: true, exemplars: 3, histograms: 4, metadata: 0 };

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
        if let Some(message) = self.fields.take(SERIES_TAG) {
            return Ok(Some(Series::new(message)));
        }
        while let Some((number, value)) = self.fields.next()? {
            match number {
                1 => return Ok(Some(Series::new(value.bytes_of("Timeseries")?))),
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
    message: &'a [u8],
}

impl<'a> Series<'a> {
    /// The series of a message.
    #[inline]
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { message }
    }

    /// The labels and the sample of a series that carries one float sample and nothing else.
    ///
    /// `None` says nothing: whoever reads all of the series is told what it is.
    #[inline]
    pub fn plain(&self) -> Option<Plain<'a>> {
        let (labels, rest) = split_run(LABELS_TAG, self.message);
        let (sample, rest) = split_sample(rest)?;
        // This version knows of no start times.
        let sample = SentSample { start_timestamp: 0, ..sample };
        rest.is_empty().then_some(Plain { labels, sample })
    }

    /// The bytes of the labels as they were sent: the same from the same sender every time. `None` where they do
    /// not stand together.
    ///
    /// # Errors
    /// Where the bytes are no series.
    pub fn raw_labels(&self) -> Result<Option<&'a [u8]>, Error> {
        let (labels, rest) = split_run(LABELS_TAG, self.message);
        let mut fields = Message::new("TimeSeries", rest);
        let mut together = true;
        while let Some((number, _)) = fields.next()? {
            together &= number != LABELS;
        }
        Ok(together.then_some(labels))
    }

    /// Reads the labels.
    ///
    /// # Errors
    /// Where the bytes are no labels.
    pub fn labels(&self, labels: &mut SentLabels<'a>) -> Result<(), Error> {
        labels.clear();
        let mut fields = Message::new("TimeSeries", self.message);
        while let Some((number, value)) = fields.next()? {
            if number == LABELS {
                labels.add(value.bytes_of("Labels")?)?;
            }
        }
        Ok(())
    }

    /// What the series carries, in the order of the bytes.
    pub fn items(&self) -> Items<'a> {
        Items::new(self.message, NUMBERS)
    }

    /// Reads an exemplar and its labels.
    ///
    /// # Errors
    /// Where the bytes are no exemplar.
    pub fn exemplar(message: &'a [u8], labels: &mut SentLabels<'a>) -> Result<SentExemplar, Error> {
        decode_labelled_exemplar(message, labels)
    }
}
