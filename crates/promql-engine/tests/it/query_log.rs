//! Finished queries are told to the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use platform::simulated::SimulatedClock;
use promql_engine::{Engine, FinishedQuery, Origin, Parts, Query, QueryLog, QueryOptions};
use promql_syntax::{Options, parse_expr};

use crate::data::{Bench, settings};

/// Text, origin, samples and error of a query.
type Line = (String, Origin, u64, Option<String>);

/// Keeps what is logged.
#[derive(Debug, Default)]
struct Kept {
    on: AtomicBool,
    lines: Mutex<Vec<Line>>,
}

impl QueryLog for Kept {
    fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    fn write(&self, query: &FinishedQuery<'_>) {
        let error = query.error.map(str::to_owned);
        self.lines.lock().push((
            query.text.to_owned(),
            query.origin.clone(),
            query.stats.samples.total,
            error,
        ));
    }
}

#[test]
fn finished_queries_are_logged_with_their_samples() {
    let bench = Bench::new("x 1 2 3 4 5 6 7 8\ny 1");
    let log = Arc::new(Kept::default());
    let clock = Arc::new(SimulatedClock::new(0));
    let parts = Parts { log: Some(Arc::clone(&log) as Arc<dyn QueryLog>), ..Parts::alone(clock) };
    let engine = Engine::new(settings(), parts);
    let origin = Origin::RuleGroup { file: "f".to_owned(), name: "g".to_owned() };
    let ask = |text: &str| {
        let expr = parse_expr(text, Options::ALL).unwrap();
        let query = Query { text, expr: &expr };
        let options = QueryOptions { origin: origin.clone(), ..QueryOptions::default() };
        engine.instant(&bench.store, &query, 70_000, &options).is_ok()
    };
    assert!(ask("x"));
    log.on.store(true, Ordering::Relaxed);
    assert!(ask("sum_over_time(x[35s])"));
    assert!(!ask("x * on () group_left {__name__=~\"x|y\"}"));
    let duplicates = "found duplicate series for the match group {}";
    let lines = std::mem::take(&mut *log.lines.lock());
    let [first, second] = lines.try_into().unwrap();
    assert_eq!(first, ("sum_over_time(x[35s])".to_owned(), origin.clone(), 4, None));
    assert!(second.3.is_some_and(|error| error.starts_with(duplicates)));
}
