//! The table that leads from label pairs to lists of series: a few of its entries kept, the others read.

use super::bytes::{Cursor, checked_part};
use super::layout::TABLE_ENTRY_TEXTS;
use crate::Error;

/// Every so many values of a name the place of one is kept.
const KEPT_EVERY: usize = 32;

/// The postings offset table.
#[derive(Debug)]
pub(super) struct Table {
    /// Where the content of the part begins in the file, and where it ends.
    start: u64,
    end: u64,
    /// Sorted by name.
    names: Vec<Name>,
    /// Where the list of all series stands.
    all: Option<u64>,
}

#[derive(Debug)]
struct Name {
    name: Box<str>,
    /// Number of its values.
    count: u32,
    /// Places of every [`KEPT_EVERY`]th of its entries, from the start of the content.
    kept: Vec<u32>,
}

/// An entry: a value, and where its list of series stands in the file.
pub(super) type Entry<'a> = (&'a str, u64);

impl Table {
    /// Reads the part at `offset`, and checks all of it.
    pub(super) fn read(file: &[u8], offset: u64) -> Result<Self, Error> {
        let mut content = checked_part(file, offset, "table of postings")?;
        let start = content.offset();
        let mut names: Vec<Name> = Vec::new();
        let mut all = None;
        let mut last_value = "";
        for _ in 0..content.be32()? {
            let place = (content.offset() - start) as u32;
            let (name, value, list) = read_entry(&mut content)?;
            if name.is_empty() && value.is_empty() {
                all = Some(list);
                continue;
            }
            let known = names.last().is_some_and(|last| *last.name == *name);
            if !known {
                if names.last().is_some_and(|last| *last.name > *name) {
                    return Err(content.corrupt("label names out of order"));
                }
                names.push(Name { name: name.into(), count: 0, kept: Vec::new() });
            } else if last_value >= value {
                return Err(content.corrupt("label values out of order"));
            }
            last_value = value;
            if let Some(last) = names.last_mut() {
                if (last.count as usize).is_multiple_of(KEPT_EVERY) {
                    last.kept.push(place);
                }
                last.count += 1;
            }
        }
        Ok(Self { start, end: content.offset(), names, all })
    }

    /// Where the list of all series stands.
    pub(super) fn all(&self) -> Option<u64> {
        self.all
    }

    /// The label names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &*name.name)
    }

    /// The number of values of a label.
    pub(super) fn value_count(&self, name: &str) -> usize {
        self.name(name).map_or(0, |name| name.count as usize)
    }

    /// Where the list of a label pair stands.
    pub(super) fn list_of(&self, file: &[u8], name: &str, value: &str) -> Result<Option<u64>, Error> {
        let mut entries = self.entries_from(file, name, value)?;
        match entries.next().transpose()? {
            Some((found, list)) if found == value => Ok(Some(list)),
            _ => Ok(None),
        }
    }

    /// The entries of a label whose values are not below `from`, in order.
    pub(super) fn entries_from<'a>(
        &self,
        file: &'a [u8],
        name: &str,
        from: &str,
    ) -> Result<impl Iterator<Item = Result<Entry<'a>, Error>> + use<'a>, Error> {
        let mut entries = Entries { cursor: Cursor::new(&[], self.end), left: 0 };
        if let Some(name) = self.name(name) {
            let kept = self.kept_before(file, name, from)?;
            if let Some(place) = name.kept.get(kept) {
                let left = name.count as usize - kept * KEPT_EVERY;
                entries = Entries { cursor: self.cursor(file, *place)?, left };
                entries.skip_below(from)?;
            }
        }
        Ok(entries)
    }

    /// The number of the last kept entry that is not behind `value`.
    fn kept_before(&self, file: &[u8], name: &Name, value: &str) -> Result<usize, Error> {
        let (mut low, mut high) = (0, name.kept.len());
        while low + 1 < high {
            let middle = low.midpoint(high);
            let place = name.kept.get(middle).copied().unwrap_or_default();
            let (_, found, _) = read_entry(&mut self.cursor(file, place)?)?;
            if found <= value {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn name(&self, name: &str) -> Option<&Name> {
        let found = self.names.binary_search_by(|other| (*other.name).cmp(name)).ok()?;
        self.names.get(found)
    }

    fn cursor<'a>(&self, file: &'a [u8], place: u32) -> Result<Cursor<'a>, Error> {
        let from = self.start + u64::from(place);
        let range = usize::try_from(from).ok().zip(usize::try_from(self.end).ok());
        let bytes = range.and_then(|(from, end)| file.get(from..end));
        let bytes = bytes.ok_or(Error::Corrupt { what: "table of postings cut short", offset: from })?;
        Ok(Cursor::new(bytes, from))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let names = self.names.iter().map(|name| name.name.len() + name.kept.capacity() * 4).sum::<usize>();
        names + self.names.capacity() * size_of::<Name>()
    }
}

/// The entries of one name, from some place on.
struct Entries<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

impl Entries<'_> {
    /// Steps over the entries below `value`.
    fn skip_below(&mut self, value: &str) -> Result<(), Error> {
        while self.left > 0 {
            let here = self.cursor.clone();
            let (_, found, _) = read_entry(&mut self.cursor)?;
            if found >= value {
                self.cursor = here;
                break;
            }
            self.left -= 1;
        }
        Ok(())
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        match read_entry(&mut self.cursor) {
            Ok((_, value, list)) => Some(Ok((value, list))),
            Err(error) => {
                self.left = 0;
                Some(Err(error))
            }
        }
    }
}

fn read_entry<'a>(cursor: &mut Cursor<'a>) -> Result<(&'a str, &'a str, u64), Error> {
    if cursor.uvarint()? != TABLE_ENTRY_TEXTS {
        return Err(cursor.corrupt("entry of the postings table that is no label pair"));
    }
    Ok((cursor.text()?, cursor.text()?, cursor.uvarint()?))
}
