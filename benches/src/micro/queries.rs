//! Steps of queries of samples.

use std::sync::Arc;

use platform::real::RealClock;
use promql_engine::{Engine, Parts, Query, QueryOptions, Settings};
use promql_syntax::{Options, parse_expr};

use super::Prepared;
use crate::Error;
use crate::store::{self, Fleet, Folder, START_MS};

const SERIES: usize = 7480;
const SCRAPES: u64 = 60;
const INTERVAL_MS: i64 = 15_000;
const QUERY: &str = "sum by (mode) (rate(node_cpu_seconds_total[5m]))";
/// Series of the metric: ten machines of 16 processors in 8 modes.
const QUERIED: usize = 10 * 16 * 8;

/// A rate that is aggregated, over a head and on one thread.
pub(super) fn sum_rate() -> Result<Prepared, Error> {
    let folder = Folder::new("micro-query");
    let db = store::open(folder.path()).map_err(Error::broken)?;
    let mut fleet = Fleet::new(&db, SERIES).map_err(Error::broken)?;
    fleet.append(&db, SCRAPES, INTERVAL_MS).map_err(Error::broken)?;
    let parts = Parts::alone(Arc::new(RealClock::new()));
    let engine = Engine::new(Settings { threads: 1, ..Settings::default() }, parts);
    let expr = parse_expr(QUERY, Options::default()).map_err(Error::broken)?;
    let span = (START_MS, START_MS + SCRAPES as i64 * INTERVAL_MS, INTERVAL_MS);
    Ok(Prepared::new(QUERIED * SCRAPES as usize, move || {
        let _ = &folder;
        let query = Query { text: QUERY, expr: &expr };
        let answer = engine.range(&db, &query, span, &QueryOptions::default()).map_err(Error::broken)?;
        std::hint::black_box(answer);
        Ok(())
    }))
}
