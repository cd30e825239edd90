//! The same answers wherever the entries are: in memory, in parts, merged, after a restart, in blocks of other sizes; and
//! a span of time answers what its pieces answer.

use std::sync::Arc;

use logql_engine::metric::{self, MetricAnswer};
use logql_engine::pipeline::Order;
use logql_engine::{Control, Limits, LogQuery, LogStream, query_logs};
use logql_syntax::{Expr, Options, parse, parse_log};
use logstore::{LogStore, Settings};
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use platform::{CancelFlag, MemoryBudget};
use storage::logs::{EntryRange, LogQueryable};

use super::store::*;

const MINUTE: i64 = 60_000_000_000;
const STREAMS: i64 = 6;
const ROWS: i64 = 72;
/// Behind the last entry: a day and some hours.
const END: i64 = NOON + STREAMS * ROWS * 4 * MINUTE;

const LOG_QUERIES: [&str; 14] = [
    "{}",
    r#"{app="app-1"}"#,
    r#"{app=~"app-[135]", host!="h2"}"#,
    r#"{} |= "row 4""#,
    r#"{} |= "no such words" or "status=500""#,
    r#"{} != "status=200" |~ "(?i)ROW [0-9]*5$""#,
    r#"{} |> "<_>status=404<_>""#,
    "{} | logfmt | status >= 500",
    r#"{app=~"app-[02]"} | json | took="7ms" or status="404""#,
    r#"{} | level="warn" | line_format "{{.app}} {{__line__}}""#,
    r#"{} | trace!="" | keep app, trace"#,
    r#"{} |= "two\nlines""#,
    r#"{} | regexp "row (?P<row>\\d+)" | row > 40 | label_format twice="{{.row}}{{.row}}""#,
    "{} | pattern `<_>status=<code> <_>` | code=`404` | drop level",
];

const METRIC_QUERIES: [&str; 12] = [
    "sum(count_over_time({}[6h]))",
    "count_over_time({}[1h])",
    "sum by (app) (bytes_over_time({}[3h]))",
    r#"sum by (level) (count_over_time({} |= "row" [6h]))"#,
    r#"sum(count_over_time({} |= "status=500" [2h]))"#,
    "sum by (status) (count_over_time({} | logfmt [6h]))",
    "max by (app) (max_over_time({} | logfmt | unwrap status | __error__=`` [6h]))",
    "sum(sum_over_time({} | logfmt | unwrap duration(took) | __error__=`` [12h])) * 1000 > bool 0",
    "topk(2, sum by (app) (count_over_time({}[7h])))",
    r#"absent_over_time({app="nowhere"}[1h])"#,
    "first_over_time({} | logfmt | unwrap status | __error__=`` [6h]) by (app)",
    "count(rate({}[5h]))",
];

/// Entries of all kinds, no two of the same time, in and out of order, some of them twice; `between` is called eight times.
fn fill_in_steps(store: &LogStore, mut between: impl FnMut(i64)) {
    let batch = |stream: i64, step: i64| -> Vec<Entry> {
        (0..ROWS)
            .filter(|number| number % 8 == step)
            .map(|number| entry_of(stream, number * 37 % ROWS))
            .collect()
    };
    for step in 0..8 {
        for stream in 0..STREAMS {
            let labels = labels(&[("app", &format!("app-{stream}")), ("host", &format!("h{}", stream % 3))]);
            push(store, &labels, &batch(stream, step));
            push(store, &labels, &batch(stream, step / 2));
        }
        between(step);
    }
}

fn entry_of(stream: i64, row: i64) -> Entry {
    let time = NOON + (row * STREAMS + stream) * 4 * MINUTE;
    let status = [200, 200, 404, 500][(row % 4) as usize];
    let line = match stream % 3 {
        0 => format!(r#"{{"status":{status},"took":"{}ms","text":"row {row}"}}"#, row % 9),
        1 => format!("status={status} took={}ms text=\"row {row}\" row {row}", row % 9),
        _ if row % 11 == 5 => format!("two\nlines status={status} of row {row}"),
        _ => format!("plain status={status} and more, row {row}"),
    };
    let mut metadata = vec![("level".to_owned(), ["info", "warn"][(row % 2) as usize].to_owned())];
    if row % 3 == 0 {
        metadata.push(("trace".to_owned(), format!("{:032x}", row * 1_234_567 + stream)));
    }
    (time, line, metadata)
}

fn control() -> Control {
    let limits = Limits { threads: 2, series_max: None, ..Limits::default() };
    Control::new(
        Arc::new(SimulatedClock::new(0)),
        limits,
        CancelFlag::new(),
        Arc::new(MemoryBudget::default()),
    )
}

fn lines(store: &LogStore, query: &str, range: EntryRange, limit: usize, order: Order) -> Vec<LogStream> {
    let expr = parse_log(query, Options::default()).unwrap();
    let query = LogQuery { expr: &expr, limit, order, interval: 0, categorize: true, now: END };
    query_logs(&*store.log_querier(TENANT, range).unwrap(), &query, &control()).unwrap().streams
}

fn numbers(store: &LogStore, query: &str, (start, end): (i64, i64), step: i64) -> MetricAnswer {
    let Expr::Metric(expr) = parse(query, Options::default()).unwrap() else { panic!("no numbers: {query}") };
    let querier = |range: EntryRange| store.log_querier(TENANT, range);
    metric::query_range(&querier, &expr, (start, end), step, &control()).unwrap()
}

/// Everything that the queries answer.
fn answers(store: &LogStore) -> (Vec<Vec<LogStream>>, Vec<MetricAnswer>) {
    let mut logs = Vec::new();
    for query in LOG_QUERIES {
        for order in [Order::Forward, Order::Backward] {
            logs.push(lines(store, query, EntryRange::ALL, usize::MAX, order));
            logs.push(lines(
                store,
                query,
                EntryRange::new(NOON + 700 * MINUTE, END - 500 * MINUTE),
                17,
                order,
            ));
        }
    }
    let spans = [((NOON, END), 3 * 60 * MINUTE), ((NOON + 90 * MINUTE, NOON + 900 * MINUTE), 7 * MINUTE)];
    let metrics = METRIC_QUERIES
        .iter()
        .flat_map(|query| spans.map(|(span, step)| numbers(store, query, span, step)))
        .collect();
    (logs, metrics)
}

fn assert_same(store: &LogStore, expected: &(Vec<Vec<LogStream>>, Vec<MetricAnswer>), state: &str) {
    let found = answers(store);
    for (place, (found, expected)) in found.0.iter().zip(&expected.0).enumerate() {
        assert_eq!(found, expected, "{state}: {}", LOG_QUERIES[place / 4]);
    }
    for (place, (found, expected)) in found.1.iter().zip(&expected.1).enumerate() {
        assert_eq!(found, expected, "{state}: {}", METRIC_QUERIES[place / 2]);
    }
}

#[test]
fn queries_answer_the_same_wherever_the_entries_are() {
    let memory = open(&SimulatedFileSystem::new());
    fill_in_steps(&memory, |_| {});
    let expected = answers(&memory);
    assert!(expected.0.iter().all(|streams| !streams.is_empty()));
    for (place, answer) in expected.1.iter().enumerate() {
        let MetricAnswer::Matrix(series) = answer else { panic!("no matrix: {}", METRIC_QUERIES[place / 2]) };
        let has_points = series.iter().any(|series| !series.points.is_empty());
        assert!(has_points, "nothing to compare: {}", METRIC_QUERIES[place / 2]);
    }
    let medium = Settings { block_bytes_max: 2_000, frame_bytes_min: 1_500, ..Settings::default() };
    for (name, settings) in [("large", Settings::default()), ("medium", medium), ("small", small())] {
        let disk = SimulatedFileSystem::new();
        let store = open_with(&disk, settings.clone());
        fill_in_steps(&store, |step| {
            if step == 2 || step == 5 {
                store.flush().unwrap();
            }
        });
        assert_same(&store, &expected, &format!("{name} blocks, parts and memory"));
        let again = open_with(&disk.process_image(), settings.clone());
        assert_same(&again, &expected, &format!("{name} blocks, after a restart"));
        store.flush().unwrap();
        assert_same(&store, &expected, &format!("{name} blocks, parts"));
        let disk = SimulatedFileSystem::new();
        let store = open_at(&disk, settings.clone(), 10);
        fill_in_steps(&store, |_| store.flush().unwrap());
        let before = part_files(&disk);
        store.maintain().unwrap();
        assert!(part_files(&disk) * 4 < before, "{before}");
        assert_same(&store, &expected, &format!("{name} blocks, merged"));
        let again = open_with(&disk.process_image(), settings);
        assert_same(&again, &expected, &format!("{name} blocks, merged, after a restart"));
    }
}

#[test]
fn a_span_answers_what_its_pieces_answer() {
    let store = open_with(&SimulatedFileSystem::new(), small());
    fill_in_steps(&store, |step| {
        if step == 3 {
            store.flush().unwrap();
        }
    });
    for pieces in [2, 3, 7, 31] {
        let bound = |piece: i64| NOON + (END - NOON) * piece / pieces;
        for query in LOG_QUERIES {
            let count = |range| -> usize {
                let streams = lines(&store, query, range, usize::MAX, Order::Forward);
                streams.iter().map(|stream| stream.entries.len()).sum()
            };
            let whole = count(EntryRange::new(NOON, END));
            let sum: usize =
                (0..pieces).map(|piece| count(EntryRange::new(bound(piece), bound(piece + 1)))).sum();
            assert_eq!(sum, whole, "{query} in {pieces} pieces");
        }
    }
    // A window is open at its start: windows side by side hold every entry behind the first start once.
    for query in
        ["sum(count_over_time({}[W]))", r#"sum(count_over_time({} |= "row" | logfmt | status > 1 [W]))"#]
    {
        let total = |window: &str, step: i64| -> f64 {
            let start = NOON - 60 * MINUTE + step;
            let end = start + (END - NOON + 120 * MINUTE) / step * step;
            let MetricAnswer::Matrix(series) =
                numbers(&store, &query.replace('W', window), (start, end), step)
            else {
                panic!("no matrix")
            };
            series.iter().flat_map(|series| &series.points).map(|(_, value)| value).sum()
        };
        let totals = [("10m", 10), ("1h", 60), ("5h", 300), ("12h", 720)]
            .map(|(window, minutes)| total(window, minutes * MINUTE));
        assert!(totals[0] > 100.0 && totals.iter().all(|one| *one == totals[0]), "{query}: {totals:?}");
    }
}
