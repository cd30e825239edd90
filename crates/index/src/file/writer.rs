//! Writing an index file from start to end.

use model::Labels;
use platform::AppendFile;

use super::SymbolSet;
use super::bytes::{put_text, put_uvarint};
use super::layout::{
    Contents, HEADER_BYTES, MAGIC, POSTINGS_ALIGNMENT, SERIES_ALIGNMENT, TABLE_ENTRY_TEXTS, VERSION, crc32c,
};
use super::postings::{PendingList, PendingPostings};
use super::series::{ChunkMeta, put_entry};
use crate::Error;

/// Bytes that are collected before they are handed to the file.
const BUFFER_BYTES: usize = 1 << 20;

/// Writes an index file: the symbols first, then the series in the order of their labels.
///
/// Memory: the symbols, and one or two bytes per label of each series.
#[derive(Debug)]
pub struct IndexWriter {
    file: Box<dyn AppendFile>,
    /// What is not yet handed to the file.
    buffer: Vec<u8>,
    /// Bytes handed to the file.
    written: u64,
    contents: Contents,
    symbols: SymbolSet,
    postings: PendingPostings,
    last_labels: Option<Labels>,
    series: u64,
    chunks: u64,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexStats {
    /// Number of series.
    pub series: u64,
    /// Number of their chunks.
    pub chunks: u64,
    /// Length of the file.
    pub bytes: u64,
}

impl IndexWriter {
    /// Begins an index whose series have no other texts than `symbols` (sorted).
    ///
    /// # Errors
    /// `Io`, and `TooLarge` for more than 4 GiB of symbols.
    pub fn new(file: Box<dyn AppendFile>, mut symbols: SymbolSet) -> Result<Self, Error> {
        if u32::try_from(symbols.text_bytes()).is_err() {
            return Err(Error::TooLarge { what: "table of symbols" });
        }
        symbols.sort();
        let mut writer = Self {
            file,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            written: 0,
            contents: Contents { symbols: HEADER_BYTES, ..Contents::default() },
            symbols: SymbolSet::default(),
            postings: PendingPostings::default(),
            last_labels: None,
            series: 0,
            chunks: 0,
        };
        writer.buffer.extend_from_slice(&MAGIC.to_be_bytes());
        writer.buffer.push(VERSION);
        let mut content = Vec::with_capacity(symbols.text_bytes() + symbols.len() * 2 + 4);
        content.extend_from_slice(&(symbols.len() as u32).to_be_bytes());
        for text in symbols.iter() {
            put_text(&mut content, text);
        }
        writer.put_part(&content, "table of symbols")?;
        writer.symbols = symbols;
        writer.contents.series = writer.position();
        Ok(writer)
    }

    /// Adds a series, which must be behind the one before in the order of labels, and returns its number.
    ///
    /// # Errors
    /// `OutOfOrder`, `UnknownSymbol`, `TooLarge` beyond 64 GiB, `Io`.
    pub fn add_series(&mut self, labels: &Labels, chunks: &[ChunkMeta]) -> Result<u32, Error> {
        if self.last_labels.as_ref().is_some_and(|last| last >= labels) {
            return Err(Error::OutOfOrder { labels: labels.to_string() });
        }
        let symbol = |text: &str| {
            self.symbols.symbol(text).ok_or_else(|| Error::UnknownSymbol { text: text.to_owned() })
        };
        let symbols = labels
            .iter()
            .map(|(name, value)| Ok((symbol(name)?, symbol(value)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        self.pad(SERIES_ALIGNMENT);
        let number = u32::try_from(self.position() / SERIES_ALIGNMENT)
            .map_err(|_| Error::TooLarge { what: "series" })?;
        put_entry(&mut self.buffer, &symbols, chunks);
        self.postings.add(number, &symbols);
        self.last_labels = Some(labels.clone());
        self.series += 1;
        self.chunks += chunks.len() as u64;
        self.drain(BUFFER_BYTES)?;
        Ok(number)
    }

    /// Bytes of memory taken, about.
    pub fn heap_bytes(&self) -> usize {
        self.buffer.capacity()
            + self.symbols.text_bytes()
            + self.symbols.len() * 14
            + self.postings.heap_bytes()
    }

    /// Writes the rest, and makes the file survive a machine crash (but for its name, see
    /// [`platform::FileSystem::create`]).
    ///
    /// # Errors
    /// `TooLarge`, `Io`.
    pub fn finish(mut self) -> Result<IndexStats, Error> {
        // Lists of label values, which readers have not used for years, are not written.
        self.contents.label_indices = self.position();
        let table = self.write_postings()?;
        self.contents.postings_table = self.position();
        self.contents.label_table = self.contents.postings_table;
        self.put_part(&table, "table of postings")?;
        self.buffer.extend_from_slice(&self.contents.to_bytes());
        self.drain(0)?;
        self.file.sync()?;
        Ok(IndexStats { series: self.series, chunks: self.chunks, bytes: self.written })
    }

    /// Writes all lists of series and returns the content of the table that leads to them.
    fn write_postings(&mut self) -> Result<Vec<u8>, Error> {
        let postings = std::mem::take(&mut self.postings);
        self.pad(POSTINGS_ALIGNMENT);
        self.contents.postings = self.position();
        let lists = postings.sorted();
        let count =
            u32::try_from(lists.len() + 1).map_err(|_| Error::TooLarge { what: "table of postings" })?;
        let mut table = count.to_be_bytes().to_vec();
        self.write_list(&mut table, ("", ""), postings.all())?;
        let symbols = std::mem::take(&mut self.symbols);
        for ((name, value), list) in lists {
            self.write_list(&mut table, (symbols.text(*name), symbols.text(*value)), list)?;
        }
        Ok(table)
    }

    fn write_list(
        &mut self,
        table: &mut Vec<u8>,
        (name, value): (&str, &str),
        list: &PendingList,
    ) -> Result<(), Error> {
        self.pad(POSTINGS_ALIGNMENT);
        put_uvarint(table, TABLE_ENTRY_TEXTS);
        put_text(table, name);
        put_text(table, value);
        put_uvarint(table, self.position());
        let mut content = list.len().to_be_bytes().to_vec();
        list.put(&mut content)?;
        self.put_part(&content, "list of series")
    }

    /// Writes `[len][content][crc]`.
    fn put_part(&mut self, content: &[u8], what: &'static str) -> Result<(), Error> {
        let len = u32::try_from(content.len()).map_err(|_| Error::TooLarge { what })?;
        self.buffer.extend_from_slice(&len.to_be_bytes());
        if content.len() > BUFFER_BYTES {
            self.drain(0)?;
            self.file.append(content)?;
            self.written += content.len() as u64;
        } else {
            self.buffer.extend_from_slice(content);
        }
        self.buffer.extend_from_slice(&crc32c(content).to_be_bytes());
        self.drain(BUFFER_BYTES)
    }

    /// Fills up with zeros to a multiple of `alignment`.
    fn pad(&mut self, alignment: u64) {
        let zeros = self.position().next_multiple_of(alignment) - self.position();
        self.buffer.resize(self.buffer.len() + zeros as usize, 0);
    }

    /// Hands the buffer to the file if it holds more than `bytes`.
    fn drain(&mut self, bytes: usize) -> Result<(), Error> {
        if self.buffer.len() > bytes {
            self.file.append(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Where the next byte will stand.
    fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }
}
