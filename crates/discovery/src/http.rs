//! Targets that a server lists (`http_sd_configs`).

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use http_client::{Client, Request};
use telemetry::Counter;

use crate::discoverer::{Context, Updates};
use crate::refresh::{self, Refresh};
use crate::{Error, HttpSettings, TargetGroup, group};

/// The most that a list may hold.
const LIST_BYTES_MAX: u64 = 256 << 20;

pub(crate) async fn run(settings: HttpSettings, context: Context, updates: Updates) {
    let client = match Client::new(settings.client.clone(), context.files.clone()) {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(discovery = "http", config = context.set, err = %error, "cannot make an HTTP client");
            return;
        }
    };
    let failures = context.metrics.http_failures.clone();
    let user_agent = context.user_agent.clone();
    let period = settings.refresh_interval;
    refresh::run("http", period, context, updates, List { client, settings, user_agent, failures }).await;
}

/// The list of one server.
struct List {
    client: Client,
    settings: HttpSettings,
    user_agent: String,
    failures: Counter,
}

impl Refresh for List {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, Error> {
        let found = ask(&self.client, &self.settings, &self.user_agent).await;
        if found.is_err() {
            self.failures.inc();
        }
        found
    }
}

async fn ask(client: &Client, settings: &HttpSettings, user_agent: &str) -> Result<Vec<TargetGroup>, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Ok(user_agent) = HeaderValue::from_str(user_agent) {
        headers.insert(USER_AGENT, user_agent);
    }
    let seconds = model::number::format_plain(settings.refresh_interval.as_secs_f64());
    if let Ok(seconds) = HeaderValue::from_str(&seconds) {
        headers.insert(HeaderName::from_static("x-prometheus-refresh-interval-seconds"), seconds);
    }
    let request = Request {
        method: Method::GET,
        url: settings.url.clone(),
        headers,
        body: Bytes::new(),
        timeout: settings.refresh_interval,
    };
    let response = client.send(request).await?;
    if response.status != StatusCode::OK {
        return Err(Error::Status(response.status));
    }
    let content_type = response.header(CONTENT_TYPE.as_str()).unwrap_or_default().trim().to_owned();
    if !is_json(&content_type) {
        return Err(Error::ContentType(content_type));
    }
    let groups = group::parse_json(&response.bytes(Some(LIST_BYTES_MAX)).await?)?;
    let url = settings.url.to_string();
    Ok(groups
        .into_iter()
        .map(|group| {
            let source = format!("{url}:{}", group.source);
            TargetGroup { source, ..group.with_label("__meta_url", &url) }
        })
        .collect())
}

/// Whether a content type is JSON in UTF-8.
fn is_json(content_type: &str) -> bool {
    let (media_type, parameter) = content_type.split_once(';').unwrap_or((content_type, "charset=utf-8"));
    let parameter = parameter.trim_start().to_ascii_lowercase();
    media_type.eq_ignore_ascii_case("application/json")
        && matches!(parameter.as_str(), "charset=utf-8" | "charset=\"utf-8\"")
}
