//! Rules that no recorded answer shows.

use std::sync::Arc;

use log_intake::{Blocked, Format, Intake, Limits, LineLimits, Observer, PushError};
use model::Labels;
use parking_lot::Mutex;
use platform::simulated::SimulatedClock;
use storage::logs::memory::MemoryLogs;
use storage::logs::{Columns, EntryColumns, EntryRange, EntryRef, LogQueryable, StreamEntries};
use telemetry::Registry;

const NOW_MS: i64 = 1_750_000_000_000;
const NOW_NS: i64 = NOW_MS * 1_000_000;

type Seen = Vec<(String, i64, String, Vec<(String, String)>)>;

/// Keeps what it sees.
#[derive(Default)]
struct Watcher(Mutex<Seen>);

impl Observer for Watcher {
    fn watches(&self, tenant: &str) -> bool {
        tenant == "a"
    }

    fn accepted(&self, _tenant: &str, stream: &Labels, entries: &[EntryRef<'_>]) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.0.lock().extend(entries.iter().map(|entry| {
            let line = String::from_utf8_lossy(entry.line).into_owned();
            (stream.to_string(), entry.timestamp, line, entry.metadata.iter().map(own).collect())
        }));
    }
}

struct Server {
    intake: Intake,
    logs: MemoryLogs,
    watcher: Arc<Watcher>,
}

fn server() -> Server {
    let (logs, watcher) = (MemoryLogs::new(), Arc::new(Watcher::default()));
    let clock = Arc::new(SimulatedClock::new(NOW_MS));
    let intake =
        Intake::new(Arc::new(logs.clone()), clock, &Registry::new()).with_observer(Arc::clone(&watcher) as _);
    Server { intake, logs, watcher }
}

impl Server {
    fn push(&self, body: &str, limits: Limits) -> Result<(), PushError> {
        let body = body.replace("NOW", &NOW_NS.to_string());
        let push = wire::loki::json(body.as_bytes()).unwrap();
        self.intake.push("a", &push, Format::Loki, &Arc::new(limits))
    }

    fn lines(&self) -> Vec<(i64, String)> {
        let blocks = self.logs.log_querier("a", EntryRange::ALL).unwrap().select(&[]).unwrap();
        let mut lines = Vec::new();
        let mut columns = EntryColumns::default();
        for block in 0..blocks.blocks().len() {
            blocks.read(block, &Columns::ALL, &mut columns).unwrap();
            let line =
                |row| (columns.timestamps[row], String::from_utf8_lossy(columns.line(row)).into_owned());
            lines.extend((0..columns.rows).map(line));
        }
        lines
    }
}

const ONE: &str = r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","level=warn one"]]}]}"#;

#[test]
fn a_long_line_is_cut_at_a_character_and_marked() {
    let server = server();
    let lines = LineLimits { bytes_max: Some(10), cut_mark: Some("..".to_owned()) };
    let body = r#"{"streams":[{"stream":{"a":"b"},"values":[["NOW","1234567ééé"],["NOW","0123456789"]]}]}"#;
    server.push(body, Limits { lines, ..Limits::default() }).unwrap();
    assert_eq!(server.lines(), [(NOW_NS, "1234567..".to_owned()), (NOW_NS, "0123456789".to_owned())]);
}

#[test]
fn different_lines_of_one_time_are_moved_apart_where_that_is_wanted() {
    let server = server();
    let body = r#"{"streams":[{"stream":{"a":"b"},"values":[["NOW","1"],["NOW","2"],["NOW","2"]]}]}"#;
    server.push(body, Limits { increment_duplicates: true, ..Limits::default() }).unwrap();
    let times: Vec<i64> = server.lines().iter().map(|(time, _)| time - NOW_NS).collect();
    assert_eq!(times, [0, 0, 1]);
}

#[test]
fn nothing_is_taken_while_the_tenant_is_blocked() {
    let blocked = |status, until_ms| Limits {
        blocked: Some(Blocked { until_ms, until: "2030-01-01T00:00:00Z".to_owned(), status }),
        ..Limits::default()
    };
    let server = server();
    let error = server.push(ONE, blocked(260, NOW_MS + 1)).unwrap_err();
    let text = "ingestion blocked for user 'a' until '2030-01-01T00:00:00Z' with status code '260'";
    assert_eq!((error.status, error.text.as_str()), (260, text));
    server.push(ONE, blocked(200, NOW_MS + 1)).unwrap();
    assert!(server.lines().is_empty());
    server.push(ONE, blocked(260, NOW_MS)).unwrap();
    assert_eq!(server.lines().len(), 1);
}

#[test]
fn streams_without_an_enforced_label_are_refused_and_equal_texts_counted() {
    let server = server();
    let body = r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","1"]]},{"stream":{"job":"x"},"values":[["NOW","2"]]},
        {"stream":{"env":"p"},"values":[["NOW","3"]]}]}"#;
    let error = server
        .push(body, Limits { enforced_labels: vec!["env".to_owned()], ..Limits::default() })
        .unwrap_err();
    let text = "2 errors like: missing required labels 'env' for user 'a' for stream '{job=\"x\", service_name=\"x\"}' (policy: '')";
    assert_eq!((error.status, error.text.as_str()), (400, text));
    assert_eq!(server.lines(), [(NOW_NS, "3".to_owned())]);
}

#[test]
fn structured_metadata_is_sorted_valid_and_each_name_once() {
    let server = server();
    let body = r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","l",{"z":"1","a.b":"2","e":"","z":"3","1":"4"}]]}]}"#;
    server.push(body, Limits::default()).unwrap();
    let seen = server.watcher.0.lock();
    let pairs: Vec<(&str, &str)> =
        seen[0].3.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("a_b", "2"), ("detected_level", "unknown"), ("e", ""), ("key_1", "4"), ("z", "3")]);
}

#[test]
fn structured_metadata_where_it_is_not_allowed_is_refused_and_no_level_looked_for() {
    let server = server();
    let body =
        r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","l",{"z":"1"}],["NOW","level=info"]]}]}"#;
    let error = server.push(body, Limits { metadata: None, ..Limits::default() }).unwrap_err();
    assert!(error.text.contains("includes structured metadata, but this feature is disallowed"), "{error}");
    assert_eq!(server.watcher.0.lock()[0].3, []);
}

#[test]
fn fields_are_discovered_in_labels_metadata_and_lines() {
    let server = server();
    let hints = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let generic_fields =
        [("who".to_owned(), hints(&["user", "$.u.name"])), ("job_name".to_owned(), hints(&["job"]))].into();
    let body = r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","{\"u\":{\"name\":\"ann\"}}"],["NOW","user=bob"],["NOW","-"]]}]}"#;
    server.push(body, Limits { generic_fields, levels: None, ..Limits::default() }).unwrap();
    let seen = server.watcher.0.lock();
    let who: Vec<Option<&str>> = seen
        .iter()
        .map(|entry| entry.3.iter().find(|(name, _)| name == "who").map(|(_, value)| value.as_str()))
        .collect();
    assert_eq!(who, [Some("ann"), Some("bob"), None]);
    assert!(seen.iter().all(|entry| entry.3.contains(&("job_name".to_owned(), "x".to_owned()))));
}

#[test]
fn observers_see_what_was_taken_alone() {
    let server = server();
    let body = r#"{"streams":[{"stream":{"job":"x"},"values":[["NOW","new"],["1749990000000000000","late"],["1749999000000000000","ok"]]}]}"#;
    server.push(body, Limits::default()).unwrap_err();
    // What a shipper sends once more was seen before.
    server.push(body, Limits::default()).unwrap_err();
    let lines: Vec<String> = server.watcher.0.lock().iter().map(|entry| entry.2.clone()).collect();
    assert_eq!(lines, ["new", "ok"]);
}

#[test]
fn entries_of_the_process_itself_follow_the_same_rules() {
    let server = server();
    let labels = Labels::from_pairs([("app", "scrape")]);
    let entries = [
        EntryRef { timestamp: NOW_NS, line: b"error: x", metadata: &[] },
        EntryRef { timestamp: NOW_NS + 3_600_000_000_000, line: b"too new", metadata: &[] },
    ];
    let streams = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
    let error = server.intake.append("a", &streams, &Arc::new(Limits::default())).unwrap_err();
    assert!(
        error.text.starts_with(
            "entry for stream '{app=\"scrape\", service_name=\"scrape\"}' has timestamp too new"
        )
    );
    let seen = server.watcher.0.lock();
    assert_eq!(seen[0].0, "{app=\"scrape\", service_name=\"scrape\"}");
    assert_eq!(seen[0].3, [("detected_level".to_owned(), "error".to_owned())]);
}
