//! `/notifications` and `/notifications/live`: what users should know at once.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::Api;
use crate::answer::{Success, empty_response};
use crate::call::Call;

/// `/api/v1/notifications`: the messages that hold now.
pub(crate) async fn list(api: Arc<Api>, _call: Call) -> Response {
    Success::new(api.notifications.list()).into_response()
}

/// `/api/v1/notifications/live`: messages as they come, as server-sent events; 204 where too many follow already.
pub(crate) async fn live(api: Arc<Api>, _call: Call) -> Response {
    let Some(subscription) = api.notifications.subscribe() else {
        return empty_response(StatusCode::NO_CONTENT);
    };
    let events = stream::unfold(subscription, |mut subscription| async move {
        let notification = subscription.next().await?;
        // Texts and a truth value always have a JSON form.
        let json = serde_json::to_string(&notification).unwrap_or_default();
        Some((Ok::<_, Infallible>(Bytes::from(format!("data: {json}\n\n"))), subscription))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
