//! Chunks taken apart into samples and made of them anew: where some were deleted, or where chunks overlap.

use std::borrow::Cow;

use model::{CounterResetHint, FloatHistogram, Histogram};

use crate::{
    Appended, Encoding, Error, HistogramAppender, HistogramKind, ResetHeader, Xor2Appender, XorAppender,
    decode_floats, histogram,
};

/// A chunk with its samples' span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Time of the first sample, milliseconds since the Unix epoch.
    pub start: i64,
    /// Time of the last sample.
    pub end: i64,
    /// How the samples are encoded.
    pub encoding: Encoding,
    /// The encoded samples.
    pub data: Cow<'a, [u8]>,
}

/// A sample of any kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Start time, 0 for none.
    pub start: i64,
    /// What was measured.
    pub value: Value,
}

/// The value of a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A float.
    Float(f64),
    /// A histogram with whole-number counts.
    Histogram(Box<Histogram>),
    /// A histogram with fractional counts.
    FloatHistogram(Box<FloatHistogram>),
}

/// A chunk that is written anew gets no more samples than this.
const CHUNK_SAMPLES_MAX: u16 = 120;

/// Takes a chunk apart, behind what `out` holds.
///
/// # Errors
/// Where the bytes are no chunk.
pub fn decode(encoding: Encoding, data: &[u8], out: &mut Vec<Sample>) -> Result<(), Error> {
    match encoding {
        Encoding::Xor | Encoding::Xor2 => {
            let (mut timestamps, mut values, mut starts) = (Vec::new(), Vec::new(), Vec::new());
            decode_floats(encoding, data, &mut timestamps, &mut values, &mut starts)?;
            let starts = starts.into_iter().chain(std::iter::repeat(0));
            out.extend(
                timestamps.into_iter().zip(starts).zip(values).map(|((timestamp, start), value)| Sample {
                    timestamp,
                    start,
                    value: Value::Float(value),
                }),
            );
        }
        Encoding::Histogram | Encoding::HistogramSt => {
            histogram::decode::<Histogram>(encoding, data, |timestamp, start, histogram| {
                out.push(Sample { timestamp, start, value: Value::Histogram(Box::new(histogram)) });
            })?;
        }
        Encoding::FloatHistogram | Encoding::FloatHistogramSt => {
            histogram::decode::<FloatHistogram>(encoding, data, |timestamp, start, histogram| {
                out.push(Sample { timestamp, start, value: Value::FloatHistogram(Box::new(histogram)) });
            })?;
        }
    }
    Ok(())
}

/// The samples of several sources by time; of those at one time that of the first source stays.
///
/// Nothing is known of counter resets between samples of different sources.
pub fn merge(sources: Vec<Vec<Sample>>) -> Vec<Sample> {
    let numbered = (0_u32..).zip(sources);
    let mut all: Vec<(u32, Sample)> = numbered
        .flat_map(|(number, source)| source.into_iter().map(move |sample| (number, sample)))
        .collect();
    all.sort_by_key(|(number, sample)| (sample.timestamp, *number));
    all.dedup_by_key(|(_, sample)| sample.timestamp);
    let mut before = None;
    let mut merged = Vec::with_capacity(all.len());
    for (number, mut sample) in all {
        if before != Some(number) {
            sample.value.forget_reset();
        }
        before = Some(number);
        merged.push(sample);
    }
    merged
}

impl Value {
    /// Makes a hint that there was no reset one that nothing is known.
    pub fn forget_reset(&mut self) {
        let hint = match self {
            Self::Float(_) => return,
            Self::Histogram(histogram) => &mut histogram.counter_reset_hint,
            Self::FloatHistogram(histogram) => &mut histogram.counter_reset_hint,
        };
        if *hint == CounterResetHint::NotReset {
            *hint = CounterResetHint::Unknown;
        }
    }
}

/// Makes chunks of samples that are sorted by time.
///
/// # Errors
/// Where a histogram's buckets are not those that its spans lay out.
pub fn encode(samples: &[Sample]) -> Result<Vec<Chunk<'static>>, Error> {
    let mut finished = Vec::new();
    let mut open: Option<Open> = None;
    for sample in samples {
        let reset = match &mut open {
            Some(open) => match open.append(sample)? {
                Offer::Taken => continue,
                Offer::Refused(reset) => Some(reset),
            },
            None => None,
        };
        finished.extend(open.replace(Open::start(sample, reset)?).map(Open::finish));
    }
    finished.extend(open.map(Open::finish));
    Ok(finished)
}

/// A chunk that samples are appended to.
struct Open {
    start: i64,
    end: i64,
    with_starts: bool,
    appender: Appender,
    bytes: Vec<u8>,
}

enum Appender {
    Xor(XorAppender),
    Xor2(Xor2Appender),
    Histogram(Box<HistogramAppender<Histogram>>),
    FloatHistogram(Box<HistogramAppender<FloatHistogram>>),
}

enum Offer {
    Taken,
    /// With the header of the chunk that must begin, where the sample says none.
    Refused(Option<ResetHeader>),
}

impl Open {
    /// Begins a chunk; `reset` is what the chunk before says of the sample, if there was one.
    fn start(sample: &Sample, reset: Option<Option<ResetHeader>>) -> Result<Self, Error> {
        let with_starts = sample.start != 0;
        let times = (sample.timestamp, sample.start);
        let mut bytes = Vec::new();
        let reset = reset.flatten();
        let appender = match &sample.value {
            Value::Float(value) if with_starts => {
                let mut appender = Xor2Appender::new(&mut bytes);
                appender.append(&mut bytes, times, *value)?;
                Appender::Xor2(appender)
            }
            Value::Float(value) => {
                let mut appender = XorAppender::new(&mut bytes);
                appender.append(&mut bytes, sample.timestamp, *value)?;
                Appender::Xor(appender)
            }
            Value::Histogram(histogram) => {
                let reset = reset.unwrap_or(ResetHeader::of_hint(histogram.counter_reset_hint));
                let appender = HistogramAppender::start(&mut bytes, with_starts, reset, times, &**histogram)?;
                Appender::Histogram(Box::new(appender))
            }
            Value::FloatHistogram(histogram) => {
                let reset = reset.unwrap_or(ResetHeader::of_hint(histogram.counter_reset_hint));
                let appender = HistogramAppender::start(&mut bytes, with_starts, reset, times, &**histogram)?;
                Appender::FloatHistogram(Box::new(appender))
            }
        };
        Ok(Self { start: sample.timestamp, end: sample.timestamp, with_starts, appender, bytes })
    }

    fn append(&mut self, sample: &Sample) -> Result<Offer, Error> {
        // A chunk without start times takes no sample that has one.
        if sample.start != 0 && !self.with_starts {
            return Ok(Offer::Refused(None));
        }
        let times = (sample.timestamp, sample.start);
        let offer = match (&mut self.appender, &sample.value) {
            (Appender::Xor(appender), Value::Float(value)) if appender.count() < CHUNK_SAMPLES_MAX => {
                appender.append(&mut self.bytes, sample.timestamp, *value)?;
                Offer::Taken
            }
            (Appender::Xor2(appender), Value::Float(value)) if appender.count() < CHUNK_SAMPLES_MAX => {
                appender.append(&mut self.bytes, times, *value)?;
                Offer::Taken
            }
            (Appender::Histogram(appender), Value::Histogram(histogram)) => {
                offer(appender, &mut self.bytes, times, histogram)?
            }
            (Appender::FloatHistogram(appender), Value::FloatHistogram(histogram)) => {
                offer(appender, &mut self.bytes, times, histogram)?
            }
            _ => Offer::Refused(None),
        };
        if matches!(offer, Offer::Taken) {
            self.end = sample.timestamp;
        }
        Ok(offer)
    }

    fn finish(self) -> Chunk<'static> {
        let encoding = match &self.appender {
            Appender::Xor(_) => Encoding::Xor,
            Appender::Xor2(_) => Encoding::Xor2,
            Appender::Histogram(_) if self.with_starts => Encoding::HistogramSt,
            Appender::Histogram(_) => Encoding::Histogram,
            Appender::FloatHistogram(_) if self.with_starts => Encoding::FloatHistogramSt,
            Appender::FloatHistogram(_) => Encoding::FloatHistogram,
        };
        Chunk { start: self.start, end: self.end, encoding, data: Cow::Owned(self.bytes) }
    }
}

fn offer<H: HistogramKind>(
    appender: &mut HistogramAppender<H>,
    bytes: &mut Vec<u8>,
    times: (i64, i64),
    histogram: &H,
) -> Result<Offer, Error> {
    if appender.count() >= CHUNK_SAMPLES_MAX {
        return Ok(Offer::Refused(Some(appender.header_after(histogram))));
    }
    Ok(match appender.append(bytes, times, histogram)? {
        Appended::InPlace | Appended::Recoded => Offer::Taken,
        Appended::NeedsNewChunk(reset) => Offer::Refused(Some(reset)),
    })
}
