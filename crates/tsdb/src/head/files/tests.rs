//! Chunk files hold what was written, and what is damaged ends them.

use std::path::Path;
use std::sync::Arc;

use chunks::{Encoding, XorAppender};
use model::SeriesRef;
use platform::FileSystem;
use platform::real::RealFileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};

use super::{ChunkFiles, Entry, Loaded};
use crate::head::chunk::FullChunk;

const FOLDER: &str = "/data/chunks_head";

fn files(disk: &SimulatedFileSystem) -> ChunkFiles {
    ChunkFiles::new(Arc::new(disk.clone()), Path::new(FOLDER))
}

fn chunk(start: i64, samples: i64) -> FullChunk {
    let mut bytes = Vec::new();
    let mut appender = XorAppender::new(&mut bytes);
    for number in 0..samples {
        appender.append(&mut bytes, start + number * 1000, number as f64).unwrap();
    }
    FullChunk { start, end: start + (samples - 1) * 1000, encoding: Encoding::Xor, bytes: bytes.into() }
}

fn write(files: &ChunkFiles, series: u64, chunk: &FullChunk) -> super::FileChunk {
    let entry = Entry { series: SeriesRef(series), chunk, out_of_order: series.is_multiple_of(2) };
    files.write(&[entry]).unwrap()[0].unwrap()
}

fn load(files: &ChunkFiles) -> (Vec<Loaded>, usize) {
    let mut loaded = Vec::new();
    let damaged = files.load(|one| loaded.push(one)).unwrap();
    (loaded, damaged.damaged)
}

#[test]
fn chunks_are_read_before_and_after_a_restart() {
    let disk = SimulatedFileSystem::new();
    let written = files(&disk);
    let chunks: Vec<FullChunk> = (0..50).map(|number| chunk(number * 100_000, 1 + number % 120)).collect();
    let places: Vec<_> =
        chunks.iter().enumerate().map(|(number, chunk)| write(&written, number as u64 + 1, chunk)).collect();
    let again = files(&disk.process_image());
    let (loaded, damaged) = load(&again);
    assert_eq!((loaded.len(), damaged), (50, 0));
    for (number, (chunk, place)) in chunks.iter().zip(&places).enumerate() {
        assert_eq!(loaded[number].chunk, *place);
        assert_eq!(loaded[number].series.0, number as u64 + 1);
        assert_eq!(loaded[number].out_of_order, number % 2 == 1);
        assert_eq!((place.start(), place.end(), place.encoding()), (chunk.start, chunk.end, Encoding::Xor));
        for files in [&written, &again] {
            let mut bytes = Vec::new();
            files.read(place, &mut bytes).unwrap();
            assert_eq!(bytes, *chunk.bytes);
        }
    }
    let place = write(&again, 99, &chunks[0]);
    assert_eq!(place.reference() >> 32, 2, "a start goes on in a new file");
    assert_eq!(place.reference() & 0xffff_ffff, 8);
}

/// The bytes are explained in `docs/formats/chunks_head.md`.
#[test]
fn an_entry_has_its_golden_bytes() {
    let disk = SimulatedFileSystem::new();
    let chunk = FullChunk { start: 1, end: 2, encoding: Encoding::Xor, bytes: [0xab, 0xcd].into() };
    let entry = Entry { series: SeriesRef(7), chunk: &chunk, out_of_order: true };
    files(&disk).write(&[entry]).unwrap();
    let bytes = disk.read(&Path::new(FOLDER).join("000001"), 1000).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        concat!(
            "0130bc91",
            "01",
            "000000", // magic, version, padding
            "0000000000000007",
            "0000000000000001",
            "0000000000000002", // series, first and last time
            "81",
            "02",
            "abcd",     // out of order, XOR; two bytes
            "059a7890", // checksum of all of the entry before it
        )
    );
}

#[test]
fn a_cut_or_damaged_file_ends_there_and_later_files_go() {
    let disk = SimulatedFileSystem::new();
    let first = files(&disk);
    for number in 1..6 {
        write(&first, number, &chunk(0, 20));
    }
    let second = files(&disk);
    load(&second);
    write(&second, 6, &chunk(0, 20));
    let path = Path::new(FOLDER).join("000001");
    let len = disk.metadata(&path).unwrap().len as usize;
    for at in 0..len {
        for cut in [true, false] {
            let disk = disk.process_image();
            disk.damage(&path, |bytes| if cut { bytes.truncate(at) } else { bytes[at] ^= 0x41 }).unwrap();
            let (loaded, damaged) = load(&files(&disk));
            let whole = (at.saturating_sub(8) / ((len - 8) / 5)).min(5);
            // The first seven bytes of these references are zero, as behind the end of a file.
            let nothing_shows = cut && at >= 8 && (at - 8) % ((len - 8) / 5) < 8;
            let padding = !cut && (5..8).contains(&at);
            if nothing_shows || padding {
                assert_eq!(damaged, 0, "{at} {cut}");
                continue;
            }
            assert_eq!((loaded.len(), damaged), (whole, 1), "{at} {cut}");
            assert!(!disk.exists(&Path::new(FOLDER).join("000002")).unwrap());
            let again = files(&disk);
            assert_eq!(load(&again), (loaded, 0), "{at} {cut}");
            write(&again, 9, &chunk(0, 2));
        }
    }
}

#[test]
fn a_missing_file_ends_the_row() {
    let disk = SimulatedFileSystem::new();
    for number in 1..4 {
        let files = files(&disk);
        load(&files);
        write(&files, number, &chunk(0, 20));
    }
    disk.remove_file(&Path::new(FOLDER).join("000002")).unwrap();
    let files = files(&disk);
    let (loaded, damaged) = load(&files);
    assert_eq!((loaded.len(), damaged), (1, 1));
    assert_eq!(disk.list(Path::new(FOLDER)).unwrap().len(), 1);
    assert_eq!(write(&files, 5, &chunk(0, 2)).reference() >> 32, 3);
}

#[test]
fn a_failed_write_leaves_the_file_sound() {
    let disk = SimulatedFileSystem::new();
    let files = files(&disk);
    write(&files, 1, &chunk(0, 20));
    disk.inject(Fault::nth(Operation::Append, 0, FaultKind::NoSpace).writing(9));
    let chunk = chunk(0, 30);
    let entry = Entry { series: SeriesRef(3), chunk: &chunk, out_of_order: false };
    files.write(&[entry]).unwrap_err();
    let place = write(&files, 5, &chunk);
    let mut bytes = Vec::new();
    files.read(&place, &mut bytes).unwrap();
    assert_eq!(bytes, *chunk.bytes);
    let (loaded, damaged) = load(&self::files(&disk.process_image()));
    assert_eq!((loaded.len(), damaged), (2, 0));
}

#[test]
fn old_files_are_removed_and_the_present_one_ended() {
    let disk = SimulatedFileSystem::new();
    let files = files(&disk);
    write(&files, 1, &chunk(0, 20));
    assert_eq!(files.remove_before(19_000).unwrap(), 0);
    assert_eq!(files.remove_before(19_001).unwrap(), 1);
    assert!(disk.list(Path::new(FOLDER)).unwrap().is_empty());
    assert_eq!(write(&files, 1, &chunk(50_000, 20)).reference() >> 32, 2);
}

#[test]
fn recorded_files_are_read() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/prometheus/wal/live/data/chunks_head");
    if !RealFileSystem.exists(&recorded).unwrap() {
        return;
    }
    let files = ChunkFiles::new(Arc::new(RealFileSystem), &recorded);
    let (loaded, damaged) = load(&files);
    assert_eq!(damaged, 0);
    for one in loaded {
        let mut bytes = Vec::new();
        files.read(&one.chunk, &mut bytes).unwrap();
        let mut times = Vec::new();
        if one.chunk.encoding().holds_floats() {
            chunks::decode_floats(one.chunk.encoding(), &bytes, &mut times, &mut vec![], &mut vec![])
                .unwrap();
        } else {
            chunks::histogram::decode_as_float(one.chunk.encoding(), &bytes, |time, _, _| times.push(time))
                .unwrap();
        }
        assert_eq!((times.first(), times.last()), (Some(&one.chunk.start()), Some(&one.chunk.end())));
    }
}
