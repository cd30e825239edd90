//! What the targets of the stores share: directories made of an input.

pub mod logs;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use model::Matcher;
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;
use tsdb::{Db, Parts, ReplayProgress, Settings};
use wal::{Batch, Compression, Log};

/// Where the stores stand.
pub const DATA: &str = "/data";

/// Parts of an input, each with its length (one byte) before it; the last one is what is left.
pub fn split(mut input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((len, rest)) = input.split_first() {
        let (part, rest) = rest.split_at_checked(usize::from(*len)).unwrap_or((rest, &[]));
        parts.push(part);
        input = rest;
    }
    parts
}

/// The opposite of [`split`], for parts of at most 255 bytes.
pub fn join(parts: &[Vec<u8>]) -> Vec<u8> {
    let of =
        |part: &Vec<u8>| std::iter::once(part.len() as u8).chain(part.iter().copied()).collect::<Vec<_>>();
    parts.iter().flat_map(of).collect()
}

/// A file in a new folder.
pub fn write(fs: &dyn FileSystem, path: &Path, bytes: &[u8]) {
    fs.create_dir_all(path.parent().unwrap()).unwrap();
    fs.create(path).unwrap().append(bytes).unwrap();
}

/// A log that holds these records, with the right checksums.
pub fn write_log(fs: &SimulatedFileSystem, folder: &Path, records: &[&[u8]]) {
    let parts = wal::Parts {
        fs: Arc::new(fs.clone()),
        clock: Arc::new(SimulatedClock::new(0)),
        metrics: wal::Metrics::new(&Registry::new(), "fuzz"),
    };
    let mut log = Log::open(parts, folder, wal::Settings::default()).unwrap();
    for record in records {
        let mut batch = Batch::new(Compression::None);
        batch.push(record).unwrap();
        log.append(&batch).unwrap();
    }
}

/// Opens the store; whatever its files hold, the start goes on.
pub fn open(disk: &SimulatedFileSystem) -> Db {
    let parts = Parts {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new(0)),
        registry: Registry::new(),
        progress: Arc::new(ReplayProgress::default()),
        memory: Arc::default(),
    };
    let settings = Settings {
        out_of_order_window: Some(Duration::from_mins(1)),
        exemplars_max: Some(100),
        snapshot_log_bytes: Some(u64::MAX),
        ..Settings::default()
    };
    Db::open(parts, Path::new(DATA), settings).expect("the start goes on")
}

/// Times and values of all floats, by series.
pub fn floats(db: &Db) -> Vec<(String, Vec<(i64, u64)>)> {
    let any = Matcher::new("__name__", model::MatchOp::Regex, ".*").unwrap();
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[any], &SelectHints::default()).unwrap();
    let mut all = Vec::new();
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        // What does not decode is an error, and no panic.
        if set.read(position, TimeRange::ALL, &mut columns).is_ok() {
            let bits = columns.values.iter().map(|value| value.to_bits());
            all.push((
                set.labels(position).to_string(),
                columns.timestamps.iter().copied().zip(bits).collect(),
            ));
        }
    }
    all
}

/// The folder of a chunk snapshot behind which nothing of the log is read.
pub fn snapshot_folder() -> PathBuf {
    Path::new(DATA).join("chunk_snapshot.000000.0000000000")
}

/// Gives every section of an index file that its table of contents names the checksum that it would have.
pub fn mend_index(file: &mut [u8]) {
    let len = file.len();
    let Some(start) = len.checked_sub(52) else { return };
    let number = |file: &[u8], at: usize| {
        file.get(at..at + 8).map(|bytes| u64::from_be_bytes(bytes.try_into().unwrap()) as usize)
    };
    let section = |file: &mut [u8], at: usize| -> Option<usize> {
        let size = u32::from_be_bytes(file.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize;
        let (from, to) = (at + 4, (at + 4).checked_add(size)?);
        let sum = wal::frame::crc32c(file.get(from..to)?);
        file.get_mut(to..to + 4)?.copy_from_slice(&sum.to_be_bytes());
        Some(to + 4)
    };
    for entry in [0, 2, 3, 4, 5] {
        let Some(at) = number(file, start + entry * 8) else { continue };
        let end = if entry == 3 { number(file, start + 32) } else { None };
        let mut next = section(file, at);
        // Lists of postings stand one behind the other.
        while let (Some(at), Some(end)) = (next, end) {
            next = if at < end { section(file, at.next_multiple_of(4)) } else { None };
        }
    }
    let sum = wal::frame::crc32c(&file[start..len - 4]);
    file[len - 4..].copy_from_slice(&sum.to_be_bytes());
}
