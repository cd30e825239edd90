//! Reading and writing of the numbers and texts that the file is made of.

use super::layout::{CRC_BYTES, crc32c};
use crate::Error;

/// Bytes on their way into values; knows where it stands in the file, for errors.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    end: u64,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes`, which stand at `offset` in the file.
    pub(super) fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { rest: bytes, end: offset + bytes.len() as u64 }
    }

    /// Where the next byte stands in the file.
    pub(super) fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// Bytes that are still to come.
    pub(super) fn len(&self) -> u64 {
        self.rest.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn corrupt(&self, what: &'static str) -> Error {
        Error::Corrupt { what, offset: self.offset() }
    }

    #[inline]
    pub(super) fn uvarint(&mut self) -> Result<u64, Error> {
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            return Ok(u64::from(byte));
        }
        match self.rest.first_chunk::<8>().and_then(|eight| uvarint_of(u64::from_le_bytes(*eight))) {
            Some((value, len)) => {
                self.rest = self.rest.get(len..).unwrap_or_default();
                Ok(value)
            }
            None => self.long_uvarint(),
        }
    }

    #[cold]
    fn long_uvarint(&mut self) -> Result<u64, Error> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let Some((&byte, rest)) = self.rest.split_first() else {
                return Err(self.corrupt("number cut short"));
            };
            self.rest = rest;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.corrupt("number of more than 64 bits"))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<i64, Error> {
        let value = self.uvarint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A `u32` that is written as a variable-length integer.
    #[inline]
    pub(super) fn uvarint32(&mut self) -> Result<u32, Error> {
        u32::try_from(self.uvarint()?).map_err(|_| self.corrupt("number of more than 32 bits"))
    }

    pub(super) fn be32(&mut self) -> Result<u32, Error> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(|| self.corrupt("number cut short"))?;
        self.rest = rest;
        Ok(u32::from_be_bytes(*bytes))
    }

    #[inline]
    pub(super) fn take(&mut self, len: u64) -> Result<&'a [u8], Error> {
        let taken = usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len));
        let (taken, rest) = taken.ok_or_else(|| self.corrupt("bytes cut short"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Bytes behind their length.
    #[inline]
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Error> {
        let len = self.uvarint()?;
        self.take(len)
    }

    /// A text behind its length.
    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        let offset = self.offset();
        text(self.counted()?, offset)
    }
}

/// The number that the first of eight bytes are, the lowest first, and how many they are; none where it goes on behind
/// them. Without a branch per byte: chunks of a series are told by numbers of two and three bytes in turns.
#[inline]
fn uvarint_of(bytes: u64) -> Option<(u64, usize)> {
    const LAST: u64 = 0x8080_8080_8080_8080;
    let ends = !bytes & LAST;
    if ends == 0 {
        return None;
    }
    // The bits up to the first byte that ends a number, without those that tell that it goes on.
    let sevens = bytes & (ends ^ (ends - 1)) & !LAST;
    let fourteens = sevens & 0x007F_007F_007F_007F | (sevens & 0x7F00_7F00_7F00_7F00) >> 1;
    let halves = fourteens & 0x0000_3FFF_0000_3FFF | (fourteens & 0x3FFF_0000_3FFF_0000) >> 2;
    let value = halves & 0x0FFF_FFFF | (halves & 0x0FFF_FFFF_0000_0000) >> 4;
    Some((value, (ends.trailing_zeros() / 8 + 1) as usize))
}

/// Bytes as a text.
pub(super) fn text(bytes: &[u8], offset: u64) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::Corrupt { what: "text that is not UTF-8", offset })
}

/// The content of a part `[len u32][content][crc u32]`, and its checksum.
pub(super) fn part(file: &[u8], offset: u64) -> Result<(Cursor<'_>, u32), Error> {
    let end = || Error::Corrupt { what: "part cut short", offset };
    let at = usize::try_from(offset).ok().and_then(|offset| file.get(offset..)).ok_or_else(end)?;
    let (len, rest) = at.split_first_chunk::<4>().ok_or_else(end)?;
    let len = u32::from_be_bytes(*len) as usize;
    let (content, rest) = rest.split_at_checked(len).ok_or_else(end)?;
    let crc = rest.first_chunk::<CRC_BYTES>().ok_or_else(end)?;
    Ok((Cursor::new(content, offset + 4), u32::from_be_bytes(*crc)))
}

/// As [`part`], the checksum checked.
pub(super) fn checked_part<'a>(file: &'a [u8], offset: u64, name: &'static str) -> Result<Cursor<'a>, Error> {
    let (content, crc) = part(file, offset)?;
    if crc32c(content.rest) != crc {
        return Err(Error::Checksum { part: name, offset });
    }
    Ok(content)
}

pub(super) fn put_uvarint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

pub(super) fn put_varint(bytes: &mut Vec<u8>, value: i64) {
    put_uvarint(bytes, (value << 1 ^ value >> 63) as u64);
}

pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_uvarint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}
