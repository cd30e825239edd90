//! The form of the lines is the one that a real Prometheus writes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use promql_engine::{FinishedQuery, Origin, QueryLog, QueryStats};
use serde_json::{Value, json};

use super::QueryLogFile;

fn finished<'a>(origin: &'a Origin, stats: &'a QueryStats, error: Option<&'a str>) -> FinishedQuery<'a> {
    FinishedQuery {
        text: "up +  on() up",
        start: 1_700_017_200_000,
        end: 1_700_017_230_000,
        step: 15_000,
        origin,
        waited: Duration::from_millis(250),
        stats,
        error,
    }
}

fn lines(files: &dyn FileSystem, path: &Path) -> Vec<Value> {
    let bytes = files.read(path, 1 << 20).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn finished_queries_are_written_line_by_line() {
    let (files, path) = (SimulatedFileSystem::new(), Path::new("/query.log"));
    let log = QueryLogFile::new(Arc::new(SimulatedClock::new(1_700_017_300_040)));
    let stats = QueryStats::default();
    assert!(!log.is_on());
    log.reopen(&files, Some(path)).unwrap();
    assert!(log.is_on());
    let http = Origin::Http {
        client_ip: Some([127, 0, 0, 1].into()),
        method: "GET".to_owned(),
        path: "/api/v1/query_range".to_owned(),
    };
    log.write(&finished(&http, &stats, Some("query timed out in expression evaluation")));
    log.reopen(&files, Some(path)).unwrap();
    let group = Origin::RuleGroup { file: "rules.yml".to_owned(), name: "g1".to_owned() };
    log.write(&finished(&group, &stats, None));
    let [first, second] = lines(&files, path).try_into().unwrap();
    assert_eq!(first["time"], "2023-11-15T03:01:40.040Z");
    assert_eq!(first["msg"], "promql query logged");
    assert_eq!(
        first["params"],
        json!({
            "query": "up +  on() up", "start": "2023-11-15T03:00:00.000Z", "end": "2023-11-15T03:00:30.000Z", "step": 15
        })
    );
    assert_eq!(first["error"], "query timed out in expression evaluation");
    assert_eq!(first["stats"]["timings"]["execQueueTime"], 0.25);
    assert_eq!(first["stats"]["samples"]["peakSamples"], 0);
    assert_eq!(
        first["httpRequest"],
        json!({ "clientIP": "127.0.0.1", "method": "GET", "path": "/api/v1/query_range" })
    );
    assert_eq!(first["ruleGroup"], Value::Null);
    assert_eq!(second["ruleGroup"], json!({ "file": "rules.yml", "name": "g1" }));
    assert_eq!(second.get("error"), None);
}

#[test]
fn a_log_is_off_again_without_a_file() {
    let (files, path) = (SimulatedFileSystem::new(), Path::new("/query.log"));
    let log = QueryLogFile::new(Arc::new(SimulatedClock::new(0)));
    log.reopen(&files, Some(path)).unwrap();
    log.reopen(&files, None).unwrap();
    assert!(!log.is_on());
    log.write(&finished(&Origin::Unknown, &QueryStats::default(), None));
    assert!(lines(&files, path).is_empty());
}
