//! What becomes of requests: taken, left out, refused, failed.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Exemplar, Labels, Metadata, SeriesRef};
use parking_lot::Mutex;
use storage::memory::MemoryStore;
use storage::{
    AppendOptions, Appendable, Appender, Error, HistogramSample, NO_SERIES, Queryable, RawKey, Result,
    SampleColumns, SelectHints, TimeRange,
};
use telemetry::Registry;
use wire::remote::compress;
use wire::remote::write::{encode_labels, put_series_v1, put_series_v2, put_symbol_v2};

use super::negotiate;
use super::*;
use crate::RemoteReadSettings;

const NOW: i64 = 1_700_000_000_000;
/// A time that the store takes no samples of.
const OLD: i64 = 13;
/// A value at which the store fails.
const BREAKS: f64 = 500.0;

/// A store that finds series by what was sent, and refuses some samples.
#[derive(Clone, Default)]
struct Store {
    samples: MemoryStore,
    known: Arc<Mutex<HashMap<RawKey, SeriesRef>>>,
    asked_by_labels: Arc<Mutex<usize>>,
}

struct StoreAppender {
    store: Store,
    inner: Box<dyn Appender>,
}

impl Appendable for Store {
    fn appender(&self, options: AppendOptions) -> Box<dyn Appender> {
        Box::new(StoreAppender { store: self.clone(), inner: self.samples.appender(options) })
    }
}

impl Appender for StoreAppender {
    fn series(&mut self, labels: &Labels) -> Result<SeriesRef> {
        *self.store.asked_by_labels.lock() += 1;
        if labels.get("__name__") == Some("one_too_many") {
            return Err(Error::OverLimit("the head takes no new series".to_owned()));
        }
        self.inner.series(labels)
    }

    fn append(&mut self, series: SeriesRef, timestamp: i64, start: i64, value: f64) -> Result<()> {
        if timestamp == OLD {
            return Err(Error::OutOfOrder);
        }
        if value == BREAKS {
            return Err(Error::Unavailable("disk full".to_owned()));
        }
        self.inner.append(series, timestamp, start, value)
    }

    fn append_histogram(
        &mut self,
        at: SeriesRef,
        time: i64,
        start: i64,
        value: HistogramSample<'_>,
    ) -> Result<()> {
        self.inner.append_histogram(at, time, start, value)
    }

    fn append_start_zero(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start: i64,
        like: Option<HistogramSample<'_>>,
    ) -> Result<()> {
        self.inner.append_start_zero(series, timestamp, start, like)
    }

    fn append_exemplar(&mut self, series: SeriesRef, timestamp: i64, exemplar: &Exemplar) -> Result<()> {
        self.inner.append_exemplar(series, timestamp, exemplar)
    }

    fn update_metadata(&mut self, series: SeriesRef, metadata: &Metadata) -> Result<()> {
        self.inner.update_metadata(series, metadata)
    }

    fn recall(&self, keys: &[RawKey], found: &mut Vec<SeriesRef>) {
        let known = self.store.known.lock();
        found.extend(keys.iter().map(|key| known.get(key).copied().unwrap_or(NO_SERIES)));
    }

    fn remember(&self, known: &[(RawKey, SeriesRef)]) {
        self.store.known.lock().extend(known.iter().copied());
    }

    fn commit(self: Box<Self>) -> Result<()> {
        self.inner.commit()
    }

    fn rollback(self: Box<Self>) -> Result<()> {
        self.inner.rollback()
    }
}

impl Store {
    /// Pushes a request and says how it ended.
    fn take(&self, remote: &Remote, settings: &RemoteWriteSettings, body: &[u8]) -> (Outcome, Taken) {
        let message = settings.messages[0];
        let receiver = Receiver { remote, settings, appendable: self, now_ms: NOW };
        receiver.receive(message, &compress(body))
    }

    /// All that is stored, as text.
    fn dump(&self) -> Vec<String> {
        let range = TimeRange::new(i64::MIN, i64::MAX);
        let all = model::Matcher::new("__name__", model::MatchOp::Regex, ".*").unwrap();
        let set = self.samples.querier(range).unwrap().select(&[all], &SelectHints::default()).unwrap();
        let mut lines = Vec::new();
        for position in 0..set.len() {
            let mut columns = SampleColumns::default();
            set.read(position, range, &mut columns).unwrap();
            for (timestamp, value) in columns.timestamps.iter().zip(&columns.values) {
                lines.push(format!("{} {value} @{timestamp}", set.labels(position)));
            }
        }
        lines
    }
}

fn remote() -> Remote {
    Remote::new(&Registry::new(), &RemoteReadSettings::default())
}

fn v1() -> RemoteWriteSettings {
    RemoteWriteSettings::default()
}

fn v2() -> RemoteWriteSettings {
    RemoteWriteSettings { messages: vec![WriteMessage::V2], ..RemoteWriteSettings::default() }
}

/// A series by its labels, with the time and the value of its sample.
type SeriesV1<'a> = (&'a [(&'a str, &'a str)], i64, f64);
/// A series by the lines of its labels, with its sample.
type SeriesV2<'a> = (&'a [u32], (i64, i64, f64));

fn request_v1(samples: &[SeriesV1<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (labels, timestamp, value) in samples {
        let mut encoded = Vec::new();
        encode_labels(&mut encoded, labels.iter().copied());
        put_series_v1(&mut body, &encoded, *timestamp, *value);
    }
    body
}

/// A request of series whose one label is the name; the table stands in the given order.
fn request_v2(symbols: &[&str], samples: &[SeriesV2<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    symbols.iter().for_each(|symbol| put_symbol_v2(&mut body, symbol));
    samples.iter().for_each(|(refs, sample)| put_series_v2(&mut body, refs, *sample));
    body
}

fn counter(remote: &Remote) -> f64 {
    remote.metrics.invalid_labels.get() as f64
}

#[test]
fn a_series_is_asked_for_by_its_labels_once() {
    let (store, remote) = (Store::default(), remote());
    let up: &[(&str, &str)] = &[("__name__", "up"), ("job", "a")];
    let down: &[(&str, &str)] = &[("__name__", "down")];
    for round in 1..4 {
        let body = request_v1(&[(up, round, 1.0), (down, round, 2.0)]);
        let taken = Taken { samples: 2, ..Taken::default() };
        assert_eq!(store.take(&remote, &v1(), &body), (Outcome::Stored, taken));
    }
    assert_eq!(*store.asked_by_labels.lock(), 2);
    assert_eq!(store.dump().len(), 6);
    assert_eq!(store.dump()[0], r#"{__name__="down"} 2 @1"#);
}

#[test]
fn more_series_than_a_block_are_all_taken() {
    let (store, remote) = (Store::default(), remote());
    let names: Vec<String> = (0..2500).map(|number| format!("m{number}")).collect();
    let labels: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("__name__", name.as_str())]).collect();
    for timestamp in 1..3 {
        let samples: Vec<SeriesV1<'_>> = labels.iter().map(|labels| (&labels[..], timestamp, 1.0)).collect();
        assert_eq!(store.take(&remote, &v1(), &request_v1(&samples)).1.samples, 2500);
    }
    assert_eq!((store.dump().len(), *store.asked_by_labels.lock()), (5000, 2500));
}

#[test]
fn version_1_refuses_a_whole_request_for_a_sample_out_of_order() {
    let (store, remote) = (Store::default(), remote());
    let body = request_v1(&[(&[("__name__", "good")], 1000, 1.0), (&[("__name__", "late")], OLD, 1.0)]);
    let refused = Outcome::Refused("out of order sample".to_owned());
    assert_eq!(store.take(&remote, &v1(), &body), (refused, Taken::default()));
    assert_eq!(store.dump(), Vec::<String>::new());
}

#[test]
fn version_1_leaves_series_with_bad_labels_out_and_counts_them() {
    let (store, remote) = (Store::default(), remote());
    let body = request_v1(&[
        (&[("__name__", "a"), ("__name__", "b")], 1000, 1.0),
        (&[("__name__", "good")], 1000, 1.0),
        (&[("job", "no name")], 1000, 1.0),
    ]);
    let (outcome, taken) = store.take(&remote, &v1(), &body);
    assert_eq!((outcome, taken.samples), (Outcome::Stored, 1));
    assert_eq!(store.dump(), [r#"{__name__="good"} 1 @1000"#]);
    assert!((counter(&remote) - 2.0).abs() < 0.1);
}

#[test]
fn version_2_stores_what_it_can_and_tells_of_the_rest() {
    let (store, remote) = (Store::default(), remote());
    let symbols = ["", "__name__", "good", "late", "one_too_many"];
    let body = request_v2(
        &symbols,
        &[
            (&[1, 3], (OLD, 0, 1.0)),
            (&[1, 2], (1000, 0, 1.0)),
            (&[1, 9], (1000, 0, 1.0)),
            (&[1], (1000, 0, 1.0)),
            (&[1, 4], (1000, 0, 1.0)),
        ],
    );
    let (outcome, taken) = store.take(&remote, &v2(), &body);
    let Outcome::Partly(text) = outcome else { panic!("{outcome:?}") };
    let told: Vec<&str> = text.lines().collect();
    assert_eq!(
        told,
        [
            "parsing labels for series [1 9]: labelRefs 0 (name) = 1 or labelRefs 1 (value) = 9 outside of symbols table (size 5)",
            "parsing labels for series [1]: invalid labelRefs length 1",
            r#"the head takes no new series for series {__name__="one_too_many"}"#,
            r#"out of order sample for series {__name__="late"}"#,
        ]
    );
    assert_eq!(taken.samples, 1);
    assert_eq!(store.dump(), [r#"{__name__="good"} 1 @1000"#]);
}

#[test]
fn version_2_finds_series_whatever_lines_their_texts_stand_on() {
    let (store, remote) = (Store::default(), remote());
    let first =
        request_v2(&["", "__name__", "a", "b"], &[(&[1, 2], (1000, 0, 1.0)), (&[1, 3], (1000, 0, 2.0))]);
    let second =
        request_v2(&["", "b", "__name__", "a"], &[(&[2, 1], (2000, 0, 4.0)), (&[2, 3], (2000, 0, 3.0))]);
    store.take(&remote, &v2(), &first);
    store.take(&remote, &v2(), &second);
    assert_eq!(*store.asked_by_labels.lock(), 2);
    assert_eq!(
        store.dump(),
        [
            r#"{__name__="a"} 1 @1000"#,
            r#"{__name__="a"} 3 @2000"#,
            r#"{__name__="b"} 2 @1000"#,
            r#"{__name__="b"} 4 @2000"#,
        ]
    );
}

#[test]
fn samples_of_known_series_are_refused_by_the_name_of_their_series() {
    let (store, remote) = (Store::default(), remote());
    let send = |samples: [i64; 3]| {
        let [a, b, c] = samples.map(|timestamp| (timestamp, 0, 1.0));
        let series: [SeriesV2<'_>; 3] = [(&[1, 2], a), (&[1, 3], b), (&[1, 4, 5, 0], c)];
        store.take(&remote, &v2(), &request_v2(&["", "__name__", "a", "b", "c", "x"], &series))
    };
    assert_eq!(send([1000, 1000, 1000]).0, Outcome::Stored);
    let told = |text: &str| Outcome::Partly(text.to_owned());
    let taken = Taken { samples: 2, ..Taken::default() };
    assert_eq!(send([2000, OLD, 2000]), (told(r#"out of order sample for series {__name__="b"}"#), taken));
    // Told as they were sent, labels without a value too.
    let far = r#"out of bounds: timestamp is too far in the future for series {__name__="c", x=""}"#;
    assert_eq!(send([3000, 3000, NOW + 600_001]), (told(far), taken));
    assert_eq!((*store.asked_by_labels.lock(), store.dump().len()), (3, 7));
}

#[test]
fn a_series_that_was_removed_since_it_was_noted_is_made_anew() {
    let (store, remote) = (Store::default(), remote());
    let [a, b] = [[("__name__", "a")], [("__name__", "b")]];
    store.take(&remote, &v1(), &request_v1(&[(&a, 1000, 1.0), (&b, 1000, 1.0)]));
    let removed = store.known.lock().values().copied().max();
    for series in store.known.lock().values_mut().filter(|series| Some(**series) == removed) {
        *series = SeriesRef(99);
    }
    let (outcome, taken) = store.take(&remote, &v1(), &request_v1(&[(&a, 2000, 1.0), (&b, 2000, 2.0)]));
    assert_eq!((outcome, taken.samples), (Outcome::Stored, 2));
    assert_eq!(store.dump()[2..], [r#"{__name__="b"} 1 @1000"#, r#"{__name__="b"} 2 @2000"#]);
}

#[test]
fn start_times_become_zeros_where_that_is_switched_on() {
    let body = request_v2(&["", "__name__", "a"], &[(&[1, 2], (2000, 1000, 5.0))]);
    let store = Store::default();
    store.take(&remote(), &v2(), &body);
    assert_eq!(store.dump(), [r#"{__name__="a"} 5 @2000"#]);
    let store = Store::default();
    store.take(&remote(), &RemoteWriteSettings { start_zeros: true, ..v2() }, &body);
    assert_eq!(store.dump(), [r#"{__name__="a"} 0 @1000"#, r#"{__name__="a"} 5 @2000"#]);
}

#[test]
fn a_store_that_fails_keeps_nothing_of_either_version() {
    for (settings, body) in [
        (v1(), request_v1(&[(&[("__name__", "a")], 1000, 1.0), (&[("__name__", "b")], 1000, BREAKS)])),
        (
            v2(),
            request_v2(
                &["", "__name__", "a", "b"],
                &[(&[1, 2], (1000, 0, 1.0)), (&[1, 3], (1000, 0, BREAKS))],
            ),
        ),
    ] {
        let store = Store::default();
        let (outcome, taken) = store.take(&remote(), &settings, &body);
        assert!(matches!(&outcome, Outcome::Failed(text) if text.contains("disk full")), "{outcome:?}");
        assert_eq!((taken, store.dump().len()), (Taken::default(), 0));
    }
}

#[test]
fn samples_more_than_ten_minutes_ahead_are_refused() {
    let name: &[(&str, &str)] = &[("__name__", "a")];
    let store = Store::default();
    let body = request_v1(&[(name, NOW + 600_000, 1.0)]);
    assert_eq!(store.take(&remote(), &v1(), &body).0, Outcome::Stored);
    let body = request_v1(&[(name, NOW + 600_001, 1.0)]);
    let refused = Outcome::Refused("out of bounds: timestamp is too far in the future".to_owned());
    assert_eq!(store.take(&remote(), &v1(), &body).0, refused);
}

#[test]
fn every_cut_of_a_request_is_taken_or_told() {
    let body = request_v1(&[(&[("__name__", "a"), ("job", "x")], 1000, 1.5)]);
    for len in 0..body.len() {
        let (outcome, taken) = Store::default().take(&remote(), &v1(), &body[..len]);
        assert_eq!(
            matches!(outcome, Outcome::Stored),
            taken.samples == 0 && len == 0,
            "cut at {len}: {outcome:?}"
        );
    }
    let receiver =
        Receiver { remote: &remote(), settings: &v1(), appendable: &Store::default(), now_ms: NOW };
    let (outcome, _) = receiver.receive(WriteMessage::V1, b"no snappy");
    assert!(matches!(outcome, Outcome::Unreadable(_)), "{outcome:?}");
}

fn negotiated(
    content_type: &str,
    encoding: &str,
    accepted: &[WriteMessage],
) -> std::result::Result<WriteMessage, String> {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [("content-type", content_type), ("content-encoding", encoding)] {
        if !value.is_empty() {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    negotiate::message(&headers, accepted)
}

#[test]
fn headers_tell_which_message_a_request_holds() {
    let all = &WriteMessage::ALL;
    assert_eq!(negotiated("", "", all), Ok(WriteMessage::V1));
    assert_eq!(negotiated("application/x-protobuf", "snappy", all), Ok(WriteMessage::V1));
    let second = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
    assert_eq!(negotiated(second, "snappy", all), Ok(WriteMessage::V2));
    assert_eq!(
        negotiated(second, "snappy", &[WriteMessage::V1]),
        Err("io.prometheus.write.v2.Request protobuf message is not accepted by this server; accepted [prometheus.WriteRequest]".to_owned())
    );
    assert_eq!(
        negotiated("", "gzip", all),
        Err("gzip encoding (compression) is not accepted by this server; only snappy is acceptable"
            .to_owned())
    );
    assert!(negotiated("text/plain", "", all).is_err());
    assert!(negotiated("application/x-protobuf;proto=other", "", all).is_err());
    assert!(negotiated("application/x-protobuf;charset", "", all).is_err());
}
