//! `/status/active_queries`: the queries that run at this moment, and the end of one of them.
//!
//! The original has no such endpoint; the path of the list is the one that VictoriaMetrics has.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::services;
use crate::Api;
use crate::answer::{Success, empty_response};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::time::format_rfc3339;

/// `GET /api/v1/status/active_queries`: the queries that run, in the order in which they began. Times are seconds
/// since the Unix epoch, `step` and `running` seconds.
pub(crate) async fn list(api: Arc<Api>, _call: Call) -> Response {
    let services = match services(&api) {
        Ok(services) => services,
        Err(error) => return error.into_response(),
    };
    let now = api.parts.clock.now_ms();
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let queries: Vec<Value> = services
        .engine
        .active()
        .list()
        .into_iter()
        .map(|query| {
            json!({
                "id": query.id.to_string(),
                "query": query.text,
                "start": seconds(query.start),
                "end": seconds(query.end),
                "step": seconds(query.step),
                "began": format_rfc3339(query.began_ms),
                "running": seconds(now.saturating_sub(query.began_ms).max(0)),
            })
        })
        .collect();
    Success::new(queries).into_response()
}

/// `DELETE /api/v1/status/active_queries/ID`: ends a query; whoever asked it is told that it was cancelled.
pub(crate) async fn cancel(api: Arc<Api>, call: Call) -> Response {
    let services = match services(&api) {
        Ok(services) => services,
        Err(error) => return error.into_response(),
    };
    let ended = call.segment.parse().is_ok_and(|id| services.engine.active().cancel(id));
    if ended {
        empty_response(StatusCode::NO_CONTENT)
    } else {
        let text = format!("no query with the id {} is running", model::quote::quote(&call.segment));
        ApiError::new(ErrorType::NotFound, text).into_response()
    }
}
