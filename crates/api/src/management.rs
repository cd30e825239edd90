//! Health, readiness, reload, quit, own metrics.

use std::sync::Arc;

use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use wire::exposition::{Family, write_text};

use crate::Api;
use crate::answer::{json_response, redirect, text_response};
use crate::call::Call;

/// The media type of the text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8";

const LIFECYCLE_OFF: &str = "Lifecycle API is not enabled.";

/// `/`: leads to the queries' page.
pub(crate) async fn home(api: Arc<Api>, _call: Call) -> Response {
    redirect(StatusCode::FOUND, &format!("{}/query", api.settings.route_prefix), true)
}

/// `/graph`: the old address of the queries' page; its query string is kept.
pub(crate) async fn graph(api: Arc<Api>, call: Call) -> Response {
    let query = call.params.encoded();
    let mark = if query.is_empty() { "" } else { "?" };
    redirect(StatusCode::FOUND, &format!("{}/query{mark}{query}", api.settings.route_prefix), true)
}

/// `/-/healthy`: the process answers.
pub(crate) async fn healthy(_api: Arc<Api>, _call: Call) -> Response {
    text_response(StatusCode::OK, "Prometheus Server is Healthy.\n")
}

/// `/-/ready`: recovery is finished (the gate answers before).
pub(crate) async fn ready(_api: Arc<Api>, _call: Call) -> Response {
    text_response(StatusCode::OK, "Prometheus Server is Ready.\n")
}

/// `/-/reload`: loads the configuration anew and answers when it is in force.
pub(crate) async fn reload(api: Arc<Api>, _call: Call) -> Response {
    if !api.settings.enable_lifecycle {
        return text_response(StatusCode::FORBIDDEN, LIFECYCLE_OFF);
    }
    let control = Arc::clone(&api.parts.control);
    match tokio::task::spawn_blocking(move || control.reload()).await {
        Ok(Ok(())) => text_response(StatusCode::OK, ""),
        Ok(Err(error)) => {
            text_response(StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {error}\n"))
        }
        Err(error) => {
            text_response(StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {error}\n"))
        }
    }
}

/// `/-/quit`: begins a clean stop.
pub(crate) async fn quit(api: Arc<Api>, _call: Call) -> Response {
    if !api.settings.enable_lifecycle {
        return text_response(StatusCode::FORBIDDEN, LIFECYCLE_OFF);
    }
    let text = if api.parts.control.quit() {
        "Requesting termination... Goodbye!"
    } else {
        "Termination already in progress."
    };
    text_response(StatusCode::OK, text)
}

/// `/version`: facts about the build.
pub(crate) async fn version(api: Arc<Api>, _call: Call) -> Response {
    json_response(StatusCode::OK, serde_json::to_vec(&api.parts.build).unwrap_or_default())
}

/// `/metrics`: own metrics in the text format, which every reader takes.
pub(crate) async fn metrics(api: Arc<Api>, call: Call) -> Response {
    let metrics = &api.metrics;
    metrics.scrapes_in_flight.inc();
    let families: Vec<Family> = api.parts.registry.gather().into_iter().map(Family::from).collect();
    let mut body = String::with_capacity(64 * 1024);
    write_text(&families, &mut body);
    metrics.scrapes_in_flight.dec();
    metrics.scrapes_of_metrics.with(&["200"]).inc();
    let mut response = text_response(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    crate::compress::compressed(&call.headers, response)
}
