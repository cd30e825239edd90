//! Any records come back from any log, and of a log that is cut anywhere all that stands whole in it.

use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use proptest::prelude::*;
use wal::{Batch, Compression, Log, SegmentReader, Settings, repair, segments};

use crate::{parts, read_all};

const FOLDER: &str = "/data/wal";
const PAGE: usize = wal::frame::PAGE_BYTES;

/// A record: some that compress well, some that do not, some longer than a page.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![8 => 1..200_usize, 1 => PAGE - 40..PAGE + 40, 1 => 2 * PAGE..2 * PAGE + 9];
    (len, any::<u64>(), any::<bool>()).prop_map(|(len, seed, noisy)| {
        let mut random = platform::simulated::Random::new(seed);
        (0..len).map(|_| if noisy { random.bits() as u8 } else { seed as u8 }).collect()
    })
}

/// Batches, and whether the log is opened anew before each.
fn batches() -> impl Strategy<Value = Vec<(bool, Vec<Vec<u8>>)>> {
    let records = prop::collection::vec(record(), 1..6);
    prop::collection::vec((prop::bool::weighted(0.2), records), 1..12)
}

fn compression() -> impl Strategy<Value = Compression> {
    prop_oneof![Just(Compression::None), Just(Compression::Snappy), Just(Compression::Zstd)]
}

fn append(log: &mut Log, compression: Compression, records: &[Vec<u8>]) {
    let mut batch = Batch::new(compression);
    records.iter().for_each(|record| batch.push(record).unwrap());
    log.append(&batch).unwrap();
}

/// Writes the batches; gives the disk.
fn write(batches: &[(bool, Vec<Vec<u8>>)], settings: &Settings) -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    let open = || Log::open(parts(disk.clone()), Path::new(FOLDER), settings.clone()).unwrap();
    let mut log = open();
    for (anew, records) in batches {
        if *anew {
            log = open();
        }
        append(&mut log, settings.compression, records);
    }
    disk
}

fn records_of(disk: &SimulatedFileSystem, segment: &wal::Segment) -> Vec<Vec<u8>> {
    let mut reader = SegmentReader::open(disk, segment).unwrap();
    let mut records = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        if let wal::Entry::Record { bytes, .. } = entry {
            records.push(bytes.to_vec());
        }
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_records_come_back(batches in batches(), compression in compression(), pages in 1..5_u64) {
        let settings = Settings { segment_bytes: pages * PAGE as u64, compression, ..Settings::default() };
        let disk = write(&batches, &settings);
        let all: Vec<Vec<u8>> = batches.into_iter().flat_map(|(_, records)| records).collect();
        let (read, damages) = read_all(&disk, Path::new(FOLDER));
        prop_assert_eq!(damages, []);
        prop_assert!(read == all, "{} records of {}", read.len(), all.len());
    }

    #[test]
    fn a_log_that_is_cut_gives_what_stands_whole_in_it_and_goes_on(
        batches in batches(),
        compression in compression(),
        (which, at) in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let settings = Settings { segment_bytes: 2 * PAGE as u64, compression, ..Settings::default() };
        let disk = write(&batches, &settings);
        let all = segments(&disk, Path::new(FOLDER)).unwrap();
        let whole: Vec<Vec<Vec<u8>>> = all.iter().map(|segment| records_of(&disk, segment)).collect();
        let cut = which.index(all.len());
        let len = disk.metadata(&all[cut].path).unwrap().len as usize;
        disk.damage(&all[cut].path, |bytes| bytes.truncate(at.index(len + 1))).unwrap();
        // Of the segment a part from its start, of all others everything.
        let found: Vec<Vec<Vec<u8>>> = all.iter().map(|segment| records_of(&disk, segment)).collect();
        for (number, (found, whole)) in found.iter().zip(&whole).enumerate() {
            prop_assert!(whole.starts_with(found) && (number == cut || whole.len() == found.len()), "segment {}", number);
        }
        // A repaired log has no damage, and takes more.
        let (_, damages) = read_all(&disk, Path::new(FOLDER));
        prop_assert!(damages.len() <= 1, "{:?}", damages);
        let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
        if !damages.is_empty() {
            repair(&fs, &all[cut], &damages, compression).unwrap();
        }
        let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), settings).unwrap();
        append(&mut log, compression, &[vec![7; 3]]);
        let expected: Vec<Vec<u8>> = found.into_iter().flatten().chain([vec![7; 3]]).collect();
        let (read, damages) = read_all(&disk, Path::new(FOLDER));
        prop_assert_eq!(damages, []);
        prop_assert!(read == expected, "{} records of {}", read.len(), expected.len());
    }
}
