//! Queries end where they must.

use platform::CancelFlag;
use promql_engine::{Answer, Error, ErrorKind, Query, QueryOptions, SeriesColumns, Settings, Value};
use promql_syntax::{Options, parse_expr};

use crate::data::{Bench, settings};

#[test]
fn a_cancelled_query_ends() {
    let bench = Bench::with(settings(), "x 1");
    let expr = parse_expr("x", Options::ALL).unwrap();
    let cancel = CancelFlag::new();
    cancel.cancel();
    let options = QueryOptions { cancel, ..QueryOptions::default() };
    let query = Query { text: "x", expr: &expr };
    let error = bench.engine.instant(&bench.store, &query, 0, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Canceled);
    assert_eq!(error.to_string(), "query was canceled in expression evaluation");
}

#[test]
fn more_samples_than_allowed_are_refused() {
    let bench = Bench::with(Settings { samples_max: 5, ..settings() }, "x 1 2 3 4 5 6 7 8");
    assert_eq!(bench.range("x", (0, 70, 10)).unwrap_err(), Error::TooManySamples);
    assert!(bench.range("x", (0, 40, 10)).is_ok());
}

#[test]
fn more_bytes_than_allowed_are_refused() {
    let bench = Bench::with(Settings { bytes_max: 1000, ..settings() }, "x 1 2 3 4 5 6 7 8");
    let error = bench.range("x", (0, 10_000, 10)).unwrap_err();
    assert_eq!(error, Error::TooManyBytes { bytes_max: 1000 });
}

/// A column for as many steps was asked of the allocator at once, which ended the process.
#[test]
fn more_steps_than_memory_has_room_for_are_refused() {
    let bench = Bench::with(settings(), "x 1 2 3");
    let refused = Error::TooManyBytes { bytes_max: settings().bytes_max };
    for query in [
        "count_over_time(vector(time())[100y:1ms])",
        "max_over_time((x + on() vector(1))[100y:1ms])",
        "absent_over_time(absent(x)[290y:1ms])",
        "max_over_time(max_over_time(vector(time())[5000d:1s])[30d:1ms])",
    ] {
        assert_eq!(bench.range(query, (0, 10_000, 10_000)).unwrap_err(), refused, "{query}");
    }
    assert_eq!(bench.range("time()", (-9_223_372_036_854, 10_000, 1)).unwrap_err(), refused);
    assert!(bench.range("count_over_time(vector(time())[1d:1s])", (0, 10_000, 10_000)).is_ok());
}

#[test]
fn several_threads_give_the_same_answer() {
    let series: String = (0..300)
        .map(|number| format!("x{{n=\"{number}\",g=\"{}\"}} 0+{}x20\n", number % 7, f64::from(number) / 7.0))
        .collect();
    let one = Bench::with(settings(), &series);
    for threads in [2, 7] {
        let several = Bench::with(Settings { threads, ..settings() }, &series);
        for query in [
            "x",
            "sum(x)",
            "avg(rate(x[1m]))",
            "stddev(x)",
            "quantile(0.3, x)",
            "sum by (g) (rate(x[1m]))",
            "topk by (g) (2, x)",
            "x and x > 10",
            "x + x",
            "count_values(\"v\", x > 50)",
        ] {
            let [one, several] =
                [&one, &several].map(|bench| floats(&bench.range(query, (0, 200, 10)).unwrap()));
            assert_eq!(one.len(), several.len(), "{query} on {threads} threads");
            for (one, several) in one.iter().zip(&several) {
                let near = (one.2 - several.2).abs() <= 1e-14 * one.2.abs();
                assert!((&one.0, one.1) == (&several.0, several.1) && near, "{query} on {threads} threads");
            }
        }
    }
}

/// Labels, times and values of an answer.
fn floats(answer: &Answer) -> Vec<(String, i64, f64)> {
    let Value::Matrix(series) = &answer.value else { panic!("no matrix") };
    let points = |series: &SeriesColumns| -> Vec<_> {
        series.floats().map(|(time, value)| (series.labels.to_string(), time, value)).collect()
    };
    series.iter().flat_map(points).collect()
}
