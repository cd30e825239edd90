//! A body of a scrape, the first byte says which format and what is read of it: no panic, an end, and the same entries
//! whether the series were expected or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::exposition::{Entry, Format, Options, Parser, unescape_help};

/// What is told of a body, and the keys of its series; `expected` are those that are guessed, one after the other.
fn walk(body: &[u8], format: Format, options: Options, expected: &[Vec<u8>]) -> (Vec<String>, Vec<Vec<u8>>) {
    let mut parser = Parser::new(body, format, options);
    let (mut told, mut keys) = (Vec::new(), Vec::new());
    loop {
        let guess = expected.get(keys.len()).map_or(&[][..], Vec::as_slice);
        let entry = match parser.next(&guess) {
            Ok(Some(entry)) => entry,
            Ok(None) => return (told, keys),
            Err(error) => {
                told.push(error.to_string());
                return (told, keys);
            }
        };
        let (what, is_series) = match &entry {
            Entry::Help { text, .. } => (format!("{entry:?} {}", unescape_help(text, format)), false),
            Entry::Sample(sample) => (format!("{} {:?}", sample.value.to_bits(), sample.timestamp), true),
            Entry::Histogram { histogram, timestamp, .. } => (format!("{histogram:?} {timestamp:?}"), true),
            _ => (format!("{entry:?}"), false),
        };
        told.push(what);
        if is_series {
            let mut labels = Vec::new();
            let named = parser.labels(&mut |name, value| labels.push((name.to_owned(), value.to_owned())));
            let mut exemplars = Vec::new();
            parser.exemplars(&mut |exemplar| exemplars.push(exemplar));
            let started = (parser.start_timestamp(), parser.is_beside_native());
            let declared = (parser.unit(), parser.metric_type());
            told.push(format!("{named:?} {labels:?} {exemplars:?} {started:?} {declared:?}"));
            keys.push(parser.key().to_vec());
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let format = [Format::Text, Format::OpenMetrics, Format::Protobuf][usize::from(first % 3)];
    let options = Options {
        native_histograms: first & 0x10 != 0,
        classic_beside_native: first & 0x20 != 0,
        start_timestamps: first & 0x40 != 0,
    };
    let (told, keys) = walk(body, format, options, &[]);
    assert_eq!(walk(body, format, options, &keys), (told, keys.clone()));
});
