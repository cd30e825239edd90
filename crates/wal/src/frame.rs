//! Pages and fragments: how a record's bytes are laid into a segment.
//!
//! A segment is a row of pages of [`PAGE_BYTES`]; a record is cut into fragments at page ends. A fragment is
//! `[type and flags: 1][length: 2, big endian][CRC-32C of the bytes: 4, big endian][bytes]`.

/// Length of a page.
pub const PAGE_BYTES: usize = 32 * 1024;
/// Length of the header of a fragment.
pub const HEADER_BYTES: usize = 7;

/// Which part of its record a fragment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// No fragment: the rest of the page is empty.
    PageEnd,
    /// The whole record.
    Full,
    /// The start of a record.
    First,
    /// A later part that is not the last.
    Middle,
    /// The end of a record.
    Last,
}

/// How the record that a fragment belongs to is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const RAW: Self = Self(0);
    pub(crate) const SNAPPY: Self = Self(1 << 3);
    pub(crate) const ZSTD: Self = Self(1 << 4);
}

const PART_MASK: u8 = 0b111;

/// The header of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) part: Part,
    pub(crate) flags: Flags,
    pub(crate) len: usize,
    pub(crate) crc: u32,
}

impl Header {
    fn encode(part: Part, flags: Flags, bytes: &[u8]) -> [u8; HEADER_BYTES] {
        let part: u8 = match part {
            Part::PageEnd => 0,
            Part::Full => 1,
            Part::First => 2,
            Part::Middle => 3,
            Part::Last => 4,
        };
        // A fragment is shorter than a page, so its length fits.
        let [len_high, len_low] = (bytes.len() as u16).to_be_bytes();
        let [a, b, c, d] = crc32c(bytes).to_be_bytes();
        [part | flags.0, len_high, len_low, a, b, c, d]
    }

    /// Reads a header; the error is the byte that means nothing.
    pub(crate) fn decode(bytes: [u8; HEADER_BYTES]) -> Result<Self, u8> {
        let [kind, len_high, len_low, a, b, c, d] = bytes;
        let part = match kind & PART_MASK {
            0 if kind == 0 => Part::PageEnd,
            1 => Part::Full,
            2 => Part::First,
            3 => Part::Middle,
            4 => Part::Last,
            _ => return Err(kind),
        };
        let flags = Flags(kind & !PART_MASK);
        if ![Flags::RAW, Flags::SNAPPY, Flags::ZSTD].contains(&flags) {
            return Err(kind);
        }
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        Ok(Self { part, flags, len, crc: u32::from_be_bytes([a, b, c, d]) })
    }
}

/// CRC-32 with Castagnoli's polynomial.
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

/// Appends the fragments of one record to `out`, which goes to `position` of a segment.
pub(crate) fn encode(position: u64, flags: Flags, record: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = record;
    let mut first = true;
    loop {
        let in_page = ((position + (out.len() - start) as u64) % PAGE_BYTES as u64) as usize;
        let left = PAGE_BYTES - in_page;
        let Some(room) = left.checked_sub(HEADER_BYTES) else {
            out.resize(out.len() + left, 0);
            continue;
        };
        let (bytes, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
        let part = match (first, after.is_empty()) {
            (true, true) => Part::Full,
            (true, false) => Part::First,
            (false, false) => Part::Middle,
            (false, true) => Part::Last,
        };
        out.extend_from_slice(&Header::encode(part, flags, bytes));
        out.extend_from_slice(bytes);
        if after.is_empty() {
            return;
        }
        rest = after;
        first = false;
    }
}

/// How many bytes of a record still fit between `position` and the end of the segment.
pub(crate) fn room(position: u64, segment_bytes: u64) -> u64 {
    let page = PAGE_BYTES as u64;
    let header = HEADER_BYTES as u64;
    let left = segment_bytes.saturating_sub(position);
    let in_this_page = (left % page).saturating_sub(header);
    in_this_page + left / page * (page - header)
}

/// Zeros that fill the page that `position` stands in.
pub(crate) fn page_rest(position: u64) -> usize {
    let page = PAGE_BYTES as u64;
    ((page - position % page) % page) as usize
}
