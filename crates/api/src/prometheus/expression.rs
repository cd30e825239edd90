//! `/format_query` and `/parse_query`: expressions as text and as a tree, without evaluating them.

use std::sync::Arc;

use axum::response::Response;
use promql_syntax::Expr;
use serde_json::value::RawValue;

use super::blocking;
use super::query::parse;
use crate::answer::Success;
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::{Api, Services};

/// `/api/v1/format_query`: the expression, laid out over several lines where it is long.
pub(crate) async fn format(api: Arc<Api>, call: Call) -> Response {
    with_expression(api, call, |expr| Success::new(expr.pretty()).into_response()).await
}

/// `/api/v1/parse_query`: the expression's tree.
pub(crate) async fn tree(api: Arc<Api>, call: Call) -> Response {
    with_expression(api, call, |expr| {
        let mut json = String::new();
        promql_syntax::json::write_json(&mut json, expr);
        match RawValue::from_string(json) {
            Ok(json) => Success::new(json).into_response(),
            Err(error) => {
                ApiError::new(ErrorType::Internal, format!("error marshaling JSON: {error}")).into_response()
            }
        }
    })
    .await
}

async fn with_expression(
    api: Arc<Api>,
    call: Call,
    answer: impl FnOnce(&Expr) -> Response + Send + 'static,
) -> Response {
    blocking(api, move |_, services: &Services| match parse(services, &call) {
        Ok(expr) => answer(&expr),
        Err(error) => error.into_response(),
    })
    .await
}
