//! Queries that run end when their time is over, or when somebody ends them.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use platform::MemoryBudget;
use platform::simulated::SimulatedClock;
use promql_engine::{ActiveQueries, Engine, Error, ErrorKind, Parts, Query, QueryOptions, Settings};
use promql_syntax::{Options, parse_expr};

use crate::data::Bench;

/// A clock that goes on by a step at each look: time passes as work is done.
#[derive(Debug)]
struct Ticking {
    clock: SimulatedClock,
    tick: Duration,
    /// Calls this after so many looks.
    then: Mutex<Option<(usize, Arc<ActiveQueries>)>>,
}

impl platform::Clock for Ticking {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn monotonic(&self) -> Duration {
        self.clock.advance(self.tick);
        let mut then = self.then.lock();
        if let Some((looks, active)) = then.as_mut() {
            *looks = looks.saturating_sub(1);
            if *looks == 0 {
                active.list().iter().for_each(|query| assert!(active.cancel(query.id)));
            }
        }
        self.clock.monotonic()
    }
}

/// Ten thousand steps over windows of ten thousand samples: 10^8 samples go through a regression.
const HEAVY: &str = "deriv(x[3h:1s])";

fn heavy(bench: &Bench, clock: Arc<dyn platform::Clock>, active: Arc<ActiveQueries>) -> Error {
    let settings = Settings { timeout: Duration::from_secs(3), samples_max: u64::MAX, ..Settings::default() };
    let engine = Engine::new(settings, Parts { clock, active, log: None, memory: Arc::default() });
    let expr = parse_expr(HEAVY, Options::ALL).unwrap();
    let query = Query { text: HEAVY, expr: &expr };
    let answer = engine.range(&bench.store, &query, (0, 10_800_000, 1000), &QueryOptions::default());
    answer.map(|_| "an answer").unwrap_err()
}

#[test]
fn windows_that_overlap_do_not_outlast_the_deadline() {
    let bench = Bench::new("x 0+1x1000");
    let clock =
        Ticking { clock: SimulatedClock::new(0), tick: Duration::from_millis(200), then: Mutex::new(None) };
    let error = heavy(&bench, Arc::new(clock), Arc::default());
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn a_running_query_can_be_ended_from_the_list() {
    let bench = Bench::new("x 0+1x1000");
    let active = Arc::new(ActiveQueries::new());
    let clock = Ticking {
        clock: SimulatedClock::new(0),
        tick: Duration::ZERO,
        then: Mutex::new(Some((10, Arc::clone(&active)))),
    };
    let error = heavy(&bench, Arc::new(clock), Arc::clone(&active));
    assert_eq!(error.kind(), ErrorKind::Canceled);
    assert!(active.list().is_empty());
}

#[test]
fn a_query_that_holds_much_ends_where_there_is_no_memory() {
    let bench = Bench::new("x{a=\"1\"} 0+1x1000\nx{a=\"2\"} 0+1x1000");
    let memory = Arc::new(MemoryBudget::new(1 << 20));
    let clock = Arc::new(SimulatedClock::new(0));
    let parts = Parts { memory: Arc::clone(&memory), ..Parts::alone(clock) };
    let engine = Engine::new(Settings::default(), parts);
    let expr = parse_expr("x", Options::ALL).unwrap();
    let ask = |steps: i64| {
        let query = Query { text: "x", expr: &expr };
        engine.range(&bench.store, &query, (0, steps * 1000, 1000), &QueryOptions::default())
    };
    let held = ask(1000).unwrap().stats.peak_bytes;
    assert!(held > 1024);
    assert_eq!(memory.held(), 0);
    memory.note_measured(1 << 20);
    let error = ask(1000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().starts_with("query ended for want of memory: "), "{error}");
    assert_eq!((memory.refused_queries(), memory.held()), (1, 0));
    // A small one is not what takes the memory.
    ask(3).unwrap();
    memory.note_measured(0);
    assert_eq!(ask(1000).unwrap().stats.peak_bytes, held);
}
