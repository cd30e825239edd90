//! `test promql FILE…`: scripts of the promqltest language.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use platform::real::{RealClock, RealFileSystem};
use platform::simulated::SimulatedFileSystem;
use platform::{Clock, FileSystem};
use promql_engine::{Engine, Query, QueryOptions, SampleValue, Settings, Value};
use telemetry::Registry;
use testkit::promqltest::{
    Answer, AnswerSeries, AnswerValue, LoadedSeries, Point, QueryRange, Report, Subject, SubjectError,
    append_to, run_text,
};
use tsdb::Db;

use crate::{answer, complain};

/// The largest script that is read.
const SCRIPT_BYTES_MAX: u64 = 64 << 20;
/// The settings under which scripts hold, besides every part of the language being on.
const SAMPLES_MAX: u64 = 10_000;
const TIMEOUT: Duration = Duration::from_secs(100);

/// Runs scripts; exit status 1 where an evaluation failed or none ran.
pub(super) fn run(program: &str, files: &[String]) -> ExitCode {
    if files.is_empty() || files.iter().any(|file| file.starts_with('-')) {
        return complain(&format!("{program}: usage: {program} test promql FILE…"), 2);
    }
    let mut report = Report::default();
    for file in files {
        let bytes = match RealFileSystem.read(Path::new(file), SCRIPT_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => return complain(&format!("{program}: read {file}: {error}"), 1),
        };
        let mut head = match Head::new() {
            Ok(head) => head,
            Err(error) => return complain(&format!("{program}: {error}"), 1),
        };
        report.merge(run_text(file, &String::from_utf8_lossy(&bytes), &mut head));
    }
    let good = report.failures.is_empty() && report.passed > 0;
    answer(&format!("{report}\n"), u8::from(!good))
}

/// The engine over the head of a store in memory.
struct Head {
    clock: Arc<dyn Clock>,
    engine: Engine,
    db: Db,
}

impl Head {
    fn new() -> Result<Self, SubjectError> {
        let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
        let settings = Settings {
            timeout: TIMEOUT,
            samples_max: SAMPLES_MAX,
            delayed_name_removal: true,
            use_start_timestamps: true,
            ..Settings::default()
        };
        let engine = Engine::new(settings, promql_engine::Parts::alone(Arc::clone(&clock)));
        let db = open(&clock)?;
        Ok(Self { clock, engine, db })
    }

    fn parse(query: &str) -> Result<promql_syntax::Expr, SubjectError> {
        let options = promql_syntax::Options {
            experimental_functions: true,
            extended_range_selectors: true,
            binop_fill_modifiers: true,
        };
        promql_syntax::parse_expr(query, options).map_err(SubjectError::new)
    }
}

fn open(clock: &Arc<dyn Clock>) -> Result<Db, SubjectError> {
    let parts = tsdb::Parts {
        fs: Arc::new(SimulatedFileSystem::new()),
        clock: Arc::clone(clock),
        registry: Registry::new(),
        progress: Arc::default(),
        memory: Arc::default(),
    };
    // Scripts load what is hours older than what is there; a head takes samples up to half its range behind.
    let settings = tsdb::Settings {
        block_duration_min: Duration::from_hours(24),
        start_timestamps: true,
        xor2: true,
        histogram_start_timestamps: true,
        ..tsdb::Settings::default()
    };
    Db::open(parts, Path::new("/data"), settings).map_err(SubjectError::new)
}

fn options() -> QueryOptions {
    QueryOptions::default()
}

impl Subject for Head {
    fn clear(&mut self) -> Result<(), SubjectError> {
        self.db = open(&self.clock)?;
        Ok(())
    }

    fn load(&mut self, series: &[LoadedSeries]) -> Result<(), SubjectError> {
        append_to(&self.db, series).map_err(SubjectError::new)
    }

    fn instant(&mut self, query: &str, at_ms: i64) -> Result<Answer, SubjectError> {
        let expr = Self::parse(query)?;
        let query = Query { text: query, expr: &expr };
        self.engine.instant(&self.db, &query, at_ms, &options()).map(converted).map_err(SubjectError::new)
    }

    fn range(&mut self, query: &str, range: QueryRange) -> Result<Answer, SubjectError> {
        let expr = Self::parse(query)?;
        let query = Query { text: query, expr: &expr };
        let steps = (range.start_ms, range.end_ms, range.step_ms);
        self.engine.range(&self.db, &query, steps, &options()).map(converted).map_err(SubjectError::new)
    }
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
        Value::Matrix(series) => AnswerValue::Matrix(
            series
                .into_iter()
                .map(|series| {
                    let floats = series.floats().map(|(time, value)| (time, Point::Float(value)));
                    let histograms = series
                        .histograms()
                        .map(|(time, histogram)| (time, Point::Histogram(Arc::new(histogram.clone()))));
                    let mut points: Vec<(i64, Point)> = floats.chain(histograms).collect();
                    points.sort_by_key(|(time, _)| *time);
                    AnswerSeries { labels: series.labels.clone(), points }
                })
                .collect(),
        ),
    };
    Answer {
        value,
        warnings: answer.annotations.warnings().to_vec(),
        infos: answer.annotations.infos().to_vec(),
    }
}
