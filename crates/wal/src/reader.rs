//! Reads a segment record by record and steps over what is damaged.

use std::path::PathBuf;
use std::sync::Arc;

use platform::{FileSystem, ReadFile};

use crate::compression::{RECORD_BYTES_MAX, decompress};
use crate::frame::{Flags, HEADER_BYTES, Header, PAGE_BYTES, Part, crc32c};
use crate::{Damage, DamageReason, Error, Segment};

/// How much is read at once; whole pages.
const BLOCK_BYTES: usize = 32 * PAGE_BYTES;

/// What stands next in a segment.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A whole record, uncompressed.
    Record {
        /// Where it begins in the segment.
        offset: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// Something that is no record; reading goes on behind it.
    Damage(Damage),
}

/// Reads one segment.
///
/// A damaged fragment costs its record; a damaged header costs the rest of its page, since only the next page
/// is certain to begin with one.
#[derive(Debug)]
pub struct SegmentReader {
    file: Arc<dyn ReadFile>,
    path: PathBuf,
    segment: u32,
    len: u64,
    position: u64,
    block: Vec<u8>,
    block_start: u64,
    /// The compressed bytes of a record whose end was not reached yet.
    parts: Vec<u8>,
    partial: Option<Partial>,
    /// The start of the present record was lost and reported: its other fragments are stepped over silently.
    lost: bool,
    record: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Partial {
    offset: u64,
    flags: Flags,
}

enum Step {
    Nothing,
    Damaged(u64, DamageReason),
    Record(u64),
}

impl SegmentReader {
    /// Opens a segment as long as it is now.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be opened.
    pub fn open(fs: &dyn FileSystem, segment: &Segment) -> Result<Self, Error> {
        let path = segment.path.clone();
        let file = fs.open(&path).map_err(Error::io("open", &path))?;
        let len = file.len().map_err(Error::io("read", &path))?;
        Ok(Self {
            file,
            path,
            segment: segment.number,
            len,
            position: 0,
            block: Vec::new(),
            block_start: 0,
            parts: Vec::new(),
            partial: None,
            lost: false,
            record: Vec::new(),
        })
    }

    /// Opens a segment as long as it is now, to read from the start of a record on.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be opened.
    pub fn open_at(fs: &dyn FileSystem, segment: &Segment, offset: u64) -> Result<Self, Error> {
        let mut reader = Self::open(fs, segment)?;
        reader.position = offset;
        Ok(reader)
    }

    /// Where the next fragment is looked for.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The segment's length when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the segment was empty when it was opened.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The next record or damaged place; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_>>, Error> {
        while self.position < self.len {
            match self.step()? {
                Step::Nothing => {}
                Step::Damaged(offset, reason) => return Ok(Some(self.damage(offset, reason))),
                Step::Record(offset) => return Ok(Some(Entry::Record { offset, bytes: &self.record })),
            }
        }
        match self.partial.take() {
            Some(partial) => Ok(Some(self.damage(partial.offset, DamageReason::Torn))),
            None => Ok(None),
        }
    }

    fn damage(&self, offset: u64, reason: DamageReason) -> Entry<'static> {
        Entry::Damage(Damage { segment: self.segment, offset, reason })
    }

    /// Reads one fragment or steps over the rest of a page.
    fn step(&mut self) -> Result<Step, Error> {
        let page_left = PAGE_BYTES - (self.position % PAGE_BYTES as u64) as usize;
        let file_left = usize::try_from(self.len - self.position).unwrap_or(usize::MAX);
        match look(self.bytes(page_left.min(file_left))?, page_left) {
            Look::Nothing(bytes) => Ok(self.skip(bytes)),
            Look::Damaged(bytes, reason) => Ok(self.lose(bytes, reason)),
            Look::Fragment(header) => self.take(header),
        }
    }

    fn skip(&mut self, bytes: usize) -> Step {
        self.position += bytes as u64;
        Step::Nothing
    }

    /// Steps over damaged bytes; the damage begins where the record that they belong to does.
    fn lose(&mut self, bytes: usize, reason: DamageReason) -> Step {
        let offset = self.partial.take().map_or(self.position, |partial| partial.offset);
        self.position += bytes as u64;
        self.lost = true;
        Step::Damaged(offset, reason)
    }

    /// Takes a sound fragment at the present position.
    fn take(&mut self, header: Header) -> Result<Step, Error> {
        let begins = matches!(header.part, Part::Full | Part::First);
        if begins {
            self.lost = false;
            if let Some(partial) = self.partial.take() {
                // The fragment itself is read in the next step.
                return Ok(Step::Damaged(partial.offset, DamageReason::FragmentOrder));
            }
            self.parts.clear();
        }
        let partial = match self.partial {
            None if begins => Partial { offset: self.position, flags: header.flags },
            Some(partial) if partial.flags == header.flags => partial,
            None if self.lost => return Ok(self.skip(HEADER_BYTES + header.len)),
            _ => return Ok(self.lose(HEADER_BYTES + header.len, DamageReason::FragmentOrder)),
        };
        if self.parts.len() + header.len > RECORD_BYTES_MAX {
            return Ok(self.lose(HEADER_BYTES + header.len, DamageReason::TooLarge));
        }
        let mut parts = std::mem::take(&mut self.parts);
        let whole = self.bytes(HEADER_BYTES + header.len)?;
        parts.extend_from_slice(whole.get(HEADER_BYTES..).unwrap_or_default());
        self.parts = parts;
        self.position += (HEADER_BYTES + header.len) as u64;
        if matches!(header.part, Part::First | Part::Middle) {
            self.partial = Some(partial);
            return Ok(Step::Nothing);
        }
        self.partial = None;
        match decompress(header.flags, &self.parts, &mut self.record) {
            Ok(()) => Ok(Step::Record(partial.offset)),
            Err(reason) => Ok(Step::Damaged(partial.offset, reason)),
        }
    }

    /// The `len` bytes at the present position; they stand in one page, and so in one block.
    fn bytes(&mut self, len: usize) -> Result<&[u8], Error> {
        let start = self.position - self.position % BLOCK_BYTES as u64;
        if self.block.is_empty() || start != self.block_start {
            let left = usize::try_from(self.len - start).unwrap_or(usize::MAX);
            self.block.resize(left.min(BLOCK_BYTES), 0);
            self.file.read_exact_at(&mut self.block, start).map_err(Error::io("read", &self.path))?;
            self.block_start = start;
        }
        let from = (self.position - start) as usize;
        Ok(self.block.get(from..from + len).unwrap_or_default())
    }
}

/// What stands at the start of some bytes of a page.
enum Look {
    /// Padding, so many bytes.
    Nothing(usize),
    /// So many bytes that are to be stepped over.
    Damaged(usize, DamageReason),
    /// A sound fragment.
    Fragment(Header),
}

/// Looks at what is left of a page, or of the file where that ends before the page does.
fn look(bytes: &[u8], page_left: usize) -> Look {
    let is_empty = bytes.iter().all(|byte| *byte == 0);
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        // Too short for a fragment: empty if the writer has come this far.
        return match (is_empty, bytes.len() == page_left) {
            (true, _) => Look::Nothing(bytes.len()),
            (false, true) => Look::Damaged(bytes.len(), DamageReason::PageRest),
            (false, false) => Look::Damaged(bytes.len(), DamageReason::Torn),
        };
    };
    let header = match Header::decode(*header) {
        Err(kind) => return Look::Damaged(bytes.len(), DamageReason::FragmentType(kind)),
        Ok(Header { part: Part::PageEnd, .. }) if is_empty => return Look::Nothing(bytes.len()),
        Ok(Header { part: Part::PageEnd, .. }) => {
            return Look::Damaged(bytes.len(), DamageReason::PageRest);
        }
        Ok(header) => header,
    };
    let left = page_left - HEADER_BYTES;
    if header.len > left {
        return Look::Damaged(bytes.len(), DamageReason::FragmentLength { len: header.len, left });
    }
    let Some(fragment) = rest.get(..header.len) else {
        return Look::Damaged(bytes.len(), DamageReason::Torn);
    };
    match crc32c(fragment) {
        got if got == header.crc => Look::Fragment(header),
        got => {
            let reason = DamageReason::Checksum { got, expected: header.crc };
            Look::Damaged(HEADER_BYTES + header.len, reason)
        }
    }
}
