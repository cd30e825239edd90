//! Deleted spans of time, by series.

use std::collections::BTreeMap;
use std::path::Path;

use platform::FileSystem;

use super::bytes::{crc32c, put_uvarint, put_varint, take_uvarint, take_varint};
use crate::Error;

/// Name of the file.
pub(crate) const TOMBSTONES_FILE: &str = "tombstones";
/// The first four bytes.
const MAGIC: u32 = 0x0130_BA30;
/// The only version there is.
const VERSION: u8 = 1;
/// Bytes of magic and version.
const HEADER_BYTES: usize = 5;
/// A file beyond this is not read.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// A span of time, both ends included, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The first millisecond.
    pub start: i64,
    /// The last millisecond.
    pub end: i64,
}

/// Deleted spans of a series: sorted, with something in between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intervals(Vec<Interval>);

impl Intervals {
    /// Adds a span; what touches or overlaps it becomes one with it.
    pub fn add(&mut self, added: Interval) {
        if added.start > added.end {
            return;
        }
        let first = self.0.partition_point(|other| other.end.saturating_add(1) < added.start);
        let last = self.0.partition_point(|other| other.start.saturating_sub(1) <= added.end);
        let touched = self.0.get(first..last).unwrap_or_default();
        let start = touched.first().map_or(added.start, |other| other.start.min(added.start));
        let end = touched.last().map_or(added.end, |other| other.end.max(added.end));
        self.0.splice(first..last, [Interval { start, end }]);
    }

    /// Whether a time is deleted.
    pub fn contains(&self, timestamp: i64) -> bool {
        self.covers(timestamp, timestamp)
    }

    /// Whether a whole span of time is deleted.
    pub fn covers(&self, start: i64, end: i64) -> bool {
        let place = self.0.partition_point(|interval| interval.end < start);
        self.0.get(place).is_some_and(|interval| interval.start <= start && end <= interval.end)
    }

    /// Whether any part of a span of time is deleted.
    pub fn overlaps(&self, start: i64, end: i64) -> bool {
        let place = self.0.partition_point(|interval| interval.end < start);
        self.0.get(place).is_some_and(|interval| interval.start <= end)
    }

    /// The spans in order.
    pub fn iter(&self) -> impl Iterator<Item = Interval> + '_ {
        self.0.iter().copied()
    }

    /// Whether nothing is deleted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of spans.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<Interval> for Intervals {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut all = Self::default();
        for interval in intervals {
            all.add(interval);
        }
        all
    }
}

/// Deleted spans of time of a block, by the number of the series in its index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tombstones(BTreeMap<u64, Intervals>);

impl Tombstones {
    /// Adds a span of a series.
    pub fn add(&mut self, series: u64, interval: Interval) {
        self.0.entry(series).or_default().add(interval);
    }

    /// The deleted spans of a series.
    pub fn of(&self, series: u64) -> Option<&Intervals> {
        self.0.get(&series)
    }

    /// Removes the spans that end before `min_time`, and those of series that `exists` does not know.
    pub(crate) fn truncate(&mut self, min_time: i64, exists: impl Fn(u64) -> bool) {
        self.0.retain(|series, intervals| {
            intervals.0.retain(|interval| interval.end >= min_time);
            !intervals.is_empty() && exists(*series)
        });
    }

    /// All of them, by series.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Intervals)> {
        self.0.iter().map(|(series, intervals)| (*series, intervals))
    }

    /// The number of spans of all series.
    pub fn count(&self) -> u64 {
        self.0.values().map(|intervals| intervals.len() as u64).sum()
    }

    /// Whether nothing is deleted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the file of the block in `folder`; without one nothing is deleted.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Damaged`].
    pub fn read(fs: &dyn FileSystem, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(TOMBSTONES_FILE);
        match fs.read(&path, FILE_BYTES_MAX) {
            Ok(bytes) => Self::decode(&bytes).ok_or(Error::Damaged { path, what: "tombstones" }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    /// Writes the file of the block in `folder`; it appears complete or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, fs: &dyn FileSystem, folder: &Path) -> Result<(), Error> {
        let path = folder.join(TOMBSTONES_FILE);
        fs.write_atomic(&path, &self.encode()).map_err(Error::io("write", &path))
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_be_bytes().to_vec();
        bytes.push(VERSION);
        for (series, intervals) in self.iter() {
            for interval in intervals.iter() {
                put_uvarint(&mut bytes, series);
                put_varint(&mut bytes, interval.start);
                put_varint(&mut bytes, interval.end);
            }
        }
        let crc = crc32c(bytes.get(HEADER_BYTES..).unwrap_or_default());
        bytes.extend(crc.to_be_bytes());
        bytes
    }

    /// Reads the bytes of a file; `None` where they are not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, crc) = bytes.split_last_chunk::<4>()?;
        let (header, mut entries) = bytes.split_at_checked(HEADER_BYTES)?;
        let [magic @ .., version] = header else { return None };
        if magic != MAGIC.to_be_bytes() || *version != VERSION || crc32c(entries) != u32::from_be_bytes(*crc)
        {
            return None;
        }
        let mut tombstones = Self::default();
        while !entries.is_empty() {
            let series = take_uvarint(&mut entries)?;
            let interval = Interval { start: take_varint(&mut entries)?, end: take_varint(&mut entries)? };
            tombstones.add(series, interval);
        }
        Some(tombstones)
    }
}
