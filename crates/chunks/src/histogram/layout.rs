//! What all samples of a chunk share: schema, zero bucket, spans and bounds.

use std::sync::Arc;

use model::Span;
use model::histogram::CUSTOM_BUCKETS_SCHEMA;

use crate::bits::{
    BitReader, BitWriter, ByteBuffer, read_varbit_int, read_varbit_uint, write_varbit_int, write_varbit_uint,
};
use crate::error::Error;

/// The layout of a chunk's histograms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) positive_spans: Vec<Span>,
    pub(super) negative_spans: Vec<Span>,
    pub(super) custom_values: Arc<[f64]>,
}

/// A zero threshold of 2^(n − this) is told by the byte n alone.
const EXPONENT_BIAS: i32 = 244;
/// Stands for a threshold that is written in full.
const WHOLE_THRESHOLD: u8 = 0xFF;
/// Bounds are often short decimals: those that are whole in thousandths up to this are written as such.
const THOUSANDTHS_MAX: f64 = 33_554_430.0;

impl Layout {
    pub(super) fn write<B: ByteBuffer>(&self, writer: &mut BitWriter<'_, B>) {
        write_zero_threshold(writer, self.zero_threshold);
        write_varbit_int(writer, i64::from(self.schema));
        write_spans(writer, &self.positive_spans);
        write_spans(writer, &self.negative_spans);
        if self.schema == CUSTOM_BUCKETS_SCHEMA {
            write_varbit_uint(writer, self.custom_values.len() as u64);
            for bound in self.custom_values.iter() {
                write_bound(writer, *bound);
            }
        }
    }

    /// Reads a layout; no list may have more members than there are bits.
    pub(super) fn read(reader: &mut BitReader<'_>) -> Result<Self, Error> {
        let zero_threshold = read_zero_threshold(reader);
        let schema = i32::try_from(read_varbit_int(reader)).map_err(|_| Error::Overflow)?;
        let positive_spans = read_spans(reader)?;
        let negative_spans = read_spans(reader)?;
        let mut custom_values = Vec::new();
        if schema == CUSTOM_BUCKETS_SCHEMA {
            for _ in 0..read_len(reader)? {
                custom_values.push(read_bound(reader));
            }
        }
        Ok(Self {
            schema,
            zero_threshold,
            positive_spans,
            negative_spans,
            custom_values: custom_values.into(),
        })
    }
}

/// The number of buckets that spans lay out.
pub(super) fn bucket_count(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.length as usize).fold(0, usize::saturating_add)
}

fn write_zero_threshold<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, threshold: f64) {
    let bits = threshold.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32 - 1023;
    let is_power = bits & ((1 << 52) - 1) == 0 && threshold.is_sign_positive();
    match u8::try_from(exponent + EXPONENT_BIAS) {
        _ if bits == 0 => writer.write_byte(0),
        Ok(byte) if is_power && byte != 0 && byte != WHOLE_THRESHOLD => writer.write_byte(byte),
        _ => {
            writer.write_byte(WHOLE_THRESHOLD);
            writer.write(bits, 64);
        }
    }
}

fn read_zero_threshold(reader: &mut BitReader<'_>) -> f64 {
    match reader.read(8) as u8 {
        0 => 0.0,
        WHOLE_THRESHOLD => f64::from_bits(reader.read(64)),
        byte => 2_f64.powi(i32::from(byte) - EXPONENT_BIAS),
    }
}

fn write_spans<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, spans: &[Span]) {
    write_varbit_uint(writer, spans.len() as u64);
    for span in spans {
        write_varbit_uint(writer, u64::from(span.length));
        write_varbit_int(writer, i64::from(span.offset));
    }
}

fn read_spans(reader: &mut BitReader<'_>) -> Result<Vec<Span>, Error> {
    let len = read_len(reader)?;
    let mut spans = Vec::new();
    for _ in 0..len {
        let length = u32::try_from(read_varbit_uint(reader)).map_err(|_| Error::Overflow)?;
        let offset = i32::try_from(read_varbit_int(reader)).map_err(|_| Error::Overflow)?;
        spans.push(Span { offset, length });
    }
    Ok(spans)
}

/// Reads the length of a list whose members take a bit each at least.
fn read_len(reader: &mut BitReader<'_>) -> Result<u64, Error> {
    let len = read_varbit_uint(reader);
    if len > reader.bits_left() as u64 { Err(Error::ListTooLong { len }) } else { Ok(len) }
}

fn write_bound<B: ByteBuffer>(writer: &mut BitWriter<'_, B>, bound: f64) {
    let thousandths = bound * 1000.0;
    if (0.0..=THOUSANDTHS_MAX).contains(&thousandths) && thousandths.fract() == 0.0 {
        write_varbit_uint(writer, thousandths as u64 + 1);
    } else {
        writer.write(0, 1);
        writer.write(bound.to_bits(), 64);
    }
}

fn read_bound(reader: &mut BitReader<'_>) -> f64 {
    match read_varbit_uint(reader) {
        0 => f64::from_bits(reader.read(64)),
        thousandths => (thousandths - 1) as f64 / 1000.0,
    }
}
