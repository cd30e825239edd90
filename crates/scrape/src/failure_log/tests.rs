//! Which failures stand in the log, by what a real Prometheus 3.5.3 writes of the same targets.

use std::path::Path;
use std::sync::Arc;

use discovery::TargetGroup;
use http_client::Error as FetchError;
use model::Labels;
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use serde_json::{Value, json};

use super::{FailureLogs, FailureSlot};
use crate::target::{Populated, populate};
use crate::{JobSettings, ScrapeError, Target};

fn target() -> Target {
    let group = TargetGroup::of_addresses("0", ["127.0.0.1:1"], Labels::empty());
    let Ok(Populated::Target(target)) = populate(&JobSettings::new("a"), &group, &group.targets[0]) else {
        panic!("no target")
    };
    *target
}

fn lines(files: &dyn FileSystem, path: &Path) -> Vec<Value> {
    let text = String::from_utf8(files.read(path, 1 << 20).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_target_that_does_not_answer_costs_a_line_and_a_bad_answer_none() {
    let (files, clock) = (SimulatedFileSystem::new(), SimulatedClock::new(1_795_349_588_327));
    let path = Path::new("/fail.log");
    let slot = FailureSlot::default();
    let refused = ScrapeError::Status("404 Not Found".to_owned());
    slot.note(&clock, &target(), &refused);
    slot.set(FailureLogs::default().open(&files, Some(path)).unwrap());
    slot.note(&clock, &target(), &refused);
    let format = wire::exposition::negotiate(Some("image/png"), None).unwrap_err();
    slot.note(&clock, &target(), &ScrapeError::ContentType(format));
    slot.note(&clock, &target(), &ScrapeError::Fetch(FetchError::BodyTooLarge { limit: 10 }));
    let line = |text: &str| {
        json!({"time": "2026-11-22T12:13:08.327Z", "level": "ERROR", "msg": text, "job_name": "a",
            "target": "http://127.0.0.1:1/metrics"})
    };
    assert_eq!(
        lines(&files, path),
        [line("server returned HTTP status 404 Not Found"), line("body size limit exceeded")]
    );
    slot.set(None);
    slot.note(&clock, &target(), &refused);
    assert_eq!(lines(&files, path).len(), 2);
}

#[test]
fn a_file_is_open_once_and_made_again_where_it_was_moved_away() {
    let (files, clock) = (SimulatedFileSystem::new(), SimulatedClock::new(0));
    let (path, moved) = (Path::new("/fail.log"), Path::new("/fail.1"));
    let refused = ScrapeError::Status("500".to_owned());
    let slot = FailureSlot::default();
    for round in 1..3 {
        let mut logs = FailureLogs::default();
        let (one, other) = (logs.open(&files, Some(path)).unwrap(), logs.open(&files, Some(path)).unwrap());
        assert!(Arc::ptr_eq(&one.clone().unwrap(), &other.unwrap()));
        slot.set(one);
        slot.note(&clock, &target(), &refused);
        assert_eq!(lines(&files, path).len(), round);
    }
    files.rename(path, moved).unwrap();
    slot.note(&clock, &target(), &refused);
    slot.set(FailureLogs::default().open(&files, Some(path)).unwrap());
    slot.note(&clock, &target(), &refused);
    assert_eq!((lines(&files, moved).len(), lines(&files, path).len()), (3, 1));
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let files = SimulatedFileSystem::new();
    let refused = FailureLogs::default().open(&files, Some(Path::new("/no/such/folder/x.log"))).unwrap_err();
    assert!(
        refused.to_string().starts_with(r#"open scrape_failure_log_file "/no/such/folder/x.log": "#),
        "{refused}"
    );
}
