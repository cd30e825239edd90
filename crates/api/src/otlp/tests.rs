//! What becomes of requests.

use std::io::Write;

use http::{HeaderMap, HeaderValue};
use model::Matcher;
use storage::memory::MemoryStore;
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};

use super::*;

const NOW: i64 = 1_700_000_000_000;

fn receive(store: &MemoryStore, otlp: &Otlp, body: &str) -> Result<(), Refused> {
    let receiver = Receiver {
        otlp,
        settings: &Settings::default(),
        written: &RemoteWriteSettings { start_zeros: true, ..RemoteWriteSettings::default() },
        appendable: store,
        now_ms: NOW,
    };
    receiver.receive(&wire::otlp::json::to_protobuf(body.as_bytes()).unwrap())
}

fn metric(json: &str) -> String {
    format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{json}]}}]}}]}}"#)
}

fn values(store: &MemoryStore, name: &str) -> Vec<(i64, f64)> {
    let querier = store.querier(TimeRange::ALL).unwrap();
    let matcher = Matcher::equal("__name__", name);
    let set = querier.select(&[matcher], &SelectHints::default()).unwrap();
    let mut columns = SampleColumns::new();
    for position in 0..set.len() {
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
    }
    columns.timestamps.into_iter().zip(columns.values).collect()
}

#[test]
fn a_request_is_stored_whole_or_not_at_all() {
    let (store, otlp) = (MemoryStore::new(), Otlp::new(&Registry::new()));
    let gauge = |name: &str, time: i64| {
        format!(
            r#"{{"name":"{name}","gauge":{{"dataPoints":[{{"asInt":7,"timeUnixNano":"{time}000000"}}]}}}}"#
        )
    };
    receive(&store, &otlp, &metric(&gauge("one", NOW))).unwrap();
    assert_eq!(values(&store, "one"), [(NOW, 7.0)]);

    let late = format!("{},{}", gauge("two", NOW), gauge("ahead", NOW + 600_001));
    let refused = receive(&store, &otlp, &metric(&late)).unwrap_err();
    assert_eq!(
        refused,
        Refused::new(StatusCode::BAD_REQUEST, "out of bounds: timestamp is too far in the future")
    );
    let delta = r#"{"name":"d","sum":{"aggregationTemporality":1,"dataPoints":[{"asInt":1}]}}"#;
    let refused = receive(&store, &otlp, &metric(&format!("{},{delta}", gauge("two", NOW)))).unwrap_err();
    let text = "invalid temporality and type combination for metric \"d\"";
    assert_eq!(refused, Refused::new(StatusCode::INTERNAL_SERVER_ERROR, text));
    assert!(values(&store, "two").is_empty());
}

#[test]
fn counters_begin_with_a_zero_where_asked_for() {
    let (store, otlp) = (MemoryStore::new(), Otlp::new(&Registry::new()));
    let point =
        format!(r#"{{"asInt":7,"timeUnixNano":"{NOW}000000","startTimeUnixNano":"{}000000"}}"#, NOW - 1000);
    let sum = |monotonic: bool, name: &str| {
        format!(
            r#"{{"name":"{name}","sum":{{"aggregationTemporality":2,"isMonotonic":{monotonic},"dataPoints":[{point}]}}}}"#
        )
    };
    receive(&store, &otlp, &metric(&format!("{},{}", sum(true, "c"), sum(false, "g")))).unwrap();
    assert_eq!(values(&store, "c_total"), [(NOW - 1000, 0.0), (NOW, 7.0)]);
    assert_eq!(values(&store, "g"), [(NOW, 7.0)]);
}

#[test]
fn bodies_are_told_apart_by_their_headers() {
    let of = |content_type: &'static str, encoding: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        headers.insert("content-encoding", HeaderValue::from_static(encoding));
        body::form(&headers)
    };
    let refused = of("application/json; charset=utf-8", "").unwrap_err();
    let text = "unsupported content type: application/json; charset=utf-8, supported: [application/json, application/x-protobuf]";
    assert_eq!(refused, Refused::new(StatusCode::BAD_REQUEST, text));
    let refused = of("application/json", "snappy").unwrap_err();
    let text = "unsupported compression: snappy. Only \"gzip\" or no compression supported";
    assert_eq!(refused, Refused::new(StatusCode::BAD_REQUEST, text));

    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let json = of("application/json", "gzip").unwrap();
    assert!(body::protobuf(json, &packed(b"{}")).unwrap().is_empty());
    assert_eq!(body::protobuf(json, b"no gzip").unwrap_err().status, StatusCode::BAD_REQUEST);
    let bomb = packed(&vec![b' '; body::BODY_BYTES_MAX as usize + 1]);
    assert_eq!(body::protobuf(json, &bomb).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body::protobuf(of("application/x-protobuf", "").unwrap(), b"\x0a").unwrap().as_ref(), b"\x0a");
}
