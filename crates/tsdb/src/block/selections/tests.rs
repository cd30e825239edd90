//! What was found once is found again without a look at the index, as long as there is room for it.

use std::path::Path;

use index::SymbolSet;
use model::MatchOp;
use model::matcher::Interrupt;
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{Querier, SampleColumns, SelectHints, TimeRange};

use super::*;
use crate::block::{BlockMeta, BlockQuerier, BlockWriter, BlockWriterSettings, recode};

/// A block of series `up{instance="0"}`, `up{instance="1"}`, … with a chunk from each of the times on.
fn block(instances: usize, starts: &[i64]) -> Arc<Block> {
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let labels =
        |number: usize| Labels::from_pairs([("__name__", "up"), ("instance", &*format!("{number:03}"))]);
    let mut symbols = SymbolSet::default();
    for number in 0..instances {
        labels(number).iter().for_each(|(name, value)| {
            symbols.insert(name);
            symbols.insert(value);
        });
    }
    let meta = BlockMeta::new(Ulid::new(1), 0, 1_000);
    let folder = Path::new("/").join(meta.ulid.to_string());
    let settings = BlockWriterSettings::default();
    let mut writer = BlockWriter::create(Arc::clone(&fs), Path::new("/"), meta, symbols, settings).unwrap();
    for number in 0..instances {
        let sample =
            |at: i64| recode::Sample { timestamp: at, start: 0, value: recode::Value::Float(number as f64) };
        let chunks: Vec<_> =
            starts.iter().flat_map(|at| recode::encode(&[sample(*at), sample(*at + 9)]).unwrap()).collect();
        writer.add_series(&labels(number), &chunks).unwrap();
    }
    writer.finish().unwrap().unwrap();
    Arc::new(Block::open(fs, &folder).unwrap())
}

fn select(block: &Arc<Block>, selections: &Arc<Selections>, value: &str) -> Vec<(String, Vec<i64>)> {
    let querier = BlockQuerier::knowing(Arc::clone(block), TimeRange::ALL, Arc::clone(selections), None);
    let matchers = [Matcher::equal("__name__", "up"), Matcher::equal("instance", value)];
    let set = querier.select(&matchers, &SelectHints::default()).unwrap();
    let labels = set.all_labels().unwrap();
    let mut columns = SampleColumns::new();
    let series = labels.iter().enumerate().map(|(position, labels)| {
        columns.clear();
        set.read(position, TimeRange::new(105, 300), &mut columns).unwrap();
        assert_eq!(set.labels(position), *labels);
        (labels.to_string(), columns.timestamps.clone())
    });
    series.collect()
}

#[test]
fn a_selector_that_is_asked_again_finds_the_same() {
    let block = block(3, &[0, 100, 200, 300]);
    let selections = Selections::new(&Registry::new(), &Arc::default());
    let expected = vec![(r#"{__name__="up", instance="001"}"#.to_owned(), vec![109, 200, 209, 300])];
    for asked in 1..4 {
        assert_eq!(select(&block, &selections, "001"), expected);
        assert_eq!((selections.looked_up.get(), selections.found.get()), (1, asked - 1));
    }
    assert!(select(&block, &selections, "003").is_empty());
    selections.retain(|_| false);
    assert_eq!(selections.taken.bytes(), 0);
    assert_eq!(select(&block, &selections, "001"), expected);
}

#[test]
fn the_selector_not_asked_for_longest_is_forgotten_first() {
    let block = block(200, &[0]);
    let selections = Selections::new(&Registry::new(), &Arc::default());
    for number in 0..=SELECTORS_MAX {
        // Texts differ, what is found is nothing.
        select(&block, &selections, &format!("none-{number}"));
        select(&block, &selections, "007");
    }
    assert_eq!(selections.known.lock().by_key.len(), SELECTORS_MAX);
    let looked_up = selections.looked_up.get();
    select(&block, &selections, "007");
    assert_eq!(selections.looked_up.get(), looked_up);
    select(&block, &selections, "none-0");
    assert_eq!(selections.looked_up.get(), looked_up + 1);
}

#[test]
fn a_selector_that_takes_too_much_is_not_kept() {
    let selections = Selections::new(&Registry::new(), &Arc::default());
    let block = block(2, &[0]);
    let found = selections.find(&block, &[Matcher::equal("__name__", "up")]).unwrap();
    found.take(SELECTOR_BYTES_MAX);
    selections.find(&block, &[Matcher::equal("instance", "000")]).unwrap();
    assert_eq!(selections.known.lock().by_key.len(), 1);
    assert!(!found.has_room());
    // Chunks are found all the same.
    assert_eq!(found.chunks(&block, 1, (0, 1_000)).unwrap().len(), 1);
}

#[test]
fn what_a_query_holds_pushes_nothing_out() {
    let selections = Selections::new(&Registry::new(), &Arc::default());
    let block = block(2, &[0]);
    let held = selections.find(&block, &[Matcher::equal("__name__", "up")]).unwrap();
    held.take(BYTES_MAX);
    select(&block, &selections, "000");
    let looked_up = selections.looked_up.get();
    select(&block, &selections, "001");
    select(&block, &selections, "000");
    assert_eq!(selections.looked_up.get(), looked_up + 1);
    assert_eq!(selections.known.lock().by_key.len(), 2);
}

#[test]
fn what_was_found_goes_first_when_memory_is_short() {
    let block = block(3, &[0, 100, 200, 300]);
    let budget = Arc::new(MemoryBudget::new(1 << 30));
    let selections = Selections::new(&Registry::new(), &budget);
    let expected = select(&block, &selections, "001");
    assert_eq!(budget.held_by(MemoryPart::Caches), selections.taken.bytes());
    assert!(selections.taken.bytes() > 0);
    // Near the budget there is room for an eighth, which these do not fill.
    let head = MemoryShare::new(Arc::clone(&budget), MemoryPart::Head);
    head.take(950 << 20);
    selections.shrink();
    assert_eq!(select(&block, &selections, "001"), expected);
    assert_eq!((selections.looked_up.get(), selections.found.get()), (1, 1));
    head.take(40 << 20);
    selections.shrink();
    assert_eq!((selections.known.lock().by_key.len(), budget.held_by(MemoryPart::Caches)), (0, 0));
    for looked_up in 2..4 {
        assert_eq!(select(&block, &selections, "001"), expected);
        assert_eq!((selections.looked_up.get(), selections.found.get()), (looked_up, 1));
    }
    drop(head);
    for found in 1..3 {
        assert_eq!(select(&block, &selections, "001"), expected);
        assert_eq!((selections.looked_up.get(), selections.found.get()), (4, found));
    }
}

#[test]
fn labels_that_cannot_be_read_are_an_error_each_time() {
    let block = block(1, &[0]);
    // No entry stands there.
    let found = Found::of(vec![1 << 20], Arc::default());
    for _ in 0..2 {
        assert!(matches!(found.labels(&block), Err(Error::Index { .. })));
        assert!(found.known_labels().is_none());
    }
}

#[test]
fn the_first_chunk_that_reaches_a_time_is_found_wherever_it_is() {
    let chunks = |lengths: &[i64]| -> Vec<ChunkMeta> {
        let ends = lengths.iter().scan(0, |end, length| {
            *end += length;
            Some(*end)
        });
        ends.zip(lengths)
            .map(|(end, length)| ChunkMeta { start: end - length, end: end - 1, reference: 8 })
            .collect()
    };
    let doubling: Vec<i64> = (0..12).map(|power| 1 << power).collect();
    let halving: Vec<i64> = doubling.iter().rev().copied().collect();
    let mixed: Vec<i64> = (0..40).map(|number| 1 + (number * 7919) % 97).collect();
    for lengths in
        [&[][..], &[5], &[3, 3], &[10; 30], &doubling, &halving, &mixed, &[1, 1, 1, 5_000], &[5_000, 1, 1, 1]]
    {
        let metas = chunks(lengths);
        for time in -3..lengths.iter().sum::<i64>() + 3 {
            let expected = metas.partition_point(|meta| meta.end < time);
            assert_eq!(first_reaching(&metas, time), expected, "{lengths:?} {time}");
        }
    }
    let metas = [
        ChunkMeta { start: i64::MIN, end: i64::MIN + 1, reference: 8 },
        ChunkMeta { start: 0, end: i64::MAX, reference: 9 },
    ];
    for (time, place) in [(i64::MIN, 0), (i64::MIN + 2, 1), (0, 1), (i64::MAX, 1)] {
        assert_eq!(first_reaching(&metas, time), place);
    }
}

#[test]
fn what_an_ended_search_found_is_not_kept() {
    let block = block(3, &[0]);
    let selections = Selections::new(&Registry::new(), &Arc::default());
    let matcher = || Matcher::new("instance", MatchOp::Regex, "0+[0-9]x?").unwrap();
    let ended = matcher().until(&Interrupt::new(|| true));
    let found = selections.find(&block, &[ended]);
    assert!(matches!(found, Err(Error::Read(storage::Error::Canceled))));
    assert_eq!(selections.find(&block, &[matcher()]).unwrap().numbers().len(), 3);
}
