//! Where chunks end.

use super::*;

const SHAPE: ChunkShape =
    ChunkShape { range_ms: 7_200_000, samples: 120, xor2: false, histogram_starts: false };

fn chunk_lengths(interval: i64, samples: i64) -> Vec<u16> {
    let mut lengths = Vec::new();
    let mut open = OpenChunk::floats(0, SHAPE);
    for timestamp in (0..samples).map(|number| number * interval) {
        if !open.takes_float(timestamp, SHAPE) {
            lengths.push(open.count());
            open = OpenChunk::floats(timestamp, SHAPE);
        }
        open.append_float((timestamp, 0), timestamp as f64, SHAPE);
    }
    lengths.push(open.count());
    lengths
}

#[test]
fn chunks_share_the_range_evenly_and_end_with_it() {
    // Two hours at 15 s are 480 samples: four chunks of 120.
    assert_eq!(chunk_lengths(15_000, 960), [120; 8]);
    // At 60 s they are 120: one chunk.
    assert_eq!(chunk_lengths(60_000, 240), [120, 120]);
    // At 40 s they are 180; one chunk would be too long for two of 120, so it ends with the range.
    assert_eq!(chunk_lengths(40_000, 180), [180]);
    // Slower ones end with the range whatever they hold.
    assert_eq!(chunk_lengths(3_600_000, 4), [2, 2]);
}

#[test]
fn a_chunk_of_hard_values_stays_within_its_bytes() {
    let mut open = OpenChunk::floats(0, SHAPE);
    let mut timestamp = 0;
    while open.takes_float(timestamp, SHAPE) {
        open.append_float((timestamp, 0), (timestamp as f64 * 0.7).sin(), SHAPE);
        timestamp += 5_000 + timestamp % 7 * 31;
    }
    assert!(open.bytes.len() <= 1024, "{}", open.bytes.len());
    assert!(open.count() > 90);
}

#[test]
fn twice_the_samples_end_a_chunk_whose_rate_has_risen() {
    let mut open = OpenChunk::floats(0, SHAPE);
    let mut number = 0;
    let time = |number: i64| if number < 40 { number * 15_000 } else { 600_000 + number };
    while open.takes_float(time(number), SHAPE) {
        open.append_float((time(number), 0), 1.0, SHAPE);
        number += 1;
    }
    assert_eq!(number, 240);
}
