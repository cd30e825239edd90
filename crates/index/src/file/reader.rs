//! Reading an index file that lies in memory (or is mapped there).

use model::Labels;
use platform::Mapped;

use super::bytes::{Cursor, part};
use super::ids::StoredIds;
use super::layout::{Contents, MAGIC, SERIES_ALIGNMENT, crc32c};
use super::series::{ChunkMeta, SeriesEntry, entry_at, read_chunks, read_labels};
use super::symbol_list::SymbolList;
use super::table::Table;
use crate::Error;

/// All times.
const ALWAYS: (i64, i64) = (i64::MIN, i64::MAX);

/// An index file.
///
/// Few bytes are held in memory: one in sixteen places of symbols, one in thirty-two of label pairs.
#[derive(Debug)]
pub struct IndexReader {
    pub(super) file: Mapped,
    version: u8,
    contents: Contents,
    symbols: SymbolList,
    pub(super) table: Table,
}

impl IndexReader {
    /// Opens a file; its tables are checked as a whole, series and lists when they are read.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`, `UnknownVersion`.
    pub fn open(file: Mapped) -> Result<Self, Error> {
        let mut header = Cursor::new(&file, 0);
        if header.be32()? != MAGIC {
            return Err(Error::Corrupt { what: "no index file", offset: 0 });
        }
        let version = header.take(1)?.first().copied().unwrap_or_default();
        if !matches!(version, 1 | 2) {
            return Err(Error::UnknownVersion(version));
        }
        let contents = Contents::read(&file)?;
        let symbols = SymbolList::read(&file, contents.symbols)?;
        let table = Table::read(&file, contents.postings_table)?;
        Ok(Self { file, version, contents, symbols, table })
    }

    /// The label names, sorted.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.table.names()
    }

    /// The values of a label, sorted.
    ///
    /// # Errors
    /// `Corrupt`.
    pub fn label_values(&self, name: &str) -> Result<Vec<&str>, Error> {
        let entries = self.table.entries_from(&self.file, name, "")?;
        entries.map(|entry| entry.map(|(value, _)| value)).collect()
    }

    /// All texts, sorted.
    pub fn symbols(&self) -> impl Iterator<Item = Result<&str, Error>> {
        self.symbols.iter(&self.file)
    }

    /// The number of texts.
    pub fn symbol_count(&self) -> usize {
        self.symbols.len() as usize
    }

    /// The numbers of all series, in the order of their labels.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn all_series(&self) -> Result<StoredIds<'_>, Error> {
        match self.table.all() {
            Some(list) => self.list(list),
            None => Ok(StoredIds::Owned(Vec::new())),
        }
    }

    /// The series with a label pair, in the order of their labels.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn postings(&self, name: &str, value: &str) -> Result<StoredIds<'_>, Error> {
        match self.table.list_of(&self.file, name, value)? {
            Some(list) => self.list(list),
            None => Ok(StoredIds::Owned(Vec::new())),
        }
    }

    /// Labels and chunks of a series.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn series(&self, number: u32) -> Result<SeriesEntry, Error> {
        let mut content = self.entry(number)?;
        let labels = self.label_set().read(&mut content)?;
        let mut chunks = Vec::new();
        read_chunks(&mut content, ALWAYS, &mut chunks)?;
        Ok(SeriesEntry { labels, chunks })
    }

    /// The labels of a series.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn labels(&self, number: u32) -> Result<Labels, Error> {
        self.label_set().labels(number)
    }

    /// Appends the chunks of a series, sorted by time.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn chunks(&self, number: u32, out: &mut Vec<ChunkMeta>) -> Result<(), Error> {
        self.chunks_between(number, ALWAYS, out)
    }

    /// As [`IndexReader::chunks`], only those that overlap the time from the first to the second of `times`.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn chunks_between(
        &self,
        number: u32,
        times: (i64, i64),
        out: &mut Vec<ChunkMeta>,
    ) -> Result<(), Error> {
        let mut content = self.entry(number)?;
        read_labels(&mut content, |_, _| Ok(()))?;
        read_chunks(&mut content, times, out)
    }

    /// Calls `visit` with the labels of a series, in order.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn for_each_label<'a>(
        &'a self,
        number: u32,
        mut visit: impl FnMut(&'a str, &'a str),
    ) -> Result<(), Error> {
        read_labels(&mut self.entry(number)?, |name, value| {
            visit(self.text(name)?, self.text(value)?);
            Ok(())
        })
    }

    /// The length of the file.
    pub fn file_bytes(&self) -> u64 {
        self.file.len() as u64
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.symbols.heap_bytes() + self.table.heap_bytes()
    }

    /// A list of series that stands at `offset`, its checksum checked.
    pub(super) fn list(&self, offset: u64) -> Result<StoredIds<'_>, Error> {
        let (mut content, crc) = part(&self.file, offset)?;
        let whole = content.clone().take(content.len())?;
        if crc32c(whole) != crc {
            return Err(Error::Checksum { part: "list of series", offset });
        }
        let count = content.be32()?;
        let ids = content.take(u64::from(count) * 4)?;
        Ok(StoredIds::Stored(ids.as_chunks().0))
    }

    /// The text of a symbol.
    pub(super) fn text(&self, symbol: u32) -> Result<&str, Error> {
        if self.version == 1 {
            self.symbols.text_at(&self.file, symbol)
        } else {
            self.symbols.text(&self.file, symbol)
        }
    }

    /// The content of a series' entry.
    pub(super) fn entry(&self, number: u32) -> Result<Cursor<'_>, Error> {
        let offset = if self.version == 1 { u64::from(number) } else { u64::from(number) * SERIES_ALIGNMENT };
        if offset < self.contents.series {
            return Err(Error::Corrupt { what: "series before the part that holds them", offset });
        }
        entry_at(&self.file, offset)
    }
}
