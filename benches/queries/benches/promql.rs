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

/// `X` stands for `one` and `hundred`.
const QUERIES: &[&str] = &[
    "a_X",
    "rate(a_X[1m])",
    "rate(sparse[1m])",
    "double_exponential_smoothing(a_X[1d], 0.3, 0.3)",
    "changes(a_X[1d])",
    "rate(a_X[1d])",
    "absent_over_time(a_X[1d])",
    "-a_X",
    "a_X - b_X",
    "a_X and b_X{l=~'.*[0-4]$'}",
    "a_X or b_X{l=~'.*[0-4]$'}",
    "a_X unless b_X{l=~'.*[0-4]$'}",
    "a_X and b_X{l='notfound'}",
    "abs(a_X)",
    "label_replace(a_X, 'l2', '$1', 'l', '(.*)')",
    "label_join(a_X, 'l2', '-', 'l', 'l')",
    "sum(a_X)",
    "avg(a_X)",
    "sum without (l)(h_X)",
    "sum without (le)(h_X)",
    "sum by (l)(h_X)",
    "sum by (le)(h_X)",
    "count_values('value', h_X)",
    "topk(1, a_X)",
    "topk(5, a_X)",
    "limitk(1, a_X)",
    "limitk(5, a_X)",
    "limit_ratio(0.1, a_X)",
    "limit_ratio(-0.5, a_X)",
    "rate(a_X[1m]) + rate(b_X[1m])",
    "sum without (l)(rate(a_X[1m]))",
    "sum without (l)(rate(a_X[1m])) / sum without (l)(rate(b_X[1m]))",
    "histogram_quantile(0.9, rate(h_X[5m]))",
    "a_X + on(l) group_right a_one",
    "count({__name__!=\"\"})",
    "count({__name__!=\"\",l=\"\"})",
    "timestamp(a_X)",
];
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

#[divan::bench(args = QUERIES, consts = [1, 1000], max_time = 0.5)]
fn one<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str) {
    ask::<STEPS>(bencher, text, "one");
}

#[divan::bench(args = QUERIES, consts = [1, 1000], max_time = 0.5)]
fn hundred<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str) {
    ask::<STEPS>(bencher, text, "hundred");
}

fn ask<const STEPS: i64>(bencher: Bencher<'_, '_>, text: &str, series: &str) {
    let text = text.replace("_X", &format!("_{series}"));
    let expr = parse_expr(&text, Options::ALL).unwrap();
    let parts = Parts {
        clock: Arc::new(RealClock::new()),
        active: Arc::default(),
        log: None,
        memory: Arc::default(),
    };
    let engine = Engine::new(Settings { threads: 1, ..Settings::default() }, parts);
    let (db, query) = (db(), Query { text: &text, expr: &expr });
    let span = (micro::SPAN.end - (STEPS - 1) * STEP_MS, micro::SPAN.end, STEP_MS);
    bencher.bench_local(|| black_box(engine.range(db, &query, span, &QueryOptions::default()).unwrap()));
}
