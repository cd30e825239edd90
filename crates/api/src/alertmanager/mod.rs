//! The interface of Alertmanager: version 2 of its API, its management paths, and the old form of alerts.
//!
//! Two kinds of complaint exist, and clients tell them apart: those of the framework are objects with a code
//! ([`body::Complaint`]), those of the handlers are bare texts.

mod alerts;
mod beside;
mod body;
mod groups;
mod reports;
mod silences;
mod status;
mod times;
mod trials;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use notify::Runner;
use parking_lot::RwLock;
use serde_json::{Value, json};
use telemetry::Registry;
use wire::exposition::{Family, write_text};

use crate::BuildInfo;

pub(crate) use beside::beside;

/// The largest body that is taken.
const BODY_BYTES_MAX: usize = 64 << 20;

/// What is shown of the configuration.
#[derive(Clone, Debug, Default)]
pub struct ShownConfig {
    /// The configuration as it is printed, secrets masked.
    pub text: String,
    /// The receivers: names, and labels of their own.
    pub receivers: Vec<(String, Vec<(String, String)>)>,
}

/// Loads the configuration anew.
pub type Reload = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// The interface with what it works on.
pub struct Alertmanager {
    /// The dispatcher at work.
    pub runner: Runner,
    /// Own metrics.
    pub registry: Registry,
    /// What is shown of the configuration.
    pub config: RwLock<ShownConfig>,
    /// Loads the configuration anew.
    pub reload: Reload,
    /// What this build is.
    pub build: BuildInfo,
    /// What stands before all paths; empty for nothing.
    pub prefix: String,
    /// When the server began, as it is shown.
    pub started_at_ns: i64,
}

/// A request, read whole.
struct Asked {
    method: Method,
    query: Vec<(String, String)>,
    content_type: String,
    /// The kinds of answers that are taken.
    accept: Vec<String>,
    body: Bytes,
}

impl Asked {
    /// All values of a parameter.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether an answer may be JSON.
    fn takes_json(&self) -> bool {
        let kind = |text: &String| {
            let kind = text.split(';').next().unwrap_or_default().trim();
            ["application/json", "application/*", "*/*", ""].contains(&kind)
        };
        self.accept.is_empty() || self.accept.iter().any(kind)
    }

    /// A switch that is on unless it says otherwise.
    fn is_on(&self, name: &str) -> bool {
        const YES: [&str; 10] = ["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"];
        let given = self.all(name).last().filter(|value| !value.is_empty());
        given.is_none_or(|value| YES.contains(&value.to_ascii_lowercase().as_str()))
    }
}

/// The routes.
pub fn router(alertmanager: Arc<Alertmanager>) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let alertmanager = Arc::clone(&alertmanager);
        async move { answer(alertmanager, request).await }
    })
}

async fn answer(alertmanager: Arc<Alertmanager>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let limited = tokio::time::timeout(Duration::from_secs(60), Limited::new(body, BODY_BYTES_MAX).collect());
    let body = match limited.await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "the request body is too large\n"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the request body took too long\n"),
    };
    let query = head.uri.query().unwrap_or_default();
    let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accept = head.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept = accept.flat_map(|value| value.split(',')).map(str::to_owned).collect();
    let asked = Asked {
        method: head.method,
        query: pairs(query),
        accept,
        content_type: kind.split(';').next().unwrap_or_default().trim().to_owned(),
        body,
    };
    let path = head.uri.path().to_owned();
    // Looking at a hundred thousand alerts takes a while: not on the reactor's threads.
    let work = move || alertmanager.answer(&path, &asked);
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// The parameters of a query; one whose escapes are none counts as not given.
fn pairs(query: &str) -> Vec<(String, String)> {
    let is_escape = |rest: &str| rest.get(..2).is_some_and(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()));
    let is_good = |pair: &&str| pair.split('%').skip(1).all(is_escape);
    let good = query.split('&').filter(is_good);
    good.flat_map(|pair| form_urlencoded::parse(pair.as_bytes()).into_owned()).collect()
}

const OLD: &str = "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API";

impl Alertmanager {
    fn answer(&self, path: &str, asked: &Asked) -> Response {
        let Some(path) = path.strip_prefix(self.prefix.as_str()) else {
            return redirect(StatusCode::FOUND, &format!("{}/", self.prefix));
        };
        if let Some(rest) = path.strip_prefix("/api/v2/") {
            return self.second(rest.strip_suffix('/').unwrap_or(rest), path, asked);
        }
        let mut response = self.other(path, asked);
        response.headers_mut().remove(CACHE_CONTROL);
        response
    }

    /// What is not version 2 of the API.
    fn other(&self, path: &str, asked: &Asked) -> Response {
        let methods: &[&str] = match path {
            "" | "/" | "/metrics" | "/api/v1/status" | "/api/v1/receivers" => &["GET"],
            "/-/healthy" | "/-/ready" => &["GET", "HEAD"],
            "/-/reload" => &["POST"],
            "/api/v1/alerts" | "/api/v1/silences" => &["GET", "POST"],
            "/api/v2" => {
                return redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/api/v2/", self.prefix));
            }
            _ if path.starts_with("/api/v1/silence/") => &["DELETE", "GET"],
            _ => return text(StatusCode::NOT_FOUND, "404 page not found\n"),
        };
        if !methods.contains(&asked.method.as_str()) {
            return not_that_method(methods, &asked.method);
        }
        match path {
            "" | "/" => page(),
            "/metrics" => self.metrics(),
            "/-/healthy" | "/-/ready" => text(StatusCode::OK, "OK"),
            "/-/reload" => self.reload(),
            "/api/v1/alerts" if asked.method == Method::POST => self.post_old(asked),
            _ => document(StatusCode::GONE, &json!({ "status": "deprecated", "error": OLD })),
        }
    }

    /// Version 2 of the API.
    fn second(&self, path: &str, whole: &str, asked: &Asked) -> Response {
        let method = asked.method.as_str();
        let allowed = match (path, method) {
            (_, "GET") if !asked.takes_json() => {
                let message = "unsupported media type requested, only [application/json] are available";
                return complaint(StatusCode::NOT_ACCEPTABLE, 406, message);
            }
            ("status", "GET") => return self.status(),
            ("receivers", "GET") => return self.receivers(asked),
            ("alerts", "GET") => return self.alerts(asked),
            ("alerts", "POST") => return self.post_alerts(asked),
            ("alerts/groups", "GET") => return self.groups(asked),
            ("silences", "GET") => return self.silences(asked),
            ("silences", "POST") => return self.post_silence(asked),
            ("receivers/test", "POST") => return self.test_receiver(asked),
            ("templates/preview", "POST") => return self.preview(asked),
            ("receivers/test" | "templates/preview", _) => "POST",
            ("status" | "receivers" | "alerts/groups", _) => "GET",
            ("alerts" | "silences", _) => "GET,POST",
            (path, _) => {
                match (path.strip_prefix("silence/").filter(|id| !id.is_empty() && !id.contains('/')), method)
                {
                    (Some(id), "GET") => return self.silence(id),
                    (Some(id), "DELETE") => return self.expire(id),
                    (Some(_), _) => "DELETE,GET",
                    (None, _) => {
                        return complaint(StatusCode::NOT_FOUND, 404, &format!("path {whole} was not found"));
                    }
                }
            }
        };
        let message = format!("method {method} is not allowed, but [{allowed}] are");
        let mut response = complaint(StatusCode::METHOD_NOT_ALLOWED, 405, &message);
        if let Ok(value) = HeaderValue::from_str(allowed) {
            response.headers_mut().insert(ALLOW, value);
        }
        response
    }

    fn reload(&self) -> Response {
        match (self.reload)() {
            Ok(()) => empty(StatusCode::OK),
            Err(error) => {
                let message = format!("failed to reload config: {error}\n");
                text(StatusCode::INTERNAL_SERVER_ERROR, &message)
            }
        }
    }

    fn metrics(&self) -> Response {
        let families: Vec<Family> = self.registry.gather().into_iter().map(Family::from).collect();
        let mut body = String::with_capacity(64 << 10);
        write_text(&families, &mut body);
        with_type(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", body)
    }
}

/// The answer where a path knows other methods; who asks which gets them.
fn not_that_method(methods: &[&str], asked: &Method) -> Response {
    let mut allowed = [methods, &["OPTIONS"]].concat();
    allowed.sort_unstable();
    let mut response = match *asked {
        Method::OPTIONS => empty(StatusCode::OK),
        _ => text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n"),
    };
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// What stands where a browser looks.
fn page() -> Response {
    let body = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Alertmanager</title></head>\n\
        <body><h1>Alertmanager</h1><p><a href=\"api/v2/alerts\">Alerts</a>, <a href=\"api/v2/alerts/groups\">groups</a>, \
        <a href=\"api/v2/silences\">silences</a>, <a href=\"api/v2/status\">status</a>, <a href=\"metrics\">metrics</a></p></body></html>\n";
    with_type(StatusCode::OK, "text/html; charset=utf-8", body.to_owned())
}

fn with_type(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn text(status: StatusCode, body: &str) -> Response {
    with_type(status, "text/plain; charset=utf-8", body.to_owned())
}

fn document(status: StatusCode, value: &Value) -> Response {
    with_type(status, "application/json", format!("{value}\n"))
}

/// An answer without a body.
fn empty(status: StatusCode) -> Response {
    let mut response = with_type(status, "", String::new());
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

/// A complaint of the framework.
fn complaint(status: StatusCode, code: u16, message: &str) -> Response {
    document(status, &json!({ "code": code, "message": message }))
}

/// A complaint of a handler.
fn refusal(status: StatusCode, message: &str) -> Response {
    document(status, &Value::from(message))
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let words = status.canonical_reason().unwrap_or_default();
    let body = format!("<a href=\"{location}\">{words}</a>.\n\n");
    let mut response = with_type(status, "text/html; charset=utf-8", body);
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}
