//! `/search/…`: names and values that fit what a user has typed, best ones first where that is asked for.

mod asked;
mod score;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use model::Annotations;
use model::labels::METRIC_NAME;
use serde_json::{Map, Value, json};
use storage::{Listing, Querier};

use self::asked::{Asked, Order};
use super::blocking;
use crate::call::Call;
use crate::error::{ApiError, ErrorType};
use crate::{Api, Services};

/// The media type of an answer: JSON, one document on each line.
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson; charset=utf-8");

/// `/api/v1/search/metric_names`: names of metrics.
pub(crate) async fn metric_names(api: Arc<Api>, call: Call) -> Response {
    respond(api, call, |_| Ok(Searched::MetricNames)).await
}

/// `/api/v1/search/label_names`: names of labels.
pub(crate) async fn label_names(api: Arc<Api>, call: Call) -> Response {
    respond(api, call, |_| Ok(Searched::LabelNames)).await
}

/// `/api/v1/search/label_values`: values of one label.
pub(crate) async fn label_values(api: Arc<Api>, call: Call) -> Response {
    respond(api, call, |call| match call.params.get("label") {
        "" => Err(ApiError::bad_data("missing required parameter \"label\"")),
        label => Ok(Searched::LabelValues(label.to_owned())),
    })
    .await
}

/// What is searched.
enum Searched {
    MetricNames,
    LabelNames,
    LabelValues(String),
}

impl Searched {
    /// The key of a result's text.
    const fn key(&self) -> &'static str {
        match self {
            Self::MetricNames | Self::LabelNames => "name",
            Self::LabelValues(_) => "value",
        }
    }

    fn list(&self, querier: &dyn Querier, asked: &Asked) -> storage::Result<Listing> {
        let everything = [Vec::new()];
        let selectors = if asked.selectors.is_empty() { &everything } else { asked.selectors.as_slice() };
        let mut items = Vec::new();
        let mut annotations = Annotations::new();
        for matchers in selectors {
            let found = match self {
                Self::MetricNames => querier.label_values(METRIC_NAME, matchers, None)?,
                Self::LabelNames => querier.label_names(matchers, None)?,
                Self::LabelValues(label) => querier.label_values(label, matchers, None)?,
            };
            items.extend(found.items);
            annotations.merge(found.annotations);
        }
        Ok(Listing { annotations, ..Listing::new(items, None) })
    }
}

/// A text that was found, with its score where there is something to be like.
struct Found {
    text: String,
    score: Option<f64>,
}

async fn respond(
    api: Arc<Api>,
    call: Call,
    what: impl FnOnce(&Call) -> Result<Searched, ApiError> + Send + 'static,
) -> Response {
    if !api.settings.enable_search {
        return ApiError::new(ErrorType::Unavailable, "search API disabled").into_response();
    }
    blocking(api, move |api, services| {
        let searched = call.params.check_form().and_then(|()| what(&call));
        searched
            .and_then(|searched| {
                let asked = Asked::new(&call.params, &api.settings, api.parts.clock.now_ms())?;
                search(services, &searched, &asked)
            })
            .unwrap_or_else(ApiError::into_response)
    })
    .await
}

fn search(services: &Services, searched: &Searched, asked: &Asked) -> Result<Response, ApiError> {
    let querier = services.queryable.querier(asked.range)?;
    let listing = searched.list(querier.as_ref(), asked)?;
    let mut found: Vec<Found> = listing
        .items
        .into_iter()
        .filter_map(|text| match &asked.scoring {
            None => Some(Found { text, score: None }),
            Some(scoring) => scoring.score(&text).map(|score| Found { text, score: Some(score) }),
        })
        .collect();
    match asked.order {
        Order::Ascending => {}
        Order::Descending => found.reverse(),
        // The sort is stable: among equal scores the alphabet decides.
        Order::Score => {
            found.sort_by(|left, right| right.score.unwrap_or(0.0).total_cmp(&left.score.unwrap_or(0.0)))
        }
    }
    let has_more = found.len() > asked.limit;
    found.truncate(asked.limit);
    let results: Vec<Value> = found.iter().map(|found| shape(services, searched, asked, found)).collect();
    Ok(lines(&results, asked.batch_size, has_more, listing.annotations.warnings()))
}

fn shape(services: &Services, searched: &Searched, asked: &Asked, found: &Found) -> Value {
    let mut shown = Map::new();
    shown.insert(searched.key().to_owned(), found.text.as_str().into());
    if let (true, Some(score)) = (asked.include_score, found.score) {
        shown.insert("score".to_owned(), if score == 1.0 { 1.into() } else { score.into() });
    }
    if asked.include_metadata && matches!(searched, Searched::MetricNames) {
        let known = services.targets.metadata(&found.text, None, Some(1));
        if let Some(facts) =
            known.get(&found.text).and_then(|entries| entries.get(0)).and_then(Value::as_object)
        {
            shown.extend(facts.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    shown.into()
}

/// The answer: batches of results, then a line that tells how it ended.
fn lines(results: &[Value], batch_size: usize, has_more: bool, warnings: &[String]) -> Response {
    let mut body = Vec::with_capacity(results.len() * 40 + 64);
    let mut line = |value: Value| {
        // A JSON value always has a text, and a Vec takes every byte.
        let _ = serde_json::to_writer(&mut body, &value);
        body.push(b'\n');
    };
    if results.is_empty() {
        line(json!({ "results": [] }));
    }
    for batch in results.chunks(batch_size.max(1)) {
        line(json!({ "results": batch }));
    }
    let mut trailer = json!({ "status": "success", "has_more": has_more });
    if let (false, Some(trailer)) = (warnings.is_empty(), trailer.as_object_mut()) {
        trailer.insert("warnings".to_owned(), warnings.into());
    }
    line(trailer);
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, NDJSON);
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}
