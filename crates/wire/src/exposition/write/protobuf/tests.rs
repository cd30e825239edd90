//! Messages have the fields of `metrics.proto`, byte by byte.

use model::MetricType;
use model::histogram::{FloatHistogram, Span};

use super::write_protobuf;
use crate::exposition::{Family, Metric, MetricValue};

fn family(name: &str, metric_type: MetricType, value: MetricValue) -> Family {
    let labels = vec![("a".to_owned(), "b".to_owned())];
    let metrics = vec![Metric { labels, value, timestamp: Some(1) }];
    Family { name: name.to_owned(), help: String::new(), metric_type, unit: String::new(), metrics }
}

fn written(families: &[Family]) -> Vec<u8> {
    let mut out = Vec::new();
    write_protobuf(families, &mut out);
    out
}

#[test]
fn untyped_number_has_labels_value_and_time() {
    let mut expected = vec![
        30, // length of the family
        0x0a, 2, b'u', b'p', // 1: name
        0x18, 3, // 3: type untyped
        0x22, 22, // 4: metric
        0x0a, 6, 0x0a, 1, b'a', 0x12, 1, b'b', // 1: label
        0x2a, 9, 0x09, // 5: untyped, 1: value
    ];
    expected.extend_from_slice(&1.5f64.to_le_bytes());
    expected.extend_from_slice(&[0x30, 1]); // 6: time
    let families = [family("up", MetricType::Unknown, MetricValue::Number(1.5))];
    expected[0] = (expected.len() - 1) as u8;
    expected[8] = (expected.len() - 9) as u8;
    assert_eq!(written(&families), expected);
}

#[test]
fn native_histogram_has_fractional_counts_and_spans() {
    let histogram = FloatHistogram {
        schema: -1,
        count: 3.0,
        sum: 2.0,
        zero_count: 1.0,
        positive_spans: vec![Span { offset: -2, length: 1 }],
        positive_buckets: vec![2.0],
        ..FloatHistogram::default()
    };
    let bytes = written(&[family("h", MetricType::Histogram, MetricValue::Native(Box::new(histogram)))]);
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(&[0x18, 4]), "type histogram");
    assert!(has(&[0x28, 1]), "schema -1 in zigzag form");
    assert!(has(&[0x62, 4, 0x08, 3, 0x10, 1]), "span");
    let mut count = vec![0x21];
    count.extend_from_slice(&3.0f64.to_le_bytes());
    assert!(has(&count), "fractional count");
}

#[test]
fn empty_native_histogram_keeps_a_span_that_tells_it_from_a_classic_one() {
    let histogram = Box::new(FloatHistogram::default());
    let bytes = written(&[family("h", MetricType::Histogram, MetricValue::Native(histogram))]);
    assert!(bytes.windows(6).any(|window| window == [0x62, 4, 0x08, 0, 0x10, 0]));
}
