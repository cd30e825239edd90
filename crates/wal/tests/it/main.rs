//! The log through its public interface: on recorded logs of the original, and on disks that fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod faults;
mod properties;
mod recorded;
mod round_trip;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::FileSystem;
use platform::real::RealFileSystem;
use platform::simulated::SimulatedClock;
use telemetry::Registry;
use wal::record::RecordType;
use wal::{Damage, Entry, Metrics, Parts, SegmentReader, segments};

/// What a log works with on `fs`.
fn parts(fs: impl FileSystem + 'static) -> Parts {
    let clock = Arc::new(SimulatedClock::new(0));
    Parts { fs: Arc::new(fs), clock, metrics: Metrics::new(&Registry::new(), "test_wal") }
}

/// All records of a folder's segments, and what is damaged.
fn read_all(fs: &dyn FileSystem, folder: &Path) -> (Vec<Vec<u8>>, Vec<Damage>) {
    let (mut records, mut damages) = (Vec::new(), Vec::new());
    for segment in segments(fs, folder).expect("the folder can be listed") {
        let mut reader = SegmentReader::open(fs, &segment).expect("the segment can be opened");
        while let Some(entry) = reader.next_entry().expect("the segment can be read") {
            match entry {
                Entry::Record { bytes, .. } => records.push(bytes.to_vec()),
                Entry::Damage(damage) => damages.push(damage),
            }
        }
    }
    (records, damages)
}

/// A data directory that the original wrote; `None` where the shared recordings are not beside the repository.
fn recorded_data(name: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/prometheus/wal")
        .join(name)
        .join("data");
    let found = RealFileSystem.exists(&data).is_ok_and(|exists| exists);
    if !found {
        println!("skipped: {} is not there", data.display());
    }
    found.then_some(data)
}

/// How many records of a type there are.
fn count(records: &[Vec<u8>], kind: RecordType) -> usize {
    records.iter().filter(|record| RecordType::of(record) == Some(kind)).count()
}
