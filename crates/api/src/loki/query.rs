//! `/query_range` and `/query`.

pub(super) mod checks;
mod old;
mod told;
mod write;

pub(super) use self::old::{label_text, old, old_entry, time_text, with_regexp};

use std::sync::Arc;

use axum::response::Response;
use logql_engine::metric::{self, MetricAnswer};
use logql_engine::pipeline::Order;
use logql_engine::{Control, ErrorKind, Limits, LogQuery, LogStream, query_logs};
use logql_syntax::ast::{Expr, LogExpr, MetricExpr};
use platform::CancelFlag;
use storage::logs::EntryRange;

use super::Loki;
use super::asked::Asked;
use super::refusal::Refusal;
use super::settings::ReadLimits;
use super::statistics::Figures;
use super::table::Answering;
use super::times::{self, Span};
use super::write::categorizes;

/// The most memory that one query may hold.
const MEMORY_BYTES_MAX: u64 = 512 << 20;

/// `/query_range`: lines of a span, or numbers at each step of it.
pub(super) fn range(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let wish = RangeWish::new(&asked, asked.params().get("query"))?;
        run(loki, asked, move |loki, asked, cancel| wish.answer(&Running::new(loki, asked, cancel))).await
    })
}

/// `/query`: numbers at one time.
pub(super) fn instant(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let wish = InstantWish::new(&asked)?;
        run(loki, asked, move |loki, asked, cancel| wish.answer(&Running::new(loki, asked, cancel))).await
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
    let answer = move |loki: &Loki, asked: &Asked| {
        let _turn = turn;
        answer(loki, asked, cancel)
    };
    let response = loki.work(answer, asked).await;
    drop(guard);
    response
}

/// Ends a query where its request is dropped; one that is over does not mind.
pub(super) struct CancelOnDrop(pub(super) CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What one query may use.
pub(super) fn limits(limits: &ReadLimits, threads: usize) -> Limits {
    let ReadLimits { timeout, bytes_max, series_max, .. } = *limits;
    Limits {
        timeout,
        memory_bytes_max: MEMORY_BYTES_MAX,
        read_bytes_max: Some(bytes_max).filter(|max| *max > 0),
        series_max: Some(series_max).filter(|max| *max > 0),
        threads,
    }
}

/// A query at work.
struct Running<'r> {
    loki: &'r Loki,
    asked: &'r Asked,
    control: Control,
    began: std::time::Duration,
}

impl<'r> Running<'r> {
    fn new(loki: &'r Loki, asked: &'r Asked, cancel: CancelFlag) -> Self {
        let mut limits = limits(&asked.limits, loki.parts.query_threads);
        if takes_partial(asked) {
            limits.series_max = None;
        }
        let clock = Arc::clone(&loki.parts.clock);
        let began = clock.monotonic();
        let control = Control::new(clock, limits, cancel, Arc::clone(&loki.parts.memory));
        Self { loki, asked, control, began }
    }

    fn seconds(&self) -> f64 {
        (self.loki.parts.clock.monotonic() - self.began).as_secs_f64()
    }

    fn figures(&self) -> Figures {
        Figures { query: self.control.statistics(), seconds: self.seconds(), waited: 0.0 }
    }

    /// Evaluates a metric query.
    fn numbers(
        &self,
        evaluate: impl FnOnce(&metric::Querier<'_>, &Control) -> logql_engine::Result<MetricAnswer>,
    ) -> Result<Response, Refusal> {
        let logs = self.asked.logs(self.loki)?;
        let tenants = self.asked.tenants.joined();
        let querier = |range: EntryRange| logs.log_querier(&tenants, range);
        let mut answer =
            evaluate(&querier, &self.control).map_err(|error| refusal(&error, &self.asked.limits))?;
        let max = self.asked.limits.series_max;
        let mut warnings = Vec::new();
        if takes_partial(self.asked) && max > 0 && answer.series() > max {
            answer.truncate(max);
            warnings.push(format!(
                "maximum number of series ({max}) reached for a single query; returning partial results"
            ));
        }
        write::numbers(&answer, &warnings, &self.figures())
    }
}

/// Whether a client takes the first series of too many, and a warning: Grafana's application for logs does.
fn takes_partial(asked: &Asked) -> bool {
    asked.tag("source") == Some("grafana-lokiexplore-app")
}

/// What `/query_range` is asked.
struct RangeWish {
    span: Span,
    limit: usize,
    forward: bool,
    step: i64,
    interval: i64,
    text: String,
    expr: Expr,
}

impl RangeWish {
    fn new(asked: &Asked, text: &str) -> Result<Self, Refusal> {
        let params = asked.params();
        let span = Span::forward(params, asked.now)?;
        let limit = times::count(params, "limit", 100)?;
        let forward = times::is_forward(params)?;
        let step = times::step(params, span)?;
        let interval = times::interval(params)?;
        let expr = checks::parse(asked, text)?;
        checks::check(asked, text, &expr)?;
        if matches!(expr, Expr::Log(_)) {
            checks::limit(limit, &asked.limits)?;
        }
        super::asked::check_length(span.length(), &asked.limits)?;
        checks::reach(&expr, span.length(), &asked.limits)?;
        Ok(Self { span, limit, forward, step, interval, text: text.to_owned(), expr })
    }

    fn answer(self, running: &Running<'_>) -> Result<Response, Refusal> {
        let kind = checks::kind(&self.expr);
        let outcome = match &self.expr {
            Expr::Log(log) => {
                let categorize = categorizes(running.asked);
                let flags: Vec<&str> = super::write::flags(running.asked).collect();
                self.lines(running, log, categorize)
                    .and_then(|streams| write::lines(&streams, &flags, categorize, &running.figures()))
            }
            Expr::Metric(expr) => self.numbers(running, expr),
        };
        running.note(kind, "range", &self.told(), &outcome);
        outcome
    }

    /// What is told of the query to the log.
    fn told(&self) -> told::Told<'_> {
        let Span { start, end } = self.span;
        told::Told { text: &self.text, start, end, step: self.step, limit: self.limit }
    }

    fn lines(
        &self,
        running: &Running<'_>,
        log: &LogExpr,
        categorize: bool,
    ) -> Result<Vec<LogStream>, Refusal> {
        let asked = running.asked;
        let Some(span) = checks::seen(asked, self.span) else { return Ok(Vec::new()) };
        let logs = asked.logs(running.loki)?.log_querier(&asked.tenants.joined(), span.range())?;
        let query = LogQuery {
            expr: log,
            limit: self.limit,
            order: if self.forward { Order::Forward } else { Order::Backward },
            interval: self.interval,
            categorize,
            now: asked.now,
        };
        let found = query_logs(logs.as_ref(), &query, &running.control);
        Ok(found.map_err(|error| refusal(&error, &asked.limits))?.streams)
    }

    fn numbers(&self, running: &Running<'_>, expr: &MetricExpr) -> Result<Response, Refusal> {
        let Some(span) = checks::seen(running.asked, self.span) else {
            return write::numbers(&MetricAnswer::Matrix(Vec::new()), &[], &running.figures());
        };
        running.numbers(|querier, control| {
            metric::query_range(querier, expr, (span.start, span.end), self.step, control)
        })
    }
}

/// What `/query` is asked.
struct InstantWish {
    time: i64,
    text: String,
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
        let text = params.get("query");
        let expr = checks::parse(asked, text)?;
        if matches!(expr, Expr::Log(_)) {
            checks::parse_strictly(asked, text)?;
            return Err(Refusal::bad(logql_engine::Error::LogQueryAsInstant));
        }
        checks::check(asked, text, &expr)?;
        Ok(Self { time, text: text.to_owned(), expr })
    }

    fn answer(self, running: &Running<'_>) -> Result<Response, Refusal> {
        let outcome = running
            .numbers(|querier, control| metric::query_instant(querier, &self.expr, self.time, control));
        let told = told::Told { text: &self.text, start: self.time, end: self.time, step: 0, limit: 0 };
        running.note(checks::kind(&self.expr), "instant", &told, &outcome);
        outcome
    }
}

/// What a query that failed is answered.
pub(super) fn refusal(error: &logql_engine::Error, limits: &ReadLimits) -> Refusal {
    use logql_engine::Error;
    match error {
        Error::Storage(error) => error.clone().into(),
        // The release that is followed words it shorter than later ones.
        Error::TooManySeries(_) => {
            Refusal::bad(format!("maximum of series ({}) reached for a single query", limits.series_max))
        }
        // What the data do not allow is a failure there.
        Error::Evaluation(_) => Refusal::internal(error),
        _ => match error.kind() {
            ErrorKind::Invalid | ErrorKind::OverLimit => Refusal::bad(error),
            ErrorKind::Timeout => Refusal::timed_out(),
            ErrorKind::Canceled => Refusal::canceled(),
            ErrorKind::Unavailable => Refusal::new(http::StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            ErrorKind::Internal => Refusal::internal(error),
        },
    }
}
