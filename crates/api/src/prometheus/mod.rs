//! `/api/v1/`: the Prometheus API.

pub(crate) mod active;
pub(crate) mod admin;
pub(crate) mod exemplars;
pub(crate) mod expression;
pub(crate) mod features;
pub(crate) mod labels;
pub(crate) mod notifications;
pub(crate) mod openapi;
pub(crate) mod query;
pub(crate) mod remote;
pub(crate) mod rules;
pub(crate) mod search;
mod selectors;
pub(crate) mod self_metrics;
pub(crate) mod series;
pub(crate) mod status;
pub(crate) mod targets;

use std::sync::Arc;

use axum::response::Response;

use crate::error::{ApiError, ErrorType};
use crate::router::not_ready;
use crate::{Api, Services};

/// The services, or the answer that says that they are not there (a stop may begin at any time).
fn services(api: &Api) -> Result<Arc<Services>, ApiError> {
    api.services.load_full().ok_or_else(|| ApiError::new(ErrorType::Unavailable, "TSDB not ready"))
}

/// Runs what may take time off the reactor's threads.
async fn blocking(
    api: Arc<Api>,
    work: impl FnOnce(&Api, &Services) -> Response + Send + 'static,
) -> Response {
    let Some(services) = api.services.load_full() else { return not_ready(api.is_stopping()) };
    let finished = tokio::task::spawn_blocking(move || work(&api, &services)).await;
    finished.unwrap_or_else(|error| {
        tracing::error!(%error, "panic while answering a request");
        ApiError::new(ErrorType::Internal, "unexpected error").into_response()
    })
}
