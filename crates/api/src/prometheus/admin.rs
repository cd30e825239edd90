//! `/admin/tsdb/…`: deletion and copies of the local store, where flags allow them.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::blocking;
use crate::answer::{Success, empty_response};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::time::format_compact;
use crate::{Api, Services};

/// `/api/v1/admin/tsdb/delete_series`: hides samples from queries; compaction removes them.
pub(crate) async fn delete_series(api: Arc<Api>, call: Call) -> Response {
    answer(api, move |_, services| {
        if call.params.all("match[]").next().is_none() {
            return Err(ApiError::bad_data("no match[] parameter provided"));
        }
        let range = call.params.time_range()?;
        let mut selectors = Vec::new();
        for text in call.params.all("match[]") {
            let matchers = promql_syntax::parse_metric_selector(text)
                .map_err(|error| ApiError::parameter("match[]", error))?;
            selectors.push(matchers);
        }
        for matchers in &selectors {
            services.admin.delete_series(range, matchers).map_err(internal)?;
        }
        Ok(empty_response(StatusCode::NO_CONTENT))
    })
    .await
}

/// `/api/v1/admin/tsdb/clean_tombstones`: removes what is deleted from the disk.
pub(crate) async fn clean_tombstones(api: Arc<Api>, _call: Call) -> Response {
    answer(api, |_, services| {
        services.admin.clean_tombstones().map_err(internal)?;
        Ok(empty_response(StatusCode::NO_CONTENT))
    })
    .await
}

/// `/api/v1/admin/tsdb/snapshot`: copies all samples into a folder of their own, whose name it tells.
pub(crate) async fn snapshot(api: Arc<Api>, call: Call) -> Response {
    answer(api, move |api, services| {
        let text = call.params.get("skip_head");
        let skip_head = match text {
            "" | "0" | "f" | "F" | "FALSE" | "false" | "False" => false,
            "1" | "t" | "T" | "TRUE" | "true" | "True" => true,
            _ => {
                let text = model::quote::quote(text);
                let error =
                    format!("unable to parse boolean: strconv.ParseBool: parsing {text}: invalid syntax");
                return Err(ApiError::parameter("skip_head", error));
            }
        };
        let now = api.parts.clock.now_ms();
        // Two at the same second have different names.
        let random = RandomState::new().hash_one(now) & i64::MAX as u64;
        let name = format!("{}-{random:016x}", format_compact(now));
        services
            .admin
            .snapshot(&name, !skip_head)
            .map_err(|error| ApiError::new(ErrorType::Internal, format!("create snapshot: {error}")))?;
        Ok(Success::new(json!({ "name": name })).into_response())
    })
    .await
}

/// Runs what flags may have switched off.
async fn answer(
    api: Arc<Api>,
    work: impl FnOnce(&Api, &Services) -> Result<Response, ApiError> + Send + 'static,
) -> Response {
    if !api.settings.enable_admin_api {
        return ApiError::new(ErrorType::Unavailable, "admin APIs disabled").into_response();
    }
    blocking(api, move |api, services| work(api, services).unwrap_or_else(ApiError::into_response)).await
}

fn internal(error: storage::Error) -> ApiError {
    ApiError::new(ErrorType::Internal, error.to_string())
}
