//! `/query` and `/query_range`.

mod options;
pub(crate) mod parsed;
pub(crate) mod quick;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
mod turn;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use promql_engine::{Answer, Query, QueryOptions};
use promql_syntax::{Expr, ValueType};

use self::options::{RangeOptions, SharedOptions};
use self::quick::{AT_ONCE_MAX, QueryKey};
use self::turn::{CancelGuard, Turn};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::time::Moment;
use crate::{Api, Services, compress};

/// So long after its time a query that has not ended itself is answered for it.
const TOLD_LATE_MAX: Duration = Duration::from_millis(300);

/// `/api/v1/query`: an expression at one time.
pub(crate) async fn instant(api: Arc<Api>, call: Call) -> Response {
    run(api, call, |api, services, call, options| {
        let time = match call.params.get("time") {
            "" => api.parts.clock.now_ms(),
            text => Moment::parse(text).map(Moment::evaluation_ms).map_err(|error| {
                ApiError::parameter("time", format!("invalid time value for 'time': {error}"))
            })?,
        };
        let expr = known_or_parsed(api, services, call)?;
        let query = Query { text: call.params.get("query"), expr: &expr };
        Ok(services.engine.instant(services.queryable.as_ref(), &query, time, options)?)
    })
    .await
}

/// `/api/v1/query_range`: an expression at each step of a span of time.
pub(crate) async fn range(api: Arc<Api>, call: Call) -> Response {
    run(api, call, |api, services, call, options| {
        let range = RangeOptions::new(&call.params)?;
        let expr = known_or_parsed(api, services, call)?;
        if !matches!(expr.value_type(), ValueType::Scalar | ValueType::Vector) {
            let found = expr.value_type().documented_name();
            let text = format!(
                "invalid expression type {found:?} for range query, must be Scalar or instant Vector"
            );
            return Err(ApiError::parameter("query", text));
        }
        let query = Query { text: call.params.get("query"), expr: &expr };
        let steps = (range.start, range.end, range.step_ms);
        Ok(services.engine.range(services.queryable.as_ref(), &query, steps, options)?)
    })
    .await
}

/// Reads the `query` parameter.
pub(super) fn parse(services: &Services, call: &Call) -> Result<Expr, ApiError> {
    promql_syntax::parse_expr(call.params.get("query"), services.syntax)
        .map_err(|error| ApiError::parameter("query", error))
}

/// Reads the `query` parameter, which may have been asked before.
fn known_or_parsed(api: &Api, services: &Services, call: &Call) -> Result<Arc<Expr>, ApiError> {
    let parsed = api.parsed_queries.parse(call.params.get("query"), services.syntax);
    parsed.map_err(|error| ApiError::parameter("query", error))
}

/// Waits for a turn and evaluates: a query that is known to be quick at once, any other off the reactor's threads, while
/// the answer streams.
async fn run<E>(api: Arc<Api>, call: Call, evaluate: E) -> Response
where
    E: Fn(&Api, &Services, &Call, &QueryOptions) -> Result<Answer, ApiError> + Send + 'static,
{
    let shared = match SharedOptions::new(&call.params, &api.settings) {
        Ok(shared) => shared,
        Err(error) => return error.into_response(),
    };
    let mut turn = match Turn::wait(&api, shared.timeout).await {
        Ok(turn) => turn,
        Err(error) => return error.into_response(),
    };
    let encoding = compress::Encoding::negotiate(&call.headers);
    let key = api.quick_queries.key(&call);
    if let Some(key) = key.filter(|key| turn.left > AT_ONCE_MAX && api.quick_queries.is_quick(*key)) {
        let began = api.parts.clock.monotonic();
        match at_once(&api, &call, &shared, turn, key, &evaluate) {
            Ok(Ok((answer, clocked))) => {
                let response = write::whole(answer, &shared, clocked, encoding);
                note(&api, key, began);
                return response;
            }
            Ok(Err(error)) => return failure(error),
            Err(given_back) => turn = given_back,
        }
    }
    // Dropped with this future when the client goes: the query sees it and stops.
    let guard = turn.cancel_on_drop();
    let left = turn.left;
    let (sink, stream) = write::channel(encoding);
    let worker = Arc::clone(&api);
    let work = tokio::task::spawn_blocking(move || {
        let services = super::services(&worker)?;
        let options = shared.engine_options(&turn, &call, None);
        let began = worker.parts.clock.monotonic();
        let answer = evaluate(&worker, &services, &call, &options)?;
        let clocked = finish(&worker, turn, &answer);
        write::stream(sink, answer, &shared, clocked);
        if let Some(key) = key {
            note(&worker, key, began);
        }
        Ok::<(), ApiError>(())
    });
    answered(left, guard, write::respond(stream, work, encoding)).await
}

/// Waits for the beginning of an answer, for not much longer than what is left of the query's time.
async fn answered(
    left: Duration,
    guard: CancelGuard,
    beginning: impl Future<Output = Result<Response, ApiError>>,
) -> Response {
    // The query ends itself at its next look at the time; where that is far, the client does not wait for it.
    match tokio::time::timeout(left.saturating_add(TOLD_LATE_MAX), beginning).await {
        Ok(response) => {
            guard.disarm();
            response.unwrap_or_else(failure)
        }
        Err(_) => failure(promql_engine::Error::TimedOut.into()),
    }
}

/// Notes how long a query took from `began` on, its answer written.
fn note(api: &Api, key: QueryKey, began: Duration) {
    api.quick_queries.note(key, api.parts.clock.monotonic().saturating_sub(began));
}

/// A query's outcome.
type Outcome = Result<(Answer, shape::Clocked), ApiError>;

/// Evaluates a query on the thread that has the request; gives the turn back where it takes too long for that.
fn at_once(
    api: &Api,
    call: &Call,
    shared: &SharedOptions,
    turn: Turn,
    key: QueryKey,
    evaluate: &impl Fn(&Api, &Services, &Call, &QueryOptions) -> Result<Answer, ApiError>,
) -> Result<Outcome, Turn> {
    let options = shared.engine_options(&turn, call, Some(AT_ONCE_MAX));
    let evaluated = catch_unwind(AssertUnwindSafe(|| {
        let services = super::services(api)?;
        evaluate(api, &services, call, &options)
    }));
    match evaluated {
        Ok(Ok(answer)) => {
            let clocked = finish(api, turn, &answer);
            Ok(Ok((answer, clocked)))
        }
        Ok(Err(error)) if error.error_type != ErrorType::Timeout => Ok(Err(error)),
        // The one that panicked will do so again, where that is told.
        Ok(Err(_)) | Err(_) => {
            api.quick_queries.note(key, AT_ONCE_MAX);
            Err(turn)
        }
    }
}

/// The evaluation is over: makes room for the next one.
fn finish(api: &Api, turn: Turn, answer: &Answer) -> shape::Clocked {
    api.metrics.query_samples.add(answer.stats.samples.read);
    let clocked = shape::Clocked { waited: turn.waited().as_secs_f64(), ran: turn.run_seconds(api) };
    turn.finish(api);
    clocked
}

fn failure(error: ApiError) -> Response {
    if error.error_type == ErrorType::Internal {
        tracing::error!(error = error.text, "query failed");
    }
    error.into_response()
}
