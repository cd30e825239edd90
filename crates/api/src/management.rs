//! Health, readiness, reload, quit, own metrics.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use wire::exposition::{Family, Format, content_type, negotiate_accept, write_protobuf, write_text};

use crate::Api;
use crate::answer::{redirect, text_response};
use crate::call::Call;

const LIFECYCLE_OFF: &str = "Lifecycle API is not enabled.";

const WRONG_METHOD: &str = "Only POST or PUT requests allowed";

/// `/`: leads to the queries' page.
pub(crate) async fn home(api: Arc<Api>, _call: Call) -> Response {
    redirect(StatusCode::FOUND, &format!("{}/query", api.settings.route_prefix), true)
}

/// `/graph`: the old address of the queries' page; its query string is kept.
pub(crate) async fn graph(api: Arc<Api>, call: Call) -> Response {
    redirect(StatusCode::FOUND, &format!("{}/query?{}", api.settings.route_prefix, call.query), true)
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
pub(crate) async fn reload(api: Arc<Api>, call: Call) -> Response {
    if call.method == Method::GET {
        return text_response(StatusCode::METHOD_NOT_ALLOWED, WRONG_METHOD);
    }
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
pub(crate) async fn quit(api: Arc<Api>, call: Call) -> Response {
    if call.method == Method::GET {
        return text_response(StatusCode::METHOD_NOT_ALLOWED, WRONG_METHOD);
    }
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

/// `/version`: facts about the build; the original leaves the type of its answer to be guessed, as text.
pub(crate) async fn version(api: Arc<Api>, _call: Call) -> Response {
    text_response(StatusCode::OK, serde_json::to_string(&api.parts.build).unwrap_or_default())
}

/// `/metrics`: own metrics in the format that the client likes best.
pub(crate) async fn metrics(api: Arc<Api>, call: Call) -> Response {
    let metrics = &api.metrics;
    metrics.scrapes_in_flight.inc();
    let accept = call.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let (format, escaping) = negotiate_accept(accept);
    let families: Vec<Family> = api.parts.registry.gather().into_iter().map(Family::from).collect();
    let mut body = Vec::with_capacity(64 * 1024);
    match format {
        Format::Protobuf => write_protobuf(&families, &mut body),
        Format::Text | Format::OpenMetrics => {
            let mut text = String::with_capacity(64 * 1024);
            write_text(&families, &mut text);
            body = text.into_bytes();
        }
    }
    metrics.scrapes_in_flight.dec();
    metrics.scrapes_of_metrics.with(&["200"]).inc();
    let mut response = Response::new(Body::from(body));
    if let Ok(value) = HeaderValue::from_str(&content_type(format, escaping)) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    crate::compress::compressed(&call.headers, response)
}
