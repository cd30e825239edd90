//! Messages at random, there and back.

use model::{CounterResetHint, FloatHistogram, Labels, Span};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

use super::messages::{
    BucketSpan, ChunkedReadResponse, Count, Exemplar, ExemplarV2, Histogram, Label, LabelMatcher, MetadataV2,
    Query, ReadHints, ReadRequest, ReadResponse, Request, Sample, TimeSeries, TimeSeriesV2, WriteRequest,
    ZeroCount, bytes_of,
};
use crate::remote::read::{self, ChunkFrames, SampleToRead, SamplesAnswer};
use crate::remote::{SentHistogram, SentLabels, SentSample, v1, v2, write};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{0,8}", "\\PC{0,40}", "[a-z]{120,140}"]
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(-0.0), -1e9..1e9, Just(f64::INFINITY)]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), any::<i64>(), 1_700_000_000_000..1_800_000_000_000_i64]
}

prop_compose! {
    fn label()(name in text(), value in text()) -> Label {
        Label { name, value }
    }
}

prop_compose! {
    fn sample()(value in value(), timestamp in number(), start_timestamp in prop_oneof![Just(0), number()]) -> Sample {
        Sample { value, timestamp, start_timestamp }
    }
}

prop_compose! {
    fn span()(offset in any::<i32>(), length in any::<u32>()) -> BucketSpan {
        BucketSpan { offset, length }
    }
}

prop_compose! {
    fn histogram()(
        is_float in any::<bool>(),
        whole in (any::<u64>(), any::<u64>()),
        floats in (value(), value(), value(), value()),
        schema in -60..60_i32,
        spans in (vec(span(), 0..4), vec(span(), 0..4)),
        deltas in (vec(any::<i64>(), 0..6), vec(any::<i64>(), 0..6)),
        counts in (vec(value(), 0..6), vec(value(), 0..6), vec(value(), 0..6)),
        reset_hint in 0..4_i32,
        times in (number(), number()),
    ) -> Histogram {
        Histogram {
            count: Some(if is_float { Count::Float(floats.0) } else { Count::Int(whole.0) }),
            sum: floats.1,
            schema,
            zero_threshold: floats.2,
            zero_count: Some(if is_float { ZeroCount::Float(floats.3) } else { ZeroCount::Int(whole.1) }),
            negative_spans: spans.0,
            negative_deltas: if is_float { Vec::new() } else { deltas.0 },
            negative_counts: if is_float { counts.0 } else { Vec::new() },
            positive_spans: spans.1,
            positive_deltas: if is_float { Vec::new() } else { deltas.1 },
            positive_counts: if is_float { counts.1 } else { Vec::new() },
            reset_hint,
            timestamp: times.0,
            custom_values: counts.2,
            start_timestamp: times.1,
        }
    }
}

prop_compose! {
    fn exemplar()(labels in vec(label(), 0..4), value in value(), timestamp in number()) -> Exemplar {
        Exemplar { labels, value, timestamp }
    }
}

prop_compose! {
    fn series()(
        labels in vec(label(), 0..12),
        samples in vec(sample(), 0..4),
        exemplars in vec(exemplar(), 0..3),
        histograms in vec(histogram(), 0..3),
    ) -> TimeSeries {
        TimeSeries { labels, samples, exemplars, histograms }
    }
}

prop_compose! {
    fn series_v2()(
        labels_refs in vec(any::<u32>(), 0..30),
        samples in vec(sample(), 0..4),
        histograms in vec(histogram(), 0..3),
        exemplars in vec((vec(any::<u32>(), 0..5), value(), number()), 0..3),
        metadata in prop::option::of((0..8_i32, any::<u32>(), any::<u32>())),
    ) -> TimeSeriesV2 {
        let exemplars = exemplars
            .into_iter()
            .map(|(labels_refs, value, timestamp)| ExemplarV2 { labels_refs, value, timestamp })
            .collect();
        let metadata = metadata.map(|(kind, help_ref, unit_ref)| MetadataV2 { kind, help_ref, unit_ref });
        TimeSeriesV2 { labels_refs, samples, histograms, exemplars, metadata }
    }
}

fn label_messages(labels: &SentLabels<'_>) -> String {
    labels.to_string()
}

fn printed(labels: &[Label]) -> String {
    let mut sent = SentLabels::new();
    for label in labels {
        sent.push(label.name.as_bytes(), label.value.as_bytes());
    }
    sent.to_string()
}

/// What was read, written anew by our own writer and read by `prost`.
fn again(message: &[u8]) -> Histogram {
    let (timestamp, start, histogram) = SentHistogram::decode(message).unwrap();
    let mut bytes = Vec::new();
    match histogram {
        SentHistogram::Int(histogram) => {
            crate::remote::encode_histogram(&mut bytes, (timestamp, start), &histogram);
        }
        SentHistogram::Float(histogram) => {
            crate::remote::encode_float_histogram(&mut bytes, (timestamp, start), &histogram);
        }
    }
    Histogram::decode(bytes.as_slice()).unwrap()
}

fn read_series(series: &v1::Series<'_>) -> (String, TimeSeries) {
    let mut labels = SentLabels::new();
    series.labels(&mut labels).unwrap();
    let mut read = TimeSeries::default();
    let mut items = series.items();
    while let Some(item) = items.next().unwrap() {
        match item {
            v1::Item::Sample(sample) => read.samples.push(Sample {
                value: sample.value,
                timestamp: sample.timestamp,
                start_timestamp: sample.start_timestamp,
            }),
            v1::Item::Histogram(message) => read.histograms.push(again(message)),
            v1::Item::Metadata(_) => panic!("version 1.0 has none"),
            v1::Item::Exemplar(message) => {
                let mut labels = SentLabels::new();
                let exemplar = v1::Series::exemplar(message, &mut labels).unwrap();
                let name = label_messages(&labels);
                let labels = vec![Label { name, value: String::new() }];
                read.exemplars.push(Exemplar {
                    labels,
                    value: exemplar.value,
                    timestamp: exemplar.timestamp,
                });
            }
        }
    }
    (label_messages(&labels), read)
}

proptest! {
    #[test]
    fn requests_of_version_1_are_read_as_they_were(timeseries in vec(series(), 0..6)) {
        let body = bytes_of(&WriteRequest { timeseries: timeseries.clone() });
        let mut request = v1::Request::new(&body);
        for expected in timeseries {
            let series = request.next_series().unwrap().unwrap();
            let raw = series.raw_labels().unwrap();
            prop_assert!(raw.is_some());
            let lone = match &expected.samples[..] {
                [sample] if expected.exemplars.is_empty() && expected.histograms.is_empty() => Some(sample),
                _ => None,
            };
            let plain = series.plain();
            prop_assert_eq!(plain.map(|plain| plain.labels), raw.filter(|_| lone.is_some()));
            prop_assert_eq!(
                plain.map(|plain| plain.sample),
                lone.map(|sample| SentSample { timestamp: sample.timestamp, start_timestamp: 0, value: sample.value })
            );
            let (labels, read) = read_series(&series);
            prop_assert_eq!(labels, printed(&expected.labels));
            prop_assert_eq!(read.samples, expected.samples);
            prop_assert_eq!(read.histograms, expected.histograms);
            let exemplars: Vec<_> =
                expected.exemplars.iter().map(|each| (printed(&each.labels), each.value, each.timestamp)).collect();
            let found: Vec<_> = read
                .exemplars
                .iter()
                .map(|each| (each.labels[0].name.clone(), each.value, each.timestamp))
                .collect();
            prop_assert_eq!(found, exemplars);
        }
        prop_assert!(request.next_series().unwrap().is_none());
    }

    #[test]
    fn requests_of_version_2_are_read_as_they_were(
        symbols in vec(text(), 0..20),
        timeseries in vec(series_v2(), 0..6),
    ) {
        let body = bytes_of(&Request { symbols: symbols.clone(), timeseries: timeseries.clone() });
        let mut table = Vec::new();
        let mut request = v2::Request::new(&body, &mut table).unwrap();
        prop_assert_eq!(&table, &symbols.iter().map(|symbol| symbol.as_bytes()).collect::<Vec<_>>());
        for expected in timeseries {
            let series = request.next_series().unwrap().unwrap();
            let mut refs = Vec::new();
            series.label_refs(&mut refs).unwrap();
            let lone = match &expected.samples[..] {
                [sample] if expected.exemplars.is_empty() && expected.histograms.is_empty() => Some(sample),
                _ => None,
            };
            // Without labels a series is none.
            let plain = series.plain();
            prop_assert_eq!(plain.is_some(), lone.is_some() && !refs.is_empty());
            if let Some((plain, lone)) = plain.zip(lone) {
                let mut packed = Vec::new();
                let add = |name, value| packed.extend([name, value]);
                let whole = v2::each_packed_pair(plain.labels, add).unwrap();
                let (pairs, left) = refs.as_chunks::<2>();
                prop_assert_eq!((&packed[..], whole), (pairs.as_flattened(), left.is_empty()));
                let SentSample { timestamp, start_timestamp, value } = plain.sample;
                prop_assert_eq!(&Sample { value, timestamp, start_timestamp }, lone);
            }
            let mut read = TimeSeriesV2 { labels_refs: refs, ..TimeSeriesV2::default() };
            let mut items = series.items();
            while let Some(item) = items.next().unwrap() {
                match item {
                    v2::Item::Sample(sample) => read.samples.push(Sample {
                        value: sample.value,
                        timestamp: sample.timestamp,
                        start_timestamp: sample.start_timestamp,
                    }),
                    v2::Item::Histogram(message) => read.histograms.push(again(message)),
                    v2::Item::Exemplar(message) => {
                        let mut labels_refs = Vec::new();
                        let exemplar = v2::Exemplar::decode(message, &mut labels_refs).unwrap();
                        let (value, timestamp) = (exemplar.value, exemplar.timestamp);
                        read.exemplars.push(ExemplarV2 { labels_refs, value, timestamp });
                    }
                    v2::Item::Metadata(message) => {
                        let metadata = v2::SentMetadata::decode(message).unwrap().resolve(&table);
                        let expected = expected.metadata.clone().unwrap();
                        let text = |line: u32| symbols.get(line as usize).cloned().unwrap_or_default();
                        prop_assert_eq!(i32::from(metadata.metric_type.wal_code()), expected.kind);
                        prop_assert_eq!((metadata.help, metadata.unit), (text(expected.help_ref), text(expected.unit_ref)));
                        read.metadata = Some(expected);
                    }
                }
            }
            prop_assert_eq!(read, expected);
        }
        prop_assert!(request.next_series().unwrap().is_none());
    }

    #[test]
    fn requests_are_written_as_others_read_them(
        all in vec((vec((text(), text()), 0..12), sample()), 0..6),
    ) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let (mut expected_first, mut expected_second) = (WriteRequest::default(), Request::default());
        for (labels, sample) in all {
            let mut encoded = Vec::new();
            let labels: Vec<(&str, &str)> = labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            write::encode_labels(&mut encoded, labels.iter().copied());
            write::put_series_v1(&mut first, &encoded, sample.timestamp, sample.value);
            let mut refs = Vec::new();
            for (name, value) in &labels {
                for symbol in [name, value] {
                    write::put_symbol_v2(&mut second, symbol);
                    refs.push(expected_second.symbols.len() as u32);
                    expected_second.symbols.push((*symbol).to_owned());
                }
            }
            write::put_series_v2(&mut second, &refs, (sample.timestamp, sample.start_timestamp, sample.value));
            let pair = |(name, value): &(&str, &str)| Label { name: (*name).to_owned(), value: (*value).to_owned() };
            expected_first.timeseries.push(TimeSeries {
                labels: labels.iter().map(pair).collect(),
                samples: vec![Sample { start_timestamp: 0, ..sample.clone() }],
                ..TimeSeries::default()
            });
            expected_second.timeseries.push(TimeSeriesV2 {
                labels_refs: refs,
                samples: vec![sample],
                ..TimeSeriesV2::default()
            });
        }
        prop_assert_eq!(WriteRequest::decode(first.as_slice()).unwrap(), expected_first);
        prop_assert_eq!(Request::decode(second.as_slice()).unwrap(), expected_second);
    }

    #[test]
    fn read_requests_are_read_as_they_were(
        queries in vec((number(), number(), vec((0..5_i32, text(), text()), 0..4), any::<bool>(), vec(text(), 0..3)), 0..4),
        accepted in vec(0..4_i32, 0..4),
    ) {
        let queries: Vec<Query> = queries.into_iter().map(|(start, end, matchers, by, grouping)| Query {
            start,
            end,
            matchers: matchers.into_iter().map(|(kind, name, value)| LabelMatcher { kind, name, value }).collect(),
            hints: by.then(|| ReadHints {
                step_ms: start, func: "rate".to_owned(), start_ms: start, end_ms: end, grouping, by, range_ms: end,
            }),
        }).collect();
        let body = bytes_of(&ReadRequest { queries: queries.clone(), accepted: accepted.clone() });
        let request = read::ReadRequest::decode(&body).unwrap();
        prop_assert_eq!(request.accepted, accepted.iter().map(|form| *form as u64).collect::<Vec<_>>());
        let again: Vec<Query> = request.queries.into_iter().map(|query| Query {
            start: query.start,
            end: query.end,
            matchers: query.matchers.into_iter().map(|matcher| LabelMatcher {
                kind: matcher.kind as i32, name: matcher.name, value: matcher.value,
            }).collect(),
            hints: query.hints.map(|hints| ReadHints {
                step_ms: hints.step, func: hints.function, start_ms: hints.start, end_ms: hints.end,
                grouping: hints.grouping, by: hints.by, range_ms: hints.range,
            }),
        }).collect();
        prop_assert_eq!(again, queries);
    }

    #[test]
    fn answers_with_samples_are_read_by_others(
        results in vec(vec((text(), vec((number(), value()), 0..4)), 0..4), 0..4),
    ) {
        let mut answer = SamplesAnswer::default();
        let histogram = FloatHistogram {
            counter_reset_hint: CounterResetHint::Gauge,
            count: 2.5,
            positive_spans: vec![Span { offset: -3, length: 1 }],
            positive_buckets: vec![2.5],
            ..FloatHistogram::default()
        };
        for result in &results {
            for (name, samples) in result {
                answer.add_series(&Labels::from_pairs([("a", name.as_str())]), |series| {
                    for (timestamp, value) in samples {
                        series.add(*timestamp, SampleToRead::Float(*value));
                    }
                    series.add(1, SampleToRead::FloatHistogram(&histogram));
                });
            }
            answer.end_query();
        }
        let read = ReadResponse::decode(answer.into_message().as_slice()).unwrap();
        prop_assert_eq!(read.results.len(), results.len());
        for (read, result) in read.results.iter().zip(&results) {
            prop_assert_eq!(read.timeseries.len(), result.len());
            for (read, (name, samples)) in read.timeseries.iter().zip(result) {
                let value = read.labels.first().map_or("", |label| label.value.as_str());
                prop_assert_eq!(value, name);
                let found: Vec<_> = read.samples.iter().map(|sample| (sample.timestamp, sample.value)).collect();
                prop_assert_eq!(&found, samples);
                prop_assert_eq!(&read.histograms[0].count, &Some(Count::Float(2.5)));
                prop_assert_eq!(read.histograms[0].reset_hint, 3);
            }
        }
    }

    #[test]
    fn frames_hold_their_chunks(
        series in vec((text(), vec((number(), number(), vec(any::<u8>(), 0..50)), 0..6)), 0..5),
        frame_bytes in 1..200_usize,
    ) {
        let mut frames = ChunkFrames::new(frame_bytes);
        let mut out = Vec::new();
        for (number, (name, chunks)) in series.iter().enumerate() {
            frames.begin_series(number, &Labels::from_pairs([("a", name.as_str())]));
            for (start, end, data) in chunks {
                frames.add_chunk((*start, *end), 1, data, &mut out);
            }
            frames.end_series(&mut out);
        }
        let mut found: Vec<Vec<(i64, i64, Vec<u8>)>> = vec![Vec::new(); series.len()];
        let mut rest = out.as_slice();
        while !rest.is_empty() {
            let len = prost::encoding::decode_varint(&mut rest).unwrap() as usize;
            let (checksum, after) = rest.split_first_chunk::<4>().unwrap();
            let (message, after) = after.split_at(len);
            rest = after;
            prop_assert_eq!(u32::from_be_bytes(*checksum), crc32c(message));
            let frame = ChunkedReadResponse::decode(message).unwrap();
            prop_assert_eq!(frame.chunked_series.len(), 1);
            let chunks = frame.chunked_series[0].chunks.iter();
            found[frame.query_index as usize].extend(chunks.map(|chunk| (chunk.min_time, chunk.max_time, chunk.data.clone())));
        }
        let expected: Vec<Vec<_>> = series.into_iter().map(|(_, chunks)| chunks).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_panic(body: Vec<u8>, pieces in vec(series(), 1..3), cut in any::<prop::sample::Index>(), byte: u8) {
        let mut damaged = bytes_of(&WriteRequest { timeseries: pieces });
        if !damaged.is_empty() {
            let place = cut.index(damaged.len());
            damaged[place] = byte;
        }
        for body in [&body, &damaged] {
            walk(body);
        }
    }
}

/// Reads everything that can be read of a body.
fn walk(body: &[u8]) {
    let _ = read::ReadRequest::decode(body);
    let _ = SentHistogram::decode(body);
    let mut request = v1::Request::new(body);
    while let Ok(Some(series)) = request.next_series() {
        let mut labels = SentLabels::new();
        let _ = series.labels(&mut labels).map(|()| labels.to_series());
        let _ = (series.plain(), series.raw_labels());
        let mut items = series.items();
        while let Ok(Some(item)) = items.next() {
            if let v1::Item::Exemplar(message) | v1::Item::Histogram(message) = item {
                let _ = SentHistogram::decode(message);
                let _ = v1::Series::exemplar(message, &mut labels);
            }
        }
    }
    let mut symbols = Vec::new();
    let Ok(mut request) = v2::Request::new(body, &mut symbols) else { return };
    let mut refs = Vec::new();
    while let Ok(Some(series)) = request.next_series() {
        refs.clear();
        let _ = series.label_refs(&mut refs);
        let _ = series.plain().map(|plain| v2::each_packed_pair(plain.labels, |_, _| {}));
        let _ = v2::resolve(&refs, &symbols, &mut SentLabels::new());
        let mut items = series.items();
        while let Ok(Some(_)) = items.next() {}
    }
}

/// CRC-32C bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| {
                if sum & 1 == 1 { sum >> 1 ^ 0x82F6_3B78 } else { sum >> 1 }
            },
        )
    })
}
