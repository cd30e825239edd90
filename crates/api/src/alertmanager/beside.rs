//! The interface of Alertmanager on the listener of a server that is more than that: what both know is Prometheus's,
//! `/api/v2/` and the posting of alerts in the old form are the Alertmanager's.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::Response;
use http::{Method, Request, StatusCode};

use super::{answer, refusal};
use crate::router::not_ready;
use crate::{Api, compress, memory};

/// What stands before a path of version 2.
const SECOND: &str = "/api/v2";
/// Where alerts are posted in the old form.
const OLD_ALERTS: &str = "/api/v1/alerts";
/// The paths that are counted by their own names.
const COUNTED: [&str; 6] = [
    "/api/v2/alerts",
    "/api/v2/alerts/groups",
    "/api/v2/silences",
    "/api/v2/status",
    "/api/v2/receivers",
    OLD_ALERTS,
];

/// Answers what is for the Alertmanager inside of the server, where there is one, and leaves the rest to `next`.
pub(crate) async fn beside(State(api): State<Arc<Api>>, request: Request<Body>, next: Next) -> Response {
    let path = request.uri().path();
    let Some(inner) = path.strip_prefix(api.settings.route_prefix.as_str()) else {
        return next.run(request).await;
    };
    if !api.settings.has_alertmanager || !is_for_it(inner, request.method()) {
        return next.run(request).await;
    }
    let counted = COUNTED.into_iter().find(|counted| *counted == inner).unwrap_or("/api/v2/other");
    let headers = request.headers().clone();
    let started = api.parts.clock.monotonic();
    let response = compress::compressed(&headers, answered(&api, request).await);
    let code = response.status().as_u16().to_string();
    api.metrics.requests.with(&[counted, &code]).inc();
    let seconds = (api.parts.clock.monotonic() - started).as_secs_f64();
    api.metrics.request_seconds.with(&[counted]).observe(seconds);
    response
}

fn is_for_it(path: &str, method: &Method) -> bool {
    path.strip_prefix(SECOND).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || (path == OLD_ALERTS && *method == Method::POST)
}

async fn answered(api: &Arc<Api>, request: Request<Body>) -> Response {
    let services = api.services.load_full();
    let Some(alertmanager) = services.and_then(|services| services.alertmanager.clone()) else {
        return not_ready(api.is_stopping());
    };
    let budget = &api.parts.memory;
    // Whoever reports an alert reports it anew. Silences are taken: they are few, and wanted when it is loud.
    let reports = *request.method() == Method::POST && request.uri().path().ends_with("/alerts");
    if reports && !budget.takes_series() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, &format!("refused for want of memory: {budget}"));
    }
    if *request.method() == Method::GET
        && let Err(error) = memory::admit(budget, api.settings.query_timeout).await
    {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, &error.text);
    }
    answer(alertmanager, request).await
}
