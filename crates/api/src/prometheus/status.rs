//! `/status/…`: what the server says about itself.

use std::sync::Arc;

use axum::response::Response;
use serde_json::json;

use super::{blocking, services};
use crate::Api;
use crate::answer::Success;
use crate::call::Call;
use crate::error::ApiError;
use crate::params::parse_int;
use crate::time::format_rfc3339;

/// Rows of the tables of `/status/tsdb`: default and most.
const TABLE_ROWS: usize = 10;
const TABLE_ROWS_MAX: i64 = 10_000;

/// `/api/v1/status/config`: the configuration in force.
pub(crate) async fn config(api: Arc<Api>, _call: Call) -> Response {
    Success::new(json!({ "yaml": api.config.load().yaml })).into_response()
}

/// `/api/v1/status/flags`: flags with their values.
pub(crate) async fn flags(api: Arc<Api>, _call: Call) -> Response {
    Success::new(&api.parts.flags).into_response()
}

/// `/api/v1/status/buildinfo`: facts about the build.
pub(crate) async fn build(api: Arc<Api>, _call: Call) -> Response {
    Success::new(&api.parts.build).into_response()
}

/// `/api/v1/status/runtimeinfo`: facts about the process. The Go runtime's keys stay, since clients expect them.
pub(crate) async fn runtime(api: Arc<Api>, _call: Call) -> Response {
    let services = match services(&api) {
        Ok(services) => services,
        Err(error) => return error.into_response(),
    };
    let config = api.config.load();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Success::new(json!({
        "startTime": format_rfc3339(api.started_ms),
        "CWD": std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default(),
        "hostname": telemetry::process::hostname(),
        "serverTime": format_rfc3339(api.parts.clock.now_ms()),
        "reloadConfigSuccess": config.last_successful,
        "lastConfigTime": format_rfc3339(config.loaded_ms / 1000 * 1000),
        "corruptionCount": services.store.corruption_count(),
        "goroutineCount": telemetry::process::threads(),
        "GOMAXPROCS": threads,
        "GOMEMLIMIT": i64::MAX,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": services.store.retention(),
    }))
    .into_response()
}

/// `/api/v1/status/tsdb`: head statistics.
pub(crate) async fn tsdb(api: Arc<Api>, call: Call) -> Response {
    let text = call.params.get("limit");
    let limit = match parse_int(text) {
        _ if text.is_empty() => TABLE_ROWS,
        Ok(limit @ 1..=TABLE_ROWS_MAX) => usize::try_from(limit).unwrap_or(TABLE_ROWS),
        Ok(limit) if limit > TABLE_ROWS_MAX => {
            return ApiError::bad_data(format!("limit must not exceed {TABLE_ROWS_MAX}")).into_response();
        }
        _ => return ApiError::bad_data("limit must be a positive number").into_response(),
    };
    blocking(api, move |_, services| {
        let head = services.store.head(limit);
        Success::new(json!({
            "headStats": {
                "numSeries": head.series,
                "numLabelPairs": head.label_pairs,
                "chunkCount": head.chunks,
                "minTime": head.min_time,
                "maxTime": head.max_time,
            },
            "seriesCountByMetricName": head.series_by_metric,
            "labelValueCountByLabelName": head.values_by_label,
            "memoryInBytesByLabelName": head.bytes_by_label,
            "seriesCountByLabelValuePair": head.series_by_pair,
        }))
        .into_response()
    })
    .await
}

/// `/api/v1/status/tsdb/blocks`: the blocks on disk.
pub(crate) async fn blocks(api: Arc<Api>, _call: Call) -> Response {
    blocking(api, |_, services| Success::new(json!({ "blocks": services.store.blocks() })).into_response())
        .await
}

/// `/api/v1/status/walreplay`: how far recovery has come; answered while it runs.
pub(crate) async fn walreplay(api: Arc<Api>, _call: Call) -> Response {
    let [min, max, current] = (api.parts.replay)();
    Success::new(json!({ "min": min, "max": max, "current": current })).into_response()
}
