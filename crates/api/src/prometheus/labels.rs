//! `/labels` and `/label/<name>/values`.

use std::sync::Arc;

use axum::response::Response;
use model::name::unescape_values;
use model::{Annotations, Matcher};
use storage::{Listing, Querier};

use super::{blocking, selectors};
use crate::answer::Success;
use crate::call::Call;
use crate::error::ApiError;
use crate::{Api, Services};

/// The warning of an answer that a limit cut.
pub(super) const TRUNCATED: &str = "results truncated due to limit";

/// `/api/v1/labels`: names of labels.
pub(crate) async fn names(api: Arc<Api>, call: Call) -> Response {
    blocking(api, move |_, services| {
        respond(list(services, &call, |querier, matchers, limit| querier.label_names(matchers, limit)))
    })
    .await
}

/// `/api/v1/label/<name>/values`: values of one label.
pub(crate) async fn values(api: Arc<Api>, call: Call) -> Response {
    blocking(api, move |_, services| {
        let name = unescape_values(&call.segment).into_owned();
        if name.is_empty() {
            return ApiError::bad_data(format!("invalid label name: {}", model::quote::quote(&name)))
                .into_response();
        }
        respond(list(services, &call, |querier, matchers, limit| {
            querier.label_values(&name, matchers, limit)
        }))
    })
    .await
}

fn respond(listing: Result<Listing, ApiError>) -> Response {
    match listing {
        Err(error) => error.into_response(),
        Ok(mut listing) => {
            if listing.truncated {
                listing.annotations.warn(TRUNCATED);
            }
            Success::with(listing.items, &listing.annotations).into_response()
        }
    }
}

/// Asks once per selector (once at all without one) and puts the answers together.
fn list(
    services: &Services,
    call: &Call,
    ask: impl Fn(&dyn Querier, &[Matcher], Option<usize>) -> storage::Result<Listing>,
) -> Result<Listing, ApiError> {
    let limit = call.params.limit()?;
    let range = call.params.time_range()?;
    let selectors = selectors::parse(call.params.all("match[]"))?;
    let querier = services.queryable.querier(range)?;
    if let [] | [_] = selectors.as_slice() {
        let matchers = selectors.first().map(Vec::as_slice).unwrap_or_default();
        return Ok(ask(querier.as_ref(), matchers, limit)?);
    }
    let mut items = Vec::new();
    let mut annotations = Annotations::new();
    let mut truncated = false;
    for matchers in &selectors {
        let listing = ask(querier.as_ref(), matchers, limit)?;
        items.extend(listing.items);
        truncated |= listing.truncated;
        annotations.merge(listing.annotations);
    }
    let mut all = Listing::new(items, limit);
    all.truncated |= truncated;
    all.annotations = annotations;
    Ok(all)
}
