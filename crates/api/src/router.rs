//! The table of routes, and what stands around every handler: method check, readiness gate, CORS, compression and
//! metrics.

mod table;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use http::header::{ACCEPT_ENCODING, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};

use crate::answer::{empty_response, redirect, text_error, text_response};
use crate::call::Call;
use crate::ingest::RAW_PATHS;
use crate::loki::Loki;
use crate::{Api, compress, cors, memory, with_profiles};

/// A handler's answer in the making.
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler: takes the surface's state and the request.
type Handler = fn(Arc<Api>, Call) -> Answering;

/// A row of the table.
#[derive(Clone, Copy)]
struct Route {
    /// The path behind the prefix; `{segment}` stands for one open part.
    path: &'static str,
    methods: &'static [Method],
    gate: Gate,
    handler: Handler,
}

/// Whether a route waits for recovery.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// It is answered at any time.
    Always,
    /// It is answered 503 until recovery is finished.
    Ready,
    /// As `Ready`; and it waits, and is answered 503, where there is no memory for it.
    Reads,
}

/// Builds the routes of the whole surface.
pub fn router(api: Arc<Api>) -> Router {
    let prefix = api.settings.route_prefix.clone();
    let mut router = Router::new();
    for route in table::ROUTES {
        let handle =
            move |State(api): State<Arc<Api>>, request: Request<Body>| serve_route(api, *route, request);
        router = router.route(&format!("{prefix}{}", route.path), any(handle));
    }
    let beside = axum::middleware::from_fn_with_state(Arc::clone(&api), crate::alertmanager::beside);
    let profiles = Arc::clone(&api.profiles);
    with_profiles(router.fallback(fallback).with_state(api), &prefix, &profiles).layer(beside)
}

/// The paths of all routes, without prefix.
#[cfg(test)]
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    table::ROUTES.iter().map(|route| route.path)
}

async fn serve_route(api: Arc<Api>, route: Route, request: Request<Body>) -> Response {
    if let Some(clean) = cleaned(request.uri().path()) {
        let location = with_query(clean, request.uri());
        return redirect(StatusCode::TEMPORARY_REDIRECT, &location, is_get(request.method()));
    }
    let started = api.parts.clock.monotonic();
    let request_headers = asked_of_answers(request.headers());
    let mut response = answer_route(&api, route, request).await;
    // A method that the route does not know never reaches the API in the original.
    let known = response.status() != StatusCode::METHOD_NOT_ALLOWED;
    if is_api(route.path) && known {
        cors::add_headers(&api.settings.cors_origin, &request_headers, response.headers_mut());
    }
    if is_api(route.path) || route.path == "/federate" {
        response = compress::compressed(&request_headers, response);
    }
    let code = response.status().as_u16().to_string();
    api.metrics.requests.with(&[route.path, &code]).inc();
    let seconds = (api.parts.clock.monotonic() - started).as_secs_f64();
    api.metrics.request_seconds.with(&[route.path]).observe(seconds);
    if let Some(bytes) = response.body().size_hint().exact() {
        api.metrics.response_bytes.with(&[route.path]).observe(bytes as f64);
    }
    response
}

/// The headers of a request that are looked at once there is an answer.
fn asked_of_answers(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in [ORIGIN, ACCEPT_ENCODING] {
        if let Some(value) = headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

async fn answer_route(api: &Arc<Api>, route: Route, request: Request<Body>) -> Response {
    if request.method() == Method::OPTIONS {
        return options(route);
    }
    if !route.methods.contains(request.method()) {
        return method_not_allowed(route.methods);
    }
    let Some(segment) = open_segment(route.path, &api.settings.route_prefix, request.uri().path()) else {
        return not_found();
    };
    if route.gate != Gate::Always && api.services.load().is_none() {
        return not_ready(api.is_stopping());
    }
    if route.gate == Gate::Reads
        && let Err(error) = memory::admit(&api.parts.memory, api.settings.query_timeout).await
    {
        let tells_json = is_api(route.path) && route.path != "/api/v1/read";
        let (status, text) = (error.error_type.status(), &error.text);
        return if tells_json { error.into_response() } else { text_error(status, text) };
    }
    let is_head = request.method() == Method::HEAD;
    let form_bytes_max = (!RAW_PATHS.contains(&route.path)).then_some(api.settings.form_bytes_max);
    let call = match Call::read(request, segment, form_bytes_max).await {
        Ok(call) => call,
        Err(error) => return error.into_response(),
    };
    let response = (route.handler)(Arc::clone(api), call).await;
    if is_head { response.map(|_| Body::empty()) } else { response }
}

/// What may be done at a path; the API answers every browser's question the same.
fn options(route: Route) -> Response {
    if is_api(route.path) {
        return empty_response(StatusCode::NO_CONTENT);
    }
    with_allowed(empty_response(StatusCode::OK), route.methods)
}

pub(crate) fn method_not_allowed(allowed: &[Method]) -> Response {
    with_allowed(text_error(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"), allowed)
}

fn with_allowed(mut response: Response, allowed: &[Method]) -> Response {
    let mut names: Vec<&str> = allowed.iter().map(Method::as_str).chain([Method::OPTIONS.as_str()]).collect();
    names.sort_unstable();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(http::header::ALLOW, names);
    }
    response
}

fn is_get(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The answer while recovery runs or a stop has begun.
pub(crate) fn not_ready(stopping: bool) -> Response {
    let mut response = text_response(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    let value = HeaderValue::from_static(if stopping { "true" } else { "false" });
    response.headers_mut().insert(HeaderName::from_static("x-prometheus-stopping"), value);
    response
}

pub(crate) fn not_found() -> Response {
    text_error(StatusCode::NOT_FOUND, "404 page not found")
}

/// The open part of a path, decoded; empty for a route without one, `None` where it holds a slash once decoded.
fn open_segment(route: &str, prefix: &str, path: &str) -> Option<String> {
    let Some((before, after)) = route.split_once("{segment}") else { return Some(String::new()) };
    let rest = path.strip_prefix(prefix)?.strip_prefix(before)?;
    let raw = rest.strip_suffix(after)?;
    let decoded = percent_decoded(raw);
    (!decoded.contains('/')).then_some(decoded)
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What no route takes: CORS preflights, paths to be cleaned, the way into a prefix, and the rest.
async fn fallback(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    if let Some(loki) = api.loki.load_full()
        && let Some(path) = request.uri().path().strip_prefix(&api.settings.route_prefix)
        && let Some(path) = Loki::shared_path(path).map(str::to_owned)
    {
        return loki.respond(request, path).await;
    }
    let path = request.uri().path();
    let is_get = is_get(request.method());
    let prefix = api.settings.route_prefix.as_str();
    if let Some(clean) = cleaned(path) {
        return redirect(StatusCode::TEMPORARY_REDIRECT, &with_query(clean, request.uri()), is_get);
    }
    if !prefix.is_empty() && path == "/" {
        return redirect(StatusCode::FOUND, prefix, is_get);
    }
    if !prefix.is_empty() && path == prefix {
        let location = with_query(format!("{prefix}/"), request.uri());
        return redirect(StatusCode::MOVED_PERMANENTLY, &location, is_get);
    }
    let Some(inner) = path.strip_prefix(prefix) else { return not_found() };
    if inner == "/api/v1" {
        let location = with_query(format!("{prefix}/api/v1/"), request.uri());
        return redirect(StatusCode::TEMPORARY_REDIRECT, &location, is_get);
    }
    if request.method() == Method::OPTIONS && inner.starts_with("/api/v1/") {
        let mut response = empty_response(StatusCode::NO_CONTENT);
        cors::add_headers(&api.settings.cors_origin, request.headers(), response.headers_mut());
        return response;
    }
    // A known path with a slash too many is redirected to itself without it; the original gives the part behind
    // the API's own prefix.
    if let Some(known) = inner.strip_suffix('/').filter(|known| table::is_known(known)) {
        let location = with_query(known.strip_prefix("/api/v1").unwrap_or(known).to_owned(), request.uri());
        let status = if is_get { StatusCode::MOVED_PERMANENTLY } else { StatusCode::TEMPORARY_REDIRECT };
        return redirect(status, &location, is_get);
    }
    not_found()
}

/// A path with the query of a request.
fn with_query(path: String, of: &Uri) -> String {
    of.query().map_or(path.clone(), |query| format!("{path}?{query}"))
}

/// The path without empty, `.` and `..` parts where it has some.
fn cleaned(path: &str) -> Option<String> {
    let parts = || path.split('/').skip(1);
    let last = parts().count().saturating_sub(1);
    let odd = parts()
        .enumerate()
        .any(|(position, part)| part == "." || part == ".." || (part.is_empty() && position != last));
    if !odd {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    for part in parts() {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(part),
        }
    }
    let slash = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    Some(format!("/{}{slash}", kept.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_sent_elsewhere_keeps_the_query() {
        let location = |uri: &'static str| {
            let uri = Uri::from_static(uri);
            cleaned(uri.path()).map(|clean| with_query(clean, &uri))
        };
        assert_eq!(
            location("/api/v1//query?query=1&b=%C3%A4").as_deref(),
            Some("/api/v1/query?query=1&b=%C3%A4")
        );
        assert_eq!(location("/api/../graph").as_deref(), Some("/graph"));
        assert_eq!(location("/graph?a=b"), None);
    }
}
