//! `/series`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::response::Response;
use model::{Annotations, Labels};
use storage::SelectHints;

use super::labels::TRUNCATED;
use super::{blocking, selectors};
use crate::answer::{json_response, write_end, write_start};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::json::JsonWriter;
use crate::{Api, Services};

/// `/api/v1/series`: label sets of series, sorted.
pub(crate) async fn series(api: Arc<Api>, call: Call) -> Response {
    blocking(api, move |_, services| answer(services, &call).unwrap_or_else(ApiError::into_response)).await
}

fn answer(services: &Services, call: &Call) -> Result<Response, ApiError> {
    call.params.check_form()?;
    if call.params.all("match[]").next().is_none() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let limit = call.params.limit()?;
    let range = call.params.time_range()?;
    let selectors = selectors::parse(call.params.all("match[]"))
        .map_err(|error| ApiError::parameter("match[]", error.text))?;
    let querier = services.queryable.querier(range)?;
    // One more than wanted tells whether the limit cuts something off.
    let hints = SelectHints {
        range: Some(range),
        sorted: true,
        limit: limit.map(|limit| limit.saturating_add(1)),
        labels_only: true,
        function: "series".to_owned(),
        ..SelectHints::default()
    };
    let mut found: BTreeSet<Labels> = BTreeSet::new();
    let mut annotations = Annotations::new();
    for matchers in &selectors {
        let set = querier.select(matchers, &hints)?;
        annotations.merge(set.annotations());
        found.extend((0..set.len()).map(|position| set.labels(position)));
    }
    let kept = limit.unwrap_or(usize::MAX);
    if found.len() > kept {
        annotations.warn(TRUNCATED);
    }
    let mut json = JsonWriter::new(Vec::with_capacity(4096));
    let body = write_start(&mut json)
        .and_then(|()| json.list(found.iter().take(kept), |json, labels| json.labels(labels)))
        .and_then(|()| write_end(&mut json, annotations.warnings(), annotations.infos()))
        .and_then(|()| json.into_inner())
        .map_err(|error| ApiError::new(ErrorType::Internal, error.to_string()))?;
    Ok(json_response(http::StatusCode::OK, body))
}
