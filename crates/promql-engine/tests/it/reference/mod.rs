//! The engine against an evaluator that goes step by step and is as plain as can be, on random queries over small
//! random data.

mod evaluator;
mod generator;

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::simulated::SimulatedClock;
use promql_engine::{Engine, Parts, Query, QueryOptions, Settings, Value};
use promql_syntax::{Options, parse_expr};
use storage::memory::MemoryStore;
use storage::{AppendOptions, Appendable};

use evaluator::{Evaluator, Series};
use generator::Generator;

/// Queries asked of each of the random stores.
const QUERIES: usize = 60;
const STORES: u64 = 12;

fn stored(series: &[Series]) -> MemoryStore {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    for (labels, samples) in series {
        let reference = batch.series(labels).unwrap();
        for (time, value) in samples {
            batch.append(reference, *time, 0, *value).unwrap();
        }
    }
    batch.commit().unwrap();
    store
}

/// Values by series and time.
type Answers = BTreeMap<(String, i64), f64>;

fn asked(engine: &Engine, store: &MemoryStore, text: &str, steps: (i64, i64, i64)) -> Answers {
    let expr = parse_expr(text, Options::ALL).unwrap_or_else(|error| panic!("{text}: {error}"));
    let query = Query { text, expr: &expr };
    let answer = engine.range(store, &query, steps, &QueryOptions::default());
    let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
    let Value::Matrix(series) = answer.value else { panic!("{text}: not a matrix") };
    let values = series.iter().flat_map(|series| {
        let labels = series.labels.to_string();
        series.floats().map(move |(time, value)| ((labels.clone(), time), value))
    });
    values.collect()
}

fn plainly(evaluator: &Evaluator<'_>, text: &str, (start, end, step): (i64, i64, i64)) -> Answers {
    let expr = parse_expr(text, Options::ALL).unwrap();
    let mut answers = Answers::new();
    for time in (start..=end).step_by(step as usize) {
        for (labels, value) in evaluator.vector(&expr, time) {
            answers.insert((labels.to_string(), time), value);
        }
    }
    answers
}

fn assert_same(text: &str, own: &Answers, plain: &Answers) {
    let keys = |answers: &Answers| answers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(own), keys(plain), "{text}");
    for ((key, own), plain) in own.iter().zip(plain.values()) {
        let close = (own - plain).abs() <= 1e-9 * own.abs().max(plain.abs());
        assert!(close || own == plain || own.is_nan() && plain.is_nan(), "{text}: {key:?} {own} {plain}");
    }
}

#[test]
fn random_queries_are_answered_as_by_a_plain_evaluator() {
    for seed in 0..STORES {
        let mut generator = Generator::new(seed);
        let series = generator.series();
        let (store, evaluator) = (stored(&series), Evaluator::new(&series));
        for threads in [1, 3] {
            let parts = Parts::alone(Arc::new(SimulatedClock::new(0)));
            let engine = Engine::new(Settings { threads, ..Settings::default() }, parts);
            let mut queries = Generator::new(seed);
            let mut answered = 0;
            for _ in 0..QUERIES {
                let (text, steps) = queries.query();
                let plain = plainly(&evaluator, &text, steps);
                answered += usize::from(!plain.is_empty());
                assert_same(
                    &format!("seed {seed}: {text} at {steps:?}"),
                    &asked(&engine, &store, &text, steps),
                    &plain,
                );
            }
            assert!(answered > QUERIES / 3, "seed {seed}: only {answered} queries have an answer");
        }
    }
}
