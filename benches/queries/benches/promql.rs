//! The queries that the original's engine is measured with, over blocks of the same series: one series or a hundred, one
//! step or a thousand.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use divan::{Bencher, black_box};
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use promql_engine::{Engine, Parts, Query, QueryOptions, Settings};
use promql_syntax::{Options, parse_expr};
use queries::{blocks, micro};
use telemetry::Registry;
use tsdb::{Db, ReplayProgress};

/// A query a line; `X` stands for `one` and `hundred`.
const QUERIES: &str = include_str!("../field.promql");
const STEP_MS: i64 = 10_000;

fn main() {
    divan::main();
}

/// The one store of all benchmarks, over blocks that are written once for each run.
fn db() -> &'static Db {
    static STORE: OnceLock<Db> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = folder();
        // What a run before has left.
        let _ = RealFileSystem.remove_dir_all(&folder);
        RealFileSystem.create_dir_all(&folder).unwrap();
        blocks::write(&folder, &micro::series(), micro::SPAN).unwrap();
        let parts = tsdb::Parts {
            fs: Arc::new(RealFileSystem),
            clock: Arc::new(RealClock::new()),
            registry: Registry::new(),
            progress: Arc::new(ReplayProgress::default()),
            memory: Arc::default(),
        };
        Db::open(parts, &folder, tsdb::Settings { lock: false, ..tsdb::Settings::default() }).unwrap()
    })
}

/// Always the same one, so that what a run leaves is gone with the next.
fn folder() -> PathBuf {
    std::env::temp_dir().join("lapwing-bench-promql")
}

#[divan::bench(args = QUERIES.lines(), consts = [1, 1000], max_time = 0.5)]
fn one<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str) {
    ask::<STEPS>(bencher, text, "one");
}

#[divan::bench(args = QUERIES.lines(), consts = [1, 1000], max_time = 0.5)]
fn hundred<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str) {
    ask::<STEPS>(bencher, text, "hundred");
}

fn ask<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str, series: &str) {
    let text = text.replace("_X", &format!("_{series}"));
    let expr = parse_expr(&text, Options::ALL).unwrap();
    let parts = Parts::alone(Arc::new(RealClock::new()));
    let engine = Engine::new(Settings { threads: 1, ..Settings::default() }, parts);
    let (db, query) = (db(), Query { text: &text, expr: &expr });
    let span = (micro::SPAN.end - (STEPS - 1) * STEP_MS, micro::SPAN.end, STEP_MS);
    bencher.bench_local(|| black_box(engine.range(db, &query, span, &QueryOptions::default()).unwrap()));
}
