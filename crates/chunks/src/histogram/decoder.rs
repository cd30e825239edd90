//! Whole chunks into histograms.

use std::marker::PhantomData;

use model::{CounterResetHint, FloatHistogram, Histogram, is_stale_nan};

use super::ResetHeader;
use super::appender::HistogramAppender;
use super::chunk_header::{ChunkHeader, HEADER_BYTES};
use super::kind::{Counts, HistogramKind};
use super::layout::{Layout, bucket_count};
use crate::Encoding;
use crate::bits::{BitReader, read_varbit_int};
use crate::error::Error;
use crate::fields::{Field, FloatField, IntField};
use crate::start::StartTimes;

/// Decodes a whole chunk of histograms of kind `H`, and calls `visit` with the time, the start time (0 for none)
/// and the histogram of each sample; returns their number.
///
/// # Errors
/// Where the bytes are no chunk: samples may have been visited before. [`Error::WrongEncoding`] where the chunk
/// holds another kind.
pub fn decode<H: HistogramKind>(
    encoding: Encoding,
    bytes: &[u8],
    mut visit: impl FnMut(i64, i64, H),
) -> Result<usize, Error> {
    if !H::ENCODINGS.contains(&encoding) {
        return Err(Error::WrongEncoding(encoding));
    }
    let decoder = Decoder::<H>::new(bytes, encoding.has_start_timestamps())?;
    let samples = usize::from(decoder.header.count);
    decoder.for_each(|timestamp, start, numbers, layout, hint| {
        visit(timestamp, start, H::decoded(layout, hint, numbers));
    })?;
    Ok(samples)
}

/// Decodes a whole chunk of histograms of either kind as those with fractional counts, see [`decode`].
///
/// # Errors
/// As [`decode`].
pub fn decode_as_float(
    encoding: Encoding,
    bytes: &[u8],
    mut visit: impl FnMut(i64, i64, FloatHistogram),
) -> Result<usize, Error> {
    match encoding {
        Encoding::Histogram | Encoding::HistogramSt => {
            decode::<Histogram>(encoding, bytes, |timestamp, start, histogram| {
                visit(timestamp, start, histogram.to_float());
            })
        }
        _ => decode::<FloatHistogram>(encoding, bytes, visit),
    }
}

/// What the header of a chunk of histograms says of a counter reset before its first sample.
///
/// # Errors
/// Where there is no header, or the chunk holds no histograms.
pub fn reset_header(encoding: Encoding, bytes: &[u8]) -> Result<ResetHeader, Error> {
    if encoding.holds_floats() {
        return Err(Error::WrongEncoding(encoding));
    }
    Ok(ChunkHeader::read(bytes, encoding.has_start_timestamps())?.0.reset)
}

/// The hint of a sample: within a chunk there is no reset, and what the chunk's header says is true only behind
/// the chunk that was there when it was written.
pub(super) fn hint(header: ResetHeader, number: u16) -> CounterResetHint {
    match header {
        ResetHeader::Gauge => CounterResetHint::Gauge,
        _ if number > 0 => CounterResetHint::NotReset,
        _ => CounterResetHint::Unknown,
    }
}

/// Least number of bits of a sample beside its buckets.
const SAMPLE_BITS_MIN: usize = 4;

/// A chunk on its way into samples.
pub(super) struct Decoder<'a, H: HistogramKind> {
    len: usize,
    pub(super) header: ChunkHeader,
    layout: Layout,
    reader: BitReader<'a>,
    kind: PhantomData<H>,
}

impl<'a, H: HistogramKind> Decoder<'a, H> {
    /// Reads header and layout, and refuses those that announce more than there can be.
    pub(super) fn new(bytes: &'a [u8], with_starts: bool) -> Result<Self, Error> {
        let (header, body) = ChunkHeader::read(bytes, with_starts)?;
        let mut reader = BitReader::new(body);
        let samples = usize::from(header.count);
        let layout = if samples > 0 { Layout::read(&mut reader)? } else { Layout::default() };
        let buckets =
            bucket_count(&layout.positive_spans).saturating_add(bucket_count(&layout.negative_spans));
        // The end of a series has no buckets: of the samples the first alone must have them.
        let least = buckets.saturating_add(samples * SAMPLE_BITS_MIN);
        if reader.overran() || reader.bits_left() < least {
            return Err(Error::Truncated { len: bytes.len(), samples });
        }
        Ok(Self { len: bytes.len(), header, layout, reader, kind: PhantomData })
    }

    /// Decodes every sample and calls `visit` with time, start time, numbers, layout and hint; the end of a
    /// series has an empty layout and no numbers but the sum.
    pub(super) fn for_each(
        mut self,
        mut visit: impl FnMut(i64, i64, &Counts<H::Field>, &Layout, CounterResetHint),
    ) -> Result<(), Error> {
        let empty = Layout::default();
        let reset = self.header.reset;
        self.run(|number, timestamp, start, numbers, layout| {
            if is_stale_nan(f64::from_bits(numbers.sum.value())) {
                visit(timestamp, start, &H::stale_numbers(), &empty, CounterResetHint::Unknown);
            } else {
                visit(timestamp, start, numbers, layout, hint(reset, number));
            }
        })?;
        Ok(())
    }

    /// The state behind the last sample, and the number of bytes up to there.
    pub(super) fn into_appender(mut self) -> Result<(HistogramAppender<H>, usize), Error> {
        let truncated = Error::Truncated { len: self.len, samples: 0 };
        let (timestamp, starts, numbers) = self.run(|_, _, _, _, _| {})?.ok_or(truncated)?;
        let bits = self.reader.position();
        let free = (bits.next_multiple_of(8) - bits) as u8;
        let appender =
            HistogramAppender { header: self.header, layout: self.layout, timestamp, starts, numbers, free };
        Ok((appender, HEADER_BYTES + bits.div_ceil(8)))
    }

    #[expect(clippy::type_complexity, reason = "the three parts of an appender's state, taken apart at once")]
    fn run(
        &mut self,
        mut visit: impl FnMut(u16, i64, i64, &Counts<H::Field>, &Layout),
    ) -> Result<Option<(IntField, StartTimes, Counts<H::Field>)>, Error> {
        let Self { header, layout, reader, .. } = self;
        let mut starts = StartTimes::of_header(header.start_byte.unwrap_or(0));
        if header.count == 0 {
            return Ok(None);
        }
        let mut timestamp = IntField::new(read_varbit_int(reader));
        let mut numbers = read_first::<H>(reader, layout);
        starts.read(reader, 0, (0, timestamp.value))?;
        visit(0, timestamp.value, starts.start(), &numbers, layout);
        for number in 1..header.count {
            let before = timestamp.value;
            timestamp.read_next(reader);
            read_next::<H>(reader, &mut numbers);
            starts.read(reader, number, (before, timestamp.value))?;
            if reader.overran() {
                break;
            }
            visit(number, timestamp.value, starts.start(), &numbers, layout);
        }
        if reader.overran() {
            return Err(Error::Truncated { len: self.len, samples: usize::from(header.count) });
        }
        Ok(Some((timestamp, starts, numbers)))
    }
}

fn read_first<H: HistogramKind>(reader: &mut BitReader<'_>, layout: &Layout) -> Counts<H::Field> {
    let count = H::read_first_count(reader);
    let zero_count = H::read_first_count(reader);
    let sum = FloatField::read_first(reader);
    let mut side = |spans| (0..bucket_count(spans)).map(|_| H::Field::read_first(reader)).collect();
    let positive = side(&layout.positive_spans);
    let negative = side(&layout.negative_spans);
    Counts { count, zero_count, sum, positive, negative }
}

fn read_next<H: HistogramKind>(reader: &mut BitReader<'_>, numbers: &mut Counts<H::Field>) {
    numbers.count.read_next(reader);
    numbers.zero_count.read_next(reader);
    numbers.sum.read_next(reader);
    if is_stale_nan(f64::from_bits(numbers.sum.value())) {
        return;
    }
    for field in numbers.positive.iter_mut().chain(&mut numbers.negative) {
        field.read_next(reader);
    }
}
