//! What a series keeps aside, by itself.

use std::path::Path;
use std::sync::Arc;

use chunks::recode::{Sample, Value};
use platform::simulated::SimulatedFileSystem;
use storage::TimeRange;

use super::{ChunkFiles, Late, OPEN_MAX};
use crate::block::Interval;

fn sample(timestamp: i64) -> Sample {
    Sample { timestamp, start: 0, value: Value::Float(timestamp as f64) }
}

fn files() -> ChunkFiles {
    ChunkFiles::new(Arc::new(SimulatedFileSystem::new()), Path::new("/chunks_head"))
}

fn times(late: &Late, horizon: u64) -> Vec<i64> {
    let samples = late.take(TimeRange::ALL, horizon).decode(&files()).unwrap();
    samples.into_iter().map(|sample| sample.timestamp).collect()
}

#[test]
fn open_samples_are_sorted_and_hidden_from_older_readers() {
    let mut late = Late::default();
    for (commit, time) in [(1, 50), (2, 30), (3, 40)] {
        assert!(late.insert(commit, sample(time)));
    }
    assert!(!late.insert(4, sample(30)));
    assert_eq!((times(&late, 9), times(&late, 2), times(&late, 0)), (vec![30, 40, 50], vec![30, 50], vec![]));
    assert_eq!((late.span(), late.count()), (Some((30, 50)), 1));
}

#[test]
fn only_what_every_reader_sees_is_encoded() {
    let mut late = Late::default();
    for time in 0..OPEN_MAX as i64 {
        late.insert(5, sample(time));
    }
    assert!(!late.seal_if_full(4, OPEN_MAX), "a reader does not see them");
    late.insert(6, sample(1000));
    assert!(!late.seal_if_full(5, OPEN_MAX), "the next attempt waits until there are twice as many");
    for time in OPEN_MAX as i64..2 * OPEN_MAX as i64 {
        late.insert(5, sample(time));
    }
    assert!(late.seal_if_full(5, OPEN_MAX));
    assert_eq!(late.count(), 2);
    assert_eq!(times(&late, 5), (0..64).collect::<Vec<_>>());
    assert_eq!(times(&late, 6).last(), Some(&1000));
    // What stands in a chunk may come once more; the first stays.
    assert!(late.insert(7, Sample { value: Value::Float(-1.0), ..sample(3) }));
    let samples = late.take(TimeRange::new(3, 3), 9).decode(&files()).unwrap();
    assert_eq!(samples.iter().find(|one| one.timestamp == 3), Some(&sample(3)));
}

#[test]
fn a_chunk_is_no_longer_than_a_file_can_say() {
    let mut late = Late::default();
    let day = 86_400_000;
    for number in 0..200 {
        late.insert(1, sample(number * day));
    }
    late.seal(1);
    assert!(late.spans().all(|span| span.end - span.start < i64::from(u32::MAX)));
    assert_eq!(times(&late, 1).len(), 200);
    // 49.7 days are the most that it can say.
    assert_eq!(late.count(), 4);
}

#[test]
fn a_deletion_leaves_the_chunks_that_are_on_their_way() {
    let mut late = Late::default();
    for part in 0..3 {
        for time in 0..20 {
            late.insert(1, sample(part * 100 + time));
        }
        late.seal(1);
    }
    late.leaving = 2;
    late.delete(Interval { start: 0, end: 19 }, &files()).unwrap();
    assert_eq!((late.leaving, late.count()), (1, 2));
    late.delete(Interval { start: 110, end: 205 }, &files()).unwrap();
    assert_eq!((late.leaving, late.count()), (1, 2));
    let kept: Vec<i64> = (100..110).chain(206..220).collect();
    assert_eq!(times(&late, 1), kept);
}
