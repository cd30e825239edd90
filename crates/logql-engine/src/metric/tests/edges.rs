//! Limits, errors, and what the recorded answers do not show.

use logql_syntax::{Expr, Options};
use model::Labels;
use storage::logs::memory::MemoryLogs;
use storage::logs::{AppendRules, EntryAppendable, EntryRef, StreamEntries};

use super::super::MetricAnswer;
use super::{Asked, dataset};
use crate::Error;

fn expr(query: &str) -> Expr {
    logql_syntax::parse(query, Options::default()).unwrap()
}

/// Entries of two hosts at seconds 1 to 4, their second as metadata.
fn logs() -> MemoryLogs {
    let logs = MemoryLogs::new();
    for host in ["a", "b"] {
        let labels = Labels::from_pairs([("app", "x"), ("host", host)]);
        for second in 1..=4i64 {
            let text = if second == 4 { "none".to_owned() } else { second.to_string() };
            let metadata = [("second", text.as_str())];
            let entries =
                [EntryRef { timestamp: second * 1_000_000_000, line: b"line", metadata: &metadata }];
            let push = [StreamEntries { labels: &labels, entries: &entries, hint: None }];
            logs.append(dataset::TENANT, &push, &AppendRules::default()).unwrap();
        }
    }
    logs
}

fn instant(query: &str, second: i64) -> crate::Result<MetricAnswer> {
    Asked::of(&logs()).instant(&expr(query), second * 1_000_000_000)
}

fn values(query: &str, second: i64) -> Vec<f64> {
    match instant(query, second).unwrap() {
        MetricAnswer::Vector { elements, .. } => elements.into_iter().map(|(_, value)| value).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn windows_hold_their_end_and_not_their_start() {
    assert_eq!(values(r#"sum(count_over_time({app="x"}[2s]))"#, 3), [4.0]);
    assert_eq!(values(r#"sum(count_over_time({app="x"}[1s]))"#, 3), [2.0]);
    assert!(values(r#"sum(count_over_time({app="x"}[2s]))"#, 9).is_empty());
    assert_eq!(values(r#"sum(count_over_time({app="x"}[2s] offset 1s))"#, 3), [4.0]);
    assert_eq!(values(r#"sum(count_over_time({app="x"}[1s] offset -1s))"#, 3), [2.0]);
}

#[test]
fn a_text_that_is_no_number_fails_the_query_unless_it_is_filtered() {
    let error = instant(r#"sum_over_time({app="x"} | unwrap second [10s])"#, 5).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("pipeline error: 'SampleExtractionErr' for series: '{"), "{text}");
    assert_eq!(values(r#"sum(sum_over_time({app="x"} | unwrap second | __error__="" [10s]))"#, 5), [12.0]);
    // Rows outside of the window do not count, broken ones neither.
    assert_eq!(values(r#"sum(sum_over_time({app="x"} | unwrap second [2s]))"#, 3), [10.0]);
}

#[test]
fn log_queries_are_no_instant_queries() {
    assert_eq!(instant(r#"{app="x"}"#, 1).unwrap_err(), Error::LogQueryAsInstant);
}

#[test]
fn series_are_counted_in_the_answer() {
    let logs = logs();
    let mut asked = Asked::of(&logs);
    asked.limits.series_max = Some(1);
    let time = 5_000_000_000;
    let refused = asked.instant(&expr(r#"sum by (host) (count_over_time({app="x"}[10s]))"#), time);
    assert_eq!(refused.unwrap_err(), Error::TooManySeries(1));
    assert!(asked.instant(&expr(r#"count(count_over_time({app="x"}[10s]))"#), time).is_ok());
    assert!(
        asked.instant(&expr(r#"topk(1, sum by (host) (count_over_time({app="x"}[10s])))"#), time).is_ok()
    );
}

#[test]
fn a_cancelled_query_ends() {
    let logs = logs();
    let asked = Asked::of(&logs);
    let cancel = platform::CancelFlag::new();
    cancel.cancel();
    let memory = std::sync::Arc::new(platform::MemoryBudget::new(1 << 30));
    let clock = std::sync::Arc::new(platform::simulated::SimulatedClock::new(0));
    let control = crate::Control::new(clock, asked.limits.clone(), cancel, memory);
    let open = |range| storage::logs::LogQueryable::log_querier(&logs, dataset::TENANT, range);
    let answer = super::query_instant(&open, &expr(r#"rate({app="x"}[10s])"#), 5_000_000_000, &control);
    assert_eq!(answer.unwrap_err(), Error::Canceled);
}

#[test]
fn counters_begin_a_little_before_their_first_sample() {
    let query = r#"rate_counter({app="x"} | unwrap second | __error__="" | host="a" [10s])"#;
    let rates = values(query, 5);
    // An increase of 2 within two seconds, and what ten microseconds more would add.
    assert_eq!(rates.len(), 1);
    assert!((rates[0] - 0.200_001).abs() < 1e-12, "{rates:?}");
    assert_eq!(values(query, 11), [0.1 * (1.0 + 1e-5)]);
}

#[test]
fn variants_are_told_apart_by_a_label() {
    let query = r#"variants(sum by (host) (count_over_time({app="x"}[10s])), sum(bytes_over_time({app="x"}[2s])), 7) of ({app="x", host="a"}[10s])"#;
    let MetricAnswer::Vector { elements, .. } = instant(query, 5).unwrap() else { panic!("no vector") };
    let found: Vec<(String, f64)> =
        elements.into_iter().map(|(labels, value)| (labels.to_string(), value)).collect();
    let expected = [
        (r#"{__variant__="0", host="a"}"#.to_owned(), 4.0),
        (r#"{__variant__="1"}"#.to_owned(), 4.0),
        (r#"{__variant__="2"}"#.to_owned(), 7.0),
    ];
    assert_eq!(found, expected);
    // The common stages come before a query's own, and where they are the same they are gone through once.
    let filtered = r#"variants(count_over_time({app="x"} | second="2" [10s]), sum(count_over_time({app="x"}[10s]))) of ({host="b"} | second="2" [10s])"#;
    assert_eq!(values(filtered, 5), [1.0, 1.0]);
}
