//! Pushes recorded from the original are answered as it answers them, and what is stored then is what it gives back.
#![expect(clippy::disallowed_methods, reason = "a test reads what was recorded")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use log_intake::{Format, Intake, Limits, LineLimits, MetadataLimits, OtlpRules, PushError, TenantRate};
use model::Matcher;
use platform::simulated::SimulatedClock;
use serde_json::Value;
use storage::logs::memory::MemoryLogs;
use storage::logs::{Columns, EntryColumns, EntryRange, LogQueryable};
use telemetry::Registry;
use wire::remote::Decompressor;

/// The time of the replay: after the entries of the data set, before those of the future.
const NOW_MS: i64 = 1_750_000_000_000;

fn recorded(file: &str) -> Option<Vec<Value>> {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/loki/queries").join(file);
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The limits of `config/push.yaml`.
fn push_limits() -> Limits {
    let mut limits = Limits {
        lines: LineLimits { bytes_max: Some(1024), cut_mark: None },
        metadata: Some(MetadataLimits { bytes_max: Some(512), count_max: Some(5) }),
        ..Limits::default()
    };
    limits.labels.name_bytes_max = 64;
    limits.labels.value_bytes_max = 128;
    limits.labels.count_max = 15;
    limits.times.age_max = None;
    limits.times.first = Some(1_577_836_800_000_000_000);
    limits.append.streams_max = 250;
    limits.rate = Some(TenantRate { per_second: 4e6, burst: 6 << 20 });
    limits
}

struct Server {
    intake: Intake,
    logs: MemoryLogs,
    clock: Arc<SimulatedClock>,
    limits: Arc<Limits>,
}

impl Server {
    fn new(limits: Limits) -> Self {
        let logs = MemoryLogs::new();
        let clock = Arc::new(SimulatedClock::new(NOW_MS));
        let intake = Intake::new(Arc::new(logs.clone()), Arc::clone(&clock) as _, &Registry::new());
        Self { intake, logs, clock, limits: Arc::new(limits) }
    }

    /// Status and text of the answer to a push.
    fn answer(&self, case: &Value) -> (u64, String) {
        let outcome = self.push(case);
        self.clock.advance(std::time::Duration::from_secs(10));
        match outcome {
            Ok(()) => (204, String::new()),
            Err(error) => (u64::from(error.status), error.text),
        }
    }

    fn push(&self, case: &Value) -> Result<(), PushError> {
        let bad = |error: wire::loki::Error| PushError { status: 400, text: error.to_string() };
        let body = body(case);
        let path = case["path"].as_str().unwrap();
        let content_type = case["headers"]["Content-Type"].as_str().unwrap();
        let mut decompressor = Decompressor::default();
        if path == "/otlp/v1/logs" {
            let body = wire::otlp::json::logs_to_protobuf(&body).unwrap();
            let now = NOW_MS * 1_000_000;
            let push = wire::otlp::logs::logs(&body, &OtlpRules::default(), now).map_err(bad)?;
            return self.intake.push("fake", &push, Format::Otlp, &self.limits);
        }
        let push = if content_type.starts_with("application/json") {
            wire::loki::json(&body).map_err(bad)?
        } else {
            let body = decompressor.decompress(&body, 1 << 20).map_err(|error| bad(error.into()))?;
            wire::loki::protobuf(body).map_err(bad)?
        };
        self.intake.push("fake", &push, Format::Loki, &self.limits)
    }

    /// What a selector finds: entries by all labels, those of structured metadata among them.
    fn found(&self, matchers: &[Matcher]) -> BTreeMap<BTreeMap<String, String>, Vec<(String, String)>> {
        let querier = self.logs.log_querier("fake", EntryRange::ALL).unwrap();
        let blocks = querier.select(matchers).unwrap();
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut columns = EntryColumns::default();
        for (number, header) in blocks.blocks().iter().enumerate() {
            blocks.read(number, &Columns::ALL, &mut columns).unwrap();
            let stream = &blocks.streams()[header.stream];
            for row in 0..columns.rows {
                let metadata = columns.metadata.iter().filter_map(|column| {
                    column.get(row).map(|value| (column.name.to_string(), value.to_owned()))
                });
                let own = stream.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                let line = String::from_utf8_lossy(columns.line(row)).into_owned();
                let labels = metadata.chain(own).collect();
                found.entry(labels).or_default().push((columns.timestamps[row].to_string(), line));
            }
        }
        found
    }
}

fn body(case: &Value) -> Vec<u8> {
    match (&case["body_text"], &case["body_b64"]) {
        (Value::String(text), _) => with_times(text).into_bytes(),
        (_, Value::String(text)) => base64::prelude::BASE64_STANDARD.decode(text).unwrap(),
        _ => Vec::new(),
    }
}

/// Puts the times of the replay where `${ns}`, `${ns_m5}` and `${ns_p5}` stand.
fn with_times(text: &str) -> String {
    let mut out = text.replace("${ns}", &(NOW_MS * 1_000_000).to_string());
    while let Some((before, rest)) = out.split_once("${ns_") {
        let (offset, after) = rest.split_once('}').unwrap();
        let seconds: i64 = offset[1..].parse().unwrap();
        let seconds = if offset.starts_with('m') { -seconds } else { seconds };
        out = format!("{before}{}{after}", (NOW_MS + seconds * 1000) * 1_000_000);
    }
    out
}

/// The matchers of a query that is a selector alone.
fn selector(case: &Value) -> Vec<Matcher> {
    let query = case["params"].as_array().unwrap().iter().find(|pair| pair[0] == "query").unwrap();
    promql_syntax::parse_metric_selector(query[1].as_str().unwrap()).unwrap()
}

fn expected_entries(case: &Value) -> BTreeMap<BTreeMap<String, String>, Vec<(String, String)>> {
    let body = match &case["body"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        body => body.clone(),
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let streams = body["data"]["result"].as_array().unwrap().iter().map(|stream| {
        let labels =
            stream["stream"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value)));
        let values = stream["values"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1])));
        (labels.collect(), values.collect())
    });
    streams.collect()
}

/// Whether a text is as recorded; `re:` begins a regular expression in the notation of Python.
fn same_text(recorded: &str, found: &str, path: &str) -> bool {
    let recorded = recorded.strip_suffix('\n').unwrap_or(recorded);
    if let Some(pattern) = recorded.strip_prefix("re:") {
        let pattern = pattern.trim_end_matches('\\').replace("\\ ", " ").replace("\\\n", "\n");
        return go_regex::Regex::anchored(&pattern).unwrap().is_match(found);
    }
    // Before the text stand the bytes of the message that holds it.
    if path == "/otlp/v1/logs" { recorded.ends_with(found) } else { recorded == found }
}

fn replay(files: &[&str], limits: Limits, skipped: &[&str]) {
    let server = Server::new(limits);
    let mut failures = Vec::new();
    for case in files.iter().filter_map(|file| recorded(file)).flatten() {
        if !skipped.contains(&case["id"].as_str().unwrap()) {
            failures.extend(failure(&server, &case));
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// In what the answer to a recorded request differs.
fn failure(server: &Server, case: &Value) -> Option<String> {
    let (id, status) = (case["id"].as_str().unwrap(), case["status"].as_u64().unwrap());
    if case["method"] == "GET" {
        // Names that are not valid make the original's own answer fail.
        if status != 200 {
            return None;
        }
        let (found, expected) = (server.found(&selector(case)), expected_entries(case));
        return (found != expected).then(|| format!("{id}: {found:?} in place of {expected:?}"));
    }
    let (found, text) = server.answer(case);
    let recorded = case["body"].as_str().unwrap_or_default();
    let same = case["compare"] == "status" || same_text(recorded, &text, case["path"].as_str().unwrap());
    (found != status || !same).then(|| format!("{id}: {found} {text:?} in place of {status} {recorded:?}"))
}

#[test]
fn pushes_to_one_server_until_it_has_too_many_streams() {
    // Those are answered before a body is looked at: kinds and encodings of bodies.
    let skipped = ["push-162", "push-164", "push-167", "push-168"];
    replay(&["push.jsonl", "otlp.jsonl", "push_streams.jsonl"], push_limits(), &skipped);
}

#[test]
fn pushes_under_strict_limits() {
    let rate = Some(TenantRate { per_second: 0.01 * 1_048_576.0, burst: 20_971 });
    let limits = Limits { rate, ..Limits::default() };
    // The store in memory knows no rates of streams.
    replay(&["push_strict.jsonl"], limits, &["push_strict-006"]);
}

#[test]
fn levels_of_the_data_set_are_those_of_the_recorded_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/loki");
    let Ok(dataset) = std::fs::read_dir(folder.join("dataset")) else { return };
    let mut limits = Limits::default();
    limits.times.age_max = None;
    let server = Server::new(limits);
    let mut paths: Vec<PathBuf> = dataset.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        if name.ends_with(".json") {
            let push = wire::loki::json(text.as_bytes()).unwrap();
            server.intake.push("fake", &push, Format::Loki, &server.limits).unwrap();
        } else if name.ends_with(".b64") {
            let body = base64::prelude::BASE64_STANDARD.decode(text.trim()).unwrap();
            let mut decompressor = Decompressor::default();
            let push = wire::loki::protobuf(decompressor.decompress(&body, 1 << 28).unwrap()).unwrap();
            server.intake.push("fake", &push, Format::Loki, &server.limits).unwrap();
        }
    }
    let stored = server.found(&[]);
    let mut levels: BTreeMap<(String, String), Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for (labels, entries) in &stored {
        for entry in entries {
            levels.entry(entry.clone()).or_default().push(labels.clone());
        }
    }
    let mut compared = 0;
    for case in recorded("selectors.jsonl").unwrap().iter().chain(&recorded("line_filters.jsonl").unwrap()) {
        if case["status"] != 200
            || case["body"]["data"]["resultType"] != "streams" && !case["body"].is_string()
        {
            continue;
        }
        for (labels, entries) in expected_entries(case) {
            for entry in entries {
                assert!(
                    levels.get(&entry).is_some_and(|found| found.contains(&labels)),
                    "{}: {entry:?} of {labels:?}",
                    case["id"]
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "only {compared} entries were compared");
}
