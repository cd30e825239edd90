//! What the targets for logs share: pushes that are taken whole, stores made of an input, and what they hold.

use std::path::Path;
use std::sync::Arc;

use log_intake::{Format, Intake, Limits};
use logstore::{LogStore, Resources, Settings};
use model::Labels;
use platform::MemoryBudget;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::logs::memory::MemoryLogs;
use storage::logs::{
    Columns, EntryAppendable, EntryColumns, EntryRange, EntryRef, LogQueryable, Needle, StreamEntries,
};
use telemetry::Registry;
use wire::loki::{Error, Push};

/// The tenant of all entries.
pub const TENANT: &str = "fake";
/// Where the store of logs stands.
pub const LOGS: &str = "/logs";
/// The clock of intakes and stores: a noon of 2023, in milliseconds.
pub const NOW_MS: i64 = 1_700_049_600_000;
/// The magic of a part.
const MAGIC: &[u8; 8] = b"LWLOGP\x02\n";

/// Takes a push as a server would, into a store in memory: what was read can be taken or is refused with a known
/// status, and what is stored is no more than what was sent.
pub fn take(push: Result<Push<'_>, Error>, format: Format) {
    let Ok(push) = push else { return };
    let mut sent = 0;
    for stream in &push.streams {
        let _ = push.text(stream.labels);
        let entries = push.entries.get(stream.entries.clone()).expect("entries of a stream are there");
        sent += entries.len();
        for entry in entries {
            let _ = push.bytes(entry.line);
            let pairs = push.metadata_of(entry);
            assert_eq!(pairs.len(), entry.metadata_len as usize);
            pairs.iter().for_each(|(name, value)| {
                let _ = (push.text(*name), push.text(*value));
            });
        }
    }
    let logs = MemoryLogs::new();
    let intake = Intake::new(Arc::new(logs.clone()), Arc::new(SimulatedClock::new(NOW_MS)), &Registry::new());
    if let Err(error) = intake.push(TENANT, &push, format, &Arc::new(Limits::default())) {
        assert!([400, 422, 429, 500].contains(&error.status), "{}: {}", error.status, error.text);
        assert!(!error.text.is_empty());
    }
    let stored: usize = content(&logs).iter().map(|(_, entries)| entries.len()).sum();
    assert!(stored <= sent, "{stored} of {sent}");
}

/// An entry: time, line, metadata.
pub type Entry = (i64, Vec<u8>, Vec<(String, String)>);

/// All entries by stream, sorted; blocks that do not decode are left out.
pub fn content(logs: &dyn LogQueryable) -> Vec<(String, Vec<Entry>)> {
    let querier = logs.log_querier(TENANT, EntryRange::ALL).unwrap();
    let blocks = querier.select(&[]).unwrap();
    let mut columns = EntryColumns::default();
    let mut found = std::collections::BTreeMap::<String, Vec<Entry>>::new();
    for (number, header) in blocks.blocks().iter().enumerate() {
        let needle = Needle { bytes: b"needle in a line".to_vec(), any_case: true };
        let _ = blocks.excludes(number, &[vec![needle]]);
        if blocks.rows_among_neighbours(number).is_some() {
            let _ = blocks.read_neighbours(number, &Columns::ALL, &mut columns);
        }
        if blocks.read(number, &Columns::TIMES, &mut columns).is_err()
            || blocks.read(number, &Columns::ALL, &mut columns).is_err()
        {
            continue;
        }
        let stream = found.entry(blocks.streams()[header.stream].to_string()).or_default();
        for row in 0..columns.rows {
            let metadata = columns
                .metadata
                .iter()
                .filter_map(|column| Some((column.name.to_string(), column.get(row)?.to_owned())));
            let entry = (columns.timestamps[row], columns.line(row).to_vec(), metadata.collect());
            if header.exact || !stream.contains(&entry) {
                stream.push(entry);
            }
        }
    }
    found.values_mut().for_each(|entries| entries.sort());
    found.into_iter().collect()
}

/// Opens the store of logs; whatever its files hold, the start goes on.
pub fn open(disk: &SimulatedFileSystem) -> LogStore {
    let resources = Resources {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new(NOW_MS)),
        registry: Registry::new(),
        memory: Arc::new(MemoryBudget::default()),
    };
    let settings = Settings { lock: false, ..Settings::default() };
    LogStore::open(resources, Path::new(LOGS), settings).expect("the start goes on")
}

/// Appends entries of a stream, a millisecond apart.
pub fn append(store: &LogStore, labels: &[(&str, &str)], lines: &[&str], metadata: &[(&str, &str)]) {
    let labels = Labels::from_pairs(labels.iter().copied());
    let entries: Vec<EntryRef<'_>> = lines
        .iter()
        .zip(0..)
        .map(|(line, number)| EntryRef {
            timestamp: (NOW_MS + number) * 1_000_000,
            line: line.as_bytes(),
            metadata: if number % 2 == 0 { metadata } else { &[] },
        })
        .collect();
    let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    store.append(TENANT, &push, &storage::logs::AppendRules::default()).unwrap();
}

/// A part of an input: the length (4 bytes, little endian) of its frames and filters, these, and its index as it is
/// before compression; every checksum is made right.
pub fn part(input: &[u8]) -> Vec<u8> {
    let (len, rest) = input.split_first_chunk().unwrap_or((&[0; 4], &[]));
    let len = u32::from_le_bytes(*len) as usize;
    let (body, index) = rest.split_at_checked(len).unwrap_or((rest, &[]));
    let mut index = index.to_vec();
    let frames = mend_index(body, &mut index).unwrap_or(0).min(body.len());
    let mut file = [MAGIC.as_slice(), body, &index].concat();
    let mut footer = Vec::new();
    footer.extend_from_slice(&((MAGIC.len() + frames) as u64).to_le_bytes());
    footer.extend_from_slice(&((MAGIC.len() + body.len()) as u64).to_le_bytes());
    for number in [index.len() as u32, index.len() as u32, wal::frame::crc32c(&index), 0, 0] {
        footer.extend_from_slice(&number.to_le_bytes());
    }
    let sum = wal::frame::crc32c(&footer);
    footer.extend_from_slice(&sum.to_le_bytes());
    file.extend_from_slice(&footer);
    file.extend_from_slice(MAGIC);
    file
}

/// The opposite of [`part`].
pub fn input_of_part(file: &[u8]) -> Vec<u8> {
    let footer = &file[file.len() - 48..];
    let number = |at: usize| u32::from_le_bytes(footer[at..at + 4].try_into().unwrap()) as usize;
    let from = u64::from_le_bytes(footer[8..16].try_into().unwrap()) as usize;
    let stored = &file[from..from + number(20)];
    let index = match number(28) {
        0 => stored.to_vec(),
        _ => zstd::bulk::decompress(stored, number(16)).unwrap(),
    };
    let body = &file[MAGIC.len()..from];
    [(body.len() as u32).to_le_bytes().as_slice(), body, &index].concat()
}

/// A place in an index.
struct Walk<'a> {
    index: &'a mut [u8],
    at: usize,
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.index.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn uvarint(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                return Some(value);
            }
        }
    }

    fn skip_texts(&mut self) -> Option<()> {
        for _ in 0..self.uvarint()? {
            let len = usize::try_from(self.uvarint()?).ok()?;
            self.at = self.at.checked_add(len)?;
        }
        Some(())
    }

    fn put(&mut self, sum: u32) -> Option<()> {
        self.index.get_mut(self.at..self.at + 4)?.copy_from_slice(&sum.to_le_bytes());
        self.at += 4;
        Some(())
    }
}

/// Writes the checksums of columns and filters into an index; says how many bytes the columns take.
fn mend_index(body: &[u8], index: &mut [u8]) -> Option<usize> {
    let mut walk = Walk { index, at: 0 };
    for _ in 0..4 {
        walk.uvarint()?;
    }
    for _ in 0..3 {
        walk.skip_texts()?;
    }
    let (mut at, mut filters) = (0_usize, Vec::new());
    for _ in 0..walk.uvarint()? {
        walk.uvarint()?;
        walk.uvarint()?;
        filters.push((walk.byte()?, walk.at));
        walk.at += 4;
        for _ in 0..walk.uvarint()? {
            walk.uvarint()?;
            walk.uvarint()?;
            let len = usize::try_from(walk.uvarint()?).ok()?;
            let end = at.checked_add(len)?;
            walk.put(body.get(at..end).map_or(0, wal::frame::crc32c))?;
            at = end;
        }
    }
    let mut from = at;
    for (log, place) in filters {
        let len = 1_usize.checked_shl(u32::from(log))? / 8;
        let end = from.checked_add(len)?;
        walk.at = place;
        walk.put(body.get(from..end).map_or(0, wal::frame::crc32c))?;
        from = end;
    }
    Some(at)
}
