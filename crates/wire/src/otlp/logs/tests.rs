//! Requests in JSON, which take the way over protobuf, become streams and entries.

use super::*;
use crate::otlp::json::logs_to_protobuf;

/// What the original makes labels of, as far as the tests need it.
struct Named;

impl Rules for Named {
    fn action(&self, place: Place, key: &str) -> Action {
        match (place, key) {
            (Place::Resource, "service.name" | "k8s.pod.name") => Action::Label,
            (_, "secret") => Action::Drop,
            (Place::Record, "tier") => Action::Label,
            _ => Action::Metadata,
        }
    }
}

type Read = Vec<(String, Vec<(i64, String, Vec<(String, String)>)>)>;

fn read(json: &str) -> Read {
    let body = logs_to_protobuf(json.as_bytes()).unwrap();
    let push = logs(&body, &Named, 77).unwrap();
    let entry = |entry: &crate::loki::Entry<'_>| {
        let pairs = push.metadata_of(entry).iter();
        let pairs = pairs.map(|(name, value)| (push.text(*name).to_owned(), push.text(*value).to_owned()));
        (entry.timestamp, push.text(entry.line).to_owned(), pairs.collect())
    };
    let stream = |stream: &crate::loki::Stream<'_>| {
        let entries = push.entries[stream.entries.clone()].iter().map(entry).collect();
        (push.text(stream.labels).to_owned(), entries)
    };
    push.streams.iter().map(stream).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn attributes_go_where_the_rules_want_them() {
    let found = read(
        r#"{"resourceLogs": [{"resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "shop"}},
            {"key": "secret", "value": {"stringValue": "x"}},
            {"key": "custom.attr", "value": {"stringValue": "c"}}]},
          "scopeLogs": [{"scope": {"name": "lib", "version": "2"}, "logRecords": [
            {"timeUnixNano": "1718010000000000000", "observedTimeUnixNano": "5", "severityText": "INFO",
             "severityNumber": 9, "body": {"stringValue": "hello"}, "flags": 1,
             "attributes": [{"key": "http.method", "value": {"stringValue": "GET"}},
               {"key": "nested", "value": {"kvlistValue": {"values": [{"key": "x.y", "value": {"intValue": "4"}}]}}},
               {"key": "list", "value": {"arrayValue": {"values": [{"intValue": 1}, {"stringValue": "a"}]}}}],
             "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "0000000000000000"}]}]}]}"#,
    );
    let metadata = pairs(&[
        ("custom_attr", "c"),
        ("scope_name", "lib"),
        ("scope_version", "2"),
        ("severity_text", "INFO"),
        ("severity_number", "9"),
        ("flags", "1"),
        ("http_method", "GET"),
        ("nested_x_y", "4"),
        ("list", "[1,\"a\"]"),
        ("trace_id", "5b8efff798038103d269b633813fc60c"),
        ("observed_timestamp", "5"),
    ]);
    let mut expected = metadata.clone();
    expected.sort();
    let mut found = found;
    found[0].1[0].2.sort();
    let entry = (1_718_010_000_000_000_000, "hello".to_owned(), expected);
    assert_eq!(found, [("{service_name=\"shop\"}".to_owned(), vec![entry])]);
}

#[test]
fn bodies_of_any_kind_become_lines_and_missing_times_are_now() {
    let record = |body: &str| {
        let json =
            format!(r#"{{"resourceLogs": [{{"scopeLogs": [{{"logRecords": [{{"body": {body}}}]}}]}}]}}"#);
        let found = read(&json);
        (found[0].1[0].0, found[0].1[0].1.clone())
    };
    for (body, line) in [
        (r#"{"kvlistValue": {"values": [{"key": "a", "value": {"stringValue": "b"}}]}}"#, r#"{"a":"b"}"#),
        (r#"{"intValue": "42"}"#, "42"),
        (r#"{"boolValue": true}"#, "true"),
        (r#"{"bytesValue": "AQI="}"#, "AQI="),
        ("{}", ""),
    ] {
        assert_eq!(record(body), (77, line.to_owned()));
    }
}

#[test]
fn records_are_put_together_by_the_labels_that_they_add() {
    let record = |line: &str, tier: &str| {
        format!(
            r#"{{"timeUnixNano": "1", "body": {{"stringValue": "{line}"}},
                "attributes": [{{"key": "tier", "value": {{"stringValue": "{tier}"}}}}]}}"#
        )
    };
    let records = [record("a", "1"), record("b", "2"), record("c", "1")].join(",");
    let found = read(&format!(
        r#"{{"resourceLogs": [{{"resource": {{"attributes": [{{"key": "k8s.pod.name", "value": {{"stringValue": "p"}}}}]}},
            "scopeLogs": [{{"logRecords": [{records}]}}]}}]}}"#
    ));
    let lines: Vec<(&str, Vec<&str>)> = found
        .iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(labels, entries)| (labels.as_str(), entries.iter().map(|entry| entry.1.as_str()).collect()))
        .collect();
    let expected = [
        ("{k8s_pod_name=\"p\", tier=\"1\"}", vec!["a", "c"]),
        ("{k8s_pod_name=\"p\", tier=\"2\"}", vec!["b"]),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_request_without_records_has_no_streams() {
    assert!(read("{}").is_empty());
}
