//! A request of remote write, the first byte says which version, and whether it is compressed: no panic, no more memory
//! than allowed, and a series that is plain is what all of it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::remote::v1::{Item, Plain};
use wire::remote::{Decompressor, SentHistogram, SentLabels, SentSample, decompressed_len, v1, v2};

const BYTES_MAX: usize = 1 << 20;

/// A plain series has its sample alone, and metadata, which says nothing of it.
fn check_plain(plain: Option<Plain<'_>>, items: &[Item<'_>]) {
    let Some(plain) = plain else { return };
    let stored: Vec<&Item<'_>> = items.iter().filter(|item| !matches!(item, Item::Metadata(_))).collect();
    let [Item::Sample(sample)] = stored.as_slice() else { panic!("{plain:?} {items:?}") };
    assert_eq!(format!("{:?}", plain.sample), format!("{sample:?}"));
}

fn version_1(body: &[u8]) {
    let mut request = v1::Request::new(body);
    let mut labels = SentLabels::new();
    while let Ok(Some(series)) = request.next_series() {
        let (raw, read) = (series.raw_labels(), series.labels(&mut labels));
        let _ = (labels.to_string(), labels.to_exemplar(), labels.to_series());
        let mut items = Vec::new();
        let mut rest = series.items();
        while let Ok(Some(item)) = rest.next() {
            match item {
                Item::Histogram(message) => drop(SentHistogram::decode(message)),
                Item::Exemplar(message) => drop(v1::Series::exemplar(message, &mut labels)),
                Item::Sample(_) | Item::Metadata(_) => {}
            }
            // This version knows of no start times.
            items.push(match item {
                Item::Sample(sample) => Item::Sample(SentSample { start_timestamp: 0, ..sample }),
                other => other,
            });
        }
        if raw.is_ok() && read.is_ok() {
            check_plain(series.plain(), &items);
        }
    }
}

fn version_2(body: &[u8]) {
    let mut symbols = Vec::new();
    let Ok(mut request) = v2::Request::new(body, &mut symbols) else { return };
    let mut labels = SentLabels::new();
    while let Ok(Some(series)) = request.next_series() {
        let mut refs = Vec::new();
        let read = series.label_refs(&mut refs);
        if let Err(error) = v2::resolve(&refs, &symbols, &mut labels) {
            assert!(!error.to_string().is_empty());
        }
        let mut items = Vec::new();
        let mut rest = series.items();
        while let Ok(Some(item)) = rest.next() {
            match item {
                Item::Histogram(message) => drop(SentHistogram::decode(message)),
                Item::Exemplar(message) => drop(v2::Exemplar::decode(message, &mut Vec::new())),
                Item::Metadata(message) => {
                    let _ = v2::SentMetadata::decode(message).map(|metadata| metadata.resolve(&symbols));
                }
                Item::Sample(_) => {}
            }
            items.push(item);
        }
        let plain = series.plain();
        if let (Some(plain), Ok(())) = (plain, read) {
            let mut pairs = Vec::new();
            if v2::each_packed_pair(plain.labels, |name, value| pairs.extend([name, value])) == Ok(true) {
                assert_eq!(pairs, refs);
            }
        }
        check_plain(plain, &items);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let mut decompressor = Decompressor::default();
    let body = if first & 2 == 0 {
        body
    } else {
        let announced = decompressed_len(body);
        let Ok(body) = decompressor.decompress(body, BYTES_MAX) else { return };
        assert_eq!(announced, Ok(body.len()));
        body
    };
    if first & 1 == 0 { version_1(body) } else { version_2(body) }
});
