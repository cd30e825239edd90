//! Index files come back as they were written, and damaged ones are noticed.

use std::path::Path;

use model::Labels;
use platform::real::RealFileSystem;
use platform::{FileSystem, Mapped};
use proptest::prelude::*;

use super::{ChunkMeta, IndexReader, IndexWriter, SymbolSet};
use crate::Error;
use crate::matching::tests::{check, selector, series};

type Series = (Labels, Vec<ChunkMeta>);

fn write(series: &[Series]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let texts = series.iter().flat_map(|(labels, _)| labels.iter().flat_map(|(name, value)| [name, value]));
    let file = RealFileSystem.create(&path).unwrap();
    let mut writer = IndexWriter::new(file, SymbolSet::from_texts(texts)).unwrap();
    for (labels, chunks) in series {
        writer.add_series(labels, chunks).unwrap();
    }
    let stats = writer.finish().unwrap();
    let bytes = RealFileSystem.read(&path, 1 << 30).unwrap();
    assert_eq!((stats.series, stats.bytes), (series.len() as u64, bytes.len() as u64));
    bytes
}

fn open(bytes: Vec<u8>) -> Result<IndexReader, Error> {
    IndexReader::open(Mapped::new(bytes))
}

/// Everything that an index says.
fn read(index: &IndexReader) -> Result<Vec<Series>, Error> {
    let entry = |number| index.series(number).map(|entry| (entry.labels, entry.chunks));
    index.all_series()?.iter().map(entry).collect()
}

fn some_series(count: i64) -> Vec<Series> {
    let labels = |n: i64| {
        let (job, instance) = (["api", "db"][n as usize % 2], format!("host-{:04}", n / 2));
        Labels::from_pairs([("__name__", "up"), ("job", job), ("instance", &instance)])
    };
    let chunk = |n: i64, k: i64| ChunkMeta {
        start: n + k * 1000,
        end: n + k * 1000 + 900,
        reference: (n * 1000 + k * 100) as u64,
    };
    let mut series: Vec<Series> =
        (0..count).map(|n| (labels(n), (0..n % 4).map(|k| chunk(n, k)).collect())).collect();
    series.sort_by(|a, b| a.0.cmp(&b.0));
    series
}

#[test]
fn bytes_are_as_specified() {
    let labels = Labels::from_pairs([("a", "x")]);
    let chunks = vec![
        ChunkMeta { start: 100, end: 110, reference: 8 },
        ChunkMeta { start: 120, end: 121, reference: 1 << 32 | 8 },
    ];
    let bytes = write(&[(labels, chunks)]);
    let symbols = [&[0, 0, 0, 8, 0, 0, 0, 2][..], &[1, b'a', 1, b'x']].concat();
    assert_eq!(bytes[..5], [0xBA, 0xAA, 0xD7, 0x00, 2]);
    assert_eq!(bytes[5..17], symbols);
    // Behind the checksum of the symbols and up to the next multiple of 16 there are zeros.
    assert_eq!(bytes[21..32], [0; 11]);
    let entry = [
        15, // length
        1, 0, 1, // one label: the symbols 0 and 1
        2, // two chunks
        0xC8, 0x01, 10, 8, // from 100 (signed), 10 long, at 8
        10, 1, 0x80, 0x80, 0x80, 0x80, 0x20, // 10 after that one's end, 1 long, 2^32 further (signed)
    ];
    assert_eq!(bytes[32..48], entry);
    // Behind its checksum the list of all series, and that of the label pair: series 2 is the one at byte 32.
    let list = [0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2];
    assert_eq!((&bytes[52..64], &bytes[68..80]), (&list[..], &list[..]));
    let table = [&[0, 0, 0, 14, 0, 0, 0, 2][..], &[2, 0, 0, 52], &[2, 1, b'a', 1, b'x', 68]].concat();
    assert_eq!(bytes[84..102], table);
    let contents = [5_u64, 21, 52, 84, 52, 84].map(u64::to_be_bytes).concat();
    assert_eq!(bytes[106..154], contents);
    assert_eq!(bytes.len(), 158);
}

#[test]
fn many_series_values_and_symbols_come_back() {
    let series = some_series(3000);
    let index = open(write(&series)).unwrap();
    assert_eq!(read(&index).unwrap(), series);
    assert_eq!(index.label_names().collect::<Vec<_>>(), ["__name__", "instance", "job"]);
    let values = index.label_values("instance").unwrap();
    assert_eq!(values.len(), 1500);
    assert!(values.is_sorted());
    for value in values {
        let found = index.postings("instance", value).unwrap().into_vec();
        assert_eq!(found.len(), 2, "{value}");
        for number in found {
            assert_eq!(index.labels(number).unwrap().value("instance"), value);
        }
    }
    for absent in ["", "a", "host-0001x", "z"] {
        assert_eq!(index.postings("instance", absent).unwrap().into_vec(), [0; 0], "{absent}");
    }
    assert!(index.symbols().collect::<Result<Vec<_>, _>>().unwrap().is_sorted());
    assert!(index.heap_bytes() < 4000, "{}", index.heap_bytes());
}

#[test]
fn an_index_without_series_opens() {
    let index = open(write(&[])).unwrap();
    assert_eq!(read(&index).unwrap(), []);
    assert_eq!(index.label_names().count(), 0);
}

#[test]
fn series_out_of_order_and_unknown_texts_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = RealFileSystem.create(&folder.path().join("index")).unwrap();
    let mut writer = IndexWriter::new(file, SymbolSet::from_texts(["a", "b", "c"])).unwrap();
    writer.add_series(&Labels::from_pairs([("a", "c")]), &[]).unwrap();
    for labels in [[("a", "c")], [("a", "b")]] {
        let error = writer.add_series(&Labels::from_pairs(labels), &[]).unwrap_err();
        assert!(matches!(error, Error::OutOfOrder { .. }), "{error}");
    }
    let error = writer.add_series(&Labels::from_pairs([("a", "d")]), &[]).unwrap_err();
    assert!(matches!(error, Error::UnknownSymbol { .. }), "{error}");
}

#[test]
fn recorded_indexes_are_written_again_with_the_same_symbols_series_and_lists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus");
    let mut checked = 0;
    for folder in [root.join("dataset/blocks"), root.join("wal/checkpoint/data")] {
        for block in RealFileSystem.list(&folder).unwrap() {
            let path = folder.join(block.name).join("index");
            let Ok(recorded) = RealFileSystem.read(&path, 1 << 30) else { continue };
            let index = open(recorded.clone()).unwrap();
            let series = read(&index).unwrap();
            let texts: Vec<&str> = index.symbols().collect::<Result<_, _>>().unwrap();
            let scratch = tempfile::tempdir().unwrap();
            let path = scratch.path().join("index");
            let file = RealFileSystem.create(&path).unwrap();
            let mut writer = IndexWriter::new(file, SymbolSet::from_texts(texts)).unwrap();
            for (labels, chunks) in &series {
                writer.add_series(labels, chunks).unwrap();
            }
            writer.finish().unwrap();
            let written = RealFileSystem.read(&path, 1 << 30).unwrap();
            // The original also lists the values of each label behind the series, which nobody reads.
            let [theirs, ours] =
                [&recorded, &written].map(|file| super::layout::Contents::read(file).unwrap());
            assert_eq!(theirs.label_indices, ours.label_indices);
            assert!(recorded[..ours.label_indices as usize] == written[..ours.label_indices as usize]);
            let lists = [
                &recorded[theirs.postings as usize..theirs.label_table as usize],
                &written[ours.postings as usize..ours.postings_table as usize],
            ];
            assert!(lists[0] == lists[1]);
            let again = open(written).unwrap();
            for name in index.label_names() {
                assert_eq!(again.label_values(name).unwrap(), index.label_values(name).unwrap());
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 5);
}

#[test]
fn every_cut_and_every_flipped_bit_is_noticed_or_without_effect() {
    let series = some_series(5);
    let bytes = write(&series);
    for len in 0..bytes.len() {
        assert!(open(bytes[..len].to_vec()).is_err(), "cut to {len} of {}", bytes.len());
    }
    let whole = open(bytes.clone()).unwrap();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << bit;
            let Ok(index) = open(damaged) else { continue };
            if let Ok(found) = read(&index) {
                assert_eq!(found, series, "byte {place} bit {bit}");
            }
            for name in whole.label_names() {
                for value in whole.label_values(name).unwrap() {
                    let expected = whole.postings(name, value).unwrap().into_vec();
                    if let Ok(found) = index.postings(name, value) {
                        assert_eq!(found.into_vec(), expected, "byte {place} bit {bit}");
                    }
                }
            }
        }
    }
}

/// The same index as version 1 had it: symbols and series are told by their places in the file.
fn as_version_1(label: (&str, &str), chunk: ChunkMeta) -> Vec<u8> {
    use super::bytes::{put_text, put_uvarint, put_varint};
    use super::layout::{Contents, crc32c};
    let part = |file: &mut Vec<u8>, content: &[u8]| {
        let place = file.len() as u64;
        file.extend((content.len() as u32).to_be_bytes());
        file.extend(content);
        file.extend(crc32c(content).to_be_bytes());
        place
    };
    let mut file = vec![0xBA, 0xAA, 0xD7, 0x00, 1];
    let mut symbols = 2_u32.to_be_bytes().to_vec();
    put_text(&mut symbols, label.0);
    let value_place = 5 + 4 + symbols.len() as u64;
    put_text(&mut symbols, label.1);
    let mut contents = Contents { symbols: part(&mut file, &symbols), ..Contents::default() };
    contents.series = file.len() as u64;
    let mut entry = Vec::new();
    for number in [1, 5 + 4 + 4, value_place, 1] {
        put_uvarint(&mut entry, number);
    }
    put_varint(&mut entry, chunk.start);
    put_uvarint(&mut entry, (chunk.end - chunk.start) as u64);
    put_uvarint(&mut entry, chunk.reference);
    put_uvarint(&mut file, entry.len() as u64);
    file.extend(&entry);
    file.extend(crc32c(&entry).to_be_bytes());
    let list = [1_u32.to_be_bytes(), (contents.series as u32).to_be_bytes()].concat();
    contents.postings = part(&mut file, &list);
    let mut table = 2_u32.to_be_bytes().to_vec();
    for (name, value) in [("", ""), label] {
        put_uvarint(&mut table, 2);
        put_text(&mut table, name);
        put_text(&mut table, value);
        put_uvarint(&mut table, contents.postings);
    }
    contents.postings_table = part(&mut file, &table);
    file.extend(contents.to_bytes());
    file
}

#[test]
fn version_1_is_read_and_version_3_refused() {
    let chunk = ChunkMeta { start: -5, end: 7, reference: 99 };
    let mut bytes = as_version_1(("job", "node"), chunk);
    let index = open(bytes.clone()).unwrap();
    assert_eq!(read(&index).unwrap(), [(Labels::from_pairs([("job", "node")]), vec![chunk])]);
    assert_eq!(index.postings("job", "node").unwrap().into_vec().len(), 1);
    bytes[4] = 3;
    assert!(matches!(open(bytes), Err(Error::UnknownVersion(3))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn selectors_find_what_their_matchers_say(
        series in series(),
        selectors in prop::collection::vec(selector(), 8),
    ) {
        let written: Vec<Series> = series.into_iter().map(|labels| (labels, Vec::new())).collect();
        let index = open(write(&written)).unwrap();
        let series: Vec<(u32, Labels)> = index
            .all_series()
            .unwrap()
            .iter()
            .map(|number| (number, index.labels(number).unwrap()))
            .collect();
        for matchers in &selectors {
            check(&index, &series, matchers);
            let fulfil = |labels: &&Labels| matchers.iter().all(|matcher| matcher.matches_labels(labels));
            let found: Vec<&Labels> = series.iter().map(|(_, labels)| labels).filter(fulfil).collect();
            let mut names: Vec<String> =
                found.iter().flat_map(|labels| labels.iter().map(|(name, _)| name.to_owned())).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(index.label_names_of(matchers).unwrap(), names);
            for name in ["job", "instance", "absent"] {
                let mut values: Vec<String> =
                    found.iter().filter_map(|labels| labels.get(name)).map(str::to_owned).collect();
                values.sort();
                values.dedup();
                prop_assert_eq!(index.label_values_of(name, matchers).unwrap(), values);
            }
        }
    }

    #[test]
    fn label_sets_of_any_text_come_back_and_so_do_their_lists(
        sets in prop::collection::btree_set(
            prop::collection::btree_map("\\PC{1,8}|[a-c]{1,2}", "\\PC{1,12}|[a-c]{1,2}", 1..6), 0..40),
        counts in prop::collection::vec(0..5_i64, 40),
    ) {
        let mut written: Vec<Series> = sets
            .iter()
            .zip(counts)
            .map(|(pairs, count)| {
                let labels = Labels::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let chunk = |k: i64| ChunkMeta { start: k * 100, end: k * 100 + 99, reference: 8 + k as u64 * 50 };
                (labels, (0..count).map(chunk).collect())
            })
            .collect();
        written.sort_by(|a, b| a.0.cmp(&b.0));
        let index = open(write(&written)).unwrap();
        prop_assert_eq!(&read(&index).unwrap(), &written);
        let numbers: Vec<u32> = index.all_series().unwrap().iter().collect();
        let texts = || sets.iter().flat_map(|pairs| pairs.iter());
        let names: std::collections::BTreeSet<&String> = texts().map(|(name, _)| name).collect();
        prop_assert!(index.label_names().eq(names.iter().map(|name| name.as_str())));
        // Pairs that stand in some series, and combinations that may stand in none.
        for ((name, own), (_, other)) in texts().zip(texts().skip(1)) {
            for value in [own, other] {
                let has = |labels: &Labels| labels.get(name) == Some(value.as_str());
                let naive = numbers.iter().zip(&written).filter(|(_, (labels, _))| has(labels));
                let naive: Vec<u32> = naive.map(|(number, _)| *number).collect();
                prop_assert_eq!(index.postings(name, value).unwrap().into_vec(), naive);
            }
        }
    }

    #[test]
    fn numbers_of_every_length_come_back(
        numbers in prop::collection::vec((any::<u64>(), 0..64_u32).prop_map(|(bits, shift)| bits >> shift), 0..40),
    ) {
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| super::bytes::put_uvarint(&mut bytes, *number));
        let mut cursor = super::bytes::Cursor::new(&bytes, 0);
        for number in numbers {
            prop_assert_eq!(cursor.uvarint().unwrap(), number);
        }
        prop_assert!(cursor.is_empty());
    }

    #[test]
    fn chunks_of_a_span_are_those_that_overlap_it(
        distances in prop::collection::vec((1..100_i64, 0..100_i64, 1..10_000_u64), 0..40),
        first in -100..3_000_i64,
        len in 0..2_000_i64,
    ) {
        let (mut end, mut reference) = (0, 0);
        let chunks: Vec<ChunkMeta> = distances
            .into_iter()
            .map(|(distance, span, bytes)| {
                let start = end + distance;
                (end, reference) = (start + span, reference + bytes);
                ChunkMeta { start, end, reference }
            })
            .collect();
        let labels = Labels::from_pairs([("__name__", "x")]);
        let index = open(write(&[(labels, chunks.clone())])).unwrap();
        let number = index.all_series().unwrap().iter().next().unwrap();
        let mut found = Vec::new();
        index.chunks_between(number, (first, first + len), &mut found).unwrap();
        let overlaps = |chunk: &ChunkMeta| chunk.start <= first + len && first <= chunk.end;
        prop_assert_eq!(found, chunks.into_iter().filter(overlaps).collect::<Vec<_>>());
    }

    #[test]
    fn sets_of_numbers_work_as_sets(
        a in prop::collection::btree_set(0..20_000_u32, 0..3000),
        b in prop::collection::btree_set(0..20_000_u32, 0..40),
    ) {
        use crate::matching::IdSet;
        use super::StoredIds;
        let ids = |set: &std::collections::BTreeSet<u32>| StoredIds::Owned(set.iter().copied().collect());
        for (a, b) in [(&a, &b), (&b, &a), (&a, &a)] {
            let mut both = ids(a);
            both.intersect(&ids(b));
            prop_assert_eq!(both.into_vec(), a.intersection(b).copied().collect::<Vec<_>>());
            let mut rest = ids(a);
            rest.subtract(&ids(b));
            prop_assert_eq!(rest.into_vec(), a.difference(b).copied().collect::<Vec<_>>());
            let any = StoredIds::union(vec![ids(a), ids(b), ids(b)]);
            prop_assert_eq!(any.into_vec(), a.union(b).copied().collect::<Vec<_>>());
            prop_assert_eq!(ids(a).intersects(&ids(b)), !a.is_disjoint(b));
        }
        let many = StoredIds::union(vec![ids(&a), ids(&a), ids(&b)]);
        prop_assert_eq!(many.into_vec(), a.union(&b).copied().collect::<Vec<_>>());
    }
}
