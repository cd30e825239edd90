//! A part that can be read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use platform::{FileSystem, Mapped, ReadFile};
use storage::logs::Filters;

use super::filter::{Pieces, filter_bytes};
use super::layout::{Block, Frame, PartIndex};
use super::sections::{SECTION_BYTES_MAX, Stored};
use super::{FOOTER_BYTES, MAGIC, crc32c};
use crate::Error;
use crate::bytes::Cursor;
use crate::tenant::Tenant;

/// A file of a part, its index read.
#[derive(Debug)]
pub(crate) struct PartFile {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn ReadFile>,
    pub(crate) bytes: u64,
    pub(crate) index: PartIndex,
}

/// Reads the index of a part.
///
/// # Errors
/// [`Error::Damaged`] where the file is no whole part; [`Error::Io`].
pub(crate) fn read_index(fs: &dyn FileSystem, path: &Path) -> Result<PartFile, Error> {
    let file = fs.open(path).map_err(Error::io("open", path))?;
    let bytes = file.len().map_err(Error::io("read", path))?;
    let footer_from = bytes
        .checked_sub(FOOTER_BYTES as u64)
        .filter(|from| *from >= MAGIC.len() as u64)
        .ok_or_else(|| Error::damaged(path, "length"))?;
    let mut footer = [0; FOOTER_BYTES];
    file.read_exact_at(&mut footer, footer_from).map_err(Error::io("read", path))?;
    if is_of_other_version(&footer) {
        return Err(Error::damaged(path, "version: this program reads version 2"));
    }
    let footer = decode_footer(&footer).ok_or_else(|| Error::damaged(path, "footer"))?;
    let is_in_place = footer.filters_from >= MAGIC.len() as u64
        && footer.filters_from <= footer.index_from
        && footer.index_from.checked_add(u64::from(footer.index.len)) == Some(footer_from)
        && footer.index.raw_len as usize <= SECTION_BYTES_MAX;
    if !is_in_place {
        return Err(Error::damaged(path, "footer"));
    }
    let mut stored = vec![0; footer.index.len as usize];
    file.read_exact_at(&mut stored, footer.index_from).map_err(Error::io("read", path))?;
    let mut raw = Vec::new();
    footer.index.restore(&stored, &mut raw).ok_or_else(|| Error::damaged(path, "index"))?;
    let index = PartIndex::decode(&raw, MAGIC.len() as u64, footer.filters_from)
        .ok_or_else(|| Error::damaged(path, "index"))?;
    let frames_end = index.frames.last().map_or(MAGIC.len() as u64, |frame| frame.offset + frame.len());
    let filters_end = index.frames.last().map_or(footer.filters_from, |frame| {
        frame.filter_offset + filter_bytes(frame.filter_log).unwrap_or_default() as u64
    });
    if frames_end != footer.filters_from || filters_end != footer.index_from {
        return Err(Error::damaged(path, "layout"));
    }
    Ok(PartFile { path: path.to_owned(), file, bytes, index })
}

/// Whether a file ends as parts of other versions do.
fn is_of_other_version(footer: &[u8; FOOTER_BYTES]) -> bool {
    let name = MAGIC.get(..6).unwrap_or_default();
    let end = footer.get(FOOTER_BYTES - MAGIC.len()..).unwrap_or_default();
    end.starts_with(name) && end.get(name.len()) != MAGIC.get(name.len())
}

struct Footer {
    filters_from: u64,
    index_from: u64,
    index: Stored,
}

fn decode_footer(bytes: &[u8; FOOTER_BYTES]) -> Option<Footer> {
    let mut cursor = Cursor::new(bytes);
    let (filters_from, index_from) = (cursor.le64()?, cursor.le64()?);
    let (raw_len, len, crc) = (cursor.le32()?, cursor.le32()?, cursor.le32()?);
    let is_compressed = match cursor.le32()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    cursor.le32()?;
    let covered = bytes.get(..bytes.len() - cursor.left())?;
    if cursor.le32()? != crc32c(covered) || cursor.take(MAGIC.len())? != MAGIC {
        return None;
    }
    Some(Footer { filters_from, index_from, index: Stored { is_compressed, raw_len, len, crc } })
}

/// So much of all filters stays in the process's memory until the next maintenance: dashboards look at those of an hour, and
/// they come back from the system's cache of files in less time than the lines take that they save.
const FILTERS_IN_MEMORY_MAX: u64 = 64 << 20;
/// The same of one part, where others have so much already.
const FILTERS_OF_PART_MIN: u64 = 1 << 20;

/// Bytes of the filters of all parts that are in memory.
static FILTERS_IN_MEMORY: AtomicU64 = AtomicU64::new(0);

/// The number of the part that is opened next.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A part that takes part in queries; gives its streams free when it is dropped.
pub(crate) struct Part {
    /// No other part that this process ever opens has it.
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn ReadFile>,
    pub(crate) bytes: u64,
    /// Without the streams: those are the tenant's.
    pub(crate) index: PartIndex,
    /// The tenant's numbers of the streams, by their position here.
    pub(crate) streams: Vec<u32>,
    /// The numbers with the positions, sorted by number.
    positions: Vec<(u32, u32)>,
    /// The first block of each stream, and the end of the last one's.
    first_blocks: Vec<u32>,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// The file up to the end of its filters.
    map: Option<Mapped>,
    /// For each frame the round in which its filter was looked at last; 0 where it was never checked.
    looked_at: Vec<AtomicU32>,
    /// Rounds end when the filters are taken out of memory.
    round: AtomicU32,
    /// Bytes of the filters that were looked at in this round.
    filters_in_memory: AtomicU64,
    /// What it stores was found damaged: it stays as it is, for what can still be read of it.
    pub(crate) is_damaged: AtomicBool,
    tenant: Arc<Tenant>,
}

impl fmt::Debug for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Part({})", self.path.display())
    }
}

impl Part {
    /// Lets a part take part in queries of its tenant.
    pub(crate) fn new(fs: &dyn FileSystem, file: PartFile, tenant: &Arc<Tenant>) -> Self {
        let PartFile { path, file, bytes, mut index } = file;
        let labels = std::mem::take(&mut index.streams);
        let streams: Vec<u32> = {
            let mut known = tenant.streams.write();
            labels.iter().map(|labels| known.hold(labels)).collect()
        };
        let mut positions: Vec<(u32, u32)> =
            streams.iter().enumerate().map(|(position, id)| (*id, position as u32)).collect();
        positions.sort_unstable();
        let first_blocks = (0..=streams.len())
            .map(|stream| index.blocks.partition_point(|block| (block.stream as usize) < stream) as u32)
            .collect();
        let start = index.blocks.iter().map(|block| block.start).min().unwrap_or(i64::MAX);
        let end = index.blocks.iter().map(|block| block.end).max().unwrap_or(i64::MIN);
        let filters_end = index.frames.last().map_or(0, |frame| {
            frame.filter_offset + filter_bytes(frame.filter_log).unwrap_or_default() as u64
        });
        // Without the map no block is left out, and all are read.
        let map = fs.map(&path, filters_end).ok();
        let looked_at = index.frames.iter().map(|_| AtomicU32::new(0)).collect();
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            path,
            file,
            bytes,
            index,
            streams,
            positions,
            first_blocks,
            start,
            end,
            map,
            looked_at,
            round: AtomicU32::new(1),
            filters_in_memory: AtomicU64::new(0),
            is_damaged: AtomicBool::new(false),
            tenant: Arc::clone(tenant),
        }
    }

    /// The position of a stream.
    pub(crate) fn position_of(&self, id: u32) -> Option<usize> {
        let place = self.positions.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.positions.get(place).map(|(_, position)| *position as usize)
    }

    /// The numbers of the blocks of a stream.
    pub(crate) fn blocks_of(&self, position: usize) -> std::ops::Range<usize> {
        let at = |position: usize| self.first_blocks.get(position).copied().unwrap_or_default() as usize;
        at(position)..at(position + 1)
    }

    pub(crate) fn block(&self, number: usize) -> Option<&Block> {
        self.index.blocks.get(number)
    }

    pub(crate) fn frame(&self, number: u32) -> Option<&Frame> {
        self.index.frames.get(number as usize)
    }

    /// The blocks of a frame.
    pub(crate) fn blocks_in(&self, frame: &Frame) -> &[Block] {
        let first = frame.first_block as usize;
        self.index.blocks.get(first..first + frame.blocks as usize).unwrap_or_default()
    }

    /// Bytes of the file that a block takes, about.
    pub(crate) fn stored_bytes(&self, block: &Block) -> u64 {
        self.frame(block.frame)
            .map_or(0, |frame| frame.len() * u64::from(block.rows) / u64::from(frame.rows.max(1)))
    }

    /// Whether a block surely has no line with one needle of every group, as these filters say.
    pub(crate) fn excludes(&self, block: &Block, groups: &[Vec<Pieces>], filters: Filters) -> bool {
        if groups.is_empty() {
            // Filters come from the disk.
            return false;
        }
        let Some((filter, knows_words)) = self.filter(block.frame, filters) else { return false };
        groups.iter().any(|group| group.iter().all(|pieces| pieces.are_absent(filter, knows_words)))
    }

    /// The filter of a frame, if it is one of these and what was written, and whether it knows the pieces of words.
    fn filter(&self, number: u32, filters: Filters) -> Option<(&[u8], bool)> {
        let frame = self.frame(number)?;
        let start = usize::try_from(frame.filter_offset).ok()?;
        let filter = self.map.as_ref()?.get(start..start + filter_bytes(frame.filter_log)?)?;
        let looked_at = self.looked_at.get(number as usize)?;
        let (before, round) = (looked_at.load(Ordering::Relaxed), self.round.load(Ordering::Relaxed));
        if before == round {
            return Some((filter, frame.knows_words));
        }
        if filters == Filters::AtHand || (before == 0 && crc32c(filter) != frame.filter_crc) {
            return None;
        }
        looked_at.store(round, Ordering::Relaxed);
        self.note_in_memory(filter.len() as u64);
        Some((filter, frame.knows_words))
    }

    /// Filters that a query has touched are taken out of memory again where they are many.
    fn note_in_memory(&self, bytes: u64) {
        let own = self.filters_in_memory.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let all = FILTERS_IN_MEMORY.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all > FILTERS_IN_MEMORY_MAX && own > FILTERS_OF_PART_MIN {
            self.give_back_filters();
        }
    }

    /// Takes the filters that were looked at out of the process's memory.
    pub(crate) fn give_back_filters(&self) {
        let bytes = self.filters_in_memory.swap(0, Ordering::Relaxed);
        FILTERS_IN_MEMORY.fetch_sub(bytes, Ordering::Relaxed);
        if bytes > 0
            && let Some(map) = &self.map
        {
            self.round.fetch_add(1, Ordering::Relaxed);
            map.give_back();
        }
    }

    /// Appends the columns of a frame and its filter as they stand in the file.
    ///
    /// # Errors
    /// [`Error::Damaged`] where they are not what was written; [`Error::Io`].
    pub(crate) fn read_stored(
        &self,
        frame: &Frame,
        columns: &mut Vec<u8>,
        filter: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let damaged = || Error::damaged(&self.path, "frame");
        let columns_from = columns.len();
        self.read_at(frame.offset, usize::try_from(frame.len()).map_err(|_| damaged())?, columns)?;
        let mut rest = columns.get(columns_from..).unwrap_or_default();
        for section in &frame.sections {
            let (bytes, after) = rest.split_at_checked(section.stored.len as usize).ok_or_else(damaged)?;
            if crc32c(bytes) != section.stored.crc {
                return Err(damaged());
            }
            rest = after;
        }
        let filter_from = filter.len();
        let filter_len = filter_bytes(frame.filter_log).ok_or_else(damaged)?;
        self.read_at(frame.filter_offset, filter_len, filter)?;
        let is_whole = crc32c(filter.get(filter_from..).unwrap_or_default()) == frame.filter_crc;
        if is_whole { Ok(()) } else { Err(damaged()) }
    }

    fn read_at(&self, offset: u64, len: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let from = out.len();
        out.resize(from + len, 0);
        let room = out.get_mut(from..).unwrap_or_default();
        self.file.read_exact_at(room, offset).map_err(Error::io("read", &self.path))
    }

    /// The name of its file.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        FILTERS_IN_MEMORY.fetch_sub(*self.filters_in_memory.get_mut(), Ordering::Relaxed);
        let mut streams = self.tenant.streams.write();
        for id in &self.streams {
            streams.release(*id);
        }
    }
}
