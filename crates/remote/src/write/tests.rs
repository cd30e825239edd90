//! What stands in a log arrives at a store of this test's own.

use std::sync::Arc;
use std::time::Duration;

use model::{Labels, Metadata, SeriesRef};
use platform::real::{RealClock, RealFileSystem};
use telemetry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use wal::record::{Samples, SeriesEncoder, encode_metadata, encode_samples};
use wal::{Batch, Compression, Log};
use wire::remote::{Decompressor, SentLabels, v1, v2};

use super::*;
use crate::{QueueSettings, Version};

/// A request: its head in small letters and its body, not compressed.
type Asked = (String, Vec<u8>);

/// A store that answers one request after the other with what stands in `answers`, and then with the last one.
async fn store(answers: Vec<&'static str>) -> (String, mpsc::UnboundedReceiver<Asked>) {
    let (mut answers, mut last) = (answers.into_iter(), "204 No Content\r\n");
    store_that(move |_| {
        last = answers.next().unwrap_or(last);
        last
    })
    .await
}

/// A store that answers a request as `answer` says of its body.
async fn store_that(
    mut answer: impl FnMut(&[u8]) -> &'static str + Send + 'static,
) -> (String, mpsc::UnboundedReceiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/write", listener.local_addr().unwrap());
    let (told, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).await.unwrap();
            let body = Decompressor::default().decompress(&body, 1 << 20).unwrap().to_vec();
            let answer = answer(&body);
            let answer = format!("HTTP/1.1 {answer}Connection: close\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            if told.send((head, body)).is_err() {
                return;
            }
        }
    });
    (url, asked)
}

/// A log and the queues that read it.
struct Fixture {
    folder: tempfile::TempDir,
    log: Arc<Mutex<Log>>,
    clock: Arc<dyn Clock>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
        let parts = wal::Parts {
            fs: Arc::new(RealFileSystem),
            clock: Arc::clone(&clock),
            metrics: wal::Metrics::new(&Registry::new(), "prometheus_tsdb_wal"),
        };
        let log = Log::open(parts, &folder.path().join("wal"), wal::Settings::default()).unwrap();
        Self { folder, log: Arc::new(Mutex::new(log)), clock }
    }

    fn writer(&self) -> Writer {
        let log = Arc::clone(&self.log);
        Writer::new(Parts {
            files: Arc::new(RealFileSystem),
            clock: Arc::clone(&self.clock),
            registry: Registry::new(),
            log_folder: self.folder.path().join("wal"),
            positions_folder: self.folder.path().join("remote_write"),
            log_end: Arc::new(move || log.lock().position()),
            metadata: Arc::new(|| {
                vec![("up".to_owned(), Metadata { help: "h".to_owned(), ..Metadata::default() })]
            }),
            user_agent: "test/1".to_owned(),
            flush_deadline: Duration::from_secs(10),
        })
    }

    fn append(&self, records: &[Vec<u8>]) {
        let mut batch = Batch::new(Compression::None);
        for record in records {
            batch.push(record).unwrap();
        }
        self.log.lock().append(&batch).unwrap();
    }
}

fn series(reference: u64, labels: &[(&str, &str)]) -> Vec<u8> {
    let mut encoder = SeriesEncoder::default();
    encoder.push(SeriesRef(reference), labels.iter().copied());
    encoder.bytes().to_vec()
}

fn samples(all: &[(u64, i64, f64)]) -> Vec<u8> {
    let mut samples = Samples::default();
    for (reference, timestamp, value) in all {
        samples.push(SeriesRef(*reference), *timestamp, *value);
    }
    let mut record = Vec::new();
    encode_samples(&samples, &mut record);
    record
}

fn settings(url: &str, version: Version) -> WriteSettings {
    WriteSettings {
        name: "n".to_owned(),
        key: "n".to_owned(),
        url: url.parse().unwrap(),
        version,
        timeout: Duration::from_secs(20),
        external_labels: Labels::from_pairs([("cluster", "c"), ("job", "not this one")]),
        relabel: crate::Rules::default(),
        send_exemplars: false,
        send_histograms: false,
        queue: QueueSettings {
            capacity: 10,
            shards_max: 1,
            shards_min: 1,
            batch_samples_max: 2,
            batch_deadline: Duration::from_millis(10),
            backoff_min: Duration::from_millis(1),
            backoff_max: Duration::from_millis(2),
            retry_on_429: false,
            sample_age_max: None,
        },
        metadata: None,
        client: http_client::Settings::default(),
    }
}

async fn next(asked: &mut mpsc::UnboundedReceiver<Asked>) -> Asked {
    tokio::time::timeout(Duration::from_secs(20), asked.recv()).await.expect("a request in time").unwrap()
}

/// The series of a request of version 1.0 with their samples.
fn read_v1(body: &[u8]) -> Vec<(String, i64, f64)> {
    let (mut request, mut labels, mut out) = (v1::Request::new(body), SentLabels::new(), Vec::new());
    while let Some(series) = request.next_series().unwrap() {
        series.labels(&mut labels).unwrap();
        let mut items = series.items();
        while let Some(item) = items.next().unwrap() {
            if let v1::Item::Sample(sample) = item {
                out.push((labels.to_series().unwrap().to_string(), sample.timestamp, sample.value));
            }
        }
    }
    out
}

const UP: &[(&str, &str)] = &[("__name__", "up"), ("job", "a")];
const SENT: &str = r#"{__name__="up", cluster="c", job="a"}"#;

#[tokio::test]
async fn what_is_appended_is_sent_once_through_restarts() {
    let fixture = Fixture::new();
    fixture.append(&[series(1, UP), samples(&[(1, 1000, 0.0)])]);
    let (url, mut asked) = store(Vec::new()).await;
    let writer = fixture.writer();
    // A new queue begins at the end of the log.
    writer.apply(vec![settings(&url, Version::V1)]).await.unwrap();
    fixture.append(&[samples(&[(1, 2000, 1.0), (1, 3000, 2.0)])]);
    let (head, body) = next(&mut asked).await;
    assert_eq!(read_v1(&body), [(SENT.to_owned(), 2000, 1.0), (SENT.to_owned(), 3000, 2.0)]);
    for header in [
        "content-encoding: snappy",
        "content-type: application/x-protobuf",
        "user-agent: test/1",
        "x-prometheus-remote-write-version: 0.1.0",
    ] {
        assert!(head.contains(&format!("{header}\r\n")), "{head}");
    }
    writer.stop().await;
    fixture.append(&[series(2, &[("__name__", "down")]), samples(&[(1, 4000, 3.0)])]);
    let writer = fixture.writer();
    writer.apply(vec![settings(&url, Version::V1)]).await.unwrap();
    assert_eq!(read_v1(&next(&mut asked).await.1), [(SENT.to_owned(), 4000, 3.0)]);
    fixture.log.lock().next_segment().unwrap();
    fixture.append(&[samples(&[(2, 5000, 4.0)])]);
    let down = r#"{__name__="down", cluster="c", job="not this one"}"#.to_owned();
    assert_eq!(read_v1(&next(&mut asked).await.1), [(down, 5000, 4.0)]);
    writer.stop().await;
    assert!(asked.try_recv().is_err(), "something was sent twice");
}

#[tokio::test]
async fn failures_are_sent_again_and_refusals_are_not() {
    let fixture = Fixture::new();
    let (url, mut asked) = store(vec![
        "500 Oops\r\n",
        "503 Busy\r\nRetry-After: 0\r\n",
        "204 No Content\r\n",
        "400 Bad\r\n",
        "400 Bad\r\n",
        "204 No Content\r\n",
    ])
    .await;
    let writer = fixture.writer();
    writer.apply(vec![settings(&url, Version::V1)]).await.unwrap();
    fixture.append(&[series(1, UP), samples(&[(1, 1000, 1.0), (1, 2000, 2.0)])]);
    let attempts = [next(&mut asked).await, next(&mut asked).await, next(&mut asked).await];
    assert!(attempts.iter().all(|(_, body)| read_v1(body).len() == 2));
    assert!(!attempts[0].0.contains("retry-attempt"));
    assert!(attempts[1].0.contains("retry-attempt: 1\r\n") && attempts[2].0.contains("retry-attempt: 2\r\n"));
    fixture.append(&[samples(&[(1, 3000, 3.0), (1, 4000, 4.0)])]);
    // What the store has already must not cost what is new: the halves are sent by themselves, each once.
    assert_eq!(read_v1(&next(&mut asked).await.1).len(), 2);
    assert_eq!(read_v1(&next(&mut asked).await.1), [(SENT.to_owned(), 3000, 3.0)]);
    assert_eq!(read_v1(&next(&mut asked).await.1), [(SENT.to_owned(), 4000, 4.0)]);
    fixture.append(&[samples(&[(1, 5000, 5.0), (1, 6000, 6.0)])]);
    assert_eq!(read_v1(&next(&mut asked).await.1)[0].1, 5000);
    writer.stop().await;
    assert!(asked.try_recv().is_err());
}

/// A queue that was killed sends several batches again that the store has wholly, since its shards were at different
/// places, and behind them one that the store has in part. What was new in that one was refused with it, as all that may
/// be taken apart for one batch had been used up.
#[tokio::test]
async fn what_is_new_comes_through_behind_batches_that_the_store_has() {
    const KEPT: i64 = 900;
    let fixture = Fixture::new();
    let newest = Arc::new(Mutex::new(KEPT));
    let known = Arc::clone(&newest);
    let (url, mut asked) = store_that(move |body| {
        let (sent, mut newest) = (read_v1(body), known.lock());
        if sent.iter().any(|(_, time, _)| *time <= *newest) {
            return "400 out of order\r\n";
        }
        assert_eq!(sent[0].1, *newest + 1, "a sample was left out");
        *newest = sent.iter().map(|(_, time, _)| *time).max().unwrap();
        "204 No Content\r\n"
    })
    .await;
    let writer = fixture.writer();
    let mut settings = settings(&url, Version::V1);
    (settings.queue.batch_samples_max, settings.queue.shards_max, settings.queue.capacity) = (64, 4, 200);
    writer.apply(vec![settings]).await.unwrap();
    let all: Vec<_> = (1..=KEPT + 80).map(|time| (1, time, 0.0)).collect();
    fixture.append(&[series(1, UP), samples(&all)]);
    while *newest.lock() < KEPT + 80 {
        next(&mut asked).await;
    }
    writer.stop().await;
}

#[tokio::test]
async fn version_2_carries_metadata_with_the_samples() {
    let fixture = Fixture::new();
    let (url, mut asked) =
        store(vec!["204 No Content\r\nX-Prometheus-Remote-Write-Samples-Written: 1\r\n"]).await;
    let writer = fixture.writer();
    writer.apply(vec![settings(&url, Version::V2)]).await.unwrap();
    let known = Metadata { help: "Whether it is up.".to_owned(), ..Metadata::default() };
    let mut metadata = Vec::new();
    encode_metadata([(SeriesRef(1), &known)], &mut metadata);
    fixture.append(&[series(1, UP), metadata, samples(&[(1, 1000, 1.0)])]);
    let (head, body) = next(&mut asked).await;
    assert!(
        head.contains("content-type: application/x-protobuf;proto=io.prometheus.write.v2.request\r\n"),
        "{head}"
    );
    assert!(head.contains("x-prometheus-remote-write-version: 2.0.0\r\n"), "{head}");
    let mut symbols = Vec::new();
    let mut request = v2::Request::new(&body, &mut symbols).unwrap();
    assert!(request.next_series().unwrap().is_some());
    let texts: Vec<&str> = symbols.iter().map(|text| std::str::from_utf8(text).unwrap()).collect();
    assert_eq!(texts, ["", "__name__", "up", "cluster", "c", "job", "a", "Whether it is up."]);
    writer.stop().await;
}

#[tokio::test]
async fn metadata_goes_by_itself_in_version_1() {
    let fixture = Fixture::new();
    let (url, mut asked) = store(Vec::new()).await;
    let writer = fixture.writer();
    let metadata = Some(crate::MetadataSettings { interval: Duration::from_millis(1), batch_max: 10 });
    writer.apply(vec![WriteSettings { metadata, ..settings(&url, Version::V1) }]).await.unwrap();
    // Field 3 of the request: the name (2) and the help text (4).
    assert_eq!(next(&mut asked).await.1, [0x1a, 7, 0x12, 2, b'u', b'p', 0x22, 1, b'h']);
    writer.stop().await;
}
