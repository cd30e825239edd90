//! What is written for a receiver is read as what it was.

use model::{MetricType, Span};

use super::super::{SentHistogram, SentLabels, v1, v2};
use super::*;
use crate::remote::write::encode_labels;

fn histogram() -> Histogram {
    Histogram {
        count: 3,
        sum: 4.5,
        positive_spans: vec![Span { offset: -1, length: 2 }],
        positive_buckets: vec![1, 1],
        ..Histogram::default()
    }
}

fn items<'a>(histogram: &'a Histogram, labels: &'a Labels) -> [ItemToSend<'a>; 3] {
    [ValueToSend::Float(1.5), ValueToSend::Histogram(histogram), ValueToSend::Exemplar(2.5, labels)]
        .map(|value| ItemToSend { timestamp: 1000, start: 500, value })
}

#[test]
fn version_1_carries_every_kind_of_value() {
    let (series, trace) = (Labels::from_pairs([("__name__", "up")]), Labels::from_pairs([("trace", "t")]));
    let (histogram, mut encoded, mut request) = (histogram(), Vec::new(), Vec::new());
    encode_labels(&mut encoded, series.iter());
    for item in items(&histogram, &trace) {
        put_item_v1(&mut request, &encoded, &item);
    }
    let mut walk = v1::Request::new(&request);
    let mut read = Vec::new();
    while let Some(each) = walk.next_series().unwrap() {
        let mut labels = SentLabels::new();
        each.labels(&mut labels).unwrap();
        assert_eq!(labels.to_series().unwrap(), series);
        read.push(each.items().next().unwrap().unwrap());
    }
    let [v1::Item::Sample(sample), v1::Item::Histogram(sent), v1::Item::Exemplar(exemplar)] = read[..] else {
        panic!("{read:?}")
    };
    assert_eq!((sample.timestamp, sample.start_timestamp, sample.value), (1000, 0, 1.5));
    assert_eq!(SentHistogram::decode(sent).unwrap(), (1000, 0, SentHistogram::Int(Box::new(histogram))));
    let mut labels = SentLabels::new();
    let exemplar = v1::Series::exemplar(exemplar, &mut labels).unwrap();
    assert_eq!((exemplar.timestamp, exemplar.value, labels.to_exemplar().unwrap()), (1000, 2.5, trace));
}

#[test]
fn version_2_carries_every_kind_of_value_and_each_text_once() {
    let (series, trace) = (Labels::from_pairs([("__name__", "up")]), Labels::from_pairs([("trace", "up")]));
    let histogram = histogram();
    let metadata = Metadata { metric_type: MetricType::Counter, unit: String::new(), help: "up".to_owned() };
    let mut request = RequestV2::default();
    for item in items(&histogram, &trace) {
        request.push(&series, Some(&metadata), &item);
    }
    let request = request.take();
    let mut symbols = Vec::new();
    let mut walk = v2::Request::new(&request, &mut symbols).unwrap();
    assert_eq!(symbols, [b"".as_slice(), b"__name__", b"up", b"trace"]);
    let mut read = Vec::new();
    while let Some(each) = walk.next_series().unwrap() {
        let mut refs = Vec::new();
        each.label_refs(&mut refs).unwrap();
        assert_eq!(refs, [1, 2]);
        read.push(each.items().next().unwrap().unwrap());
    }
    let [v2::Item::Sample(sample), v2::Item::Histogram(sent), v2::Item::Exemplar(exemplar)] = read[..] else {
        panic!("{read:?}")
    };
    assert_eq!((sample.timestamp, sample.start_timestamp, sample.value), (1000, 500, 1.5));
    assert_eq!(SentHistogram::decode(sent).unwrap(), (1000, 500, SentHistogram::Int(Box::new(histogram))));
    let mut refs = Vec::new();
    let exemplar = v2::Exemplar::decode(exemplar, &mut refs).unwrap();
    assert_eq!((exemplar.timestamp, exemplar.value, refs), (1000, 2.5, vec![3, 2]));
}
