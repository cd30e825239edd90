//! `/query_exemplars`.

use std::io;
use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use model::Exemplar;
use storage::SeriesExemplars;

use super::blocking;
use crate::answer::{empty_response, json_response, write_end, write_start};
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::json::JsonWriter;
use crate::{Api, Services};

/// `/api/v1/query_exemplars`: exemplars of every series that a selector of the query finds.
pub(crate) async fn exemplars(api: Arc<Api>, call: Call) -> Response {
    blocking(api, move |_, services| answer(services, &call).unwrap_or_else(ApiError::into_response)).await
}

fn answer(services: &Services, call: &Call) -> Result<Response, ApiError> {
    let range = call.params.time_range()?;
    if range.end < range.start {
        return Err(ApiError::bad_data("end timestamp must not be before start timestamp"));
    }
    let expr = promql_syntax::parse_expr(call.params.get("query"), services.syntax)
        .map_err(|error| ApiError::bad_data(error.to_string()))?;
    let mut selectors = Vec::new();
    expr.for_each_selector(|selector| selectors.push(selector.matchers.clone()));
    if selectors.is_empty() {
        return Ok(empty_response(StatusCode::NO_CONTENT));
    }
    let found = match &services.exemplars {
        Some(store) => store.exemplars(range, &selectors)?,
        None => Vec::new(),
    };
    let mut json = JsonWriter::new(Vec::with_capacity(1024));
    let body = write_start(&mut json)
        .and_then(|()| json.list(&found, write_series))
        .and_then(|()| write_end(&mut json, &[], &[]))
        .and_then(|()| json.into_inner())
        .map_err(|error| ApiError::new(ErrorType::Internal, error.to_string()))?;
    Ok(json_response(StatusCode::OK, body))
}

fn write_series<W: io::Write>(json: &mut JsonWriter<W>, series: &SeriesExemplars) -> io::Result<()> {
    json.raw(r#"{"seriesLabels":"#)?;
    json.labels(&series.labels)?;
    json.raw(r#","exemplars":"#)?;
    json.list(&series.exemplars, write_exemplar)?;
    json.raw("}")
}

fn write_exemplar<W: io::Write>(json: &mut JsonWriter<W>, exemplar: &Exemplar) -> io::Result<()> {
    json.raw(r#"{"labels":"#)?;
    json.labels(&exemplar.labels)?;
    json.raw(r#","value":"#)?;
    json.number(exemplar.value)?;
    json.raw(r#","timestamp":"#)?;
    json.timestamp(exemplar.timestamp.unwrap_or(0))?;
    json.raw("}")
}
