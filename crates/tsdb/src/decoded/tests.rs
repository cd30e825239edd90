//! What is kept comes back as it was, and what is read often stays when other chunks are read.

use proptest::prelude::*;

use super::*;

/// Columns of about what a store holds: times regular or not, values of one of the forms that are kept apart.
fn columns() -> impl Strategy<Value = (Vec<i64>, Vec<f64>)> {
    let gaps = prop_oneof![
        (1..60_000_i64, 0..200_usize).prop_map(|(gap, count)| vec![gap; count]),
        prop::collection::vec(1..60_000_i64, 0..200),
        prop::collection::vec(14_800..15_200_i64, 0..200),
        prop::collection::vec(1..100_i64, 0..200),
        prop::collection::vec(1..(u32::MAX as i64) / 100, 0..150),
    ];
    let values = prop_oneof![
        any::<f64>().prop_map(|value| vec![value; 200]),
        prop::collection::vec((-1_000_000..1_000_000_i64).prop_map(|value| value as f64), 200),
        prop::collection::vec((0..1_000_000_000_i64).prop_map(|value| value as f64 / 100.0), 200),
        prop::collection::vec(prop::sample::select(vec![0.0, -0.0, 1.0, 1e300, f64::INFINITY]), 200),
        prop::collection::vec(any::<u64>().prop_map(f64::from_bits), 200),
    ];
    (-1_000_000..1_000_000_i64, gaps, values).prop_map(|(start, gaps, mut values)| {
        let mut timestamps = vec![start];
        timestamps.extend(gaps.iter().scan(start, |time, gap| {
            *time += gap;
            Some(*time)
        }));
        values.truncate(timestamps.len());
        timestamps.truncate(values.len());
        (timestamps, values)
    })
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn samples_of_a_range_come_back_bit_for_bit(
        (timestamps, values) in columns(),
        from in 0..220_usize,
        len in 0..220_usize,
        (before, behind) in (-1..=1_i64, -1..=1_i64),
    ) {
        let time = |place: usize| timestamps.get(place).or(timestamps.last()).copied().unwrap();
        let whole = TimeRange::ALL;
        let part = TimeRange::new(time(from) + before, time(from + len) + behind);
        let packed = Packed::of(&timestamps, &values).unwrap();
        for range in [part, whole, TimeRange::new(part.start, i64::MAX), TimeRange::new(i64::MIN, part.end)] {
            let mut out = SampleColumns::new();
            out.push_float(i64::MIN, 7, 0.5);
            packed.unpack(range, &mut out);
            let inside = timestamps.iter().zip(&values).filter(|(time, _)| range.contains(**time));
            let (times, kept): (Vec<i64>, Vec<f64>) = inside.unzip();
            prop_assert_eq!(&out.timestamps[1..], &times[..]);
            prop_assert_eq!(bits(&out.values[1..]), bits(&kept));
            prop_assert_eq!(out.start_timestamps.len(), out.timestamps.len());
        }
    }
}

#[test]
fn regular_times_and_whole_numbers_take_little() {
    let times: Vec<i64> = (0..120).map(|place| 1_000 + 15_000 * place).collect();
    let bytes = |value: &dyn Fn(f64) -> f64| {
        let values: Vec<f64> = (0..120).map(|place| value(f64::from(place))).collect();
        Packed::of(&times, &values).unwrap().heap_bytes()
    };
    assert_eq!(bytes(&|_| 0.1), 0);
    assert_eq!(bytes(&|place| 1e12 + place), 4 * 120);
    assert_eq!(bytes(&|place| (123_456.0 + place) / 100.0), 4 * 120);
    assert_eq!(bytes(&|place| 0.1 * place), 8 * 120);
}

#[test]
fn times_that_are_about_regular_take_a_byte_each() {
    let values = [1.0; 120];
    let bytes = |away: &dyn Fn(i64) -> i64| {
        let times: Vec<i64> = (0..120).map(|place| 1_000 + 15_000 * place + away(place)).collect();
        Packed::of(&times, &values).unwrap().heap_bytes()
    };
    assert_eq!(bytes(&|_| 0), 0);
    assert_eq!(bytes(&|place| if place == 7 { 90 } else { 0 }), 120);
    assert_eq!(bytes(&|place| place * 31 % 97 - 48), 120);
    assert_eq!(bytes(&|place| if place == 7 { 200 } else { 0 }), 4 * 120);
    assert_eq!(bytes(&|place| if place < 60 { 0 } else { 15_000 }), 4 * 120, "one is missing");
}

#[test]
fn times_that_do_not_ascend_are_not_kept() {
    assert!(Packed::of(&[], &[]).is_none());
    assert!(Packed::of(&[1, 1], &[1.0, 2.0]).is_none());
    assert!(Packed::of(&[2, 1], &[1.0, 2.0]).is_none());
    assert!(Packed::of(&[0, 1 << 40], &[1.0, 2.0]).is_none());
    assert!(Packed::of(&[i64::MIN, i64::MAX], &[1.0, 2.0]).is_none());
}

fn chunks(bytes: u64, memory: &Arc<MemoryBudget>) -> Arc<DecodedChunks> {
    DecodedChunks::new(DecodedLimit::Bytes(bytes), &Registry::new(), memory).unwrap()
}

/// Reads a chunk as queries do; tells whether it was known.
fn read(chunks: &DecodedChunks, key: ChunkKey) -> bool {
    let mut out = SampleColumns::new();
    let known = chunks.read(key, TimeRange::ALL, &mut out);
    let timestamps: Vec<i64> = (0..120).map(|place| place * 15_000).collect();
    let values: Vec<f64> =
        (0..120).map(|place| f64::from(place) * 0.1 + key.reference as u32 as f64).collect();
    if known {
        assert_eq!((out.timestamps, out.values), (timestamps, values));
    } else if chunks.wants(key) {
        chunks.keep(key, &timestamps, &values);
    }
    known
}

fn known_of(chunks: &DecodedChunks, numbers: std::ops::Range<u64>) -> usize {
    numbers.filter(|number| read(chunks, ChunkKey::of_head(*number))).count()
}

#[test]
fn a_chunk_is_known_from_the_third_time_on() {
    let chunks = chunks(1 << 20, &Arc::default());
    let key = ChunkKey::of_block(Ulid::new(1), 8);
    assert_eq!([0; 4].map(|_| read(&chunks, key)), [false, false, true, true]);
    assert!(!read(&chunks, ChunkKey::of_head(8)), "the head's chunks are others than those of blocks");
    assert_eq!((chunks.hits.get(), chunks.misses.get(), chunks.kept.get()), (2, 3, 1));
}

#[test]
fn what_is_read_often_stays_when_more_is_read_than_there_is_room_for() {
    // Room for about a thousand chunks.
    let chunks = chunks(1 << 20, &Arc::default());
    for _ in 0..4 {
        known_of(&chunks, 0..500);
    }
    assert!(known_of(&chunks, 0..500) > 450);
    // Twice ten times as much as there is room for, while the first ones are read on.
    for number in 0..20_000_u64 {
        read(&chunks, ChunkKey::of_head(1_000_000 + number % 10_000));
        read(&chunks, ChunkKey::of_head(number % 500));
    }
    assert!(known_of(&chunks, 0..500) > 450, "{}", known_of(&chunks, 0..500));
    assert!(chunks.taken.bytes() <= 1 << 20);
}

#[test]
fn what_is_read_no_more_makes_room() {
    let chunks = chunks(1 << 20, &Arc::default());
    for _ in 0..4 {
        known_of(&chunks, 0..2_000);
    }
    for _ in 0..200 {
        known_of(&chunks, 10_000..10_500);
    }
    assert!(known_of(&chunks, 10_000..10_500) > 400, "{}", known_of(&chunks, 10_000..10_500));
}

#[test]
fn caches_shrink_first_when_memory_gets_short() {
    let memory = Arc::new(MemoryBudget::new(100 << 20));
    let chunks = chunks(1 << 20, &memory);
    for _ in 0..3 {
        known_of(&chunks, 0..500);
    }
    let full = chunks.taken.bytes();
    assert!(full > 250 << 10);
    assert_eq!(memory.held_by(MemoryPart::Caches), full);
    memory.note_measured(91 << 20);
    chunks.shrink();
    assert!((1..=(1 << 20) / 8).contains(&chunks.taken.bytes()));
    memory.note_measured(99 << 20);
    chunks.shrink();
    assert_eq!(chunks.taken.bytes(), 0);
    assert_eq!(known_of(&chunks, 0..500), 0);
    assert_eq!(known_of(&chunks, 0..500), 0, "nothing is kept while memory is short");
    assert_eq!(chunks.taken.bytes(), 0);
}

#[test]
fn what_is_read_no_more_goes_after_some_minutes() {
    let chunks = chunks(1 << 20, &Arc::default());
    // Marks of what was read once may push each other out.
    assert!((0..50).any(|_| known_of(&chunks, 0..300) == 300));
    let full = chunks.taken.bytes();
    // A minute more than a dashboard of five minutes needs to come back.
    for _ in 0..6 {
        chunks.age();
    }
    assert_eq!((known_of(&chunks, 0..100), chunks.taken.bytes()), (100, full));
    chunks.age();
    let left = chunks.taken.bytes();
    assert!((full / 4..full / 2).contains(&left), "{left} of {full}");
    assert_eq!(known_of(&chunks, 0..100), 100, "what was read is there, in its new place too");
    assert_eq!(known_of(&chunks, 100..300), 0);
    for _ in 0..7 {
        chunks.age();
    }
    assert_eq!(chunks.taken.bytes(), 0);
}

#[test]
fn chunks_of_blocks_and_files_that_are_gone_go() {
    let chunks = chunks(1 << 20, &Arc::default());
    let (one, other) = (Ulid::new(1), Ulid::new(2));
    let keys = [
        ChunkKey::of_block(one, 8),
        ChunkKey::of_block(other, 8),
        ChunkKey::of_head(1 << 32 | 8),
        ChunkKey::of_head(2 << 32 | 8),
    ];
    let read_all = || keys.map(|key| read(&chunks, key));
    read_all();
    read_all();
    assert_eq!(read_all(), [true; 4]);
    chunks.retain_blocks(|ulid| ulid == other);
    chunks.forget_file(2);
    let known = |key| chunks.read(key, TimeRange::ALL, &mut SampleColumns::new());
    assert_eq!(keys.map(known), [false, true, true, false]);
}

#[test]
fn the_limit_is_a_size_or_a_part_of_the_budget() {
    let bytes = |limit: DecodedLimit, budget| limit.bytes(&MemoryBudget::new(budget));
    assert_eq!(bytes(DecodedLimit::Off, 1_000), 0);
    assert_eq!(bytes(DecodedLimit::Percent(6), 1_000), 60);
    assert_eq!(bytes(DecodedLimit::Percent(6), 0), DecodedLimit::UNBUDGETED_BYTES as usize);
    assert_eq!(bytes(DecodedLimit::Bytes(7), 1_000), 7);
    assert!(DecodedChunks::new(DecodedLimit::Off, &Registry::new(), &Arc::default()).is_none());
}
