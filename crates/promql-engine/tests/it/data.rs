//! Series in the notation of test scripts, and queries over them.

use std::sync::Arc;
use std::time::Duration;

use platform::simulated::SimulatedClock;
use promql_engine::{Answer, Engine, Parts, Query, QueryOptions, Result, SampleValue, Settings, Value};
use promql_syntax::{Options, SeriesValue, SeriesValues, parse_expr, parse_series_description};
use storage::memory::MemoryStore;
use storage::{AppendOptions, Appendable, HistogramSample};

/// A store and an engine.
pub(crate) struct Bench {
    pub(crate) store: MemoryStore,
    pub(crate) engine: Engine,
}

impl Bench {
    /// Series described one per line, their values 10 s apart from time 0 on.
    pub(crate) fn new(series: &str) -> Self {
        Self::with(Settings::default(), series)
    }

    /// The same with these settings.
    pub(crate) fn with(settings: Settings, series: &str) -> Self {
        let store = MemoryStore::new();
        let mut batch = store.appender(AppendOptions::default());
        for line in series.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let description = parse_series_description(line).unwrap();
            let reference = batch.series(&description.labels).unwrap();
            let SeriesValues::Samples(samples) = description.values else { panic!("no samples: {line}") };
            for (number, value) in samples.iter().enumerate() {
                let time = number as i64 * 10_000;
                match value {
                    SeriesValue::Omitted => {}
                    SeriesValue::Float(value) => batch.append(reference, time, 0, *value).unwrap(),
                    SeriesValue::Histogram(histogram) => {
                        let sample = HistogramSample::Float(histogram);
                        batch.append_histogram(reference, time, 0, sample).unwrap();
                    }
                }
            }
        }
        batch.commit().unwrap();
        let clock = Arc::new(SimulatedClock::new(0));
        Self { store, engine: Engine::new(settings, Parts::alone(clock)) }
    }

    /// The answer at a time in seconds.
    pub(crate) fn instant(&self, text: &str, seconds: i64) -> Result<Answer> {
        let expr = parse_expr(text, Options::ALL).unwrap();
        let query = Query { text, expr: &expr };
        self.engine.instant(&self.store, &query, seconds * 1000, &QueryOptions::default())
    }

    /// The answer over steps of seconds.
    pub(crate) fn range(&self, text: &str, (start, end, step): (i64, i64, i64)) -> Result<Answer> {
        let expr = parse_expr(text, Options::ALL).unwrap();
        let query = Query { text, expr: &expr };
        let steps = (start * 1000, end * 1000, step * 1000);
        self.engine.range(&self.store, &query, steps, &QueryOptions::default())
    }

    /// The answer at a time in seconds as text, one line per sample.
    pub(crate) fn instant_text(&self, text: &str, seconds: i64) -> String {
        match self.instant(text, seconds) {
            Ok(answer) => show(&answer.value),
            Err(error) => format!("error: {error}"),
        }
    }

    /// The answer over steps of seconds as text, one line per series.
    pub(crate) fn range_text(&self, text: &str, steps: (i64, i64, i64)) -> String {
        match self.range(text, steps) {
            Ok(answer) => show(&answer.value),
            Err(error) => format!("error: {error}"),
        }
    }
}

/// A value as text.
pub(crate) fn show(value: &Value) -> String {
    let mut lines = Vec::new();
    match value {
        Value::Scalar { value, .. } => lines.push(value.to_string()),
        Value::String { text, .. } => lines.push(text.clone()),
        Value::Vector(samples) => {
            for sample in samples {
                lines.push(match &sample.value {
                    SampleValue::Float(value) => format!("{} {value}", sample.labels),
                    SampleValue::Histogram(histogram) => format!("{} {histogram}", sample.labels),
                });
            }
        }
        Value::Matrix(series) => {
            for series in series {
                let mut line = series.labels.to_string();
                for (time, value) in series.floats() {
                    line += &format!(" {value}@{}", time as f64 / 1000.0);
                }
                for (time, histogram) in series.histograms() {
                    line += &format!(" {histogram}@{}", time as f64 / 1000.0);
                }
                lines.push(line);
            }
        }
    }
    lines.join("\n")
}

/// Settings with a short timeout.
pub(crate) fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(10), ..Settings::default() }
}
