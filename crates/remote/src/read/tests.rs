//! What stores are asked for, and what becomes of their answers.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use chunks::recode::{self, Sample, Value};
use model::{Labels, Matcher};
use parking_lot::Mutex;
use platform::real::RealFileSystem;
use storage::{SampleColumns, SelectHints, SeriesSet};
use wire::remote::read::{ChunkFrames, ReadRequest, SampleToRead, SamplesAnswer};
use wire::remote::{Decompressor, compress};

use super::*;

const CHUNKS: &str = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

/// A store that answers every request alike, and what it was asked.
struct Answering {
    url: String,
    asked: Arc<Mutex<Vec<ReadRequest>>>,
}

fn answering(status: &'static str, content_type: &'static str, body: Vec<u8>) -> Answering {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1/read", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = request_body(&mut stream);
            noted.lock().push(request);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    Answering { url, asked }
}

fn request_body(stream: &mut impl Read) -> ReadRequest {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        assert!(text.contains("x-prometheus-remote-read-version: 0.1.0"), "{text}");
        let len = text.split("content-length: ").nth(1).unwrap();
        let len: usize = len.split("\r\n").next().unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + len {
            let body = Decompressor::default().decompress(&bytes[end + 4..], 1 << 20).unwrap().to_vec();
            return ReadRequest::decode(&body).unwrap();
        }
    }
}

fn settings(name: &str, url: &str) -> ReadSettings {
    ReadSettings {
        name: name.to_owned(),
        url: url.parse().unwrap(),
        timeout: Duration::from_secs(30),
        frame_bytes_max: 1 << 20,
        read_recent: true,
        required_matchers: Labels::empty(),
        external_labels: Labels::empty(),
        client: http_client::Settings::default(),
    }
}

/// A reader with local samples from the time 1000 on.
fn reader(all: Vec<ReadSettings>) -> Reader {
    let reader = Reader::new(ReadParts {
        files: Arc::new(RealFileSystem),
        registry: Registry::new(),
        local_start: Arc::new(|| Some(1000)),
        user_agent: "test".to_owned(),
    });
    reader.apply(all).unwrap();
    reader
}

fn select(reader: &Reader, range: (i64, i64), matchers: &[Matcher]) -> Box<dyn SeriesSet> {
    let querier = reader.querier(TimeRange::new(range.0, range.1)).unwrap();
    querier.select(matchers, &SelectHints { sorted: true, ..SelectHints::default() }).unwrap()
}

fn shown(set: &dyn SeriesSet) -> Vec<(String, Vec<(i64, f64)>)> {
    let one = |position| {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        (set.labels(position).to_string(), columns.timestamps.into_iter().zip(columns.values).collect())
    };
    (0..set.len()).map(one).collect()
}

fn samples() -> Vec<u8> {
    let mut answer = SamplesAnswer::default();
    answer.add_series(&Labels::from_pairs([("__name__", "up"), ("site", "x")]), |series| {
        series.add(20, SampleToRead::Float(2.0));
        series.add(10, SampleToRead::Float(1.0));
        series.add(5000, SampleToRead::Float(3.0));
    });
    answer.end_query();
    compress(&answer.into_message())
}

fn chunks() -> Vec<u8> {
    let mut frames = ChunkFrames::new(1);
    let mut out = Vec::new();
    frames.begin_series(0, &Labels::from_pairs([("__name__", "up"), ("from", "chunks")]));
    for span in [[10, 20], [30, 40]] {
        let samples =
            span.map(|timestamp| Sample { timestamp, start: 0, value: Value::Float(timestamp as f64) });
        for chunk in recode::encode(&samples).unwrap() {
            frames.add_chunk((chunk.start, chunk.end), chunk.encoding.id(), &chunk.data, &mut out);
        }
    }
    frames.end_series(&mut out);
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn both_forms_of_answers_are_read() {
    let plain = answering("200 OK", "application/x-protobuf", samples());
    let streamed = answering("200 OK", CHUNKS, chunks());
    let reader = reader(vec![settings("plain", &plain.url), settings("streamed", &streamed.url)]);
    let set = select(&reader, (10, 100), &[Matcher::equal("__name__", "up")]);
    assert_eq!(
        shown(set.as_ref()),
        [
            (
                r#"{__name__="up", from="chunks"}"#.to_owned(),
                vec![(10, 10.0), (20, 20.0), (30, 30.0), (40, 40.0)]
            ),
            (r#"{__name__="up", site="x"}"#.to_owned(), vec![(10, 1.0), (20, 2.0)]),
        ]
    );
    assert!(set.annotations().is_empty());
    assert_eq!(set.chunks(1, TimeRange::ALL).unwrap().len(), 1);
    let asked = plain.asked.lock()[0].clone();
    assert_eq!((asked.queries[0].start, asked.queries[0].end), (10, 100));
    assert_eq!(asked.accepted, [1, 0], "chunks are dearer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_leaves_a_warning_and_no_more() {
    let good = answering("200 OK", "application/x-protobuf", samples());
    let missing = answering("404 Not Found", "text/plain", b"404 page not found\n".to_vec());
    let odd = answering("200 OK", "text/html", Vec::new());
    let broken = answering("200 OK", CHUNKS, chunks()[..20].to_vec());
    let all = [("good", &good), ("missing", &missing), ("odd", &odd), ("broken", &broken)];
    let mut all: Vec<_> = all.map(|(name, store)| settings(name, &store.url)).into();
    all.push(settings("down", "http://127.0.0.1:1/read"));
    let reader = reader(all);
    let set = select(&reader, (0, 100), &[Matcher::equal("__name__", "up")]);
    assert_eq!(shown(set.as_ref()).len(), 1);
    let annotations = set.annotations();
    assert_eq!(
        annotations.warnings(),
        [
            format!("remote_read: remote server {} returned http status 404 Not Found: 404 page not found", missing.url),
            "remote_read: unsupported content type: text/html".to_owned(),
            "remote_read: chunkedReader: unexpected EOF".to_owned(),
            "remote_read: error sending request: Post \"http://127.0.0.1:1/read\": dial tcp 127.0.0.1:1: connect: connection refused".to_owned(),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn external_labels_are_asked_for_and_taken_off() {
    let store = answering("200 OK", "application/x-protobuf", samples());
    let external = ReadSettings {
        external_labels: Labels::from_pairs([("site", "x")]),
        ..settings("plain", &store.url)
    };
    let reader = reader(vec![external]);
    let set = select(&reader, (0, 100), &[Matcher::equal("__name__", "up")]);
    assert_eq!(shown(set.as_ref())[0].0, r#"{__name__="up"}"#);
    let asked = store.asked.lock()[0].queries[0].matchers.clone();
    assert_eq!((asked[1].kind, asked[1].name.as_str(), asked[1].value.as_str()), (0, "site", "x"));
    // Who asks for the label sees it.
    let set = select(&reader, (0, 100), &[Matcher::not_equal("site", "y")]);
    assert_eq!(shown(set.as_ref())[0].0, r#"{__name__="up", site="x"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_are_asked_for_what_settings_say() {
    let store = answering("200 OK", "application/x-protobuf", samples());
    let old = ReadSettings { read_recent: false, ..settings("old", &store.url) };
    let reader = reader(vec![old]);
    assert!(reader.querier(TimeRange::new(1001, 2000)).is_none(), "the local store has it all");
    select(&reader, (500, 2000), &[Matcher::equal("a", "b")]);
    let query = store.asked.lock()[0].queries[0].clone();
    assert_eq!((query.start, query.end), (500, 1000));

    let picky = ReadSettings {
        required_matchers: Labels::from_pairs([("site", "x")]),
        ..settings("picky", &store.url)
    };
    reader.apply(vec![picky]).unwrap();
    assert!(
        select(&reader, (0, 100), &[Matcher::equal("a", "b"), Matcher::not_equal("site", "x")]).is_empty()
    );
    assert_eq!(store.asked.lock().len(), 1);
    assert!(!select(&reader, (0, 100), &[Matcher::equal("site", "x")]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_values_of_labels_cannot_be_asked_for() {
    let reader = reader(vec![settings("one", "http://127.0.0.1:1/read")]);
    let querier = reader.querier(TimeRange::ALL).unwrap();
    let listing = querier.label_values("job", &[], None).unwrap();
    assert_eq!(
        (listing.items.len(), listing.annotations.warnings()),
        (0, &["not implemented".to_owned()][..])
    );
    assert_eq!(querier.label_names(&[], None).unwrap(), listing);
}
