//! What is written is read again, whatever its size and wherever page and segment ends fall.

use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use platform::simulated::{Random, SimulatedFileSystem};
use wal::{Batch, Compression, GroupLog, Log, Settings, SyncMode, repair, segments};

use crate::{parts, read_all};

const FOLDER: &str = "/data/wal";
const PAGE: usize = wal::frame::PAGE_BYTES;

fn settings(compression: Compression, pages: u64) -> Settings {
    Settings { segment_bytes: pages * PAGE as u64, compression, ..Settings::default() }
}

fn batch(compression: Compression, records: &[Vec<u8>]) -> Batch {
    let mut batch = Batch::new(compression);
    records.iter().for_each(|record| batch.push(record).unwrap());
    batch
}

/// Records of awkward lengths whose content tells them apart; half of them compress well.
fn awkward(seed: u64) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    let lengths = [1, 6, 7, 8, PAGE - 8, PAGE - 7, PAGE - 6, PAGE, 3 * PAGE, 5 * PAGE + 17];
    (0..60u8)
        .map(|number| {
            let len = lengths[random.below(lengths.len() as u64) as usize];
            let noisy = random.chance(1, 2);
            let mut record = vec![number; len];
            record.iter_mut().skip(1).for_each(|byte| {
                if noisy {
                    *byte = random.bits() as u8;
                }
            });
            record
        })
        .collect()
}

#[test]
fn records_of_every_size_come_back_in_order() {
    for compression in [Compression::None, Compression::Snappy, Compression::Zstd] {
        for seed in 0..5 {
            let disk = SimulatedFileSystem::new();
            let records = awkward(seed);
            let mut log =
                Log::open(parts(disk.clone()), Path::new(FOLDER), settings(compression, 4)).unwrap();
            for records in records.chunks(7) {
                log.append(&batch(compression, records)).unwrap();
            }
            assert!(log.position().segment > 2);
            let (read, damages) = read_all(&disk, Path::new(FOLDER));
            assert_eq!(damages, []);
            assert!(read == records, "{compression:?} {seed}");
        }
    }
}

#[test]
fn no_record_stands_in_two_segments() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), settings(Compression::None, 2)).unwrap();
    for record in awkward(3) {
        log.append(&batch(Compression::None, &[record])).unwrap();
    }
    for segment in segments(&disk, Path::new(FOLDER)).unwrap() {
        let mut reader = wal::SegmentReader::open(&disk, &segment).unwrap();
        while let Some(entry) = reader.next_entry().unwrap() {
            assert!(matches!(entry, wal::Entry::Record { .. }), "{entry:?}");
        }
    }
}

#[test]
fn every_opening_begins_a_new_segment() {
    let disk = SimulatedFileSystem::new();
    for expected in 0..3 {
        let log = Log::open(parts(disk.clone()), Path::new(FOLDER), Settings::default()).unwrap();
        assert_eq!(log.position().segment, expected);
    }
    disk.create_dir_all(Path::new("/data/wal/checkpoint.00000007")).unwrap();
    let log = Log::open(parts(disk), Path::new(FOLDER), Settings::default()).unwrap();
    assert_eq!(log.position().segment, 8);
}

#[test]
fn appenders_at_once_lose_and_mix_nothing() {
    let disk = SimulatedFileSystem::new();
    let settings = Settings { sync: SyncMode::Always, ..settings(Compression::Snappy, 2) };
    let log = Arc::new(GroupLog::open(parts(disk.clone()), Path::new(FOLDER), settings).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let log = Arc::clone(&log);
            scope.spawn(move || {
                let mut memory = Batch::new(Compression::Snappy);
                for number in 0..200u8 {
                    memory.push(&[thread, number, 0]).unwrap();
                    memory.push(&vec![thread; 300]).unwrap();
                    memory = log.commit(memory).unwrap();
                }
            });
        }
    });
    let crashed = disk.crash_image(1);
    let (records, damages) = read_all(&crashed, Path::new(FOLDER));
    assert_eq!(damages, []);
    for thread in 0..8u8 {
        let own: Vec<_> = records.iter().filter(|record| record[0] == thread).collect();
        assert_eq!(own.len(), 400);
        for (number, pair) in own.chunks(2).enumerate() {
            assert_eq!(pair[0], &[thread, number as u8, 0]);
            assert_eq!(pair[1].len(), 300);
        }
    }
    assert_eq!(records.len(), 8 * 400);
}

#[test]
fn old_segments_are_removed_and_the_present_one_never() {
    let disk = SimulatedFileSystem::new();
    let log = GroupLog::open(parts(disk.clone()), Path::new(FOLDER), Settings::default()).unwrap();
    for _ in 0..4 {
        log.next_segment().unwrap();
    }
    assert_eq!(log.remove_before(3).unwrap(), 3);
    assert_eq!(log.remove_before(99).unwrap(), 1);
    let numbers: Vec<u32> =
        segments(&disk, Path::new(FOLDER)).unwrap().iter().map(|segment| segment.number).collect();
    assert_eq!(numbers, [4]);
}

/// Each byte in turn is damaged: all records but those that it belongs to are read, and after a repair nothing
/// is damaged any more.
#[test]
fn any_damaged_byte_costs_the_records_on_its_page_at_most() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), settings(Compression::None, 8)).unwrap();
    let records: Vec<Vec<u8>> =
        (0..40u8).map(|number| vec![number; 100 + 100 * usize::from(number)]).collect();
    log.append(&batch(Compression::None, &records)).unwrap();
    let path = Path::new("/data/wal/00000000");
    let len = disk.metadata(path).unwrap().len as usize;
    let mut random = Random::new(7);
    for at in (0..len).step_by(97).chain(0..200) {
        let disk = disk.process_image();
        let change = 1 + random.below(255) as u8;
        disk.damage(path, |bytes| bytes[at] ^= change).unwrap();
        let (read, damages) = read_all(&disk, Path::new(FOLDER));
        assert!(!damages.is_empty(), "byte {at}");
        assert!(read.iter().all(|record| records.contains(record)), "byte {at}");
        let page = at / PAGE;
        let touched = |number: usize| {
            let start: usize = records[..number].iter().map(|record| record.len() + 7).sum();
            let end = start + records[number].len() + 100;
            start / PAGE <= page && page <= end / PAGE
        };
        for (number, record) in records.iter().enumerate() {
            assert!(read.contains(record) || touched(number), "byte {at}, record {number}");
        }
        let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
        repair(&fs, &segments(&disk, Path::new(FOLDER)).unwrap()[0], &damages, Compression::Snappy).unwrap();
        assert_eq!(read_all(&disk, Path::new(FOLDER)), (read, vec![]), "byte {at}");
    }
}

#[test]
fn a_segment_cut_anywhere_gives_its_whole_records() {
    let disk = SimulatedFileSystem::new();
    let mut log =
        Log::open(parts(disk.clone()), Path::new(FOLDER), settings(Compression::Snappy, 8)).unwrap();
    let records: Vec<Vec<u8>> = (0..30u8).map(|number| vec![number; 30]).collect();
    log.append(&batch(Compression::Snappy, &records)).unwrap();
    let path = Path::new("/data/wal/00000000");
    let len = disk.metadata(path).unwrap().len as usize;
    let mut whole = 0;
    for cut in 0..=len {
        let disk = disk.process_image();
        disk.damage(path, |bytes| bytes.truncate(cut)).unwrap();
        let (read, damages) = read_all(&disk, Path::new(FOLDER));
        assert!(records.starts_with(&read));
        assert!(read.len() >= whole, "cut at {cut}");
        assert!(damages.len() <= 1, "{damages:?}");
        whole = read.len();
    }
    assert_eq!(whole, 30);
}

/// The bytes are explained in `docs/formats/wal.md`.
#[test]
fn a_small_record_has_its_golden_bytes() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), Settings::default()).unwrap();
    log.append(&batch(Compression::None, &[vec![1, 2, 3]])).unwrap();
    let bytes = disk.read(Path::new("/data/wal/00000000"), 100).unwrap();
    assert_eq!(bytes, [1, 0, 3, 0xf1, 0x30, 0xf2, 0x1e, 1, 2, 3]);
}

#[test]
fn any_bit_of_a_small_segment_may_be_wrong() {
    let disk = SimulatedFileSystem::new();
    let mut log = Log::open(parts(disk.clone()), Path::new(FOLDER), settings(Compression::None, 8)).unwrap();
    let records: Vec<Vec<u8>> = (0..20u8).map(|number| vec![number; 9]).collect();
    log.append(&batch(Compression::None, &records)).unwrap();
    let path = Path::new("/data/wal/00000000");
    let len = disk.metadata(path).unwrap().len as usize;
    for bit in 0..len * 8 {
        let disk = disk.process_image();
        disk.damage(path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8)).unwrap();
        let (read, damages) = read_all(&disk, Path::new(FOLDER));
        assert!(!damages.is_empty(), "bit {bit}");
        assert!(read.iter().all(|record| records.contains(record)), "bit {bit}");
        // What stands before it is read.
        assert!(read.starts_with(&records[..bit / 8 / 16]), "bit {bit}");
    }
}
