//! One entry of a chunk file: which series, when, how encoded, the samples, a checksum.

use chunks::Encoding;
use model::SeriesRef;

/// Marks chunks of samples that came out of order.
const OUT_OF_ORDER: u8 = 0x80;
const CHECKSUM_BYTES: usize = 4;

/// What stands in an entry before the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) series: SeriesRef,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// `None` for an encoding that is not known.
    pub(crate) encoding: Option<Encoding>,
    pub(crate) out_of_order: bool,
}

/// A sound entry at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) head: Head,
    /// Where the samples stand.
    pub(crate) data: std::ops::Range<usize>,
    /// Where the next entry begins.
    pub(crate) end: usize,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the file ends within a chunk")]
    Torn,
    #[error("the length of a chunk makes no sense")]
    Length,
    #[error("checksum of a chunk does not match")]
    Checksum,
}

/// Length of an entry before its samples.
pub(crate) fn head_bytes(data_len: usize) -> usize {
    let length_bytes = match data_len {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        0x4000..=0x1f_ffff => 3,
        0x20_0000..=0xfff_ffff => 4,
        _ => 5,
    };
    8 + 8 + 8 + 1 + length_bytes
}

/// Appends an entry.
pub(crate) fn encode(head: Head, data: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(&head.series.0.to_be_bytes());
    out.extend_from_slice(&head.start.to_be_bytes());
    out.extend_from_slice(&head.end.to_be_bytes());
    let flag = if head.out_of_order { OUT_OF_ORDER } else { 0 };
    out.push(head.encoding.map_or(0, Encoding::id) | flag);
    let mut len = data.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(data);
    let checksum = wal::frame::crc32c(out.get(from..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// Reads the entry at the start of `bytes`; `None` where the written part of the file ends.
pub(crate) fn decode(bytes: &[u8]) -> Result<Option<Found>, Fault> {
    let Some((fixed, rest)) = bytes.split_first_chunk::<25>() else {
        return if bytes.iter().all(|byte| *byte == 0) { Ok(None) } else { Err(Fault::Torn) };
    };
    let Some((series, times)) = fixed.split_first_chunk::<8>() else { return Err(Fault::Torn) };
    let Some((start, times)) = times.split_first_chunk::<8>() else { return Err(Fault::Torn) };
    let Some((end, kind)) = times.split_first_chunk::<8>() else { return Err(Fault::Torn) };
    if fixed.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let kind = kind.first().copied().unwrap_or(0);
    let (mut len, mut length_bytes) = (0_usize, 0);
    loop {
        let byte = *rest.get(length_bytes).ok_or(Fault::Torn)?;
        if length_bytes == 4 && byte > 0x0f {
            return Err(Fault::Length);
        }
        len |= usize::from(byte & 0x7f) << (7 * length_bytes);
        length_bytes += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let from = fixed.len() + length_bytes;
    let checked = from.checked_add(len).ok_or(Fault::Length)?;
    let body = bytes.get(..checked).ok_or(Fault::Torn)?;
    let tail = bytes.get(checked..).and_then(|tail| tail.first_chunk::<CHECKSUM_BYTES>());
    if wal::frame::crc32c(body).to_be_bytes() != *tail.ok_or(Fault::Torn)? {
        return Err(Fault::Checksum);
    }
    let head = Head {
        series: SeriesRef(u64::from_be_bytes(*series)),
        start: i64::from_be_bytes(*start),
        end: i64::from_be_bytes(*end),
        encoding: Encoding::from_id(kind & !OUT_OF_ORDER).ok(),
        out_of_order: kind & OUT_OF_ORDER != 0,
    };
    Ok(Some(Found { head, data: from..checked, end: checked + CHECKSUM_BYTES }))
}
