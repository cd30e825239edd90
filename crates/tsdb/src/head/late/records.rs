//! Samples that came out of order as records of a log.

use chunks::recode::{Sample, Value};
use model::{FloatHistogram, Histogram, SeriesRef};
use wal::Batch;
use wal::record::{HistogramColumns, RecordHistogram, Samples, encode_histograms, encode_samples};

/// Samples with their series, in the order in which they came.
pub(crate) type LateSamples = Vec<(SeriesRef, Sample)>;

/// Samples in one record.
const SAMPLES_PER_RECORD: usize = 16 * 1024;

/// Adds records of the samples to a batch. The order within a series does not matter to who reads them.
pub(crate) fn push_records(samples: &[(SeriesRef, Sample)], batch: &mut Batch) -> Result<(), wal::Error> {
    for part in samples.chunks(SAMPLES_PER_RECORD) {
        let mut floats = Samples::default();
        let mut histograms: HistogramColumns<Histogram> = HistogramColumns::default();
        let mut float_histograms: HistogramColumns<FloatHistogram> = HistogramColumns::default();
        for (series, Sample { timestamp, start, value }) in part {
            match value {
                Value::Float(value) => floats.push_with_start(*series, *timestamp, *start, *value),
                Value::Histogram(histogram) => {
                    histograms.push(*series, *timestamp, *start, Histogram::clone(histogram));
                }
                Value::FloatHistogram(histogram) => {
                    float_histograms.push(*series, *timestamp, *start, FloatHistogram::clone(histogram));
                }
            }
        }
        let mut record = Vec::new();
        encode_samples(&floats, &mut record);
        batch.push(&record)?;
        push_histograms(batch, &histograms)?;
        push_histograms(batch, &float_histograms)?;
    }
    Ok(())
}

fn push_histograms<H: RecordHistogram>(
    batch: &mut Batch,
    columns: &HistogramColumns<H>,
) -> Result<(), wal::Error> {
    encode_histograms(columns, 0..columns.len(), |record| batch.push(record))
}
