//! Records of float samples, compressed while they are encoded.
//!
//! The samples of a scrape are the log's daily bread. Their entries have one shape, and what repeats in them stands at the
//! ends of values: whole numbers end in zero bytes, and neighbours are often equal. A compressor of everything looks
//! for repetitions everywhere, which costs more than all the rest of the log together; this one looks at the value
//! before and at the last one that ended in zeros. What it writes is Snappy's block format: any reader of that reads it.

#[cfg(test)]
mod tests;

use super::RecordType;
use super::cursor::{put_uvarint, zigzag};
use super::samples::{Base, SamplesSlice};
use crate::compression::RECORD_BYTES_MAX;

/// The longest literal whose length its tag tells.
const LITERAL_MAX: usize = 60;
/// The longest entry: two numbers of ten bytes, and the value.
const ENTRY_MAX: usize = 28;
/// The shortest copy that is written.
const COPY_MIN: u32 = 4;
/// Copies from further back take a byte more.
const NEAR: usize = 1 << 11;
/// Copies come from no further back.
const FAR: usize = 1 << 16;
/// Room for the length in front.
const LENGTH_ROOM: usize = 5;
/// About what an entry takes.
const MODEST_ENTRY_BYTES: usize = 12;

/// Appends the record that [`encode_samples`](super::encode_samples) makes of the samples to `out` in Snappy's block format, and gives its
/// length before compression.
///
/// `None`, with nothing appended, where that is not for this function to do: there is no sample, one has a start
/// timestamp, or the record does not become smaller.
pub(crate) fn pack_samples(samples: SamplesSlice<'_>, out: &mut Vec<u8>) -> Option<usize> {
    let base = Base::of(samples.refs(), samples.timestamps())?;
    if samples.has_starts() || samples.len() > RECORD_BYTES_MAX / ENTRY_MAX - 1 {
        return None;
    }
    let start = out.len();
    out.reserve(LENGTH_ROOM + ENTRY_MAX + samples.len() * MODEST_ENTRY_BYTES);
    out.extend_from_slice(&[0; LENGTH_ROOM]);
    let raw_len = Packer::new(out, base).samples(samples);
    // Now that the length is known, it is put in front.
    let mut length = Vec::with_capacity(LENGTH_ROOM);
    put_uvarint(&mut length, raw_len as u64);
    let spare = LENGTH_ROOM.saturating_sub(length.len());
    out.drain(start..start + spare);
    if let Some(place) = out.get_mut(start..start + length.len()) {
        place.copy_from_slice(&length);
    }
    if out.len() - start < raw_len {
        return Some(raw_len);
    }
    out.truncate(start);
    None
}

/// Writes a record, element by element of Snappy's format.
struct Packer<'a> {
    out: &'a mut Vec<u8>,
    base: Base,
    /// Where the tag of the present literal stands.
    tag: usize,
    /// Length of the record so far, before compression.
    raw: usize,
}

impl<'a> Packer<'a> {
    /// Starts with what stands in front of the entries.
    fn new(out: &'a mut Vec<u8>, base: Base) -> Self {
        let tag = out.len();
        out.push(0);
        out.push(RecordType::Samples.code());
        base.write(out);
        let raw = out.len() - tag - 1;
        Self { out, base, tag, raw }
    }

    /// Writes all entries; gives the length of the record before compression.
    fn samples(mut self, samples: SamplesSlice<'_>) -> usize {
        // The first value has nothing in common with the one before it.
        let mut before = samples.values().first().map_or(0, |first| !first.to_bits());
        // Where the last value ended that ended in zeros, and how many they were.
        let (mut zeros_end, mut zeros_len) = (0, 0);
        let columns = samples.refs().iter().zip(samples.timestamps()).zip(samples.values());
        for ((series, timestamp), value) in columns {
            let (series, time) = self.base.deltas(*series, *timestamp);
            let bits = value.to_bits();
            let entry = self.entry(zigzag(series), zigzag(time), bits);
            self.raw += entry;
            let same = (bits ^ before).trailing_zeros() / 8;
            let zeros = bits.trailing_zeros() / 8;
            before = bits;
            if same >= COPY_MIN {
                self.copy(same as usize, entry);
            } else if zeros_len >= COPY_MIN && zeros >= COPY_MIN && self.raw - zeros_end < FAR {
                self.copy(zeros.min(zeros_len) as usize, self.raw - zeros_end);
            }
            if zeros >= COPY_MIN {
                (zeros_end, zeros_len) = (self.raw, zeros);
            }
        }
        self.end_literal();
        self.raw
    }

    /// Writes an entry as part of a literal; gives its length.
    #[inline]
    fn entry(&mut self, series: u64, time: u64, value: u64) -> usize {
        if self.out.len() - self.tag + ENTRY_MAX > LITERAL_MAX + 1 {
            self.end_literal();
            self.begin_literal();
        }
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        if series < 0x4000 && time < 0x80 {
            let (low, time) = (series as u8, time as u8);
            if series < 0x80 {
                self.out.extend_from_slice(&[low, time, a, b, c, d, e, f, g, h]);
                return 10;
            }
            let high = (series >> 7) as u8;
            self.out.extend_from_slice(&[low | 0x80, high, time, a, b, c, d, e, f, g, h]);
            return 11;
        }
        let start = self.out.len();
        put_uvarint(self.out, series);
        put_uvarint(self.out, time);
        self.out.extend_from_slice(&[a, b, c, d, e, f, g, h]);
        self.out.len() - start
    }

    /// Has the last bytes of the literal, 4 to 8, copied from `distance` before.
    #[inline]
    fn copy(&mut self, len: usize, distance: usize) {
        self.out.truncate(self.out.len() - len);
        self.end_literal();
        let short = (len - 4) as u8;
        if distance < NEAR {
            self.out.extend_from_slice(&[0b01 | short << 2 | ((distance >> 8) as u8) << 5, distance as u8]);
        } else {
            let long = (len - 1) as u8;
            self.out.extend_from_slice(&[0b10 | long << 2, distance as u8, (distance >> 8) as u8]);
        }
        self.begin_literal();
    }

    #[inline]
    fn begin_literal(&mut self) {
        self.tag = self.out.len();
        self.out.push(0);
    }

    /// Writes the length of the literal into its tag; one of no bytes is left out.
    #[inline]
    fn end_literal(&mut self) {
        let len = self.out.len() - self.tag - 1;
        if len == 0 {
            self.out.pop();
        } else if let Some(tag) = self.out.get_mut(self.tag) {
            *tag = ((len - 1) as u8) << 2;
        }
    }
}
