//! The symbols of an index file that is read.

use super::bytes::{Cursor, checked_part, text};
use super::layout::HEADER_BYTES;
use crate::Error;

/// Every so many symbols the place of one is kept: a quarter of a byte per symbol, and few to step over.
const KEPT_EVERY: usize = 16;

/// Leads from symbols to texts.
#[derive(Debug)]
pub(super) struct SymbolList {
    /// Where the content of the part begins in the file, and where it ends.
    start: u64,
    end: u64,
    count: u32,
    /// Places of every [`KEPT_EVERY`]th symbol, from `start`.
    kept: Vec<u32>,
}

impl SymbolList {
    /// Reads the part at `offset`, and checks all of it.
    pub(super) fn read(file: &[u8], offset: u64) -> Result<Self, Error> {
        let mut content = checked_part(file, offset, "table of symbols")?;
        let start = content.offset();
        let count = content.be32()?;
        let mut kept = Vec::new();
        for symbol in 0..count as usize {
            if symbol % KEPT_EVERY == 0 {
                kept.push((content.offset() - start) as u32);
            }
            content.counted()?;
        }
        kept.shrink_to_fit();
        Ok(Self { start, end: content.offset(), count, kept })
    }

    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The text of a symbol.
    pub(super) fn text<'a>(&self, file: &'a [u8], symbol: u32) -> Result<&'a str, Error> {
        let unknown = || Error::Corrupt { what: "symbol that is not in the table", offset: self.start };
        if symbol >= self.count {
            return Err(unknown());
        }
        let symbol = symbol as usize;
        let kept = self.kept.get(symbol / KEPT_EVERY).ok_or_else(unknown)?;
        let mut cursor = self.cursor(file, u64::from(*kept))?;
        for _ in 0..symbol % KEPT_EVERY {
            cursor.counted()?;
        }
        cursor.text()
    }

    /// The text of a symbol of format version 1, which is its place in the file.
    pub(super) fn text_at<'a>(&self, file: &'a [u8], place: u32) -> Result<&'a str, Error> {
        let place = u64::from(place);
        if place < HEADER_BYTES || place < self.start || place >= self.end {
            return Err(Error::Corrupt { what: "symbol that is not in the table", offset: place });
        }
        self.cursor(file, place - self.start)?.text()
    }

    /// All texts in order.
    pub(super) fn iter<'a>(&self, file: &'a [u8]) -> impl Iterator<Item = Result<&'a str, Error>> {
        let mut cursor = self.cursor(file, 4);
        (0..self.count).map(move |_| match &mut cursor {
            Ok(cursor) => {
                let offset = cursor.offset();
                text(cursor.counted()?, offset)
            }
            Err(_) => Err(Error::Corrupt { what: "table of symbols cut short", offset: 0 }),
        })
    }

    fn cursor<'a>(&self, file: &'a [u8], place: u64) -> Result<Cursor<'a>, Error> {
        let from = self.start + place;
        let range = usize::try_from(from).ok().zip(usize::try_from(self.end).ok());
        let bytes = range.and_then(|(from, end)| file.get(from..end));
        let bytes = bytes.ok_or(Error::Corrupt { what: "symbol beyond its table", offset: from })?;
        Ok(Cursor::new(bytes, from))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.kept.capacity() * size_of::<u32>()
    }
}
