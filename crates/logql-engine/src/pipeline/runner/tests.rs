//! Tests of what is done for one row at most.

use super::*;
use crate::pipeline::CompileOptions;

/// What the stages say is wrong with a line.
fn error(stages: &str, line: &str) -> String {
    let text = format!("{{a=\"b\"}} {stages}");
    let log = logql_syntax::parse_log(&text, logql_syntax::Options::default()).unwrap();
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).unwrap();
    let mut columns = EntryColumns { rows: 1, timestamps: vec![0], ..EntryColumns::default() };
    columns.push_line(line.as_bytes());
    let mut found = String::new();
    let _ = Runner::new(&pipeline).run(&Labels::empty(), &columns, &mut |row| {
        row.labels.error().clone_into(&mut found);
        ControlFlow::Continue(())
    });
    found
}

/// The labels that stages give a line.
fn labels(stages: &str, line: &str) -> Vec<(String, String)> {
    let log =
        logql_syntax::parse_log(&format!("{{a=\"b\"}} {stages}"), logql_syntax::Options::default()).unwrap();
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).unwrap();
    let mut columns = EntryColumns { rows: 1, timestamps: vec![0], ..EntryColumns::default() };
    columns.push_line(line.as_bytes());
    let mut found = Vec::new();
    let _ = Runner::new(&pipeline).run(&Labels::empty(), &columns, &mut |row| {
        found = row.labels.iter().map(|label| (label.name.to_owned(), label.value.to_owned())).collect();
        ControlFlow::Continue(())
    });
    found.sort();
    found
}

#[test]
fn groups_that_took_nothing_give_no_label() {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(labels(r#"| regexp "(?P<n>[0-9]*)(?P<w>[a-z]+)""#, "abc"), pairs(&[("w", "abc")]));
    assert_eq!(labels(r#"| regexp "(?P<x>x)?(?P<w>[a-z]+)""#, "abc"), pairs(&[("w", "abc")]));
    // Captures of patterns may be empty.
    assert_eq!(labels(r#"| pattern "a=<a> b=<b>""#, "a= b=2"), pairs(&[("a", ""), ("b", "2")]));
}

#[test]
fn paths_of_json_count_as_often_as_they_read_a_line() {
    let keys: Vec<String> = (0..20_000).map(|key| format!("\"k{key}\":\"v\"")).collect();
    let long = format!("{{{}}}", keys.join(","));
    let paths = |count: usize| {
        let paths: Vec<String> = (0..count).map(|label| format!("l{label}=\"a.a\"")).collect();
        format!("| json {}", paths.join(","))
    };
    assert_eq!(error(&paths(8000), &long), ROW_ERROR);
    assert_eq!(error(&paths(100), &long), "");
    assert_eq!(error(&paths(8000), "{}"), "");
}

#[test]
fn paths_that_lead_to_one_large_value_are_bounded() {
    let line = format!("{{\"a\":{{\"b\":\"{}\"}}}}", "x".repeat(30_000));
    let paths = |count: usize| {
        let paths: Vec<String> = (0..count).map(|label| format!("l{label}=\"a\"")).collect();
        format!("| json {}", paths.join(","))
    };
    assert_eq!(error(&paths(1000), &line), ROW_ERROR);
    assert_eq!(error(&paths(100), &line), "");
}

/// Tells a later time at each look.
#[derive(Debug)]
struct Passing(std::sync::atomic::AtomicU64);

impl platform::Clock for Passing {
    fn now_ms(&self) -> i64 {
        0
    }

    fn monotonic(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

#[test]
fn stages_of_one_line_end_where_the_time_of_the_query_does() {
    let stages = "| logfmt ".repeat(10_000);
    let log =
        logql_syntax::parse_log(&format!("{{a=\"b\"}} {stages}"), logql_syntax::Options::default()).unwrap();
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).unwrap();
    let mut columns = EntryColumns { rows: 1, timestamps: vec![0], ..EntryColumns::default() };
    columns.push_line(b"a=b");
    let seen_within = |seconds| {
        let limits =
            crate::Limits { timeout: std::time::Duration::from_secs(seconds), ..crate::Limits::default() };
        let clock = std::sync::Arc::new(Passing(0.into()));
        let control = Control::new(clock, limits, platform::CancelFlag::new(), std::sync::Arc::default());
        let mut seen = 0;
        let flow = Runner::new(&pipeline).checked_by(&control).run(&Labels::empty(), &columns, &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        });
        (flow.is_break(), seen)
    };
    // Ten thousand stages are looked at nine times.
    assert_eq!(seen_within(5), (true, 0));
    assert_eq!(seen_within(50), (false, 1));
}
