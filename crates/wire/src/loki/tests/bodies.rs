//! Bodies in JSON and of `_bulk`.

use super::super::bulk::{Arguments, bulk};
use super::*;

pub(super) type Read = Vec<(String, Vec<(i64, String, Vec<(String, String)>)>)>;

pub(super) fn read(push: &Push<'_>) -> Read {
    let entry = |entry: &Entry<'_>| {
        let pairs = push.metadata_of(entry).iter();
        let pairs = pairs.map(|(name, value)| (push.text(*name).to_owned(), push.text(*value).to_owned()));
        (entry.timestamp, String::from_utf8_lossy(push.bytes(entry.line)).into_owned(), pairs.collect())
    };
    let stream = |stream: &Stream<'_>| {
        let entries = push.entries[stream.entries.clone()].iter().map(entry).collect();
        (push.text(stream.labels).to_owned(), entries)
    };
    push.streams.iter().map(stream).collect()
}

fn entry(time: i64, line: &str, pairs: &[(&str, &str)]) -> (i64, String, Vec<(String, String)>) {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (time, line.to_owned(), pairs)
}

#[test]
fn the_present_form_of_json() {
    let body = r#"{"streams":[{"stream":{"job":"a","b":"x\"y","job":"late"},"values":[["5","plain"],
        ["6","esc\n\u00e9",{"k":"v","e":"\t"}],["7"],[],["8","l",{},9,{}]],"more":[1]},{"values":[]}],"z":{}}  trailing"#;
    let found = read(&json(body.as_bytes()).unwrap());
    let entries = vec![
        entry(5, "plain", &[]),
        entry(6, "esc\né", &[("k", "v"), ("e", "\t")]),
        entry(7, "", &[]),
        entry(ZERO_TIME, "", &[]),
        entry(8, "l", &[]),
    ];
    assert_eq!(found, [(r#"{b="x\"y", job="late"}"#.to_owned(), entries), (String::new(), vec![])]);
}

#[test]
fn values_of_labels_that_are_no_texts_count_as_they_are_written() {
    let body = br#"{"streams":[{"stream":{"a":5,"b":null,"c":{"x":"y"}},"values":[]}]}"#;
    assert_eq!(read(&json(body).unwrap())[0].0, r#"{a="5", b="null", c="{\"x\":\"y\"}"}"#);
}

#[test]
fn what_is_no_push_is_refused_and_nothing_is_an_empty_one() {
    for body in [
        r#"{"streams":[{"stream":{},"values":[[5,"x"]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["x","x"]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["","x"]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["5",5]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["5","x",{"k":1}]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["5","x",{"k":null}]]}]}"#,
        r#"{"streams":[{"stream":{},"values":[{}]}]}"#,
        r#"{"streams":[{"stream":null,"values":[]}]}"#,
        r#"{"streams":[{"stream":"x","values":[]}]}"#,
        r#"{"streams":[{"stream":{},"values":[["5","\ud800 x"]]}]}"#,
        r#"{"streams":"#,
        "not json",
    ] {
        assert!(json(body.as_bytes()).is_err(), "{body}");
    }
    assert_eq!(json(b" \n").unwrap_err(), Error::Empty);
    for body in ["{}", "null", r#"{"streams":null}"#, r#"{"streams":[]}"#] {
        assert!(json(body.as_bytes()).unwrap().streams.is_empty(), "{body}");
    }
}

#[test]
fn the_old_form_of_json_is_read_at_the_old_path_only() {
    let body = br#"{"streams":[{"labels":"{job=\"old\"}","entries":[{"ts":"2024-06-10T09:00:00Z","line":"l",
        "structuredMetadata":{"k":"v"}}]}]}"#;
    let entries = vec![entry(1_718_010_000_000_000_000, "l", &[("k", "v")])];
    assert_eq!(read(&legacy_json(body).unwrap()), [("{job=\"old\"}".to_owned(), entries)]);
    assert_eq!(read(&json(body).unwrap()), [(String::new(), vec![])]);
}

#[test]
fn documents_of_a_bulk_body_become_streams_by_their_fields() {
    let arguments = Arguments::read(|name| {
        let value = match name {
            "_stream_fields" => "host.name,zone",
            "_time_field" => "@timestamp",
            "_msg_field" => "text,message",
            "ignore_fields" => "skip*",
            "extra_fields" => "zone=eu,user=root",
            _ => return None,
        };
        Some(value.to_owned())
    })
    .unwrap();
    let body = br#"{"create":{"_index":"x"}}
{"message":"one","@timestamp":"2024-06-10T09:00:00Z","host":{"name":"h1","ip":["a",1]},"skipped":1,"user":"x","n":null}

{"index":{}}
{"message":"two \"q\"","@timestamp":1718010000,"host":{"name":"h2"},"n":1.50,"b":true}
{"create":{}}
{"other":"no message","host":{"name":"h1"}}
"#;
    let found = read(&bulk(body, &arguments, 42).unwrap());
    let time = 1_718_010_000_000_000_000;
    let first = vec![
        entry(time, "one", &[("host.ip", "[\"a\",1]"), ("user", "root")]),
        entry(
            42,
            r#"{"other":"no message","host":{"name":"h1"}}"#,
            &[("other", "no message"), ("user", "root")],
        ),
    ];
    let second = vec![entry(time, "two \"q\"", &[("n", "1.50"), ("b", "true"), ("user", "root")])];
    assert_eq!(
        found,
        [
            ("{host_name=\"h1\", zone=\"eu\"}".to_owned(), first),
            ("{host_name=\"h2\", zone=\"eu\"}".to_owned(), second)
        ]
    );
}

#[test]
fn a_malformed_bulk_body_names_its_line() {
    for (body, message) in [
        ("{\"create\":{}}\n", "line 1: missing log message after the command"),
        (
            "{\"delete\":{}}\n{}",
            "line 1: unexpected command \"{\\\"delete\\\":{}}\"; expecting \"create\" or \"index\"",
        ),
        ("{\"create\":{}}\n{\"_time\":\"soon\"}", "line 2: cannot parse time \"soon\""),
    ] {
        let error = bulk(body.as_bytes(), &Arguments::default(), 0).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
