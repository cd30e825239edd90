//! `/query_range` and `/query`.

mod checks;

use std::sync::Arc;

use axum::response::Response;
use logql_engine::CancelFlag;
use logql_syntax::{Expr, LogExpr};

use super::answer::written;
use super::asked::Asked;
use super::entries::{self, Entry, Selection};
use super::refusal::Refusal;
use super::statistics::{self, Figures};
use super::table::Answering;
use super::times::{self, Span};
use super::{Loki, write};
use crate::answer::write_start;

/// `/query_range`: lines of a span, or numbers at each step of it.
pub(super) fn range(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let wish = RangeWish::new(&asked)?;
        run(loki, asked, move |loki, asked, cancel| wish.answer(loki, asked, cancel)).await
    })
}

/// `/query`: numbers at one time.
pub(super) fn instant(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let wish = InstantWish::new(&asked)?;
        run(loki, asked, move |loki, asked, cancel| wish.answer(loki, asked, cancel)).await
    })
}

/// Waits for a turn, and evaluates off the reactor's threads; it ends where the client goes.
async fn run(
    loki: Arc<Loki>,
    asked: Asked,
    answer: impl FnOnce(&Loki, &Asked, CancelFlag) -> Result<Response, Refusal> + Send + 'static,
) -> Result<Response, Refusal> {
    let turns = Arc::clone(&loki.turns);
    let waiting = tokio::time::timeout(asked.limits.timeout, turns.acquire_owned());
    let turn = waiting.await.map_err(|_| Refusal::timed_out())?.map_err(Refusal::internal)?;
    let cancel = CancelFlag::new();
    let guard = CancelOnDrop(cancel.clone());
    let response = loki
        .work(
            move |loki, asked| {
                let _turn = turn;
                answer(loki, asked, cancel)
            },
            asked,
        )
        .await;
    drop(guard);
    response
}

/// Ends a query where its request is dropped; one that is over does not mind.
struct CancelOnDrop(CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What `/query_range` is asked.
struct RangeWish {
    span: Span,
    limit: usize,
    forward: bool,
    step: i64,
    interval: i64,
    expr: Expr,
}

impl RangeWish {
    fn new(asked: &Asked) -> Result<Self, Refusal> {
        let params = asked.params();
        let span = Span::forward(params, asked.now)?;
        let limit = times::count(params, "limit", 100)?;
        let forward = times::is_forward(params)?;
        let step = times::step(params, span)?;
        let interval = times::interval(params)?;
        let expr = checks::parse(asked)?;
        if matches!(expr, Expr::Log(_)) {
            checks::limit(limit, &asked.limits)?;
        }
        checks::check(asked, &expr)?;
        super::asked::check_length(span.length(), &asked.limits)?;
        Ok(Self { span, limit, forward, step, interval, expr })
    }

    fn answer(self, loki: &Loki, asked: &Asked, cancel: CancelFlag) -> Result<Response, Refusal> {
        match &self.expr {
            Expr::Log(log) => self.lines(loki, asked, log, cancel),
            Expr::Metric(_) => Err(Refusal::internal("metric queries are not supported yet")),
        }
    }

    fn lines(
        &self,
        loki: &Loki,
        asked: &Asked,
        log: &LogExpr,
        _cancel: CancelFlag,
    ) -> Result<Response, Refusal> {
        let began = loki.parts.clock.monotonic();
        let Some(span) = checks::seen(asked, self.span) else {
            return streams(&[], asked, Figures::default());
        };
        let logs = asked.logs(loki)?.log_querier(&asked.tenants.joined(), span.range())?;
        let selection = Selection { limit: self.limit, forward: self.forward };
        let found = entries::select(logs.as_ref(), log, selection)?;
        let seconds = (loki.parts.clock.monotonic() - began).as_secs_f64();
        streams(&thinned(found, self.interval), asked, Figures { seconds, ..Figures::default() })
    }
}

/// Entries that stand at least so far apart.
fn thinned(entries: Vec<Entry>, interval: i64) -> Vec<Entry> {
    let mut last: Option<i64> = None;
    let mut kept = entries;
    kept.retain(|entry| {
        let far = last.is_none_or(|last| entry.timestamp.abs_diff(last) >= interval.unsigned_abs());
        if far {
            last = Some(entry.timestamp);
        }
        far
    });
    kept
}

/// Writes entries by stream.
fn streams(entries: &[Entry], asked: &Asked, figures: Figures) -> Result<Response, Refusal> {
    let by_category = write::categorizes(asked);
    let mut groups: Vec<(String, Vec<&Entry>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for entry in entries {
        let labels = write::stream_labels(entry, by_category, false);
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            groups.push((labels, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(place) {
            group.push(entry);
        }
    }
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    written(|json| {
        write_start(json)?;
        json.raw(r#"{"resultType":"streams","result":"#)?;
        json.list(&groups, |json, (labels, entries)| {
            json.raw(&format!(r#"{{"stream":{labels},"values":"#))?;
            json.list(entries, |json, entry| json.value(&write::value(entry, by_category)))?;
            json.raw("}")
        })?;
        if by_category {
            json.raw(r#","encodingFlags":["categorize-labels"]"#)?;
        }
        json.raw(r#","stats":"#)?;
        json.value(&statistics::shown(&figures))?;
        json.raw("}}")
    })
}

/// What `/query` is asked.
struct InstantWish {
    time: i64,
    expr: Expr,
}

impl InstantWish {
    fn new(asked: &Asked) -> Result<Self, Refusal> {
        let params = asked.params();
        let time = match params.get("time") {
            "" => asked.now,
            text => times::parse_time(text).map_err(Refusal::bad)?,
        };
        times::count(params, "limit", 100)?;
        times::is_forward(params)?;
        let expr = checks::parse(asked)?;
        if matches!(expr, Expr::Log(_)) {
            return Err(Refusal::bad(logql_engine::Error::LogQueryAsInstant));
        }
        checks::check(asked, &expr)?;
        Ok(Self { time, expr })
    }

    fn answer(self, _loki: &Loki, _asked: &Asked, _cancel: CancelFlag) -> Result<Response, Refusal> {
        let Self { time: _, expr: _ } = self;
        Err(Refusal::internal("metric queries are not supported yet"))
    }
}
