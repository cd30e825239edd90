//! `/query` and `/query_range`.

mod options;
pub(crate) mod shape;
mod turn;
mod write;

use std::sync::Arc;

use axum::response::Response;
use promql_engine::{Answer, Query};
use promql_syntax::{Expr, ValueType};

use self::options::{RangeOptions, SharedOptions};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::time::parse_evaluation_time;
use crate::{Api, Services, compress};

/// `/api/v1/query`: an expression at one time.
pub(crate) async fn instant(api: Arc<Api>, call: Call) -> Response {
    run(api, call, |api, services, call, shared, turn| {
        let time = match call.params.get("time") {
            "" => api.parts.clock.now_ms(),
            text => parse_evaluation_time(text).map_err(|error| {
                ApiError::parameter("time", format!("invalid time value for 'time': {error}"))
            })?,
        };
        let expr = parse(services, call)?;
        let options = shared.engine_options(turn, call);
        let query = Query { text: call.params.get("query"), expr: &expr };
        Ok(services.engine.instant(services.queryable.as_ref(), &query, time, &options)?)
    })
    .await
}

/// `/api/v1/query_range`: an expression at each step of a span of time.
pub(crate) async fn range(api: Arc<Api>, call: Call) -> Response {
    run(api, call, |_, services, call, shared, turn| {
        let range = RangeOptions::new(&call.params)?;
        let expr = parse(services, call)?;
        if !matches!(expr.value_type(), ValueType::Scalar | ValueType::Vector) {
            let found = expr.value_type().documented_name();
            let text = format!(
                "invalid expression type {found:?} for range query, must be Scalar or instant Vector"
            );
            return Err(ApiError::parameter("query", text));
        }
        let options = shared.engine_options(turn, call);
        let query = Query { text: call.params.get("query"), expr: &expr };
        let steps = (range.start, range.end, range.step_ms);
        Ok(services.engine.range(services.queryable.as_ref(), &query, steps, &options)?)
    })
    .await
}

/// Reads the `query` parameter.
pub(super) fn parse(services: &Services, call: &Call) -> Result<Expr, ApiError> {
    promql_syntax::parse_expr(call.params.get("query"), services.syntax)
        .map_err(|error| ApiError::parameter("query", error))
}

/// Waits for a turn, evaluates off the reactor's threads, and streams the answer.
async fn run<E>(api: Arc<Api>, call: Call, evaluate: E) -> Response
where
    E: FnOnce(&Api, &Services, &Call, &SharedOptions, &turn::Turn) -> Result<Answer, ApiError>
        + Send
        + 'static,
{
    let shared = match SharedOptions::new(&call.params, &api.settings) {
        Ok(shared) => shared,
        Err(error) => return error.into_response(),
    };
    let turn = match turn::Turn::wait(&api, shared.timeout).await {
        Ok(turn) => turn,
        Err(error) => return error.into_response(),
    };
    let encoding = compress::Encoding::negotiate(&call.headers);
    // Dropped with this future when the client goes: the query sees it and stops.
    let guard = turn.cancel_on_drop();
    let (sink, stream) = write::channel(encoding);
    let worker = Arc::clone(&api);
    let work = tokio::task::spawn_blocking(move || {
        let services = super::services(&worker)?;
        let answer = evaluate(&worker, &services, &call, &shared, &turn)?;
        worker.metrics.query_samples.add(answer.stats.samples.read);
        let clocked = shape::Clocked { waited: turn.waited().as_secs_f64(), ran: turn.run_seconds(&worker) };
        turn.finish(&worker);
        write::stream(sink, answer, &shared, clocked);
        Ok::<(), ApiError>(())
    });
    let response = write::respond(stream, work, encoding).await;
    guard.disarm();
    response.unwrap_or_else(|error| {
        if error.error_type == ErrorType::Internal {
            tracing::error!(error = error.text, "query failed");
        }
        error.into_response()
    })
}
