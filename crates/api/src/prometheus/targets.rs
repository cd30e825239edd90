//! `/targets`, `/scrape_pools`, `/metadata` and what belongs to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use model::Labels;
use serde_json::json;

use super::services;
use crate::Api;
use crate::answer::Success;
use crate::call::Call;
use crate::error::ApiError;

/// `/api/v1/targets`: targets with their state.
pub(crate) async fn targets(api: Arc<Api>, call: Call) -> Response {
    match services(&api) {
        Err(error) => error.into_response(),
        Ok(services) => {
            let (state, pool) = (call.params.get("state"), call.params.get("scrapePool"));
            Success::new(services.targets.targets(state, pool)).into_response()
        }
    }
}

/// `/api/v1/scrape_pools`: names of pools.
pub(crate) async fn pools(api: Arc<Api>, _call: Call) -> Response {
    match services(&api) {
        Err(error) => error.into_response(),
        Ok(services) => Success::new(json!({ "scrapePools": services.targets.pools() })).into_response(),
    }
}

/// `/api/v1/metadata`: metadata by metric name.
pub(crate) async fn metadata(api: Arc<Api>, call: Call) -> Response {
    let answer = || -> Result<Response, ApiError> {
        let limit = lenient_limit(&call, "limit")?;
        let limit_per_metric = lenient_limit(&call, "limit_per_metric")?;
        let data = services(&api)?.targets.metadata(call.params.get("metric"), limit, limit_per_metric);
        Ok(Success::new(data).into_response())
    };
    answer().unwrap_or_else(ApiError::into_response)
}

/// `/api/v1/targets/metadata`: metadata by target.
pub(crate) async fn target_metadata(api: Arc<Api>, call: Call) -> Response {
    let answer = || -> Result<Response, ApiError> {
        let limit = lenient_limit(&call, "limit")?;
        let services = services(&api)?;
        let selector = call.params.get("match_target");
        let matchers = if selector.is_empty() {
            Vec::new()
        } else {
            promql_syntax::parse_metric_selector(selector)
                .map_err(|error| ApiError::parameter("match_target", error))?
        };
        let data = services.targets.target_metadata(&matchers, call.params.get("metric"), limit);
        Ok(Success::new(data).into_response())
    };
    answer().unwrap_or_else(ApiError::into_response)
}

/// `/api/v1/targets/relabel_steps`: what each relabelling rule of a pool does to given labels.
pub(crate) async fn relabel_steps(api: Arc<Api>, call: Call) -> Response {
    let answer = || -> Result<Response, ApiError> {
        let pool = call.params.get("scrapePool");
        if pool.is_empty() {
            return Err(ApiError::bad_data("no scrapePool parameter provided"));
        }
        let labels = call.params.get("labels");
        if labels.is_empty() {
            return Err(ApiError::bad_data("no labels parameter provided"));
        }
        let labels: BTreeMap<String, String> = serde_json::from_str(labels)
            .map_err(|error| ApiError::bad_data(format!("error parsing labels: {error}")))?;
        let steps = services(&api)?
            .targets
            .relabel_steps(pool, &Labels::from_pairs(labels))
            .map_err(|error| ApiError::bad_data(format!("error retrieving scrape config: {error}")))?;
        Ok(Success::new(json!({ "steps": steps })).into_response())
    };
    answer().unwrap_or_else(ApiError::into_response)
}

/// A limit that is off when it is missing or negative.
fn lenient_limit(call: &Call, name: &str) -> Result<Option<usize>, ApiError> {
    let text = call.params.get(name);
    if text.is_empty() {
        return Ok(None);
    }
    let limit =
        crate::params::parse_int(text).map_err(|_| ApiError::bad_data(format!("{name} must be a number")))?;
    Ok(usize::try_from(limit).ok())
}
