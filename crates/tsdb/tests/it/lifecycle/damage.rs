//! Every byte of every file is damaged, and every file cut everywhere: the start goes on, tells of it, and what stands
//! in other files is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{Querier, SampleColumns, SelectHints, TimeRange};
use tsdb::block::{Block, BlockQuerier, Ulid};
use tsdb::{Db, Settings};

use super::oracle::{Content, Oracle, PIECE, read};
use super::{MINUTE, Script};
use crate::fixture::{PATH, parts};

/// Short, so that the files are small; it ends in the middle of things.
const SHORT: Script = Script { minutes: [20, 10, 4], padding: 0, by_size: false };

/// Whole stores are started at every so manieth byte; what is smaller is read at each.
const STRIDE: usize = 71;

/// Damage to what is known of a block must not look as if others were too old.
fn settings() -> Settings {
    Settings { retention: None, ..SHORT.settings() }
}

/// The files of a folder and those below it.
fn files(disk: &SimulatedFileSystem, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in disk.list(folder).unwrap() {
        let path = folder.join(&entry.name);
        if entry.is_dir { found.extend(files(disk, &path)) } else { found.push(path) }
    }
    found
}

/// What an undamaged start gives, and what of it depends on which file.
struct Whole {
    disk: SimulatedFileSystem,
    oracle: Oracle,
    content: Content,
    /// Names and spans of time of the blocks.
    blocks: Vec<(Ulid, i64, i64)>,
    /// Before this time blocks hold everything that came in order.
    head_from: i64,
}

impl Whole {
    fn new() -> Self {
        let disk = SimulatedFileSystem::new();
        let oracle = SHORT.run(&disk);
        let db = Db::open(parts(&disk.process_image()), Path::new(PATH), settings()).unwrap();
        let metas: Vec<_> = db.blocks().iter().map(|block| block.meta()).collect();
        let blocks = metas.iter().map(|meta| (meta.ulid, meta.min_time, meta.max_time)).collect();
        let in_order = metas.iter().filter(|meta| !meta.is_of_a_part());
        let head_from = in_order.map(|meta| meta.max_time).max().unwrap_or(0);
        let (content, errors) = read(&db);
        assert!(errors.is_empty(), "{errors:?}");
        Self { disk, oracle, content, blocks, head_from }
    }

    /// Whether a sample must survive damage of a file.
    fn stays(&self, path: &Path, time: i64) -> bool {
        let text = path.to_string_lossy();
        let is_late = time % MINUTE != 0;
        if let Some((_, start, end)) = self.blocks.iter().find(|block| text.contains(&block.0.to_string())) {
            // A query that has to do with the block may fail as a whole.
            let (first, last) =
                (start.div_euclid(PIECE) * PIECE, (end - 1).div_euclid(PIECE) * PIECE + PIECE);
            // What is known of a block says where the head begins, and no checksum covers it.
            return time < first || time >= last && path.file_name() != Some("meta.json".as_ref());
        }
        // The logs hold what chunk files and snapshots hold; blocks hold themselves.
        if text.contains("/wal/") {
            time < self.head_from && !is_late
        } else {
            !text.contains("/wbl/") || !is_late
        }
    }

    /// Starts on a damaged directory.
    fn check(&self, path: &Path, change: Change, at: usize) {
        let context = format!("{change:?} at {at} of {}", path.display());
        let disk = self.disk.process_image();
        disk.damage(path, |bytes| match change {
            Change::Flip => bytes[at] ^= 1 << (at % 8),
            Change::Cut => bytes.truncate(at),
        })
        .unwrap();
        let parts = parts(&disk);
        let registry = parts.registry.clone();
        let db = Db::open(parts, Path::new(PATH), settings())
            .unwrap_or_else(|error| panic!("{context}: the start fails: {error}"));
        let (found, errors) = read(&db);
        self.oracle.check_true(&found, &context);
        let is_told = !errors.is_empty() || !db.damaged_blocks().is_empty() || tells_of_damage(&registry);
        // A chunk file that ends behind another chunk than it did looks like any other, and with a snapshot nobody asks
        // the log for what is missing.
        let may_end_there =
            change == Change::Cut && path.to_string_lossy().contains("/chunks_head/") && !is_told;
        let must_stay = |time: i64| self.stays(path, time) && !(may_end_there && time >= self.head_from);
        for (series, samples) in &self.content {
            for time in samples.keys().filter(|time| must_stay(**time)) {
                let present = found.get(series).is_some_and(|found| found.contains_key(time));
                assert!(present, "{context}: {series} at {time}");
            }
        }
        // A log that is cut between two records, a record that may be of a later release, and a time in a file without a
        // checksum, look like others.
        let text = path.to_string_lossy();
        let is_log = text.contains("/wal/") || text.contains("/wbl/");
        let may_look_sound =
            text.ends_with("meta.json") || is_log && (change == Change::Cut || hits_compression(at));
        if !may_look_sound && !may_end_there && found != self.content {
            assert!(is_told, "{context}: samples are missing, and nothing is said");
        }
    }
}

/// How a file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// One bit has another value.
    Flip,
    /// The file ends here.
    Cut,
}

/// Whether the bit that is flipped at a place may say how a record is compressed: its checksum does not cover that.
fn hits_compression(at: usize) -> bool {
    matches!(at % 8, 3 | 4)
}

/// Whether a metric says that something was damaged.
fn tells_of_damage(registry: &telemetry::Registry) -> bool {
    let names = ["corruption", "snapshot_replay_error"];
    let families = registry.gather();
    let named = families.iter().filter(|family| names.iter().any(|name| family.name.contains(name)));
    let mut metrics = named.flat_map(|family| &family.metrics);
    metrics.any(|metric| matches!(metric.value, telemetry::Value::Counter(count) if count > 0.0))
}

#[test]
fn a_damaged_file_costs_what_is_in_it_and_never_the_start() {
    let whole = Whole::new();
    let mut starts = 0;
    for path in files(&whole.disk, Path::new(PATH)) {
        let len = whole.disk.metadata(&path).unwrap().len as usize;
        let last = len.checked_sub(1);
        for at in (starts % STRIDE..len).step_by(STRIDE).chain(last) {
            whole.check(&path, Change::Flip, at);
            whole.check(&path, Change::Cut, at);
            starts += 2;
        }
    }
    println!("starts on a damaged file: {starts}");
    assert!(starts > 100, "{starts}");
}

/// All samples of a block, as far as they can be read.
fn read_block(disk: &SimulatedFileSystem, folder: &Path) -> Result<Vec<(String, SampleColumns)>, String> {
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let block = Arc::new(Block::open(fs, folder).map_err(|error| error.to_string())?);
    let querier = BlockQuerier::new(block, TimeRange::ALL);
    let set = querier.select(&[], &SelectHints::default()).map_err(|error| error.to_string())?;
    let read = |position| {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).map_err(|error| error.to_string())?;
        Ok((set.labels(position).to_string(), columns))
    };
    (0..set.len()).map(read).collect()
}

/// What tells whether two blocks hold the same.
fn facts(series: &[(String, SampleColumns)]) -> Vec<String> {
    let of = |(labels, columns): &(String, SampleColumns)| {
        let bits: Vec<u64> = columns.values.iter().map(|value| value.to_bits()).collect();
        let histograms = &columns.histograms;
        format!(
            "{labels} {:?} {bits:?} {:?} {:?}",
            columns.timestamps, histograms.timestamps, histograms.values
        )
    };
    series.iter().map(of).collect()
}

/// Chunks and index have checksums, and so has what is deleted: a block gives what it held or an error.
#[test]
fn every_byte_of_a_blocks_files_is_noticed_or_without_effect() {
    let whole = Whole::new();
    let mut tried = 0;
    for (ulid, ..) in &whole.blocks {
        let folder = Path::new(PATH).join(ulid.to_string());
        let expected = facts(&read_block(&whole.disk, &folder).unwrap());
        for path in files(&whole.disk, &folder) {
            let bytes = whole.disk.read(&path, 1 << 20).unwrap();
            let disk = whole.disk.process_image();
            for at in 0..bytes.len() {
                for change in [Change::Flip, Change::Cut] {
                    let context = format!("{change:?} at {at} of {}", path.display());
                    let mut damaged = bytes.clone();
                    match change {
                        Change::Flip => damaged[at] ^= 1 << (at % 8),
                        Change::Cut => damaged.truncate(at),
                    }
                    disk.damage(&path, |bytes| *bytes = damaged).unwrap();
                    tried += 1;
                    let Ok(found) = read_block(&disk, &folder) else { continue };
                    let found = facts(&found);
                    // Nothing guards what is known of the block, nor the header of the deleted spans.
                    let is_guarded = !path.ends_with("meta.json");
                    assert!(!is_guarded || found == expected, "{context}");
                    let is_cut_short = change == Change::Cut && at + 1 < bytes.len();
                    assert!(!is_cut_short, "{context}: nothing is noticed");
                }
            }
        }
    }
    println!("damaged blocks that were read: {tried}");
    assert!(tried > 2000, "{tried}");
}
