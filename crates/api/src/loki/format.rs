//! `/format_query`: a query as it is usually written.

use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::Loki;
use super::answer::json as answer_json;
use super::asked::Asked;
use super::refusal::Refusal;

/// The query, written anew.
pub(super) fn format_query(_: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let mut response = match logql_syntax::parse(asked.params().get("query"), asked.limits.syntax()) {
        Ok(expr) => answer_json(&json!({ "status": "success", "data": expr.pretty() }))?,
        Err(error) => {
            let mut response =
                answer_json(&json!({ "status": "invalid-query", "error": error.to_string() }))?;
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
    };
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
