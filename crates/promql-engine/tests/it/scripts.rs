//! The scripts that Prometheus tests itself with, over the in-memory store.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use platform::simulated::SimulatedClock;
use promql_engine::{Engine, Parts, Query, QueryOptions, SampleValue, Settings, Value};
use promql_syntax::{Expr, Options, parse_expr};
use storage::memory::MemoryStore;
use testkit::promqltest::{
    Answer, AnswerSeries, AnswerValue, LoadedSeries, Point, QueryRange, RunOptions, Subject, SubjectError,
    append_to, run_folder, run_text, settings,
};

/// The engine over a store in memory, under the settings of the scripts.
struct InMemory {
    store: MemoryStore,
    engine: Engine,
}

impl InMemory {
    fn new(threads: usize) -> Self {
        Self::with(Settings {
            lookback: Duration::from_millis(settings::LOOKBACK_MS as u64),
            timeout: Duration::from_millis(settings::TIMEOUT_MS),
            samples_max: settings::SAMPLES_MAX as u64,
            subquery_step: Duration::from_millis(settings::SUBQUERY_STEP_MS as u64),
            delayed_name_removal: true,
            use_start_timestamps: true,
            threads,
            ..Settings::default()
        })
    }

    fn with(settings: Settings) -> Self {
        let clock = Arc::new(SimulatedClock::new(0));
        Self { store: MemoryStore::new(), engine: Engine::new(settings, Parts::alone(clock)) }
    }
}

impl Subject for InMemory {
    fn clear(&mut self) -> Result<(), SubjectError> {
        self.store.clear();
        Ok(())
    }

    fn load(&mut self, series: &[LoadedSeries]) -> Result<(), SubjectError> {
        append_to(&self.store, series).map_err(SubjectError::new)
    }

    fn instant(&mut self, query: &str, at_ms: i64) -> Result<Answer, SubjectError> {
        let expr = parse(query)?;
        let query = Query { text: query, expr: &expr };
        let answer = self.engine.instant(&self.store, &query, at_ms, &QueryOptions::default());
        answer.map(converted).map_err(SubjectError::new)
    }

    fn range(&mut self, query: &str, range: QueryRange) -> Result<Answer, SubjectError> {
        let expr = parse(query)?;
        let query = Query { text: query, expr: &expr };
        let steps = (range.start_ms, range.end_ms, range.step_ms);
        let answer = self.engine.range(&self.store, &query, steps, &QueryOptions::default());
        answer.map(converted).map_err(SubjectError::new)
    }
}

fn parse(query: &str) -> Result<Expr, SubjectError> {
    parse_expr(query, Options::ALL).map_err(SubjectError::new)
}

fn converted(answer: promql_engine::Answer) -> Answer {
    let value = match answer.value {
        Value::Scalar { value, .. } => AnswerValue::Scalar(value),
        Value::String { text, .. } => AnswerValue::String(text),
        Value::Vector(samples) => AnswerValue::Vector(
            samples
                .into_iter()
                .map(|sample| {
                    let point = match sample.value {
                        SampleValue::Float(value) => Point::Float(value),
                        SampleValue::Histogram(histogram) => Point::Histogram(histogram),
                    };
                    (sample.labels, point)
                })
                .collect(),
        ),
        Value::Matrix(series) => AnswerValue::Matrix(series.iter().map(converted_series).collect()),
    };
    let texts = |texts: &[String]| texts.to_vec();
    Answer { value, warnings: texts(answer.annotations.warnings()), infos: texts(answer.annotations.infos()) }
}

fn converted_series(series: &promql_engine::SeriesColumns) -> AnswerSeries {
    let mut points: Vec<(i64, Point)> =
        series.floats().map(|(time, value)| (time, Point::Float(value))).collect();
    points.extend(
        series.histograms().map(|(time, histogram)| (time, Point::Histogram(Arc::new(histogram.clone())))),
    );
    points.sort_by_key(|(time, _)| *time);
    AnswerSeries { labels: series.labels.clone(), points }
}

/// Runs the scripts of a folder of this repository; all must pass.
fn run_own(folder: &str, options: RunOptions, settings: Settings) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/promql").join(folder);
    let report = run_folder(&folder, options, &mut InMemory::with(settings)).unwrap();
    assert!(report.failures.is_empty() && report.passed > 0, "{report}");
}

#[test]
fn scripts_under_default_settings() {
    for threads in [1, 3] {
        run_own("default", RunOptions::default(), Settings { threads, ..Settings::default() });
    }
}

#[test]
fn scripts_of_small_budgets() {
    let options = RunOptions { repeat_instants: false };
    run_own("samples-max-50", options, Settings { samples_max: 50, ..Settings::default() });
}

/// Runs a script file; what failed, as text.
#[expect(clippy::disallowed_methods, reason = "a test reads its data where it lies")]
fn failures_of(file: &str, threads: usize) -> String {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus/promqltest");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let report = run_text(file, &text, &mut InMemory::new(threads));
    assert!(report.passed > 0, "{file}: nothing was evaluated");
    if report.failures.is_empty() { String::new() } else { report.to_string() }
}

macro_rules! scripts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let file = concat!(stringify!($name), ".test");
            for threads in [1, 3] {
                let failures = failures_of(file, threads);
                assert!(failures.is_empty(), "on {threads} threads:\n{failures}");
            }
        })*
    };
}

scripts! {
    aggregators
    at_modifier
    collision
    duration_expression
    functions
    histograms
    limit
    literals
    native_histograms
    selectors
    staleness
    start_timestamps
    trig_functions
}

#[test]
fn fill_modifier() {
    let failures = failures_of("fill-modifier.test", 1);
    assert!(failures.is_empty(), "{failures}");
}
